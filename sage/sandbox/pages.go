package sandbox

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed web
var web embed.FS

// pages are the web pages: what a person does elsewhere, as plain forms. There is no script on them.
type pages struct {
	s         *Sandbox
	templates func() (map[string]*template.Template, error) // read when the first page is asked for
}

// pageNames are the templates in web, each with the layout around it.
var pageNames = []string{
	"start", "registration", "mailbox", "message", "sage50", "integration", "consent", "company", "key", "publish",
	"file", "calls", "faults", "problem",
}

func newPages(s *Sandbox) http.Handler {
	p := &pages{s: s}
	p.templates = sync.OnceValues(p.parse)
	return p.routes()
}

func (p *pages) parse() (map[string]*template.Template, error) {
	funcs := template.FuncMap{
		"link":     p.link,
		"when":     func(t time.Time) string { return when(t, p.s.now()) },
		"datetime": func(t time.Time) string { return t.Format(time.RFC3339) },
	}
	templates := make(map[string]*template.Template, len(pageNames))
	for _, name := range pageNames {
		t, err := template.New(name).Funcs(funcs).ParseFS(web, "web/layout.html", "web/icons.html", "web/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("sandbox: its page %s: %w", name, err)
		}
		templates[name] = t
	}
	return templates, nil
}

func (p *pages) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, page := range map[string]func(*http.Request) (view, error){
		"GET /{$}":                               p.start,
		"GET /registration/{token}":              p.registration,
		"GET /mailbox":                           p.mailbox,
		"GET /mailbox/{id}":                      p.message,
		"GET /sage50":                            p.sage50,
		"GET /sage50/integration":                p.integration,
		"GET /sage50/consent":                    p.consent,
		"GET /sage50/company/{number}":           p.company,
		"GET /sage50/company/{number}/key":       p.key,
		"GET /sage50/company/{number}/publish":   p.publish,
		"GET /sage50/company/{number}/file/{id}": p.file,
		"GET /calls":                             p.calls,
		"GET /faults":                            p.faults,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { p.show(w, r, page) })
	}
	for pattern, act := range map[string]func(*http.Request) (string, error){
		"POST /registration/{token}":            p.solve,
		"POST /sage50/integration":              p.enter,
		"POST /sage50/consent":                  p.decide,
		"POST /sage50/company/{number}/power":   p.power,
		"POST /sage50/company/{number}/key":     p.changeKey,
		"POST /sage50/company/{number}/publish": p.publishList,
		"POST /faults/add":                      p.addFault,
		"POST /faults/remove":                   p.removeFault,
		"POST /faults/quarantine":               p.quarantine,
		"POST /faults/end":                      p.endNext,
		"POST /faults/refuse":                   p.refuse,
		"POST /faults/forget":                   p.forget,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { p.act(w, r, act) })
	}
	mux.HandleFunc("GET /sage50/company/{number}/file/{id}/content", p.raw(p.s.Content))
	mux.HandleFunc("GET /sage50/company/{number}/file/{id}/result", p.raw(p.s.Result))
	mux.HandleFunc("GET /assets/style.css", p.asset("web/style.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /assets/icon.svg", p.asset("web/icon.svg", "image/svg+xml"))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.problem(w, r, errNoPath) })
	// Another site in the same browser must not press the buttons.
	return headers(http.NewCrossOriginProtection().Handler(mux))
}

// headers lets a page load its style and icon, send its forms home, and nothing else.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// view is a page: its template and what it shows.
type view struct {
	template string
	data     any // embeds frame
	status   int // 0 is 200
}

// frame is what every page has around its content.
type frame struct {
	Title      string
	Place      string // of the navigation
	Narrow     bool
	Refresh    int // seconds until the page is loaded again; 0 is never
	Unread     int
	FaultCount int
	Companies  []companyLink
	Notice     *notice
}

type companyLink struct{ Name, Path, Icon string }

// notice says what has just been done, or why not.
type notice struct{ Tone, Icon, Text string }

// OfCompany reports whether the page is a company's: on a phone its place is "Sage 50".
func (f frame) OfCompany() bool { return strings.HasPrefix(f.Place, "/sage50/") }

// frame makes the frame of a page, with the notice that an action before it asked for.
func (p *pages) frame(r *http.Request, place, title string) frame {
	f := frame{Title: title, Place: place, FaultCount: len(p.s.Faults()), Notice: told(r)}
	for _, m := range p.s.Mailbox() {
		if !m.Read {
			f.Unread++
		}
	}
	for i, c := range p.s.Installations() {
		f.Companies = append(f.Companies, companyLink{Name: c.Company, Path: companyPath(i), Icon: powerIcon(c.On)})
	}
	return f
}

func companyPath(i int) string { return "/sage50/company/" + strconv.Itoa(i+1) }

func powerIcon(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (p *pages) show(w http.ResponseWriter, r *http.Request, page func(*http.Request) (view, error)) {
	v, err := page(r)
	if err != nil {
		p.problem(w, r, err)
		return
	}
	p.render(w, v)
}

func (p *pages) render(w http.ResponseWriter, v view) {
	var out bytes.Buffer
	templates, err := p.templates()
	if err == nil {
		err = templates[v.template].ExecuteTemplate(&out, "layout", v.data)
	}
	if err != nil {
		p.s.log.Error("A page cannot be made", "page", v.template, "error", err)
		http.Error(w, "This page cannot be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(or(v.status, http.StatusOK))
	_, _ = w.Write(out.Bytes()) // an error means that the reader has gone
}

// problem is the page for what went wrong, in words.
func (p *pages) problem(w http.ResponseWriter, r *http.Request, err error) {
	data := struct {
		frame
		Headline, Text string
	}{p.frame(r, "", "Not possible"), "That is not possible", err.Error()}
	data.Narrow = true
	status := http.StatusBadRequest
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		status, data.Text = refusal.HTTP, refusal.Message
	}
	if status == http.StatusNotFound {
		data.Headline, data.Title = "There is nothing here", "Nothing here"
	}
	p.render(w, view{"problem", data, status})
}

// act does what a form asks for and leads to the page that shows it.
func (p *pages) act(w http.ResponseWriter, r *http.Request, act func(*http.Request) (string, error)) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.problem(w, r, errMalformed("The form is too large or cannot be read."))
		return
	}
	next, err := act(r)
	if err != nil {
		p.problem(w, r, err)
		return
	}
	http.Redirect(w, r, p.link(next), http.StatusSeeOther)
}

// maxForm is the largest form taken, in bytes.
const maxForm = 16 << 20

// link puts the path of the base URL before a page's.
func (p *pages) link(path string) string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return strings.TrimSuffix(p.s.base.EscapedPath(), "/") + path
}

func (p *pages) asset(name, kind string) http.HandlerFunc {
	data, err := web.ReadFile(name)
	if err != nil {
		panic("sandbox: " + err.Error()) // embedded
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "max-age=60")
		_, _ = w.Write(data)
	}
}

// when is a time as a row shows it.
func when(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	switch {
	case t.IsZero():
		return ""
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04:05")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

// The notices an action can lead to. A page shows the one its address names, and no text from there.
var notices = map[string]notice{
	"wrong":     {"attention", "mark", "That is not the answer. Here is another question."},
	"unknown":   {"problem", "cross", "This passcode is not known. Look whether it is typed as the application shows it."},
	"expired":   {"problem", "clock", "This passcode has run out. Let the application show a new one."},
	"revoked":   {"problem", "cross", "This passcode is no longer good: there is a newer one, or it was refused."},
	"consented": {"attention", "mark", "This passcode has been used already."},
	"granted":   {"good", "tick", "Allowed. The application is told its key."},
	"denied":    {"attention", "cross", "Denied. The application is not told; the passcode just runs out."},
	"on":        {"good", "tick", "Sage 50 is on."},
	"off":       {"attention", "mark", "Sage 50 is off. Files wait on the platform until it is switched on."},
	"key":       {"good", "tick", "Done. The application finds out with its next call."},
	"published": {"good", "tick", "Published. The application is told, or finds out by itself."},
	"fault":     {"attention", "mark", "The fault is set."},
	"removed":   {"good", "tick", "Removed."},
	"set":       {"good", "tick", "Done."},
}

func told(r *http.Request) *notice {
	n, ok := notices[r.URL.Query().Get("told")]
	if !ok {
		return nil
	}
	return &n
}

// tell adds a notice to an address.
func tell(path, notice string) string {
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return path + separator + "told=" + url.QueryEscape(notice)
}
