package simulation

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
	"postroom/watcher/simulation/files"
	"postroom/watcher/simulation/platform"
)

// patience is within what simulated time every journey ends once faults have stopped: the longest pause of a lane is
// six hours, and a result is looked for for one.
const patience = 30 * time.Hour

// calm ends every fault and brings everything back that was taken away.
func (w *world) calm() {
	w.gate.Note("world", "faults end", "")
	w.gate.Slow(0, 0)
	w.record.setFaults(nil)
	w.mu.Lock()
	w.calmed = true
	w.plan.Crashes = w.plan.Crashes[:min(w.lives, len(w.plan.Crashes))]
	l := w.life
	w.mu.Unlock()
	if l != nil {
		l.process.KillAt(0, false)
	}
	w.platform.Calm()
	w.keyring.Calm()
	w.platform.Quarantine(false)
	w.disk.SetFaults(files.Faults{})
	who := w.helper()
	for _, c := range w.companies {
		if !c.plugged.Load() {
			if err := who.plug(c); err != nil {
				w.gate.Note("world", "plug", err.Error())
			}
		}
		if c.plugged.Load() {
			_ = w.disk.SetFree(c.folder, 1<<40)
		}
		_ = w.platform.SetInstalled(c.name, true)
	}
}

// helper is somebody who puts things right at the end.
func (w *world) helper() *person {
	who := &person{w: w, name: "helper", p: w.gate.Process("helper")}
	who.fsys = w.disk.Person(who.p)
	return who
}

// settle lets time go by until every journey has ended, answering what is asked.
func (w *world) settle() {
	deadline := w.now() + patience
	resumed := false
	for pause := time.Second; w.now() < deadline; pause = min(2*pause, time.Hour) {
		time.Sleep(pause)
		_ = w.call(func(ctx context.Context, e *watcher.Engine) error {
			resumed = resumed || e.Resume(ctx) == nil
			return w.answer(ctx, e)
		})
		if resumed && w.settled() {
			w.gate.Note("world", "every journey has ended", "")
			w.goodbye()
			return
		}
	}
	w.violate("8 journeys end", "after %s without faults: %s", patience, strings.Join(w.unended(), "; "))
}

// answer answers whatever waits for a person: one is sent, the next left.
func (w *world) answer(ctx context.Context, e *watcher.Engine) error {
	for i, t := range w.record.all() {
		if t.State != journal.Held && (t.State != journal.Unknown || t.Dismissed) {
			continue
		}
		kind := []string{"send", "leave"}[i%2]
		if t.Lies() == "" {
			kind = "leave"
		}
		if err := w.ask(ctx, e, kind, t); err != nil {
			w.gate.Note("helper", kind+" "+t.ID, err.Error())
		}
	}
	return nil
}

// settled tells whether every journey has ended and nothing lies in Outbox that should have one.
func (w *world) settled() bool { return len(w.unended()) == 0 }

func (w *world) unended() []string {
	var left []string
	for _, t := range w.record.all() {
		switch {
		case t.State == journal.Unknown && t.Dismissed && t.From == "":
		case !t.State.Final(), t.From != "", t.ResultState == journal.ResultAwaited:
			left = append(left, t.ID+" "+t.Name+" is "+string(t.State)+", lies "+t.Lies()+", to "+t.Path+", result "+string(t.ResultState))
		}
	}
	for _, c := range w.companies {
		left = append(left, w.unseen(c)...)
		for f := range w.disk.Walk(filepath.Join(c.folder, "Outbox")) {
			if f.Regular() && f.Size > 0 && !strings.Contains(f.Path, "/Held/") && !ours(f.Path) {
				left = append(left, f.Path+" lies there")
			}
		}
	}
	return left
}

// unseen are the newest lists of a company that the platform has and its Inbox has not. What lies there may be another one
// where a client could not see that it was not given the whole of it, or was led to somebody else's.
func (w *world) unseen(c *company) []string {
	counts := w.gate.Counts()
	if counts[string(platform.ShortLength)] > 0 || counts[string(platform.RedirectAway)] > 0 {
		return nil
	}
	var unseen []string
	for _, list := range w.platform.Snapshots() {
		if list.Company != c.name {
			continue
		}
		lies, _ := w.disk.Read(filepath.Join(c.folder, "Inbox", list.Scope, list.Scope+".json"))
		if hashOf(lies) != list.SHA256 {
			unseen = append(unseen, fmt.Sprintf("the list of %s of %s has not come", list.Scope, c.name))
		}
	}
	return unseen
}

// goodbye drops one more file for each company once its key has expired: there must still be a way to a key.
func (w *world) goodbye() {
	who := w.helper()
	for _, c := range w.companies {
		_ = w.platform.ExpireKey(c.name, "")
		content := w.content(1)
		if err := who.putIn(c, "Outbox/orders", "goodbye.json", content); err != nil {
			w.gate.Note("helper", "goodbye", err.Error())
			continue
		}
		w.ledger.last = append(w.ledger.last, hashOf(content))
	}
	for pause := time.Second; pause < 12*time.Hour; pause *= 2 {
		time.Sleep(pause)
		if w.settled() && w.arrived(w.ledger.last) {
			return
		}
	}
	w.violate("9 a way to a key", "a file that was dropped after the key expired does not arrive: %s", strings.Join(w.unended(), "; "))
}

// arrived tells whether the platform has had its last word on all of these contents.
func (w *world) arrived(hashes []string) bool {
	taken := make(map[string]bool)
	for _, f := range w.platform.Files() {
		if f.Status.Final() {
			taken[f.SHA256] = true
		}
	}
	for _, h := range hashes {
		if !taken[h] {
			return false
		}
	}
	return true
}
