package journal

import (
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
