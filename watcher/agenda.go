package watcher

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// agenda is what is to be done later, by transfer, the earliest first. One goroutine takes from it; anybody adds.
type agenda struct {
	wake chan struct{} // holds at most one token

	mu    sync.Mutex // guards items; nothing blocks under it
	items agendaHeap
}

type agendaItem struct {
	due time.Time // package time
	id  string
}

func newAgenda() *agenda { return &agenda{wake: make(chan struct{}, 1)} }

// add puts a transfer on the agenda.
func (a *agenda) add(id string, after time.Duration) {
	a.mu.Lock()
	heap.Push(&a.items, agendaItem{due: time.Now().Add(after), id: id})
	a.mu.Unlock()
	wake(a.wake)
}

// hurry makes everything due.
func (a *agenda) hurry() {
	a.mu.Lock()
	now := time.Now()
	for i := range a.items {
		if a.items[i].due.After(now) {
			a.items[i].due = now // still a heap: all that was later is now equal, and nothing became later
		}
	}
	a.mu.Unlock()
	wake(a.wake)
}

// next waits for the first that is due.
func (a *agenda) next(ctx context.Context) (string, error) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		id, wait, ok := a.pop()
		if ok {
			return id, nil
		}
		timer.Reset(wait)
		select {
		case <-a.wake:
		case <-timer.C:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

func (a *agenda) pop() (id string, wait time.Duration, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.items) == 0 {
		return "", time.Hour, false
	}
	if wait := time.Until(a.items[0].due); wait > 0 {
		return "", wait, false
	}
	item, _ := heap.Pop(&a.items).(agendaItem)
	return item.id, 0, true
}

type agendaHeap []agendaItem

func (h agendaHeap) Len() int { return len(h) }
func (h agendaHeap) Less(i, j int) bool {
	return h[i].due.Before(h[j].due) || h[i].due.Equal(h[j].due) && h[i].id < h[j].id
}
func (h agendaHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *agendaHeap) Push(x any)   { *h = append(*h, x.(agendaItem)) } //nolint:forcetypeassert // container/heap's way
func (h *agendaHeap) Pop() any {
	old := *h
	item := old[len(old)-1]
	*h = old[:len(old)-1]
	return item
}
