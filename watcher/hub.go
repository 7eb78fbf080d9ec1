package watcher

import (
	"context"
	"sync"
)

// backlog is how many events a listener may fall behind before it is told "all" instead.
const backlog = 256

// hub hands events to every listener without ever waiting for one.
type hub struct {
	mu        sync.Mutex // guards listeners and their overflowed flags; nothing blocks under it
	listeners map[*listener]struct{}
	closed    bool
}

// listener is one subscription. Its channel's last slot is kept for EventAll: once that is queued, whatever comes
// before the listener has emptied the channel is covered by it and dropped.
type listener struct {
	events     chan Event
	overflowed bool
}

func newHub() *hub { return &hub{listeners: make(map[*listener]struct{})} }

// emit never blocks.
func (h *hub) emit(ev Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		l.offer(ev)
	}
}

func (l *listener) offer(ev Event) {
	if l.overflowed {
		if len(l.events) > 0 {
			return
		}
		l.overflowed = false
	}
	if len(l.events) == cap(l.events)-1 {
		ev = Event{Kind: EventAll}
		l.overflowed = true
	}
	l.events <- ev
}

// listen subscribes until ctx ends or the hub closes; the channel is closed then.
func (h *hub) listen(ctx context.Context) <-chan Event {
	l := &listener{events: make(chan Event, backlog)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(l.events)
		return l.events
	}
	h.listeners[l] = struct{}{}
	context.AfterFunc(ctx, func() { h.drop(l) })
	return l.events
}

func (h *hub) drop(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, listening := h.listeners[l]; listening {
		delete(h.listeners, l)
		close(l.events)
	}
}

// close ends every subscription.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for l := range h.listeners {
		delete(h.listeners, l)
		close(l.events)
	}
}
