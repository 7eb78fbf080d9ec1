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

func TestALockedVaultIsOpenedWithWhatWasHandedOver(t *testing.T) {
	c, _ := testConsole(t)
	f := &fake{overview: watcher.Overview{VaultLocked: true}}
	if err := c.unlock(t.Context(), f, &passphraseSource{fd: pipeFD(t, "correct horse\n")}); err != nil {
		t.Fatal(err)
	}
	if f.unlocked != "correct horse" {
		t.Errorf("unlocked with %q", f.unlocked)
	}
}

func TestAnOpenVaultIsLeftAlone(t *testing.T) {
	c, _ := testConsole(t)
	f := &fake{}
	if err := c.unlock(t.Context(), f, &passphraseSource{fd: -1}); err != nil || f.unlocked != "" {
		t.Errorf("unlocked with %q, %v", f.unlocked, err)
	}
}

func TestWithoutATerminalNobodyIsAsked(t *testing.T) {
	c, _ := testConsole(t)
	f := &fake{overview: watcher.Overview{VaultLocked: true}}
	err := c.unlock(t.Context(), f, &passphraseSource{fd: -1})
	if !errors.Is(err, errNoPassphrase) || !strings.Contains(explain(c.words, err), "--passphrase-fd") {
		t.Errorf("ended with %v", err)
	}
}
