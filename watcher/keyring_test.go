package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"postroom/sage"
	"postroom/sage/vault"
)

func TestWhereThereIsAVaultFileItIsUsedAndAskedFor(t *testing.T) {
	home := t.TempDir()
	made := vault.OpenFile(filepath.Join(home, vaultFile))
	if err := made.Unlock(t.Context(), sage.NewSecret("correct horse")); err != nil {
		t.Fatal(err)
	}
	e, err := Open(t.Context(), Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	if locked, _ := e.vaultState(); locked {
		t.Error("it is locked before anybody looked")
	}
	_, err = e.unlocked(t.Context())
	if told, ok := errors.AsType[*ProblemError](err); !ok || told.Problem.Code != "vaultLocked" || !errors.Is(err, ErrVaultLocked) {
		t.Errorf("before its passphrase: %v", err)
	}
	if locked, missing := e.vaultState(); !locked || missing {
		t.Errorf("the overview is told %v, %v", locked, missing)
	}
	err = e.UnlockVault(t.Context(), "wrong horse")
	if told, ok := errors.AsType[*ProblemError](err); !ok || told.Problem.Code != "passphraseWrong" || !errors.Is(err, ErrInvalid) {
		t.Errorf("with a wrong one: %v", err)
	}
	if err := e.UnlockVault(t.Context(), "correct horse"); err != nil {
		t.Fatal(err)
	}
	if _, err := e.unlocked(t.Context()); err != nil {
		t.Errorf("with the right one: %v", err)
	}
	if locked, _ := e.vaultState(); locked {
		t.Error("it is still locked")
	}
}

func TestANewVaultWantsALongPassphrase(t *testing.T) {
	home := t.TempDir()
	e, err := Open(t.Context(), Options{Home: home, Vault: vault.OpenFile(filepath.Join(home, vaultFile))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	if locked, missing := e.vaultState(); !locked || !missing {
		t.Errorf("before there is one: %v, %v", locked, missing)
	}
	if err := e.UnlockVault(t.Context(), "short"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a short one: %v", err)
	}
	if _, err := os.Stat(filepath.Join(home, vaultFile)); err == nil {
		t.Error("a vault was made with it")
	}
	if err := e.UnlockVault(t.Context(), "long enough"); err != nil {
		t.Error(err)
	}
}

func TestWhatIsInTheKeyringIsNotLookedForElsewhere(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "drafts"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "drafts", "abcdefghijkl.json"), []byte(`{"id":"abcdefghijkl","keptIn":"keyring"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := Open(t.Context(), Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	if secrets := must(e.secrets(t.Context()))(t); secrets.Kind() != "keyring" {
		t.Errorf("chosen: %s", secrets.Kind())
	}
}

func TestWhatAnErrorSaysOfAKey(t *testing.T) {
	for err, want := range map[error]KeyState{
		sage.ErrKeyLocked: KeyLocked, sage.ErrKeyLockedHard: KeyLockedHard, sage.ErrKeyRevoked: KeyRevoked, sage.ErrKeyInvalid: KeyInvalid,
		sage.ErrKeyExpired: KeyExpired, sage.ErrNetwork: KeyUnknown, context.Canceled: KeyUnknown,
	} {
		if got := keyStateOf(fmt.Errorf("sending: %w", err)); got != want {
			t.Errorf("%v: %s", err, got)
		}
	}
}

func TestEveryTroubleOfTheVaultHasItsSentence(t *testing.T) {
	for err, code := range map[error]string{
		vault.ErrLocked: "vaultLocked", vault.ErrTimeout: "vaultSilent", vault.ErrNoKeyring: "vaultGone", vault.ErrPassphrase: "passphraseWrong",
		vault.ErrDamaged: "vaultDamaged", vault.ErrReadBack: "vaultForgets", vault.ErrTooLong: "vaultTooLong", errors.New("other"): "vaultFailed",
	} {
		told, ok := errors.AsType[*ProblemError](vaultProblem(fmt.Errorf("keeping: %w", err)))
		if !ok || told.Problem.Code != code || !errors.Is(told, err) {
			t.Errorf("%v: %v", err, told)
		}
	}
	if vaultProblem(nil) != nil {
		t.Error("no trouble has a sentence")
	}
}
