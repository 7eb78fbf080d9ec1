package simulation

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
	"postroom/watcher/simulation/gate"
	"postroom/watcher/simulation/platform"
)

// The ten checks, in the order of design.md section 7.
const (
	checkNothingIsLost  = "1 no dropped byte is lost"
	checkTakenOnce      = "2 taken once"
	checkSentIsHashed   = "3 what was sent is what was hashed"
	checkAcceptedIsTold = "4 accepted is told by the platform"
	checkInboxIsWhole   = "5 the Inbox is whole"
	checkNothingOutside = "6 nothing is written outside"
	checkNoSecret       = "7 no secret is written down"
	checkJourneysEnd    = "8 every journey ends"
	checkWayToAKey      = "9 a way to a key"
	checkToldOnce       = "10 each cause is told once"
	checkPolite         = "the contract is kept" // what the platform complains of
	checkLanes          = "lanes are in order"
)

// violation is a check that was broken.
type violation struct{ check, what string }

func (v violation) String() string { return v.check + ": " + v.what }

// count is a number as a word of a sentence.
func count(n int) string { return strconv.Itoa(n) }

// look is what is checked after every effect: only what that effect can have changed.
func (w *world) look(passed []gate.Effect) {
	for _, e := range passed {
		if !strings.HasPrefix(e.Actor, "engine") {
			continue
		}
		switch e.Operation {
		case "file.move", "file.rename", "file.remove", "file.create", "file.write", "file.mkdir":
			w.wrote(e)
		}
	}
}

// wrote looks at what an engine's change of the disk may have harmed.
func (w *world) wrote(e gate.Effect) {
	w.checkNothingOutside(e)
	switch {
	case e.Operation == "file.mkdir", strings.HasSuffix(e.Path, ".postroom-part"), strings.HasPrefix(e.Path, home):
	case strings.Contains(e.Path, "/Inbox/"):
		w.checkInbox()
	default:
		w.ledger.compare()
	}
}

// checkNothingOutside: nothing outside the companies' folders and the home is written.
func (w *world) checkNothingOutside(e gate.Effect) {
	for _, path := range strings.Split(e.Path, " -> ") {
		inside := within(path, home)
		for _, c := range w.companies {
			inside = inside || within(path, c.folder)
		}
		if !inside || filepath.Clean(path) != path {
			w.violate(checkNothingOutside, "%s", e)
		}
	}
}

func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// checkInbox: what is visible in an Inbox is whole, and a list that was visible once has not gone.
func (w *world) checkInbox() {
	for _, c := range w.companies {
		if !c.plugged.Load() {
			continue
		}
		visible := make(map[print]bool)
		for f := range w.disk.Walk(filepath.Join(c.folder, "Inbox")) {
			if !f.Regular() || strings.Contains(f.Path, "/.incoming/") || strings.HasSuffix(f.Path, ".postroom-part") {
				continue
			}
			p := printOf(f.Content)
			visible[p] = true
			if _, known := c.inbox[p]; known {
				continue
			}
			if w.gate.Counts()[string(platform.ShortLength)] > 0 || w.gate.Counts()[string(platform.RedirectAway)] > 0 {
				continue // for all that a client can see this is what the platform gave it, or led to
			}
			if !json.Valid(f.Content) {
				w.violate(checkInboxIsWhole, "%s holds %d bytes that are no JSON", f.Path, len(f.Content))
			}
			if list := strings.Contains(f.Path, "/history/") || filepath.Base(filepath.Dir(f.Path))+".json" == filepath.Base(f.Path); list {
				if !w.ledger.lists[hashOf(f.Content)] {
					w.violate(checkInboxIsWhole, "%s is no list that was published", f.Path)
				}
				c.inbox[p] = f.Path
			}
		}
		for p, at := range c.inbox {
			if !visible[p] {
				w.violate(checkInboxIsWhole, "the list that lay at %s is gone without a kept version", at)
				delete(c.inbox, p)
			}
		}
	}
}

// cutLists: a power cut may take a list that was moved into place and not written down yet. It comes again.
func (w *world) cutLists() {
	for _, c := range w.companies {
		for p, at := range c.inbox {
			if path, err := filepath.Rel(c.folder, at); err != nil || !w.record.listed(c.name, path) {
				delete(c.inbox, p)
			}
		}
	}
}

// heard is told of every transfer that was committed.
func (w *world) heard(was, is *journal.Transfer) {
	w.checkAccepted(is)
	w.checkLane(was, is)
	if is.FileID != "" && was != nil && was.FileID == "" && is.State == journal.Created {
		w.gate.Note("platform", "file "+is.FileID, "made for "+is.ID)
	}
}

// checkAccepted: sent and accepted are shown only after the platform has the content, and has said so.
func (w *world) checkAccepted(t *journal.Transfer) {
	switch t.State {
	case journal.Sent, journal.Validating, journal.Processing, journal.Accepted:
	default:
		return
	}
	f, known := w.platform.File(t.FileID)
	switch {
	case !known:
		w.violate(checkAcceptedIsTold, "%s is %s, and the platform knows no file %s", t.ID, t.State, t.FileID)
	case f.SHA256 == "" && t.State == journal.Sent && w.gate.Counts()[string(platform.RedirectAway)] > 0:
		// another host that the platform led to has said that it has the content: tracking will tell that it has not
	case f.SHA256 != t.SHA256:
		w.violate(checkSentIsHashed, "%s is %s as %s, and the platform has %q", t.ID, t.State, t.SHA256, f.SHA256)
	case t.State == journal.Accepted && f.Status != sandbox.Accepted:
		w.violate(checkAcceptedIsTold, "%s is accepted, and the platform says %s", t.ID, f.Status)
	}
}

// checkLane: one file of a lane is in flight, and it is the first of those that could be.
func (w *world) checkLane(was, is *journal.Transfer) {
	if !is.State.InFlight() || was == nil || was.State != journal.Queued {
		return
	}
	now := w.clock.Now()
	for _, t := range w.record.all() {
		switch {
		case t.ID == is.ID || t.Connection != is.Connection || t.Scope != is.Scope:
		case t.State.InFlight():
			w.violate(checkLanes, "%s and %s are in flight together", t.ID, is.ID)
		case t.State == journal.Queued && !t.Unready && t.Sequence < is.Sequence && t.NextAttempt.IsZero() && now.Sub(t.UpdatedAt) > time.Minute:
			w.violate(checkLanes, "%s went before %s, which came earlier", is.ID, t.ID)
		}
	}
}

// atTheEnd are the checks of a whole run.
func (w *world) atTheEnd() {
	w.ledger.compare()
	w.checkInbox()
	w.checkTaken()
	w.checkSecrets()
	for _, v := range w.platform.Violations() {
		check := checkPolite
		switch kind, _, _ := strings.Cut(v, ":"); kind {
		case "unstored-key", "needless-rotation", "double-rotation", "current-as-first":
			check = checkWayToAKey
		case "foreign-host", "unsafe-address", "forged-address":
			check = checkNoSecret
		}
		w.violate(check, "%s", v)
	}
	if strays := w.disk.Strays(); len(strays) > 0 {
		w.violate(checkNothingOutside, "written where a drive was away: %v", strays)
	}
}

// checkTaken: the platform took only what people finished, and no content more often than they said.
func (w *world) checkTaken() {
	type content struct{ company, hash string }
	taken, failed := make(map[content]int), make(map[content]int)
	for _, f := range w.platform.Files() {
		if f.SHA256 == "" {
			continue
		}
		c := content{f.Company, f.SHA256}
		taken[c]++
		if f.Status != sandbox.Accepted {
			failed[c]++
		}
		if !w.ledger.whole[f.SHA256] {
			w.violate(checkSentIsHashed, "the platform took %s (%s), which nobody dropped", f.Name, f.SHA256)
		}
	}
	for c, n := range taken {
		if most := 1 + w.ledger.permits[c.hash] + failed[c]; n > most && !w.freely() {
			w.violate(checkTakenOnce, "the platform took %s of %s %d times, and people said %d", c.hash[:12], c.company, n, most)
		}
	}
}

// freely tells that a person chose to send the same file twice without being asked.
func (w *world) freely() bool { return w.plan.SameFile == "send" || w.plan.does("setting") }

// checkSecrets: no key and no secret is in a log, a state file, a note or the journal.
func (w *world) checkSecrets() {
	texts := map[string]string{"the log": w.log.String()}
	for _, t := range w.record.all() {
		text, err := json.Marshal(t)
		if err != nil {
			panic(err)
		}
		texts["the journal"] += string(text)
	}
	for f := range w.disk.Walk(home) {
		texts[f.Path] = string(f.Content)
	}
	for _, c := range w.companies {
		for f := range w.disk.Walk(c.folder) {
			texts[f.Path] = string(f.Content)
		}
	}
	for _, secret := range w.keyring.Ever() {
		for where, text := range texts {
			if len(secret) > 8 && strings.Contains(text, secret) {
				w.violate(checkNoSecret, "a secret is in %s", where)
			}
		}
	}
}
