package outbox

import (
	"slices"
	"sync"
)

// mailbox is how everything that happens elsewhere reaches the one goroutine that owns a Watcher's state: hints,
// outcomes of checks, requests, timers. Posting never waits; the order of posting is kept.
type mailbox struct {
	wake chan struct{} // holds at most one token

	mu      sync.Mutex // guards what follows; never held over an effect
	mail    mail
	pending map[hint]struct{} // hints in mail, so that a busy file is in it once
}

// maxHints bounds the hints that wait. Beyond it they are dropped and a sweep makes up for them.
const maxHints = 100_000

// mail is what has come in since the last look into the mailbox.
type mail struct {
	hints    []hint
	lost     bool     // hints were lost here: only a sweep will tell
	ended    []string // folders whose watch lost hints, or is at its end
	results  []result
	requests []func() // run by the owner, in order
}

// hint names a file that something may have happened to.
type hint struct{ folder, name string }

func newMailbox() *mailbox {
	return &mailbox{wake: make(chan struct{}, 1), pending: make(map[hint]struct{})}
}

// poke wakes the owner for no other reason than the time.
func (m *mailbox) poke() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mailbox) post(put func(*mail)) {
	m.mu.Lock()
	put(&m.mail)
	m.mu.Unlock()
	m.poke()
}

func (m *mailbox) hint(h hint) {
	m.post(func(mail *mail) {
		if _, there := m.pending[h]; there {
			return
		}
		if len(m.pending) >= maxHints {
			mail.lost = true
			return
		}
		m.pending[h] = struct{}{}
		mail.hints = append(mail.hints, h)
	})
}

func (m *mailbox) end(folderPath string) {
	m.post(func(mail *mail) {
		if !slices.Contains(mail.ended, folderPath) {
			mail.ended = append(mail.ended, folderPath)
		}
	})
}

// take empties the mailbox.
func (m *mailbox) take() mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.mail
	m.mail = mail{}
	if len(m.pending) > 1000 {
		m.pending = make(map[hint]struct{}) // a map does not give back what it once needed
	} else {
		clear(m.pending)
	}
	return taken
}
