package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"postroom/sage"
)

// quick is a vault file that costs less to write than a real one.
func quick(path string) *File {
	f := OpenFile(path)
	f.work = 4
	return f
}

// made is an unlocked vault file with one key in it.
func made(t testing.TB) (*File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "home", "vault.age")
	f := quick(path)
	if err := f.Unlock(t.Context(), secret("passphrase")); err != nil {
		t.Fatal(err)
	}
	if err := f.Set(t.Context(), "acme", CurrentKey, secret("the-key")); err != nil {
		t.Fatal(err)
	}
	return f, path
}

func TestAVaultFileIsLockedUntilItsPassphraseIsGiven(t *testing.T) {
	_, path := made(t)
	f := quick(path)
	if !f.Locked() || !f.Exists() {
		t.Error("a new vault is not locked")
	}
	if _, err := f.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	if err := f.Set(t.Context(), "acme", CurrentKey, secret("x")); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	if err := f.Delete(t.Context(), "acme"); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	for _, wrong := range []sage.Secret{secret("Passphrase"), {}} {
		if err := f.Unlock(t.Context(), wrong); !errors.Is(err, ErrPassphrase) || !f.Locked() {
			t.Error(err)
		}
	}
	if err := f.Unlock(t.Context(), secret("passphrase")); err != nil || f.Locked() {
		t.Fatal(err)
	}
	if got, err := f.Get(t.Context(), "acme", CurrentKey); err != nil || got.Reveal() != "the-key" {
		t.Error(got.Reveal(), err)
	}
}

func TestAWrongPassphraseDoesNotLockAnOpenVault(t *testing.T) {
	f, _ := made(t)
	if err := f.Unlock(t.Context(), secret("wrong")); !errors.Is(err, ErrPassphrase) {
		t.Error(err)
	}
	if _, err := f.Get(t.Context(), "acme", CurrentKey); err != nil {
		t.Error(err)
	}
}

func TestAVaultFileIsWorkToGuess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	if err := OpenFile(path).Unlock(t.Context(), secret("passphrase")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := strings.SplitN(string(data), "\n", 3)
	if !strings.HasPrefix(header[0], "age-encryption.org/v1") || !strings.HasSuffix(header[1], fmt.Sprint(" ", workFactor)) {
		t.Errorf("%q", header[:2])
	}
}

func TestADamagedFileIsToldAndNeverReplaced(t *testing.T) {
	_, path := made(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	heavy := bytes.Replace(good, []byte(" 4\n"), []byte(" 30\n"), 1)
	for name, data := range map[string][]byte{
		"empty":                       {},
		"text":                        []byte("no vault at all\n"),
		"cut in its header":           good[:40],
		"cut in its content":          good[:len(good)-5],
		"changed":                     flipped,
		"asking for 8 GB of memory":   heavy,
		"encrypted, and not a vault":  sealed(t, "[1, 2]"),
		"encrypted, and not JSON":     sealed(t, "the-key"),
		"encrypted, with other items": sealed(t, `{"acme/current-key": {"x": "the-key"}}`),
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		f := quick(path)
		err := f.Unlock(t.Context(), secret("passphrase"))
		if !errors.Is(err, ErrDamaged) || errors.Is(err, ErrPassphrase) || !f.Locked() || strings.Contains(err.Error(), "the-key") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
			t.Errorf("%s: it was changed, %v", name, err)
		}
	}
}

// sealed encrypts any text with the passphrase.
func sealed(t *testing.T, plain string) []byte {
	t.Helper()
	recipient, err := age.NewScryptRecipient("passphrase")
	if err != nil {
		t.Fatal(err)
	}
	recipient.SetWorkFactor(1)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSeveralProcessesSeeWhatEachOtherStores(t *testing.T) {
	_, path := made(t)
	const writers, items = 3, 4
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			f := quick(path) // as another process has it
			if err := f.Unlock(t.Context(), secret("passphrase")); err != nil {
				t.Error(err)
				return
			}
			for n := range items {
				if err := f.Set(t.Context(), fmt.Sprint("connection ", i), Items()[n], secret(fmt.Sprint(n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	f := quick(path)
	if err := f.Unlock(t.Context(), secret("passphrase")); err != nil {
		t.Fatal(err)
	}
	for i := range writers {
		for n := range items {
			got, err := f.Get(t.Context(), fmt.Sprint("connection ", i), Items()[n])
			if err != nil || got.Reveal() != fmt.Sprint(n) {
				t.Errorf("item %d of connection %d: %q, %v", n, i, got.Reveal(), err)
			}
		}
	}
	if got, err := f.Get(t.Context(), "acme", CurrentKey); err != nil || got.Reveal() != "the-key" {
		t.Error("what was there before is lost: ", err)
	}
}

func TestAnOpenVaultSeesWhatAnotherProcessChanged(t *testing.T) {
	f, path := made(t)
	other := quick(path)
	if err := other.Unlock(t.Context(), secret("passphrase")); err != nil {
		t.Fatal(err)
	}
	if err := other.Set(t.Context(), "acme", CurrentKey, secret("a-newer-key")); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get(t.Context(), "acme", CurrentKey); err != nil || got.Reveal() != "a-newer-key" {
		t.Error(got.Reveal(), err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is gone: %v", err)
	}
}

func TestKeysAreStoredInOneStep(t *testing.T) {
	f, _ := made(t)
	err := f.setAll(t.Context(), "acme", []entry{{PreviousKey, secret("the-key")}, {CurrentKey, secret(strings.Repeat("x", MaxSecret+1))}})
	if !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
	if _, err := f.Get(t.Context(), "acme", PreviousKey); !errors.Is(err, ErrNotFound) {
		t.Errorf("half of the step was stored: %v", err)
	}
}

func TestWhatIsStoredAlreadyIsNotWrittenAgain(t *testing.T) {
	f, path := made(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Set(t.Context(), "acme", CurrentKey, secret("the-key")); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Error("it was written again", err)
	}
}

func TestAFolderThatCannotBeWrittenIsAnErrorAndKeepsTheOldFile(t *testing.T) {
	f, path := made(t)
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".lock", 0o700); err != nil { // nobody can lock it now
		t.Fatal(err)
	}
	if err := f.Set(t.Context(), "acme", CurrentKey, secret("x")); err == nil {
		t.Error("it was stored without a lock")
	}
}

// BenchmarkUnlock is what a person waits for, and the memory it takes.
func BenchmarkUnlock(b *testing.B) {
	_, path := made(b)
	whole := OpenFile(path)
	if err := whole.Unlock(b.Context(), secret("passphrase")); err != nil {
		b.Fatal(err)
	}
	if err := whole.Set(b.Context(), "acme", Secret, secret("s")); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := OpenFile(path).Unlock(b.Context(), secret("passphrase")); err != nil {
			b.Fatal(err)
		}
	}
}
