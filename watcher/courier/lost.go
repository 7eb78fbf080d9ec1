package courier

import (
	"time"

	"postroom/watcher/journal"
)

// recordLost is the problem of a file of which the journal was damaged.
const recordLost = "recordLost"

// Doubted is a record that was saved from a damaged journal and may be older than what happened: nothing is sent by it
// before tracking was asked, and where there is nothing to ask a person decides. At is where the file lies, and sent says
// that this is where only what the platform acknowledged is put.
func Doubted(t journal.Transfer, at string, sent bool, now time.Time) (journal.Transfer, []journal.Entry) {
	m := machine{t: t, at: Clock{Now: now}}
	m.t.Path, m.t.From = at, ""
	switch {
	case t.TrackingURL == "":
		m.unknown(recordLost, nil)
	case t.State.InFlight() && sent:
		if t.State == journal.Created || t.State == journal.Claimed {
			m.t.State, m.t.SentAt = journal.Sent, now.UTC()
			m.tell("sent")
		}
		m.t.Doubt, m.t.Barred = false, false
		m.now()
	case t.State == journal.Created:
		m.t.Doubt = true
		m.now()
	default:
		m.unknown(recordLost, nil)
	}
	m.t.UpdatedAt = now.UTC()
	return m.t, m.entries
}

// Remembered is the record of a file that lies among the sent ones and that a damaged journal has lost: the platform took
// it, and no more is known. It is there so that the same content is not sent once more unasked; unless it lies among the
// unclear ones, nobody has to do anything about it.
func Remembered(t journal.Transfer, unclear bool, now time.Time) (journal.Transfer, []journal.Entry) {
	m := machine{t: t, at: Clock{Now: now}}
	m.t.State, m.t.Dismissed = journal.Unknown, !unclear
	m.t.Problem = problem(recordLost)
	m.tellWhy("unknown", m.t.Problem)
	m.t.UpdatedAt = now.UTC()
	return m.t, m.entries
}
