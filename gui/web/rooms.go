package web

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"postroom/assets"
	"postroom/gui/wording"
	"postroom/watcher"
)

// Where things are. Everything that is for one session lies below a path of its own.
const (
	enterPath   = "/enter"
	sessionPath = "/at/"
	cookieName  = "postroom"
	askTime     = 20 * time.Second // for what a page asks of the engine
)

//go:embed pages/*.html
var pageFiles embed.FS

// pageNames are the pages, each with the layout around it.
var pageNames = []string{"files", "file", "list", "message", "entering"}

// templates are read when the first page is asked for.
var templates = sync.OnceValues(func() (map[string]*template.Template, error) {
	all := make(map[string]*template.Template, len(pageNames))
	for _, name := range pageNames {
		t, err := template.New(name).Funcs(template.FuncMap{"icon": icon}).ParseFS(pageFiles, "pages/layout.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("reading the page %s: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
})

// icon draws one of the program's icons in the colour of the text around it. What it says is said in words beside it.
func icon(name string) template.HTML {
	if name == "" {
		return ""
	}
	drawing := strings.Replace(string(assets.Icon(name)), "<svg ", `<svg class="icon" aria-hidden="true" focusable="false" `, 1)
	return template.HTML(strings.ReplaceAll(drawing, `fill="#000000"`, `fill="currentColor"`)) //nolint:gosec // the program's own drawings
}

// rooms answers the requests of one span of serving.
type rooms struct {
	o     Options
	doors *doors
	use   func() // somebody looks at a page
}

func newRooms(o Options, use func()) *rooms { return &rooms{o: o, doors: newDoors(o.Now), use: use} }

// page is what is shown: a template and what goes into it.
type page struct {
	name   string
	status int
	data   any
}

// visit is one request of somebody who was let in.
type visit struct {
	*session
	*http.Request
	base  string // address of the session's own pages, with a slash at the end
	words wording.Speaker
}

func (r *rooms) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+enterPath, r.enter)
	mux.HandleFunc("GET /static/{name}", static)
	inside := sessionPath + "{path}/"
	mux.HandleFunc("GET "+inside+"{$}", r.shows(r.files))
	mux.HandleFunc("GET "+inside+"file/{id}", r.shows(r.file))
	mux.HandleFunc("GET "+inside+"list/{id}", r.shows(r.list))
	mux.HandleFunc("GET "+inside+"events", r.let(r.events))
	for name, act := range acts {
		mux.HandleFunc("POST "+inside+name, r.does(name, act))
	}
	for name, act := range fileActs {
		mux.HandleFunc("POST "+inside+"file/{id}/"+name, r.does(name, act))
	}
	for name, act := range listActs {
		mux.HandleFunc("POST "+inside+"list/{id}/"+name, r.does(name, act))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		r.tell(w, req, http.StatusNotFound, "page.nothing", "page.nothing.text")
	})
	return guard(mux)
}

// enter makes a session for whoever comes with a token. The way on is taken by the page itself and not by a redirect: browsers
// do not show a strict cookie on a redirect that began on somebody else's page, the file that led here.
func (r *rooms) enter(w http.ResponseWriter, req *http.Request) {
	s, cookie := r.doors.enter(req.URL.Query().Get("token"))
	if s == nil {
		r.tell(w, req, http.StatusForbidden, "page.used", "page.used.text")
		return
	}
	base := sessionPath + s.path + "/"
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // http on loopback has no Secure
		Name: cookieName, Value: cookie, Path: base, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	r.use()
	words := r.words(req.Context())
	r.write(w, page{"entering", http.StatusOK, frame{Speaker: words, Title: words.Say("page.entering"), Onward: base}})
}

// let lets in whoever has the session's cookie.
func (r *rooms) let(next func(http.ResponseWriter, visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		path := req.PathValue("path")
		var s *session
		for _, c := range req.CookiesNamed(cookieName) {
			if found := r.doors.find(path, c.Value); found != nil {
				s = found
			}
		}
		if s == nil {
			r.tell(w, req, http.StatusForbidden, "page.closed", "page.closed.text")
			return
		}
		r.use()
		next(w, visit{session: s, Request: req, base: sessionPath + path + "/", words: r.words(req.Context())})
	}
}

// shows answers with a page.
func (r *rooms) shows(make func(context.Context, visit) (page, error)) http.HandlerFunc {
	return r.let(func(w http.ResponseWriter, v visit) {
		ctx, cancel := context.WithTimeout(v.Context(), askTime)
		defer cancel()
		p, err := make(ctx, v)
		switch {
		case errors.Is(err, watcher.ErrNotFound):
			r.tell(w, v.Request, http.StatusNotFound, "page.nothing", "page.nothing.text")
		case err != nil:
			r.o.Logger.Warn("a page could not be made", slog.Any("error", err))
			r.fail(w, v, err)
		default:
			r.write(w, p)
		}
	})
}

// fail says in words why there is no page.
func (r *rooms) fail(w http.ResponseWriter, v visit, err error) {
	f := frame{Speaker: v.words, Title: v.words.Say("page.failed"), Text: v.words.Failure(err), Base: v.base}
	r.write(w, page{"message", http.StatusServiceUnavailable, f})
}

// tell answers with a heading and what a person does.
func (r *rooms) tell(w http.ResponseWriter, req *http.Request, status int, title, text string) {
	words := r.words(req.Context())
	r.write(w, page{"message", status, frame{Speaker: words, Title: words.Say(title), Text: words.Say(text)}})
}

// words are those of the person's language.
func (r *rooms) words(ctx context.Context) wording.Speaker {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	settings, err := r.o.Engine.Settings(ctx)
	if err != nil {
		r.o.Logger.Debug("the status page could not read the settings", slog.Any("error", err))
	}
	return wording.Speaker{Words: assets.For(assets.Language(settings.Language)), Now: r.o.Now}
}

// write puts a page out.
func (r *rooms) write(w http.ResponseWriter, p page) {
	all, err := templates()
	var text strings.Builder
	if err == nil {
		err = all[p.name].ExecuteTemplate(&text, "layout", p.data)
	}
	if err != nil {
		r.o.Logger.Error("a page could not be written", slog.String("page", p.name), slog.Any("error", err))
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(p.status)
	_, _ = w.Write([]byte(text.String())) // whoever has left does not miss it
}

// does answers a form: it does what was asked for, tells on the next page what came of it, and leads there.
func (r *rooms) does(name string, act act) http.HandlerFunc {
	return r.let(func(w http.ResponseWriter, v visit) {
		if !v.mine(v.PostFormValue("form")) {
			r.tell(w, v.Request, http.StatusForbidden, "page.closed", "page.closed.text")
			return
		}
		ctx, cancel := context.WithTimeout(v.Context(), askTime)
		defer cancel()
		said := notice{Tone: wording.ToneGood, Text: v.words.Say("page.done." + name)}
		if err := act(ctx, r.o.Engine, v); err != nil {
			said = notice{Tone: wording.ToneProblem, Text: v.words.Failure(err)}
		}
		v.tell(said)
		onward := v.base + wishOf(v.URL.Query()).query()
		if id := v.PathValue("id"); id != "" {
			onward = v.base + "file/" + url.PathEscape(id)
			if _, list := listActs[name]; list {
				onward = v.base + "list/" + url.PathEscape(id)
			}
		}
		http.Redirect(w, v.Request, onward, http.StatusSeeOther)
	})
}
