package terminal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postroom/watcher"
)

// pipeFD gives a file descriptor with a text behind it. Whoever reads it closes it.
func pipeFD(t *testing.T, text string) int {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(text); err != nil {
		t.Fatal(err)
	}
	w.Close()
	fd, err := dup(r)
	r.Close()
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func TestPassphraseComesFromAFileDescriptor(t *testing.T) {
	from := passphraseSource{fd: pipeFD(t, "correct horse\nbattery")}
	got, given, err := from.handedOver()
	if got != "correct horse" || !given || err != nil {
		t.Errorf("read %q, %v, %v", got, given, err)
	}
	empty := passphraseSource{fd: pipeFD(t, "\n")}
	if _, _, err := empty.handedOver(); err == nil {
		t.Error("an empty passphrase was taken")
	}
}

func TestPassphraseComesFromSystemd(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	none := passphraseSource{fd: -1}
	if _, given, err := none.handedOver(); given || err != nil {
		t.Errorf("a service without the credential: %v, %v", given, err)
	}
	if err := os.WriteFile(filepath.Join(dir, credential), []byte("correct horse"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, given, err := none.handedOver(); got != "correct horse" || !given || err != nil {
		t.Errorf("read %q, %v, %v", got, given, err)
	}
	first := passphraseSource{fd: pipeFD(t, "from the descriptor\n")}
	if got, _, _ := first.handedOver(); got != "from the descriptor" {
		t.Errorf("the descriptor does not come first: %q", got)
	}
}

func TestTheVaultIsOpenedWithWhatWasHandedOver(t *testing.T) {
	f := &fake{}
	from := passphraseSource{fd: pipeFD(t, "correct horse\n")}
	if given, err := from.handOver(t.Context(), f); !given || err != nil || f.unlocked != "correct horse" {
		t.Errorf("unlocked with %q, %v, %v", f.unlocked, given, err)
	}
	none, untouched := passphraseSource{fd: -1}, &fake{}
	if given, err := none.handOver(t.Context(), untouched); given || err != nil || untouched.unlocked != "" {
		t.Errorf("without one: %q, %v, %v", untouched.unlocked, given, err)
	}
}

func TestWhatNeedsNoPassphraseAsksForNone(t *testing.T) {
	c, _ := testConsole(t)
	for _, want := range []error{nil, watcher.ErrNotFound} {
		if err := c.unlocking(t.Context(), &fake{}, func() error { return want }); !errors.Is(err, want) {
			t.Errorf("%v became %v", want, err)
		}
	}
}

func TestWithoutATerminalNobodyIsAsked(t *testing.T) {
	c, _ := testConsole(t)
	err := c.unlocking(t.Context(), &fake{}, func() error { return watcher.ErrVaultLocked })
	if !errors.Is(err, errNoPassphrase) || !strings.Contains(explain(c.words, err), "--passphrase-fd") {
		t.Errorf("ended with %v", err)
	}
}
