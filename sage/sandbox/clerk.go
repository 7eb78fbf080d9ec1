package sandbox

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// clerk does what is due later, one thing after another, on one goroutine, in the order of when it is due and then
// of when it was asked for. It waits with a timer of package time, so that a synctest bubble can own it.
type clerk struct {
	wake chan struct{} // holds one

	mu    sync.Mutex // guards what follows; never held while a task runs
	tasks tasks
	count int
}

type task struct {
	due   time.Time
	order int
	run   func()
}

func newClerk() *clerk { return &clerk{wake: make(chan struct{}, 1)} }

// in runs f after d has passed.
func (c *clerk) in(d time.Duration, f func()) {
	c.mu.Lock()
	c.count++
	heap.Push(&c.tasks, task{due: time.Now().Add(d), order: c.count, run: f})
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// run does what is due until the context ends. What is not due by then is never done.
func (c *clerk) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		due, wait := c.next()
		if due != nil {
			due()
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-timer.C:
		}
	}
}

// next takes the first task that is due, or says how long there is none.
func (c *clerk) next() (func(), time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tasks) == 0 {
		return nil, time.Hour
	}
	if wait := time.Until(c.tasks[0].due); wait > 0 {
		return nil, wait
	}
	return heap.Pop(&c.tasks).(task).run, 0
}

// tasks is a heap.
type tasks []task

func (t tasks) Len() int { return len(t) }
func (t tasks) Less(i, j int) bool {
	if !t[i].due.Equal(t[j].due) {
		return t[i].due.Before(t[j].due)
	}
	return t[i].order < t[j].order
}
func (t tasks) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *tasks) Push(x any)   { *t = append(*t, x.(task)) }
func (t *tasks) Pop() any {
	old := *t
	last := old[len(old)-1]
	*t = old[:len(old)-1]
	return last
}
