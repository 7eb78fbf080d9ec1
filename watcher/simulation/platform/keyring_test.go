package platform

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

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
	fates := map[Kind]struct {
		is   error  // what storing another value comes to
		then string // what is kept after it
	}{
		KeyringLocked: {vault.ErrLocked, "first"}, KeyringFails: {errFails, "first"}, KeyringFull: {errFull, "first"},
		KeyringErrorAfter: {errFails, "second"}, KeyringDiffers: {vault.ErrReadBack, "sec?"}, KeyringVanishes: {vault.ErrReadBack, ""},
		"": {nil, "second"},
	}
	for kind, want := range fates {
		t.Run(string(kind), func(t *testing.T) {
			kept(t, func(ctx context.Context, k *Keyring, _ *gate.Process, v vault.Vault) {
				k.SetFaults(Faults{kind: 1})
				err := v.Set(ctx, "c", vault.CurrentKey, sage.NewSecret("second"))
				if !errors.Is(err, want.is) || want.is == nil && err != nil {
					t.Errorf("storing came to %v, want %v", err, want.is)
				}
				if got := k.Items()["c/current-key"]; got != want.then {
					t.Errorf("%q is kept, want %q", got, want.then)
				}
				k.Calm()
				if err := v.Set(ctx, "c", vault.CurrentKey, sage.NewSecret("third")); err != nil {
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
		kept(t, func(ctx context.Context, k *Keyring, p *gate.Process, v vault.Vault) {
			p.KillAt(2, after) // the asking, then the writing
			if err := v.Set(ctx, "c", vault.CurrentKey, sage.NewSecret("second")); !errors.Is(err, gate.ErrDead) {
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
