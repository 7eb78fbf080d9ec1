package simulation

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCountsOfPiecesAddUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "counts.json")
	var sum tally
	for from := range uint64(3) {
		one := newTally()
		one.one(&outcome{plan: plan{Seed: 2 - from}, counts: map[string]int{"file.lstat": 7, "file.eio": 2, "crash": 1}, broken: []violation{{check: "a"}}})
		one.Pieces, one.Spent = []piece{{from, 1}}, time.Second
		var err error
		if sum, err = one.keep(path); err != nil {
			t.Fatal(err)
		}
	}
	if sum.Seeds != 3 || sum.operations() != 21 || sum.Counts["file.eio"] != 6 || sum.Violations["a"] != 3 || sum.Spent != 3*time.Second {
		t.Errorf("%+v", sum)
	}
	for _, line := range []string{"3 seeds: 0 to 0, 1 to 1, 2 to 2", "21 operations", "1000.0 ms of one core", "6    400000  file.eio\n", "too few", "3 [0 1 2]"} {
		if !strings.Contains(sum.String(), line) {
			t.Errorf("the table has no %q:\n%s", line, sum.String())
		}
	}
}

// Whatever a plan can have happen is in the table.
func TestEveryKindOfFaultIsCounted(t *testing.T) {
	known := make(map[string]bool)
	for _, kind := range allKinds() {
		if known[kind] {
			t.Errorf("%s is there twice", kind)
		}
		known[kind] = true
	}
	for _, some := range mostFaults {
		for _, kind := range some.kinds {
			if !known[kind] {
				t.Errorf("%s is not counted", kind)
			}
		}
	}
	for _, kinds := range []map[string]bool{rare, scarce} {
		for kind := range kinds {
			if !known[kind] {
				t.Errorf("there is no fault %s", kind)
			}
		}
	}
}
