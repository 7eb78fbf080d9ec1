package vault

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"postroom/sage"
)

// vaults are one of each kind, ready to be used.
func vaults(t *testing.T) map[string]Vault {
	file := quick(filepath.Join(t.TempDir(), "vault.age"))
	if err := file.Unlock(t.Context(), secret("passphrase")); err != nil {
		t.Fatal(err)
	}
	return map[string]Vault{"memory": Memory(), "file": file, "keyring": Keyring(KeyringOptions{Store: newFake()})}
}

func TestEveryVaultKeepsWhatItIsGiven(t *testing.T) {
	for kind, v := range vaults(t) {
		t.Run(kind, func(t *testing.T) {
			if v.Kind() != kind || v.Locked() {
				t.Error(v.Kind(), v.Locked())
			}
			keepsItems(t, v)
		})
	}
}

// keepsItems is what every vault must do, the real keyring too.
func keepsItems(t *testing.T, v Vault) {
	t.Helper()
	ctx := t.Context()
	is := func(connection string, item Item, want string) {
		t.Helper()
		switch got, err := v.Get(ctx, connection, item); {
		case want == "" && !errors.Is(err, ErrNotFound):
			t.Errorf("%s of %s: %v", item, connection, err)
		case want != "" && (err != nil || got.Reveal() != want):
			t.Errorf("%s of %s: %q, %v", item, connection, got.Reveal(), err)
		}
	}
	set := func(connection string, item Item, value string) {
		t.Helper()
		if err := v.Set(ctx, connection, item, secret(value)); err != nil {
			t.Fatalf("%s of %s: %v", item, connection, err)
		}
	}
	is("acme", CurrentKey, "")
	set("acme", CurrentKey, "k1")
	set("acme", CurrentKey, "k2")
	set("acme", Secret, `s "quoted" \ é 𝄞`)
	set("other", CurrentKey, "o1")
	set("acme", InitialKey, strings.Repeat("x", MaxSecret))
	is("acme", CurrentKey, "k2")
	is("acme", Secret, `s "quoted" \ é 𝄞`)
	is("acme", InitialKey, strings.Repeat("x", MaxSecret))
	is("other", CurrentKey, "o1")
	is("acme", PreviousKey, "")

	set("acme", InitialKey, strings.Repeat("x", MaxSecret)) // the same again
	for _, other := range []sage.Secret{secret("another"), {}} {
		if err := v.Set(ctx, "acme", InitialKey, other); err == nil || !other.IsZero() && !errors.Is(err, ErrInitialKey) {
			t.Errorf("the initial key is replaced: %v", err)
		}
	}
	is("acme", InitialKey, strings.Repeat("x", MaxSecret))

	if err := v.Set(ctx, "acme", CurrentKey, secret(strings.Repeat("y", MaxSecret+1))); !errors.Is(err, ErrTooLong) || strings.Contains(err.Error(), "yy") {
		t.Errorf("too long: %v", err)
	}
	is("acme", CurrentKey, "k2")
	if err := v.Set(ctx, "", CurrentKey, secret("k")); err == nil {
		t.Error("an item of no connection is stored")
	}
	set("acme", CurrentKey, "")
	set("acme", CurrentKey, "")
	is("acme", CurrentKey, "")

	for range 2 {
		if err := v.Delete(ctx, "acme"); err != nil {
			t.Fatal(err)
		}
	}
	for _, item := range Items() {
		is("acme", item, "")
	}
	is("other", CurrentKey, "o1")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := v.Get(ended, "other", CurrentKey); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
	if err := v.Set(ended, "other", CurrentKey, secret("o2")); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
	if err := v.Delete(ended, "other"); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
}

func TestAnErrorNamesTheItemAndNoValue(t *testing.T) {
	for kind, v := range vaults(t) {
		_, err := v.Get(t.Context(), "acme", CurrentKey)
		if err == nil || !strings.Contains(err.Error(), "current-key") || !strings.Contains(err.Error(), "acme") {
			t.Errorf("%s: %v", kind, err)
		}
		if err := v.Set(t.Context(), "acme", InitialKey, secret("the-first")); err != nil {
			t.Fatal(err)
		}
		err = v.Set(t.Context(), "acme", InitialKey, secret("the-second"))
		if shown := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(shown, "the-") {
			t.Errorf("%s: %s", kind, shown)
		}
	}
}

// recorder notes the order in which items are stored.
type recorder struct {
	Vault
	stored []string
	fail   Item
}

func (r *recorder) Set(ctx context.Context, connection string, item Item, value sage.Secret) error {
	if item == r.fail {
		return errors.New("the keyring went away")
	}
	r.stored = append(r.stored, string(item))
	return r.Vault.Set(ctx, connection, item, value)
}

func TestKeysAreStoredInAnOrderThatSurvivesACrash(t *testing.T) {
	r := &recorder{Vault: Memory()}
	store := Keys(r, "acme")
	if err := store.SaveCurrent(t.Context(), secret("new"), secret("old")); err != nil {
		t.Fatal(err)
	}
	if err := store.SaveSecret(t.Context(), secret("s1"), secret("s2")); err != nil {
		t.Fatal(err)
	}
	if err := store.SaveSecret(t.Context(), secret("s2"), sage.Secret{}); err != nil {
		t.Fatal(err)
	}
	want := "key-proof previous-key current-key pending-secret secret secret pending-secret"
	if got := strings.Join(r.stored, " "); got != want {
		t.Errorf("stored in the order %s", got)
	}
	r.fail = PreviousKey
	if err := store.SaveCurrent(t.Context(), secret("newer"), secret("new")); err == nil {
		t.Error("a previous key that could not be stored is no error")
	}
	set, err := store.Load(t.Context())
	if err != nil || set.Current.Reveal() != "new" {
		t.Errorf("after that the current key is %q, %v", set.Current.Reveal(), err)
	}
}

func TestKeysAreLoadedAsTheyWereStored(t *testing.T) {
	for kind, v := range vaults(t) {
		if err := v.Set(t.Context(), "acme", InitialKey, secret("first")); err != nil {
			t.Fatal(err)
		}
		store := Keys(v, "acme")
		if err := store.SaveCurrent(t.Context(), secret("new"), secret("old")); err != nil {
			t.Fatal(err)
		}
		if err := store.SaveSecret(t.Context(), secret("s1"), secret("s2")); err != nil {
			t.Fatal(err)
		}
		set, err := store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := set.Initial.Reveal() + set.Current.Reveal() + set.Previous.Reveal() + set.Secret.Reveal() + set.Pending.Reveal()
		if got != "firstnewolds1s2" {
			t.Errorf("%s: %s", kind, got)
		}
		if err := store.SaveSecret(t.Context(), secret("s2"), sage.Secret{}); err != nil {
			t.Fatal(err)
		}
		if set, err = store.Load(t.Context()); err != nil || !set.Pending.IsZero() || set.Secret.Reveal() != "s2" {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestAKeyThatIsNotWhatWasToBeStoredIsUnproven(t *testing.T) {
	for kind, v := range vaults(t) {
		store := Keys(v, "acme")
		unproven := func(want bool, when string) {
			t.Helper()
			if set, err := store.Load(t.Context()); err != nil || set.Unproven != want {
				t.Errorf("%s, %s: unproven is %v, %v", kind, when, set.Unproven, err)
			}
		}
		keep := func(item Item, value string) {
			t.Helper()
			if err := v.Set(t.Context(), "acme", item, secret(value)); err != nil {
				t.Fatal(err)
			}
		}
		keep(CurrentKey, "a-key-of-before-there-were-proofs")
		unproven(false, "without a proof")
		if err := store.SaveCurrent(t.Context(), secret("the-new-key"), secret("the-old-key")); err != nil {
			t.Fatal(err)
		}
		unproven(false, "stored whole")
		for _, spoilt := range []string{"the-n?", "the-new-ke", "the-old-key", ""} {
			keep(CurrentKey, spoilt)
			unproven(true, "with "+spoilt)
		}
		if err := store.SaveCurrent(t.Context(), secret("the-newest-key"), secret("the-old-key")); err != nil {
			t.Fatal(err)
		}
		unproven(false, "stored again")
		if err := store.SaveCurrent(t.Context(), secret("the-newest-key"), secret("the-newest-key")); err != nil {
			t.Fatal(err)
		}
		keep(PreviousKey, "")
		unproven(true, "with a rotation begun and the previous key lost")
		if err := store.SaveCurrent(t.Context(), secret("the-newest-key"), secret("the-old-key")); err != nil {
			t.Fatal(err)
		}
		if proof, err := v.Get(t.Context(), "acme", KeyProof); err != nil || strings.Contains(proof.Reveal(), "newest") {
			t.Errorf("%s: %v, or the proof tells the key", kind, err)
		}
		if err := v.Delete(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
		unproven(false, "with nothing left")
	}
}

// TestACrashOverAHalfWrittenKeyLeavesADoubt: at each call to a keyring that keeps half of what it is given from there on,
// and never gets to put it right, either all is as it was, or the store says that it may not be.
func TestACrashOverAHalfWrittenKeyLeavesADoubt(t *testing.T) {
	for nth := range 3 {
		v := Memory()
		store := Keys(v, "acme")
		if err := store.SaveCurrent(t.Context(), secret("the-old-key"), secret("the-old-key")); err != nil {
			t.Fatal(err)
		}
		half := &halving{Vault: v, left: nth}
		if err := Keys(half, "acme").SaveCurrent(t.Context(), secret("the-new-key"), secret("the-old-key")); err == nil {
			t.Fatal("half a value counts as stored")
		}
		set, err := store.Load(t.Context())
		if err != nil || !set.Unproven && !set.Current.Equal(set.Previous) {
			t.Errorf("write %d: %q before %q is not in doubt, %v", nth+1, set.Current.Reveal(), set.Previous.Reveal(), err)
		}
	}
}

// halving is a vault that keeps half of the value after so many, and nothing after that: its process has ended.
type halving struct {
	Vault
	left int
}

func (h *halving) Set(ctx context.Context, connection string, item Item, value sage.Secret) error {
	if h.left--; h.left >= 0 {
		return h.Vault.Set(ctx, connection, item, value)
	}
	if h.left == -1 {
		text := value.Reveal()
		if err := h.Vault.Set(ctx, connection, item, secret(text[:len(text)/2])); err != nil {
			return err
		}
	}
	return errors.New("the process was killed")
}

func TestLoadingFromALockedVaultIsAnErrorAndNotNoKeys(t *testing.T) {
	locked := OpenFile(filepath.Join(t.TempDir(), "vault.age"))
	if _, err := Keys(locked, "acme").Load(t.Context()); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
}
