package control

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"postroom/watcher"
)

const (
	heartbeat = 15 * time.Second // an empty line this often tells a listener that the agent lives
	patience  = 30 * time.Second // a listener that takes nothing for so long is let go; it comes back and hears EventAll

	gather = 100 * time.Millisecond // between two writes: what happens meanwhile goes out in one, each thing once
)

// streamEvents writes one event a line until the listener leaves, falls asleep, or the engine ends. Events that come
// quickly are gathered, so that a flood of them costs neither side much. What a slow listener misses is the engine's
// business: it gets one EventAll instead.
func streamEvents(engine Engine) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		events, err := engine.Events(r.Context())
		if err != nil {
			f, status := toFailure(err)
			answer(w, status, f)
			return
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		control := http.NewResponseController(w)
		write := func(lines []byte) error {
			if err := control.SetWriteDeadline(time.Now().Add(patience)); err != nil {
				return err
			}
			if _, err := w.Write(lines); err != nil {
				return err
			}
			return control.Flush()
		}
		if write([]byte{'\n'}) != nil { // the head goes out at once: from here on nothing is missed
			return
		}
		beat := time.NewTicker(heartbeat)
		defer beat.Stop()
		var g gathered
		due := time.NewTimer(0)
		<-due.C
		defer due.Stop()
		for {
			over := false
			select {
			case <-r.Context().Done():
				return
			case <-beat.C:
				g.lines = append(g.lines, '\n')
			case <-due.C:
			case event, open := <-events:
				if over = !open; open && !g.add(event) {
					due.Reset(g.wait(time.Now()))
					continue
				}
			}
			if len(g.events)+len(g.lines) > 0 && write(g.take()) != nil || over {
				return
			}
		}
	}
}

// gathered are the events that wait to be written.
type gathered struct {
	events []watcher.Event
	lines  []byte
	last   time.Time // of the last write
}

// add takes an event; it tells whether that must not wait.
func (g *gathered) add(event watcher.Event) bool {
	urgent := event.Kind == watcher.EventRaise || event.Kind == watcher.EventStopping
	if urgent || !slices.ContainsFunc(g.events, func(other watcher.Event) bool { return covers(other, event) }) {
		g.events = enqueue(g.events, event)
	}
	return urgent
}

// covers tells that who hears one event learns nothing from the other.
func covers(one, other watcher.Event) bool {
	return one.Kind == watcher.EventAll || one.Kind == other.Kind && one.ID == other.ID && one.Company == other.Company
}

// wait is how long what is gathered waits yet.
func (g *gathered) wait(now time.Time) time.Duration { return max(gather-now.Sub(g.last), 0) }

// take gives what is to be written, an event a line.
func (g *gathered) take() []byte {
	lines := g.lines
	for _, event := range g.events {
		line, err := json.Marshal(event)
		if err != nil {
			panic("control: an event cannot be written as JSON: " + err.Error()) // it holds strings only
		}
		lines = append(append(lines, line...), '\n')
	}
	g.events, g.lines, g.last = g.events[:0], g.lines[:0], time.Now()
	return lines
}
