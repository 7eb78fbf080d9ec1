package journal

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestARescueThatWasKilledWhileItCopiedIsBegunAnew leaves behind what a kill does, within the same second.
func TestARescueThatWasKilledWhileItCopiedIsBegunAnew(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	for _, left := range [][]string{
		{"journal.damaged-20261124-093000.db-shm"},
		{"journal.damaged-20261124-093000.db-shm", "journal.damaged-20261124-093000.db-wal"},
		{"journal.salvage-1/old.db", "journal.damaged-20261124-093000.db-wal"},
	} {
		dir := crashed(t)
		path := filepath.Join(dir, "journal.db")
		alter(t, path+walEnd, zeroed(0, 1<<30))
		earlier := filepath.Join(dir, "journal.damaged-20261123-120000.db") // a whole one, of another day
		for _, name := range append(left, filepath.Base(earlier), filepath.Base(earlier)+walEnd) {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		rescued, err := Rescue(t.Context(), path, at, func(Rescued) []Change { return nil })
		if err != nil {
			t.Fatalf("after %q: %v", left, err)
		}
		if text, err := os.ReadFile(rescued.Aside + walEnd); err != nil || string(text) == "half" {
			t.Errorf("the copy is not whole: %v", err)
		}
		if !exists(earlier) || !exists(earlier+walEnd) {
			t.Error("an earlier copy was removed")
		}
		entries, err := os.ReadDir(dir)
		for _, e := range entries {
			if strings.Contains(e.Name(), workName) {
				t.Errorf("left behind: %s, %v", e.Name(), err)
			}
		}
	}
}

// TestARescueThatIsKilledLeavesNoHalfOfACopy takes the folder as a kill leaves it: in the midst of the copying, and when
// everything is copied and the new journal is about to be written.
func TestARescueThatIsKilledLeavesNoHalfOfACopy(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	none := func(Rescued) []Change { return nil }
	for name, half := range map[string]bool{"when all is copied": false, "half-way": true} {
		t.Run(name, func(t *testing.T) {
			dir, left := crashed(t), t.TempDir()
			alter(t, filepath.Join(dir, "journal.db"+walEnd), zeroed(0, 1<<30))
			was := contents(t, dir)
			copied := false
			_, err := Rescue(t.Context(), filepath.Join(dir, "journal.db"), at, func(Rescued) []Change {
				copied = true
				if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
					t.Error(err)
				}
				return nil
			})
			if err != nil || !copied {
				t.Fatal(err)
			}
			if half {
				for _, file := range matching(t, left, "journal.salvage-*/aside.db") {
					alter(t, file, cut(4096+100))
				}
			}
			if kept := matching(t, left, "journal.damaged-*"); len(kept) > 0 {
				t.Errorf("what is not whole yet bears the name of a copy: %q", kept)
			}
			if _, err := thorough(t, left); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("it was opened: %v", err)
			}
			if work := matching(t, left, "journal.salvage-*"); len(work) > 0 {
				t.Errorf("the next opening leaves %q", work)
			}
			rescued, err := Rescue(t.Context(), filepath.Join(left, "journal.db"), at, none)
			if err != nil {
				t.Fatal(err)
			}
			for _, end := range []string{walEnd, ""} {
				if data, err := os.ReadFile(rescued.Aside + end); err != nil || !bytes.Equal(data, was[end]) {
					t.Errorf("the copy of %q is not what was there: %v", end, err)
				}
			}
			if kept := matching(t, left, "journal.damaged-*.db"); len(kept) != 1 {
				t.Errorf("there are %q", kept)
			}
		})
	}
}

// TestAnOpeningClearsWhatAKilledRescueLeft does so of a journal that is whole, and spares whole copies.
func TestAnOpeningClearsWhatAKilledRescueLeft(t *testing.T) {
	dir := t.TempDir()
	if err := opened(t, filepath.Join(dir, "journal.db")).Close(); err != nil {
		t.Fatal(err)
	}
	whole := []string{"journal.damaged-20261123-120000.db", "journal.damaged-20261123-120000.db-wal"}
	halves := []string{"journal.salvage-1/aside.db", "journal.salvage-1/old.db-wal", "journal.damaged-20261124-093000.db-wal"}
	for _, name := range append(halves, whole...) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := thorough(t, dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range halves {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left, %v", name, err)
		}
	}
	for _, name := range whole {
		if !exists(filepath.Join(dir, name)) {
			t.Errorf("%s is gone", name)
		}
	}
}

func matching(t *testing.T, dir, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
