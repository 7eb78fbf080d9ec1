package web

import (
	"embed"
	"net/http"
	"time"

	"postroom/assets"
	"postroom/watcher"
)

// Pace of the stream that tells a page to load itself again.
const (
	settle    = 500 * time.Millisecond // for which news are gathered
	heartbeat = 15 * time.Second       // tells a browser that all is well, and shows whether it is still there
)

// events tells a page when something has happened; not what. It ends with the session, and with the site.
func (r *rooms) events(w http.ResponseWriter, v visit) {
	events, err := r.o.Engine.Events(v.Context())
	if err != nil {
		http.Error(w, "There is nothing to listen to.", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	send := func(line string) bool {
		if control.SetWriteDeadline(time.Now().Add(writeTime)) != nil {
			return false
		}
		_, err := w.Write([]byte(line + "\n\n"))
		return err == nil && control.Flush() == nil
	}
	if control.SetReadDeadline(time.Time{}) != nil || !send(":") { // the head has been read, and nothing follows
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	due := time.NewTimer(0)
	<-due.C
	defer due.Stop()
	waiting := false
	for {
		select {
		case <-v.Context().Done():
			return
		case e, more := <-events:
			if !more {
				return
			}
			if e.Kind != watcher.EventRaise && !waiting {
				waiting = true
				due.Reset(settle)
			}
		case <-due.C:
			waiting = false
			if !send("data: changed") {
				return
			}
		case <-beat.C:
			if !r.o.Now().Before(v.until) || !send(":") {
				return
			}
			r.use() // a page that is looked at listens; one in the background does not
		}
	}
}

//go:embed static
var staticFiles embed.FS

// statics are the files that pages load: their name, their kind and their content.
var statics = map[string]struct {
	kind    string
	content func() []byte
}{
	"style.css":          {"text/css; charset=utf-8", embedded("style.css")},
	"page.js":            {"text/javascript; charset=utf-8", embedded("page.js")},
	"icon.svg":           {"image/svg+xml", assets.AppIconSVG},
	"Inter-Regular.otf":  {"font/otf", func() []byte { return assets.FontRegular }},
	"Inter-SemiBold.otf": {"font/otf", func() []byte { return assets.FontSemiBold }},
}

func embedded(name string) func() []byte {
	return func() []byte {
		data, err := staticFiles.ReadFile("static/" + name)
		if err != nil {
			panic("web: " + err.Error()) // a broken build: a test loads them all
		}
		return data
	}
}

func static(w http.ResponseWriter, r *http.Request) {
	file, known := statics[r.PathValue("name")]
	if !known {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", file.kind)
	_, _ = w.Write(file.content()) // whoever has left does not miss it
}
