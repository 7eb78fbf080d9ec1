package simulation

import (
	"time"

	"postroom/watcher"
)

// window is an open window: it hears what has changed and looks at the connections, as the notifier does before it tells
// a person. What it was told is what a pop-up could tell.
type window struct {
	w    *world
	told map[string]time.Time // when a cause was told of a connection last, by both
	now  map[string]string    // what a connection waits for, by its ID
}

// step is half of the shortest step of the back-off: what is told may be heard late.
const step = time.Second / 2

// watch looks until the life ends.
func (v *window) watch(l *life) {
	events, err := l.engine.Events(l.ctx)
	if err != nil {
		return
	}
	for event := range events {
		if event.Kind != watcher.EventConnection && event.Kind != watcher.EventAll {
			continue
		}
		connections, err := l.engine.Connections(l.ctx)
		if err != nil {
			continue
		}
		for _, c := range connections {
			v.see(c)
		}
	}
}

// see takes in what a connection waits for. Each cause is told once in a step of the back-off, but where a person hurried.
func (v *window) see(c watcher.Connection) {
	cause := ""
	if c.Problem != nil {
		cause = c.Problem.Code
	}
	if cause == v.now[c.ID] {
		return
	}
	v.now[c.ID] = cause
	if cause == "" {
		return
	}
	v.w.gate.Count("told")
	v.w.gate.Note("window", c.Company, cause)
	now := time.Now()
	if last := v.told[c.ID+cause]; !last.IsZero() && now.Sub(last) < step && v.w.plan.Stumbles == 0 && !v.w.hurriedSince(last) {
		v.w.violate(checkToldOnce, "%s of %s is told again after %s", cause, c.Company, now.Sub(last))
	}
	v.told[c.ID+cause] = now
}

// hurry notes that a person has what waits tried at once: whatever was asked of the engine until done is called does not
// hold.
func (w *world) hurry() (done func()) {
	w.platform.Pressed()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hurried = time.Now()
	return w.platform.Pressed
}

func (w *world) hurriedSince(at time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.hurried.Before(at)
}
