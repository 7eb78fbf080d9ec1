package watcher

import (
	"context"
	"sync"
)

// custody sees to it that a transfer's record is changed by one hand at a time: its lane, the intake of its Outbox, or a
// person's ask. Those who wait are served in the order in which they came.
type custody struct {
	mu   sync.Mutex // guards held; nothing blocks under it
	held map[string]*hold
}

// hold is one transfer that somebody works on or waits for.
type hold struct {
	turn    chan struct{} // holds a token while somebody works on it
	waiting int           // who works on it or waits
	wanted  chan struct{} // closed when somebody waits behind whoever works on it
	asked   bool          // wanted is closed
}

func newCustody() *custody { return &custody{held: make(map[string]*hold)} }

// take waits until the transfer is free. Wanted is closed as soon as somebody else waits for it. Give may be called once.
func (c *custody) take(ctx context.Context, id string) (wanted <-chan struct{}, give func(), err error) {
	h := c.join(id)
	select {
	case h.turn <- struct{}{}:
	default:
		c.ask(h)
		select {
		case h.turn <- struct{}{}:
		case <-ctx.Done():
			c.part(id, h)
			return nil, nil, context.Cause(ctx)
		}
	}
	return c.begin(h), func() {
		<-h.turn
		c.part(id, h)
	}, nil
}

func (c *custody) join(id string) *hold {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.held[id]
	if h == nil {
		h = &hold{turn: make(chan struct{}, 1), wanted: make(chan struct{})}
		c.held[id] = h
	}
	h.waiting++
	return h
}

func (c *custody) part(id string, h *hold) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h.waiting--; h.waiting == 0 {
		delete(c.held, id)
	}
}

func (c *custody) ask(h *hold) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !h.asked {
		h.asked = true
		close(h.wanted)
	}
}

// begin gives the new holder a channel of its own, closed already if others wait behind it too.
func (c *custody) begin(h *hold) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	h.wanted, h.asked = make(chan struct{}), false
	if h.waiting > 1 {
		h.asked = true
		close(h.wanted)
	}
	return h.wanted
}
