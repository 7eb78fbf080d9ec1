package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"postroom/watcher"
	"postroom/watcher/journal"
)

func TestMain(m *testing.M) {
	os.Setenv("LANG", "en_GB.UTF-8")
	os.Setenv("LC_ALL", "en_GB.UTF-8")
	os.Unsetenv("LANGUAGE")
	goleak.VerifyTestMain(m)
}

// fake is an engine that answers with what a test puts into it, and notes what it is asked to do.
type fake struct {
	mu        sync.Mutex
	overview  watcher.Overview
	transfers []watcher.Transfer
	details   map[string]watcher.Detail
	lists     []watcher.List
	changes   []watcher.RecordChange
	language  string
	refuses   error
	done      []string
	asked     watcher.Query
	events    chan watcher.Event
}

func (f *fake) locked(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *fake) Overview(context.Context) (o watcher.Overview, err error) {
	f.locked(func() { o, err = f.overview, f.refuses })
	return o, err
}

func (f *fake) Transfers(_ context.Context, q watcher.Query) (p watcher.Page, err error) {
	f.locked(func() {
		f.asked = q
		for _, t := range f.transfers {
			if q.Text == "" || strings.Contains(t.Name, q.Text) {
				p.Transfers = append(p.Transfers, t)
			}
		}
		if q.Before == "" && len(p.Transfers) > q.Limit {
			p = watcher.Page{Transfers: p.Transfers[:q.Limit], Next: "51"}
		} else if q.Before != "" {
			p.Transfers = p.Transfers[min(q.Limit, len(p.Transfers)):]
		}
		err = f.refuses
	})
	return p, err
}

func (f *fake) Transfer(_ context.Context, id string) (d watcher.Detail, err error) {
	f.locked(func() {
		if i := slices.IndexFunc(f.transfers, func(t watcher.Transfer) bool { return t.ID == id }); i >= 0 {
			d = f.details[id]
			d.Transfer, err = f.transfers[i], f.refuses
			return
		}
		err = watcher.ErrNotFound
	})
	return d, err
}

func (f *fake) Outcomes(_ context.Context, id, text string) (o []watcher.RecordOutcome, err error) {
	f.locked(func() {
		for _, one := range f.details[id].Outcomes {
			if strings.Contains(one.ID+one.Reason, text) {
				o = append(o, one)
			}
		}
		err = f.refuses
	})
	return o, err
}

func (f *fake) Lists(context.Context, string) (l []watcher.List, err error) {
	f.locked(func() { l, err = f.lists, f.refuses })
	return l, err
}

func (f *fake) ListChanges(context.Context, string) (c []watcher.RecordChange, err error) {
	f.locked(func() { c, err = f.changes, f.refuses })
	return c, err
}

func (f *fake) Events(ctx context.Context) (<-chan watcher.Event, error) {
	out := make(chan watcher.Event)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-f.events:
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

func (f *fake) Settings(context.Context) (s watcher.Settings, err error) {
	f.locked(func() { s.Language = f.language })
	return s, nil
}

func (f *fake) did(what ...string) (err error) {
	f.locked(func() {
		if err = f.refuses; err == nil {
			f.done = append(f.done, strings.Join(what, " "))
		}
	})
	return err
}

func (f *fake) Retry(_ context.Context, id string) error   { return f.did("retry", id) }
func (f *fake) Cancel(_ context.Context, id string) error  { return f.did("cancel", id) }
func (f *fake) Dismiss(_ context.Context, id string) error { return f.did("dismiss", id) }
func (f *fake) Hold(_ context.Context, id string) error    { return f.did("hold", id) }
func (f *fake) SendCorrected(_ context.Context, id string) (watcher.Placed, error) {
	return watcher.Placed{}, f.did("correct", id)
}

func (f *fake) ResolveList(_ context.Context, id string, gone bool) error {
	return f.did("list", id, strconv.FormatBool(gone))
}
func (f *fake) CheckNow(context.Context) error { return f.did("check") }
func (f *fake) Pause(context.Context) error {
	f.locked(func() { f.overview.Paused = true })
	return f.did("pause")
}

func (f *fake) Resume(context.Context) error {
	f.locked(func() { f.overview.Paused = false })
	return f.did("resume")
}
func (f *fake) PauseCompany(_ context.Context, c string) error  { return f.did("pause", c) }
func (f *fake) ResumeCompany(_ context.Context, c string) error { return f.did("resume", c) }
func (f *fake) Resolve(_ context.Context, id string, send bool, scope string) error {
	if send {
		return f.did("send", id, scope)
	}
	return f.did("leave", id)
}

// begun is when these tests are, unless a test moves the clock on.
var begun = time.Date(2026, 11, 24, 10, 20, 30, 0, time.Local)

func at(hour, minute int) time.Time { return time.Date(2026, 11, 24, hour, minute, 0, 0, time.Local) }

// office is an engine with two companies and files in many states.
func office() *fake {
	percent := 62.0
	order := func(id, name string, state journal.State, actions ...watcher.Action) watcher.Transfer {
		return watcher.Transfer{
			ID: id, Company: "Acme Ltd", Domain: "ecommerce", Scope: "orders", Name: name, State: state, Size: 84_211,
			CreatedAt: at(10, 2), UpdatedAt: at(10, 6), Path: "/home/ana/Postroom/Acme Ltd/Sent/" + name, Actions: actions,
		}
	}
	busy := order("t5", "orders-24-11b.json", journal.Processing)
	busy.Progress = &percent
	next := order("t4", "orders-24-11c.json", journal.Queued, watcher.ActionCancel, watcher.ActionHold)
	next.Waits = &watcher.Problem{Code: "behind", Args: map[string]string{"name": "orders-24-11b.json"}}
	partly := order("t3", "orders-20-11.json", journal.Accepted, watcher.ActionSendAgain, watcher.ActionDismiss)
	partly.Records, partly.RefusedRecords, partly.RemoteStatus, partly.EndedAt = 40, 3, "accepted", at(10, 6)
	partly.ResultPath = "/home/ana/Postroom/Acme Ltd/Inbox/results/orders-20-11.result.json"
	failed := order("t2", "orders-with-a-name-that-is-longer-than-any-bookkeeper-would-ever-give-to-a-file.json", journal.Unchecked, watcher.ActionRetry, watcher.ActionDismiss)
	failed.Problem, failed.EndedAt = &watcher.Problem{Code: "syntax", Args: map[string]string{"line": "14"}}, at(9, 50)
	done := order("t1", "orders-23-11.json", journal.Accepted)
	done.Records, done.EndedAt = 35, at(9, 4)
	return &fake{
		overview: watcher.Overview{AcceptedToday: 12, Companies: []watcher.Company{
			{
				Name: "Acme Ltd", Folder: "/home/ana/Postroom/Acme Ltd", Counts: watcher.Counts{OnTheirWay: 2, NeedsYou: 2, Done: 9},
				Connections: []watcher.Connection{{
					ID: "c1", Company: "Acme Ltd", Key: watcher.Key{State: watcher.KeyGood},
					Lanes: []watcher.Lane{{Scope: "orders", Outgoing: true}, {Scope: "products"}},
				}},
			},
			{
				Name: "Borealis", Practice: true, Connections: []watcher.Connection{{
					ID: "c2", Company: "Borealis", Key: watcher.Key{State: watcher.KeyGood}, Lanes: []watcher.Lane{{Scope: "orders", Outgoing: true}},
				}},
			},
		}},
		transfers: []watcher.Transfer{busy, next, partly, failed, done},
		details: map[string]watcher.Detail{"t3": {
			Timeline: []watcher.TimelineEntry{
				{At: at(10, 2), Kind: "dropped"},
				{At: at(10, 2), Kind: "checked", Args: map[string]string{"records": "40"}},
				{At: at(10, 2), Kind: "sent"},
				{At: at(10, 3), Kind: "status", Args: map[string]string{"status": "downloaded"}},
				{At: at(10, 6), Kind: "accepted", Args: map[string]string{"status": "accepted"}},
				{At: at(10, 6), Kind: "result", Args: map[string]string{"refused": "3", "records": "40"}},
			},
			Result:    &watcher.ResultCounts{Records: 40, Refused: 3},
			Exchanges: []watcher.Exchange{{At: at(10, 2), Method: "POST", Address: "/api/•••/orders", Status: 201, Milliseconds: 84}},
			Outcomes: []watcher.RecordOutcome{
				{ID: "A-2031", Status: "refused", Reason: "Customer C-1042 has no e-mail address in Sage 50"},
				{ID: "A-2044", Status: "refused", Reason: "Product 77-B is unknown in Sage 50"},
				{ID: "A-2001", Status: "accepted", Accepted: true, SageID: "10451"},
			},
		}},
		lists: []watcher.List{{
			ID: "l1", Connection: "c1", Company: "Acme Ltd", Scope: "products", Records: 412, Added: 12, Changed: 3,
			Path: "/home/ana/Postroom/Acme Ltd/Inbox/products/products.json", ReceivedAt: at(9, 30),
		}},
		changes: []watcher.RecordChange{
			{ID: "77-B", Kind: "added", Label: "Garden chair, folding, beech"},
			{ID: "12-A", Kind: "changed", Label: "Table", Fields: []string{"netPrice", "tax"}, Values: []watcher.ValueChange{{Name: "netPrice", From: "10.50", To: "11.00"}, {Name: "tax", From: "", To: "21"}}},
		},
		events: make(chan watcher.Event),
	}
}

// desk is a site with a clock that a test moves, and a log that it reads.
type desk struct {
	*testing.T
	*Site
	engine *fake
	dir    string
	log    bytes.Buffer
	mu     sync.Mutex
	now    time.Time
}

func newDesk(t *testing.T, f *fake) *desk {
	t.Helper()
	d := newDeskOf(t, f)
	d.engine = f
	return d
}

func newDeskOf(t *testing.T, f Engine) *desk {
	t.Helper()
	d := &desk{T: t, dir: filepath.Join(t.TempDir(), "web"), now: begun}
	d.Site = New(Options{Engine: f, Dir: d.dir, Now: d.clock, Logger: slog.New(slog.NewTextHandler(writer{d}, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	t.Cleanup(d.Close)
	return d
}

type writer struct{ d *desk }

func (w writer) Write(p []byte) (int, error) {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	return w.d.log.Write(p)
}

func (d *desk) logged() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.String()
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) wait(span time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(span)
}

func (d *desk) open() watcher.StatusPage {
	d.Helper()
	page, err := d.Open(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	return page
}

// caller is a browser as far as it matters: it keeps cookies, and says where a form comes from.
type caller struct {
	t    *testing.T
	http *http.Client
	root string // http://127.0.0.1:port
	base string // the session's pages
	form string // what its forms carry
}

// answer is what a caller got.
type answer struct {
	status int
	header http.Header
	body   string
}

// newCaller makes one that has not been let in.
func newCaller(t *testing.T, page watcher.StatusPage) *caller {
	t.Helper()
	address, err := url.Parse(page.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	return &caller{
		t: t, root: "http://" + address.Host,
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

var onward = regexp.MustCompile(`url=(/at/[A-Z0-9]+/)`)

// letIn is one that has used its token.
func (d *desk) letIn() *caller {
	d.Helper()
	page := d.open()
	c := newCaller(d.T, page)
	got := c.get(page.URL)
	found := onward.FindStringSubmatch(got.body)
	if got.status != http.StatusOK || found == nil {
		d.Fatalf("the token came to %d: %s", got.status, got.body)
	}
	c.base = c.root + found[1]
	cookies := (&http.Response{Header: got.header}).Cookies()
	if len(cookies) != 1 {
		d.Fatalf("cookies %v", cookies)
	}
	c.http.Jar = jar{cookies[0]}
	c.form = regexp.MustCompile(`name="form" value="([A-Z0-9]+)"`).FindStringSubmatch(c.get(c.base).body)[1]
	return c
}

// jar is one cookie that goes everywhere: what a browser would hold back is told by tests of the cookie itself.
type jar []*http.Cookie

func (j jar) Cookies(*url.URL) []*http.Cookie     { return j }
func (j jar) SetCookies(*url.URL, []*http.Cookie) {}

func (c *caller) get(address string) answer { return c.do(http.MethodGet, address, nil) }

// post sends a form as a page of ours does, with changes to its head.
func (c *caller) post(path string, fields url.Values, change ...func(*http.Request)) answer {
	if fields == nil {
		fields = url.Values{}
	}
	if !fields.Has("form") {
		fields.Set("form", c.form)
	}
	return c.do(http.MethodPost, c.base+path, strings.NewReader(fields.Encode()), append([]func(*http.Request){func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Origin", "null") // what a page says that keeps its address to itself
	}}, change...)...)
}

func (c *caller) do(method, address string, body io.Reader, change ...func(*http.Request)) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, address, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	response, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		c.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}
