package terminal_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// damage is a way in which a disk, or a well-meaning program, spoils the journal.
type damage struct {
	name   string
	change func(text []byte) []byte // of the file; it may be changed in place
	log    bool                     // it is the log beside the journal that is spoiled
	untold bool                     // it may look as if the last commits had never been
}

var damages = []damage{
	{name: "its head is zeroed", change: func(text []byte) []byte { clear(text[:100]); return text }},
	{name: "it is cut in its middle", change: func(text []byte) []byte { return text[:len(text)/2] }},
	{name: "it is empty", change: func([]byte) []byte { return nil }},
	{name: "it is something else", change: func([]byte) []byte { return bytes.Repeat([]byte("no journal\n"), 5000) }},
	{name: "pages of it are noise", change: noise},
	{name: "its log is zeroed", log: true, untold: true, change: func(text []byte) []byte { clear(text); return text }},
	{name: "its log is cut", log: true, untold: true, change: func(text []byte) []byte { return text[:len(text)*2/3] }},
	{name: "pages of its log are noise", log: true, untold: true, change: noise},
}

// noise spoils every second page.
func noise(text []byte) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	for at := 4096; at+4096 <= len(text); at += 2 * 4096 {
		for i := range 4096 {
			text[at+i] = byte(random.Uint32())
		}
	}
	return text
}

// TestADamagedJournalIsToldAndNothingIsLostOrDoubled spoils the journal of an agent that was killed with one file accepted,
// one with Sage and one that waits.
func TestADamagedJournalIsToldAndNothingIsLostOrDoubled(t *testing.T) {
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			f := newOffice(t, officeOptions{})
			f.spoil(d)
			f.live()
			if !d.untold {
				f.tellsOfDamage()
			}
			f.goesOn()
		})
	}
}

// TestAKillInTheMidstOfARebuildIsTakenUp kills an agent while it rebuilds a damaged journal, in a home of its own each time.
func TestAKillInTheMidstOfARebuildIsTakenUp(t *testing.T) {
	rebuild := func(at target) (f *office, tr *tracer) {
		f = newOffice(t, officeOptions{})
		f.spoil(damages[1])
		f.adopt(f.start("run", "--json"))
		tr = follow(t, f.agent, at)
		f.until("it is killed, or runs", func() bool { return f.agent.gone() || len(f.agent.lines) > 0 })
		f.dies(tr)
		return f, tr
	}
	_, counted := rebuild(target{})
	kills := 0
	for _, at := range targets(counted.counts, 1) {
		f, tr := rebuild(at)
		if !tr.killed {
			continue // as the threads fell, it ran before that step
		}
		kills++
		f.fell = tr.steps[len(tr.steps)-1].String()
		f.live()
		f.tellsOfDamage()
		f.goesOn()
		if t.Failed() {
			t.Fatal("the kill fell before ", f.fell)
		}
	}
	t.Logf("%d kills; steps: %v", kills, counted.counts)
	if kills == 0 {
		t.Error("nothing was killed")
	}
}

// spoil brings an agent to where there is much to lose, kills it and damages its journal.
func (f *office) spoil(d damage) {
	f.t.Helper()
	f.live()
	f.file("accepted.json")
	f.publish(3)
	f.drains()
	f.agent.stop() // which brings the log into the journal itself
	f.live()
	f.installed(false)
	f.file("with Sage.json")
	f.until("it is with Sage", func() bool { return f.shownAs("with Sage.json", journal.Processing) })
	f.file("waits.json")
	f.until("it waits", func() bool { return f.shownAs("waits.json", journal.Queued) })
	f.dies(nil)
	f.spoilt = true
	path := filepath.Join(f.home, "journal.db")
	if d.log {
		path += "-wal"
	}
	text, err := os.ReadFile(path)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(path, d.change(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// tellsOfDamage waits until the damage is told, and checks that what was spoiled is kept.
func (f *office) tellsOfDamage() {
	f.t.Helper()
	f.until("the damage is told", func() bool {
		overview, err := f.engine().Overview(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		return slices.ContainsFunc(overview.Problems, func(p watcher.Problem) bool { return strings.HasPrefix(p.Code, "journal") })
	})
	if kept, err := filepath.Glob(filepath.Join(f.home, "journal.damaged-*")); err != nil || len(kept) == 0 {
		f.t.Errorf("the damaged journal was not kept: %v", err)
	}
}

// goesOn checks that files go on, and that those from before come to an end, or wait for a person who knows better.
func (f *office) goesOn() {
	f.t.Helper()
	f.installed(true)
	f.file("after.json")
	f.until("files go on", func() bool { return f.shownAs("after.json", journal.Accepted) })
	f.until("the others come to an end, or wait for a person", func() bool {
		return !slices.ContainsFunc(f.transfers(), func(t watcher.Transfer) bool {
			return !t.State.Final() && t.State != journal.Unknown && t.State != journal.Held
		})
	})
	f.agent.stop()
	f.always(false)
	f.noSecretIsOut()
}
