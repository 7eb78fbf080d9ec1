package notify

import (
	"time"

	"postroom/watcher"
)

// news are the events of a burst that nobody has looked at yet.
type news struct {
	transfers []string // each once, in order
	lists     []string
	all       bool // some were missed
	state     bool // something else changed: a connection, a folder, the settings

	known map[string]bool
	began time.Time
	last  time.Time
}

// heard takes an event up.
func (b *news) heard(now time.Time, e watcher.Event) {
	switch e.Kind {
	case watcher.EventTransfer:
		b.once(&b.transfers, e.ID)
	case watcher.EventList:
		b.once(&b.lists, e.ID)
	case watcher.EventAll:
		b.all = true
	case watcher.EventConnection, watcher.EventLoose, watcher.EventSettings:
		b.state = true
	default:
		return
	}
	if b.began.IsZero() {
		b.began = now
	}
	b.last = now
}

func (b *news) once(ids *[]string, id string) {
	if b.known == nil {
		b.known = make(map[string]bool)
	}
	if !b.known[id] {
		b.known[id] = true
		*ids = append(*ids, id)
	}
}

// at is when the burst is over; false if there is none.
func (b *news) at() (time.Time, bool) {
	if b.began.IsZero() {
		return time.Time{}, false
	}
	over, long := b.last.Add(burstQuiet), b.began.Add(burstLong)
	if long.Before(over) {
		over = long
	}
	return over, true
}

// take hands the burst over if it is over and begins a new one.
func (b *news) take(now time.Time) (news, bool) {
	at, any := b.at()
	if !any || now.Before(at) {
		return news{}, false
	}
	taken := *b
	*b = news{}
	return taken, true
}

// memory knows what was told of each transfer and list, so that a later event about it (a look at it, its result)
// does not tell it again. It keeps the last several thousand.
type memory struct {
	recent, older map[string]kind
}

// generation is how many a memory keeps at least.
const generation = 10_000

// first tells whether this is news of the id, and remembers it.
func (m *memory) first(id string, k kind) bool {
	was, known := m.recent[id]
	if !known {
		was, known = m.older[id]
	}
	if known && was == k {
		return false
	}
	if m.recent == nil || len(m.recent) >= generation {
		m.older, m.recent = m.recent, make(map[string]kind)
	}
	m.recent[id] = k
	return true
}
