package gui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"postroom/gui/wording"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// fake is an engine that knows what a test gives it and notes what it is asked to do.
type fake struct {
	Engine // whatever the window does not use: calling it is a bug of the test

	mu           sync.Mutex // guards all below
	overview     watcher.Overview
	transfers    []watcher.Transfer // in the order they are listed
	details      map[string]watcher.Detail
	lists        []watcher.List
	changes      []watcher.RecordChange
	outcomes     []watcher.RecordOutcome // of a result that is not loaded whole
	renewals     map[string][]watcher.Renewal
	drafts       []watcher.Draft
	settings     watcher.Settings
	asked        []string
	err          error                              // of every query
	deaf         error                              // of the event stream
	refusal      error                              // of every command
	savesNothing bool                               // settings stay as they are
	history      func(q watcher.Query) watcher.Page // nil: of transfers
	events       chan watcher.Event
	streams      atomic.Int32 // that are open
	version      string       // of the agent
}

func newFake() *fake { return &fake{events: make(chan watcher.Event, 1000)} }

func (f *fake) note(what string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, strings.TrimSpace(what+" "+strings.TrimSuffix(fmt.Sprintln(args...), "\n")))
	return f.refusal
}

func (f *fake) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *fake) askedFor(prefix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, a := range f.asked {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}

func (f *fake) Overview(context.Context) (watcher.Overview, error) {
	_ = f.note("Overview")
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.overview, f.err
}

func (f *fake) Transfers(_ context.Context, q watcher.Query) (watcher.Page, error) {
	_ = f.note("Transfers", q.Company, q.Filter, q.Text, q.Scope, q.Before)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return watcher.Page{}, f.err
	}
	if f.history != nil {
		return f.history(q), nil
	}
	var page watcher.Page
	started := q.Before == ""
	for _, t := range f.transfers {
		if !started {
			started = t.ID == q.Before
			continue
		}
		if t.Company != q.Company || q.Text != "" && !strings.Contains(t.Name, q.Text) ||
			q.Scope != "" && t.Scope != q.Scope || !inFilter(t, q.Filter) {
			continue
		}
		if len(page.Transfers) == cmp.Or(q.Limit, 200) {
			page.Next = page.Transfers[len(page.Transfers)-1].ID
			break
		}
		page.Transfers = append(page.Transfers, t)
	}
	return page, nil
}

func inFilter(t watcher.Transfer, f watcher.Filter) bool {
	switch f {
	case watcher.FilterWaiting:
		return !t.State.Final() && !wording.NeedsPerson(t)
	case watcher.FilterNeedsYou:
		return wording.NeedsPerson(t)
	case watcher.FilterDone:
		return t.State.Final()
	}
	return true
}

func (f *fake) Transfer(_ context.Context, id string) (watcher.Detail, error) {
	_ = f.note("Transfer", id)
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.details[id]
	at := slices.IndexFunc(f.transfers, func(t watcher.Transfer) bool { return t.ID == id })
	if at < 0 {
		return d, watcher.ErrNotFound
	}
	d.Transfer = f.transfers[at]
	return d, f.err
}

func (f *fake) Lists(_ context.Context, company string) ([]watcher.List, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.lists), func(l watcher.List) bool { return l.Company != company }), f.err
}

func (f *fake) ListChanges(_ context.Context, id string) ([]watcher.RecordChange, error) {
	_ = f.note("ListChanges", id)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changes, f.err
}

func (f *fake) Drafts(context.Context) ([]watcher.Draft, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.drafts), f.err
}

func (f *fake) Settings(context.Context) (watcher.Settings, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.settings, f.err
}

func (f *fake) SaveSettings(_ context.Context, s watcher.Settings) error {
	f.change(func() {
		if !f.savesNothing {
			f.settings = s
		}
	})
	return f.note("SaveSettings", s.OnClose)
}

func (f *fake) Events(ctx context.Context) (<-chan watcher.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.deaf == nil {
		f.streams.Add(1)
		context.AfterFunc(ctx, func() { f.streams.Add(-1) })
	}
	return f.events, f.deaf
}

func (f *fake) Retry(_ context.Context, id string) error     { return f.note("Retry", id) }
func (f *fake) SendAgain(_ context.Context, id string) error { return f.note("SendAgain", id) }
func (f *fake) Cancel(_ context.Context, id string) error    { return f.note("Cancel", id) }
func (f *fake) Dismiss(_ context.Context, id string) error   { return f.note("Dismiss", id) }
func (f *fake) CheckNow(context.Context) error               { return f.note("CheckNow") }
func (f *fake) Hold(_ context.Context, id string) error      { return f.note("Hold", id) }
func (f *fake) ResolveList(_ context.Context, id string, gone bool) error {
	return f.note("ResolveList", id, gone)
}

func (f *fake) RetryAll(_ context.Context, company string) (int, error) {
	return 2, f.note("RetryAll", company)
}

func (f *fake) SendCorrected(_ context.Context, id string) (watcher.Placed, error) {
	return watcher.Placed{}, f.note("SendCorrected", id)
}

func (f *fake) Outcomes(_ context.Context, id, text string) ([]watcher.RecordOutcome, error) {
	err := f.note("Outcomes", id, text)
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.outcomes), func(o watcher.RecordOutcome) bool { return !strings.Contains(o.ID, text) }), err
}

func (f *fake) Resume(context.Context) error { return f.note("Resume") }
func (f *fake) Support(_ context.Context, names bool) (watcher.Support, error) {
	return watcher.Support{Log: []string{"a line of the log"}}, f.note("Support", names)
}

func (f *fake) Stop(context.Context) error { return f.note("Stop") }

func (f *fake) Resolve(_ context.Context, id string, send bool, scope string) error {
	return f.note("Resolve", id, send, scope)
}

func (f *fake) AddFiles(_ context.Context, company, scope string, paths []string) error {
	return f.note("AddFiles", company, scope, strings.Join(paths, ","))
}

func (f *fake) UnlockVault(_ context.Context, passphrase string) error {
	return f.note("UnlockVault", len(passphrase))
}

// now is the moment that the pictures show.
var now = time.Date(2026, 11, 24, 10, 20, 30, 0, time.Local)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func at(day, hour, minute, second int) time.Time {
	return time.Date(2026, 11, day, hour, minute, second, 0, time.Local)
}

// acme is the engine of the pictures: two companies, one of them locked out, and six rows.
func acme() *fake {
	f := newFake()
	percent := 62.0
	order := func(id, name string, state journal.State) watcher.Transfer {
		return watcher.Transfer{
			ID: id, Connection: "c1", Company: "Acme Ltd", Domain: "ecommerce", Scope: "orders", Name: name,
			State: state, Size: 84_211, Path: "/home/ana/Postroom/Acme Ltd/Sent/2026-11/" + name, CreatedAt: ago(2 * time.Minute),
		}
	}
	busy := order("t6", "orders-24-11b.json", journal.Processing)
	busy.Progress, busy.RemoteStatus = &percent, "processing"
	next := order("t5", "orders-25-11.json", journal.Queued)
	next.CreatedAt, next.Actions = ago(125*time.Second), []watcher.Action{watcher.ActionCancel}
	next.CreatedAt = ago(20 * time.Second)
	next.Waits = &watcher.Problem{Code: "behind", Args: map[string]string{"name": "orders-24-11b.json"}}
	done := order("t4", "orders-24-11.json", journal.Accepted)
	done.Records, done.CreatedAt, done.EndedAt = 40, at(24, 10, 9, 0), at(24, 10, 12, 0)
	partly := order("t3", "orders-20-11.json", journal.Accepted)
	partly.Records, partly.RefusedRecords, partly.RemoteStatus = 40, 3, "accepted"
	partly.ResultPath = "/home/ana/Postroom/Acme Ltd/Inbox/results/orders-20-11.result.json"
	partly.CreatedAt, partly.EndedAt = at(24, 10, 2, 11), at(24, 10, 6, 50)
	partly.Actions = []watcher.Action{watcher.ActionSendAgain, watcher.ActionDismiss}
	old := order("t1", "orders-23-11.json", journal.Accepted)
	old.Records, old.CreatedAt, old.EndedAt = 35, at(23, 16, 0, 0), at(23, 16, 4, 0)
	f.transfers = []watcher.Transfer{busy, next, done, partly, old}
	f.lists = []watcher.List{{
		ID: "l1", Connection: "c1", Company: "Acme Ltd", Scope: "products", Records: 412, Added: 12, Changed: 3,
		Path: "/home/ana/Postroom/Acme Ltd/Inbox/products/products.json", ReceivedAt: at(24, 9, 30, 0),
	}}
	f.changes = []watcher.RecordChange{
		{ID: "77-B", Kind: "added", Label: "Garden chair, folding, beech"},
		{ID: "12-A", Kind: "changed", Label: "Table", Fields: []string{"netPrice", "tax"}, Values: []watcher.ValueChange{
			{Name: "netPrice", From: "210.00", To: "219.50"}, {Name: "tax", From: "21", To: "10"},
		}},
		{ID: "09-C", Kind: "removed", Label: "Parasol"},
	}
	f.details = map[string]watcher.Detail{"t3": {
		Timeline: []watcher.TimelineEntry{
			{At: at(24, 10, 2, 11), Kind: "dropped"},
			{At: at(24, 10, 2, 11), Kind: "checked", Args: map[string]string{"records": "40"}},
			{At: at(24, 10, 2, 12), Kind: "sent"},
			{At: at(24, 10, 2, 31), Kind: "status", Args: map[string]string{"status": "downloaded"}},
			{At: at(24, 10, 6, 50), Kind: "accepted", Args: map[string]string{"status": "accepted"}},
			{At: at(24, 10, 6, 50), Kind: "result", Args: map[string]string{"refused": "3", "records": "40"}},
		},
		Outcomes: []watcher.RecordOutcome{
			{ID: "A-2031", Status: "refused", Reason: "Customer C-1042 has no e-mail address in Sage 50"},
			{ID: "A-2040", Status: "refused", Reason: "Customer C-1042 has no e-mail address in Sage 50"},
			{ID: "A-2044", Status: "refused", Reason: "Product 77-B is unknown in Sage 50"},
		},
		Result: &watcher.ResultCounts{Records: 40, Refused: 3},
		Exchanges: []watcher.Exchange{
			{At: at(24, 10, 2, 11), Method: "POST", Address: "https://cloud.example/api/domains/ecommerce/scopes/orders/files", Status: 201, Milliseconds: 120},
			{At: at(24, 10, 2, 12), Method: "PUT", Address: "https://store.example/…7c1f", Status: 200, Milliseconds: 480},
			{At: at(24, 10, 2, 31), Method: "GET", Address: "https://cloud.example/api/files/…a1b2/status", Status: 503, Code: 0, Failure: "Service Unavailable", Milliseconds: 3010},
		},
	}}
	partlyTold := f.details["t3"]
	for i := range 37 {
		partlyTold.Outcomes = append(partlyTold.Outcomes, watcher.RecordOutcome{
			ID: fmt.Sprintf("A-%d", 2001+i), Status: "accepted", Accepted: true, SageID: strconv.Itoa(10451 + i),
		})
	}
	f.details["t3"] = partlyTold
	lanes := []watcher.Lane{{Scope: "orders", Outgoing: true, Waiting: 1}, {Scope: "customers"}, {Scope: "products"}}
	f.overview = watcher.Overview{AcceptedToday: 12, Version: "0.1.0", Companies: []watcher.Company{
		{
			Name: "Acme Ltd", Folder: "/home/ana/Postroom/Acme Ltd", Counts: watcher.Counts{OnTheirWay: 2, NeedsYou: 1, Done: 12},
			Connections: []watcher.Connection{{ID: "c1", Company: "Acme Ltd", Domain: "ecommerce", Key: watcher.Key{State: watcher.KeyGood}, Lanes: lanes}},
		},
		{
			Name: "Borealis SL", Folder: "/home/ana/Postroom/Borealis SL", Counts: watcher.Counts{Done: 3},
			Connections: []watcher.Connection{{ID: "c2", Company: "Borealis SL", Domain: "ecommerce", Key: watcher.Key{State: watcher.KeyGood}}},
		},
	}}
	return f
}

// many is an engine with a long history.
func many(n int) *fake {
	f := acme()
	f.transfers = nil
	for i := range n {
		f.transfers = append(f.transfers, watcher.Transfer{
			ID: fmt.Sprintf("m%06d", n-i), Company: "Acme Ltd", Scope: "orders", Name: fmt.Sprintf("orders-%06d.json", n-i),
			State: journal.Accepted, Records: 10, CreatedAt: ago(time.Duration(i) * time.Minute), EndedAt: ago(time.Duration(i) * time.Minute),
		})
	}
	return f
}
