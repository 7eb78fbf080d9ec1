package terminal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// handovers are about how many the soak has time for.
const handovers = 12

// TestAnOutboxThatAnotherHomeCarriedMeanwhileDoublesNothing kills an agent in the middle of a file, has that of another home
// clear up behind it, and starts the first again: each of them knows a part of the truth only.
func TestAnOutboxThatAnotherHomeCarriedMeanwhileDoublesNothing(t *testing.T) {
	if !soaks() {
		t.Skip("another home waits 50 seconds for a sign of life of the one that was killed: make soak-real")
	}
	f := newOffice(t, officeOptions{})
	f.live()
	f.drains()
	other := *f.computer
	other.home = filepath.Join(t.TempDir(), "other")
	if err := os.CopyFS(filepath.Join(other.home, "connections"), os.DirFS(filepath.Join(f.home, "connections"))); err != nil {
		t.Fatal(err)
	}
	tr := follow(t, f.agent, target{})
	f.file("counted.json")
	f.drains()
	f.dies(tr)
	kills := 0
	all := targets(tr.counts, 0)
	for i := 0; i < len(all); i += max(1, len(all)/handovers) {
		at := all[i]
		f.live()
		tr := follow(t, f.agent, at)
		f.file(fmt.Sprintf("%s %d.json", at.kind, at.nth))
		f.until("it is killed, or at rest", func() bool { return f.agent.gone() || f.rests() })
		f.dies(tr)
		if !tr.killed {
			continue
		}
		kills++
		f.fell = tr.steps[len(tr.steps)-1].String()
		heir := other.agent()
		f.until("the other has the Outbox", func() bool {
			holder, err := os.ReadFile(filepath.Join(f.company, "Outbox", ".postroom.lock"))
			return err == nil && strings.Contains(string(holder), other.home)
		})
		f.until("the other has cleared up", f.nothingWaits)
		heir.stop()
		f.live()
		f.until("the first has nothing more to do", f.rests)
		f.dies(nil)
		f.always(false)
		if t.Failed() {
			t.Fatal("the kill fell before ", f.fell)
		}
	}
	t.Logf("%d kills; steps: %v", kills, tr.counts)
	f.noSecretIsOut()
}

// nothingWaits tells whether nothing lies in Outbox any more.
func (f *office) nothingWaits() bool {
	f.t.Helper()
	for _, folder := range []string{"Outbox/orders", "Outbox/.sending"} {
		if len(names(f.t, filepath.Join(f.company, filepath.FromSlash(folder)))) > 0 {
			return false
		}
	}
	return true
}

// rests tells whether the running agent has nothing to do but for what a person has to say.
func (f *office) rests() bool {
	f.t.Helper()
	shown, told := f.told()
	return told && f.nothingWaits() && !slices.ContainsFunc(shown, func(t watcher.Transfer) bool {
		return !t.State.Final() && t.State != journal.Unknown && t.State != journal.Held
	})
}
