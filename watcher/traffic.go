package watcher

import (
	"context"
	"slices"
	"sync"
	"time"

	"postroom/sage"
	"postroom/watcher/courier"
	"postroom/watcher/journal"
)

// traffic is what was said to the platform about each transfer and has not been written down yet. It goes into the journal
// with the transfer's next step: it is never worth a commit of its own, and a crash may cost the last few lines.
type traffic struct {
	mu    sync.Mutex // guards fresh
	fresh map[string][]journal.Exchange
}

const (
	mostExchanges = 50   // that are told of a transfer
	mostTalked    = 1000 // transfers of which something is kept that waits to be written down
)

func newTraffic() *traffic { return &traffic{fresh: make(map[string][]journal.Exchange)} }

// watched is the context for calls about a transfer.
func (t *traffic) watched(ctx context.Context, about *journal.Transfer) context.Context {
	id := about.ID
	return sage.Watched(ctx, func(x sage.Exchange) {
		t.add(id, journal.Exchange{
			At: x.At.UTC(), Method: x.Method, Address: x.URL, Status: x.Status, Code: x.Code, Failure: x.Failure,
			Milliseconds: int64(x.Duration / time.Millisecond),
		})
	})
}

func (t *traffic) add(id string, exchanges ...journal.Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.fresh) >= mostTalked && t.fresh[id] == nil {
		clear(t.fresh) // results that never come: nobody misses the looks for them
	}
	all := append(t.fresh[id], exchanges...)
	t.fresh[id] = all[max(0, len(all)-mostExchanges):]
}

// with are changes, and what was said about the transfers in them.
func (t *traffic) with(changes []journal.Change) []journal.Change {
	all := slices.Clone(changes)
	for _, change := range changes {
		if step, is := change.(journal.Stepped); is {
			if said := t.take(step.Transfer.ID); len(said) > 0 {
				all = append(all, journal.Exchanged{Sequence: step.Transfer.Sequence, Exchanges: said})
			}
		}
	}
	return all
}

func (t *traffic) take(id string) []journal.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	said := t.fresh[id]
	delete(t.fresh, id)
	return said
}

// of are those about a transfer that are not written down.
func (t *traffic) of(id string) []journal.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.fresh[id])
}

// listening is the journal of a carrier, which writes down with each step what was said for it.
type listening struct {
	courier.Journal
	traffic *traffic
}

// Put makes changes durable.
func (l listening) Put(ctx context.Context, changes ...journal.Change) error {
	all := l.traffic.with(changes)
	err := l.Journal.Put(ctx, all...)
	if err == nil {
		return nil
	}
	for _, change := range all[len(changes):] { // it is tried again
		if said, is := change.(journal.Exchanged); is {
			for _, step := range changes {
				if s, is := step.(journal.Stepped); is && s.Transfer.Sequence == said.Sequence {
					l.traffic.add(s.Transfer.ID, said.Exchanges...)
				}
			}
		}
	}
	return err
}

// exchanges are the last calls to the platform about a transfer, the oldest first.
func (e *Engine) exchanges(ctx context.Context, t *journal.Transfer) []Exchange {
	said, err := e.journal.Exchanges(ctx, t.Sequence)
	if err != nil {
		e.log.Debug("what was said about a file could not be read", "transfer", t.ID, "error", err)
	}
	said = append(said, e.traffic.of(t.ID)...)
	said = said[max(0, len(said)-mostExchanges):]
	told := make([]Exchange, 0, len(said))
	for _, x := range said {
		told = append(told, Exchange(x))
	}
	return told
}
