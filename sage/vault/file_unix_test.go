//go:build !windows

package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheFileIsTheOwnersAloneAndHoldsNothingPlain(t *testing.T) {
	f, path := made(t)
	if err := f.Set(t.Context(), "acme", Secret, secret("the-secret")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", entry.Name(), info.Mode())
		}
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, plain := range []string{"the-key", "the-secret", "acme", "passphrase", "current-key"} {
			if bytes.Contains(data, []byte(plain)) {
				t.Errorf("%s holds %q", entry.Name(), plain)
			}
		}
		if strings.HasSuffix(entry.Name(), ".tmp") {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Error(info.Mode(), err)
	}
}
