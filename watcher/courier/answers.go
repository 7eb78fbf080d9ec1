package courier

import (
	"errors"
	"path"
	"time"

	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// Ask is what a person asks for a transfer.
type Ask int

// The asks.
const (
	Cancel  Ask = iota + 1 // take it back: nothing of it has gone out
	Retry                  // the platform has nothing of it: once more, or sooner
	Release                // send what was held, or what nobody can tell the fate of
	Leave                  // leave what was held, or what nobody can tell the fate of
	Dismiss                // seen
	Hold                   // keep a queued file back; the lane goes on with the next
)

// PartlyTaken is the code of a file that the platform refused as a whole, and of which it took records all the same, as its
// result says.
const PartlyTaken = "refusedPartly"

// ErrTooLate: the record has gone on to a state in which the ask makes no sense.
var ErrTooLate = errors.New("not possible in the transfer's present state")

// Allows tells whether an ask fits a record.
func Allows(t *journal.Transfer, ask Ask) bool {
	switch ask {
	case Cancel:
		return t.State == journal.Queued || t.State == journal.Held || t.State == journal.Claimed && !t.Doubt
	case Retry:
		switch t.State {
		case journal.Refused, journal.Unchecked, journal.Cancelled:
			return t.Lies() != "" && !Doubles(t)
		case journal.Queued, journal.Claimed, journal.Created, journal.Sent, journal.Validating, journal.Processing:
			return !t.NextAttempt.IsZero()
		}
		return false
	case Release:
		return (t.State == journal.Held || t.State == journal.Unknown) && t.Lies() != ""
	case Leave:
		return t.State == journal.Held || t.State == journal.Unknown
	case Dismiss:
		return t.State != journal.Held && t.Bucket() == journal.NeedsYou
	case Hold:
		return t.State == journal.Queued && t.From == ""
	}
	return false
}

// Doubles tells whether the platform has, or may have, records of a file that has ended or is not clear: sent once more as a
// whole they would be there twice. Of a refused file only its result says so, as long as one may come.
func Doubles(t *journal.Transfer) bool {
	switch t.State {
	case journal.Accepted, journal.Unknown:
		return true
	case journal.Refused:
		taken := t.Problem != nil && t.Problem.Code == PartlyTaken
		return taken || t.ResultState == journal.ResultAwaited
	}
	return false
}

// Answer is what a person's ask makes of a record, and what its timeline says about it. Scope is the person's word for
// a file whose scope was not clear, else "".
func Answer(t journal.Transfer, ask Ask, scope string, at time.Time) (journal.Transfer, []journal.Entry, error) {
	if !Allows(&t, ask) {
		return t, nil, ErrTooLate
	}
	m := machine{t: t, at: Clock{Now: at}}
	switch ask {
	case Cancel:
		m.takeBack("cancelled")
	case Retry:
		if m.t.State.Final() {
			m.again("retried")
		} else {
			m.now()
		}
	case Release:
		m.release(scope)
	case Leave:
		if m.t.State == journal.Held {
			m.takeBack("left")
		} else {
			m.t.Dismissed = true
			m.tell("left")
		}
	case Dismiss:
		m.t.Dismissed = true
	case Hold:
		m.keepBack()
	}
	m.t.UpdatedAt = at.UTC()
	return m.t, m.entries, nil
}

func (m *machine) takeBack(kind string) {
	m.unheard()
	m.end(journal.Cancelled, m.t.Problem)
	m.move(outbox.Held)
	m.tell(kind)
}

// keepBack holds a file because a person said so. What it waited for, or was being checked for, is seen to when it is
// released.
func (m *machine) keepBack() {
	m.now()
	m.t.State, m.t.Problem = journal.Held, problem(journal.HeldByPerson)
	m.tell("keptBack")
}

func (m *machine) release(scope string) {
	switch {
	case m.t.KeptBack():
		m.t.State, m.t.Problem = journal.Queued, nil
		m.tell("released")
		m.now()
	case m.t.State == journal.Unknown:
		m.again("sentAgain")
	case m.t.Scope == "":
		m.t.Scope = scope
		m.again("released", "scope", scope)
		m.t.Cleared = false // what it is has been said, not that it may be doubled
	default:
		m.t.State, m.t.Problem, m.t.Cleared = journal.Queued, nil, true
		m.tell("released")
		m.now()
	}
}

// again puts a file back into Outbox as a new journey of the same transfer: it is checked anew, and the platform is
// asked for another record.
func (m *machine) again(kind string, args ...string) {
	t := &m.t
	at := t.Lies()
	t.State, t.Unready, t.Cleared, t.Dismissed = journal.Queued, true, true, false
	t.Doubt, t.Barred, t.Strikes = false, false, 0
	t.FileID, t.UploadURL, t.TrackingURL, t.ResultURL = "", "", "", ""
	t.RemoteStatus, t.Progress, t.Problem = "", nil, nil
	t.ResultState, t.ResultPath, t.RefusedRecords = journal.ResultNone, "", 0
	t.SentAt, t.EndedAt = time.Time{}, time.Time{}
	if want := path.Join(outbox.Folder, t.Scope, t.Name); want != at {
		t.From, t.Path = at, want
	}
	m.tell(kind, args...)
	m.now()
}
