package courier

import (
	"strconv"
	"time"

	"postroom/watcher/journal"
)

// Arrival is what was found out about a file in Outbox, when it came or when it was edited.
type Arrival struct {
	Unclear    bool              // complete, but whose scope it is cannot be told
	Unsendable *journal.Problem  // failed the check
	Twin       *journal.Transfer // one with the same content that the platform has or is to have
	Leave      bool              // a twin is left, without asking
}

// Arrive is the record of a file that has been looked at: sendable, held for a person's answer, or failed. A record
// without a state is new.
func Arrive(t journal.Transfer, a Arrival, at time.Time) (journal.Transfer, []journal.Entry) {
	m := machine{t: t, at: Clock{Now: at}}
	if t.State == "" {
		m.tell("dropped")
	}
	keptBack := t.KeptBack()
	m.t.Problem, m.t.Unready = nil, false
	m.now()
	if a.Unsendable != nil {
		m.end(journal.Unchecked, a.Unsendable)
		m.move(failedFolder)
		m.tellWhy("unchecked", a.Unsendable)
		return m.arrived()
	}
	m.tell("checked", "records", strconv.Itoa(t.Records))
	switch {
	case a.Unclear:
		m.hold(problem("scopeUnclear"))
	case a.Twin != nil && !t.Cleared && a.Leave:
		m.t.Problem = twinProblem(a.Twin)
		m.takeBack("left")
	case a.Twin != nil && !t.Cleared:
		m.hold(twinProblem(a.Twin))
	case keptBack: // by a person, who has not released it by editing it
		m.t.State, m.t.Problem = journal.Held, t.Problem
	default:
		m.t.State = journal.Queued
	}
	return m.arrived()
}

func (m *machine) arrived() (journal.Transfer, []journal.Entry) {
	m.t.UpdatedAt = m.at.Now.UTC()
	return m.t, m.entries
}

func (m *machine) hold(why *journal.Problem) {
	m.t.State, m.t.Problem = journal.Held, why
	m.tellWhy("held", why)
}

func twinProblem(twin *journal.Transfer) *journal.Problem {
	return problem("duplicate", "other", twin.Name, "date", twin.CreatedAt.Local().Format(time.DateOnly))
}

// Twin picks, out of transfers with the same content as t, the newest that the platform has or is to have. What it
// refused, or never saw, may be dropped again.
func Twin(t *journal.Transfer, same []journal.Transfer) *journal.Transfer {
	for i := range same {
		switch same[i].State {
		case journal.Cancelled, journal.Unchecked, journal.Refused:
			continue
		}
		if same[i].ID != t.ID {
			return &same[i]
		}
	}
	return nil
}

// Stray is the record of a file that lies aside and that the journal does not know, because it was lost perhaps: the
// platform may have it, so a person decides.
func Stray(t journal.Transfer, at time.Time) journal.Transfer {
	m := machine{t: t, at: Clock{Now: at}}
	m.unknown("fileStray", nil)
	m.t.UpdatedAt = at.UTC()
	return m.t
}
