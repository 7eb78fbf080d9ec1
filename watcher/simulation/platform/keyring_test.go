package platform

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/simulation/gate"
)

// kept runs a test over a vault in a simulated keyring in which everything passes the gate at once.
func kept(t *testing.T, test func(ctx context.Context, k *Keyring, p *gate.Process, v vault.Vault)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g := gate.New(1)
		g.Free(true)
		k, p := NewKeyring(g), g.Process("engine")
		v := k.Vault(p)
		if err := v.Set(t.Context(), "c", vault.CurrentKey, sage.NewSecret("first")); err != nil {
			t.Fatal(err)
		}
		test(t.Context(), k, p, v)
		p.Kill()
	})
}

func TestTheKeyringKeepsItsWord(t *testing.T) {
	const account = "c/current-key"
	fates := map[Kind]struct {
		set, get error  // what storing another value and reading it come to
		then     string // what is kept after it
	}{
		KeyringLocked: {errLocked, errLocked, "first"}, KeyringFails: {errFails, errFails, "first"}, KeyringFull: {errFull, nil, "first"},
		KeyringErrorAfter: {errFails, nil, "second"}, KeyringDiffers: {nil, nil, "sec?"}, KeyringVanishes: {nil, keyring.ErrNotFound, ""},
		"": {nil, nil, "second"},
	}
	for kind, want := range fates {
		t.Run(string(kind), func(t *testing.T) {
			kept(t, func(_ context.Context, k *Keyring, p *gate.Process, _ vault.Vault) {
				k.SetFaults(Faults{kind: 1})
				store := k.View(p)
				if err := store.Set("", account, "second"); !errors.Is(err, want.set) {
					t.Errorf("storing came to %v, want %v", err, want.set)
				}
				if _, err := store.Get("", account); !errors.Is(err, want.get) {
					t.Errorf("reading came to %v, want %v", err, want.get)
				}
				if got := k.Items()[account]; got != want.then {
					t.Errorf("%q is kept, want %q", got, want.then)
				}
				k.Calm()
				if err := store.Set("", account, "third"); err != nil || k.Items()[account] != "third" {
					t.Errorf("after the fault: %v", err)
				}
			})
		})
	}
}

func TestAHangingKeyringIsGivenUpAndComesBack(t *testing.T) {
	kept(t, func(ctx context.Context, k *Keyring, _ *gate.Process, v vault.Vault) {
		k.SetFaults(Faults{KeyringHangs: 1})
		late := 0
		for range 10 {
			if _, err := v.Get(ctx, "c", vault.CurrentKey); errors.Is(err, vault.ErrTimeout) {
				late++
			}
		}
		if late == 0 {
			t.Error("no call passed its deadline")
		}
		k.Calm()
		time.Sleep(time.Hour)
		if _, err := v.Get(ctx, "c", vault.CurrentKey); err != nil {
			t.Error(err)
		}
	})
}

func TestALockedKeyringUnlocks(t *testing.T) {
	kept(t, func(ctx context.Context, k *Keyring, _ *gate.Process, v vault.Vault) {
		k.SetLocked(true)
		if _, err := v.Get(ctx, "c", vault.CurrentKey); !errors.Is(err, vault.ErrLocked) {
			t.Error(err)
		}
		k.SetLocked(false)
		if value, err := v.Get(ctx, "c", vault.CurrentKey); err != nil || value.Reveal() != "first" {
			t.Error(err)
		}
	})
}

func TestAnItemIsWrittenOrNotWhenTheProcessDies(t *testing.T) {
	for _, after := range []bool{false, true} {
		kept(t, func(_ context.Context, k *Keyring, p *gate.Process, _ vault.Vault) {
			p.KillAt(1, after)
			if err := k.View(p).Set("", "c/current-key", "second"); !errors.Is(err, gate.ErrDead) {
				t.Error(err)
			}
			want := map[bool]string{false: "first", true: "second"}[after]
			if got := k.Items()["c/current-key"]; got != want {
				t.Errorf("after=%v: %q is kept, want %q", after, got, want)
			}
			if k.Held("second") != after {
				t.Errorf("after=%v: the keyring remembers otherwise", after)
			}
		})
	}
}

func TestOnlyWhatCanBeHadAgainVanishes(t *testing.T) {
	kept(t, func(ctx context.Context, k *Keyring, _ *gate.Process, v vault.Vault) {
		for _, item := range []vault.Item{vault.Secret, vault.InitialKey, vault.PendingSecret, vault.DeveloperID} {
			if err := v.Set(ctx, "c", item, sage.NewSecret("kept")); err != nil {
				t.Fatal(err)
			}
			k.SetFaults(Faults{KeyringVanishes: 1})
			if _, err := v.Get(ctx, "c", item); err != nil {
				t.Errorf("%s: %v", item, err)
			}
			k.SetFaults(nil)
		}
	})
}
