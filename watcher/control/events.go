package control

import (
	"encoding/json"
	"net/http"
	"time"
)

const (
	heartbeat = 15 * time.Second // an empty line this often tells a listener that the agent lives
	patience  = 30 * time.Second // a listener that takes nothing for so long is let go; it comes back and hears EventAll
)

// streamEvents writes one event a line until the listener leaves, falls asleep, or the engine ends. What a slow
// listener misses is the engine's business: it gets one EventAll instead.
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
		write := func(line []byte) error {
			if err := control.SetWriteDeadline(time.Now().Add(patience)); err != nil {
				return err
			}
			if _, err := w.Write(append(line, '\n')); err != nil {
				return err
			}
			return control.Flush()
		}
		if write(nil) != nil { // the head goes out at once: from here on nothing is missed
			return
		}
		beat := time.NewTicker(heartbeat)
		defer beat.Stop()
		for {
			var line []byte
			select {
			case <-r.Context().Done():
				return
			case <-beat.C:
			case event, open := <-events:
				if !open {
					return
				}
				if line, err = json.Marshal(event); err != nil {
					return
				}
			}
			if write(line) != nil {
				return
			}
		}
	}
}
