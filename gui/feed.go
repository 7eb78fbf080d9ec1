package gui

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"postroom/gui/wording"
	"postroom/watcher"
)

const (
	feedPace  = 100 * time.Millisecond // between two updates of the screen that events ask for
	feedCalm  = 500 * time.Millisecond // the same while there is no end to them
	feedRetry = 2 * time.Second        // between two tries at an engine that does not answer
	feedClock = 30 * time.Second       // "2 min" becomes "3 min"
	pageSize  = 200
	fewIDs    = 20           // as many transfers are asked for one by one
	mostNew   = 5 * pageSize // rows from the top that an update loads: what is further down does not change any more
	fewRounds = 3            // pages asked for in a row while they come short: the engine looks at no more than a part of its history for one
)

// view is what the screen shows, as far as the feed must know it.
type view struct {
	generation int // counts up with every change of the query: answers to an older one are dropped
	query      watcher.Query
	rows       int             // rows that must be loaded: what is visible and a little more
	next       string          // cursor after what is loaded
	known      map[string]bool // IDs of what is loaded; only to be touched by see and knows
	open       string          // item whose details are shown
}

// wish is what the feed is to load.
type wish struct {
	overview, drafts, settings bool
	rows                       bool // from the top
	more                       bool // the page after what is loaded
	open                       bool // the details that are shown
	ids                        map[string]bool
	events                     []watcher.Event
}

func (w *wish) add(o wish) {
	w.overview = w.overview || o.overview
	w.drafts = w.drafts || o.drafts
	w.settings = w.settings || o.settings
	w.rows = w.rows || o.rows
	w.more = w.more || o.more
	w.open = w.open || o.open
	for id := range o.ids {
		if w.ids == nil {
			w.ids = map[string]bool{}
		}
		w.ids[id] = true
	}
	if len(w.ids) > fewIDs { // more is not asked for one by one, so that it need not be remembered either
		w.rows, w.open, w.ids = true, true, nil
	}
	for _, e := range o.events {
		if !slices.ContainsFunc(w.events, func(known watcher.Event) bool { return sameEvent(known, e) }) {
			w.events = append(w.events, e)
		}
	}
}

// sameEvent tells that nothing is lost with one of two events. What a person asks for is never the same.
func sameEvent(a, b watcher.Event) bool {
	return a.Kind == b.Kind && a.Kind != watcher.EventRaise && a.ID == b.ID && a.Company == b.Company
}

func (w *wish) empty() bool {
	return !w.overview && !w.drafts && !w.settings && !w.rows && !w.more && !w.open && len(w.ids)+len(w.events) == 0
}

// everything is what a window that has just opened asks for, and one whose engine has come back.
var everything = wish{
	overview: true, drafts: true, settings: true, rows: true, open: true,
	events: []watcher.Event{{Kind: watcher.EventAll}},
}

// wished is what an event asks to be loaded. A page hears in which company a transfer changed, not which one, so that
// however many change there is little to tell.
func wished(e watcher.Event) wish {
	id := e.ID
	if e.Kind == watcher.EventTransfer {
		e.ID = ""
	}
	w := wish{events: []watcher.Event{e}}
	switch e.Kind {
	case watcher.EventAll:
		w = everything
	case watcher.EventTransfer:
		w.overview, w.ids = true, map[string]bool{id: true}
	case watcher.EventList:
		w.overview, w.rows, w.open = true, true, true
	case watcher.EventConnection, watcher.EventLoose:
		w.overview = true
	case watcher.EventDraft:
		w.drafts, w.overview = true, true
	case watcher.EventSettings:
		w.settings, w.overview = true, true
	}
	return w
}

// answer is what the feed has loaded; a part that was not asked for is nil.
type answer struct {
	err        error // the engine did not answer: nothing else is set
	generation int
	overview   *watcher.Overview
	drafts     []watcher.Draft
	hasDrafts  bool
	settings   *watcher.Settings
	page       *watcher.Page // the rows from the top
	lists      []watcher.List
	more       *watcher.Page // the page that follows
	after      string        // the cursor that page was asked for with
	changed    []watcher.Transfer
	detail     *opened
	events     []watcher.Event
}

// opened is what the details show: a transfer, or a list with its changes.
type opened struct {
	key      string
	transfer *watcher.Detail
	changes  []watcher.RecordChange
	gone     bool
}

// feed brings the engine's news to the screen. It owns one goroutine, which hears the events, loads what the screen
// shows, and hands over one answer at a time.
type feed struct {
	engine Engine
	show   func(answer) // on the UI thread
	tick   func()       // on the UI thread, now and then: times have moved on
	during func(func()) // runs what asks the engine, and says so where that takes long
	do     func(func())
	log    *slog.Logger

	mu      sync.Mutex // guards all below but the channels
	view    view
	wishes  wish
	loading int // answers that are not on the screen yet
	wake    chan struct{}
	stopped chan struct{}
}

func newFeed(engine Engine, do func(func()), log *slog.Logger) *feed {
	return &feed{engine: engine, do: do, during: func(f func()) { f() }, log: log, wake: make(chan struct{}, 1), stopped: make(chan struct{})}
}

// see tells the feed what the screen shows now.
func (f *feed) see(change func(*view)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.view)
}

// want asks for something to be loaded at once. It never waits.
func (f *feed) want(w wish) {
	f.mu.Lock()
	f.wishes.add(w)
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (f *feed) taken() (wish, view) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w, v := f.wishes, f.view
	f.wishes = wish{}
	f.loading++
	return w, v
}

// dropped undoes taken where there was nothing to load.
func (f *feed) dropped() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.loading--
}

// run lives as long as ctx.
func (f *feed) run(ctx context.Context) {
	defer close(f.stopped)
	r := newRound(f)
	defer r.end()
	for ctx.Err() == nil {
		if !r.listen(ctx) {
			pause(ctx, feedRetry)
			continue
		}
		if r.hear(ctx) {
			r.update(ctx)
		}
	}
}

// deliver brings an answer to the screen, unless the window has gone in the meantime.
func (f *feed) deliver(ctx context.Context, a answer) {
	if ctx.Err() != nil {
		return
	}
	if a.err != nil {
		f.log.Warn("the engine does not answer", slog.Any("error", a.err))
	}
	f.do(func() {
		f.show(a)
		f.mu.Lock()
		f.loading--
		f.mu.Unlock()
	})
}

// load asks the engine for what was wished.
func (f *feed) load(parent context.Context, w wish, v view) answer {
	ctx, cancel := patience(parent)
	defer cancel()
	a := answer{generation: v.generation, events: w.events}
	steps := []struct {
		wanted bool
		load   func() error
	}{
		{w.overview, func() error {
			o, err := f.engine.Overview(ctx)
			a.overview = &o
			return err
		}},
		{w.drafts, func() (err error) {
			a.drafts, err = f.engine.Drafts(ctx)
			a.hasDrafts = true
			return err
		}},
		{w.settings, func() error {
			s, err := f.engine.Settings(ctx)
			a.settings = &s
			return err
		}},
		{v.query.Company != "" && (w.rows || len(w.ids) > 0), func() error { return f.loadRows(ctx, &a, w, v) }},
		{v.query.Company != "" && w.more && v.next != "" && !w.rows, func() error {
			q := v.query
			q.Before = v.next
			page, err := f.pages(ctx, q, pageSize)
			a.more, a.after = &page, v.next
			return err
		}},
		{v.open != "" && (w.open || w.ids[transferOf(v.open)]), func() error { return f.loadOpen(ctx, &a, v.open) }},
	}
	for _, s := range steps {
		if !s.wanted {
			continue
		}
		if err := s.load(); err != nil {
			return answer{err: err}
		}
	}
	return a
}

// loadRows loads single transfers where that is less work, and all that is visible where it is not.
func (f *feed) loadRows(ctx context.Context, a *answer, w wish, v view) error {
	plain := v.query.Filter == watcher.FilterAll && v.query.Text == ""
	if !w.rows && plain && f.knows(w.ids) {
		for id := range w.ids {
			detail, err := f.engine.Transfer(ctx, id)
			if wording.IsGone(err) {
				continue
			}
			if err != nil {
				return err
			}
			a.changed = append(a.changed, detail.Transfer)
		}
		return nil
	}
	q := v.query
	q.Count = true
	whole, err := f.pages(ctx, q, min(v.rows, mostNew))
	if err != nil {
		return err
	}
	a.page = &whole
	lists, err := f.engine.Lists(ctx, v.query.Company)
	if err != nil {
		return err
	}
	slices.SortStableFunc(lists, func(x, y watcher.List) int { return y.ReceivedAt.Compare(x.ReceivedAt) })
	a.lists = lists
	return nil
}

// pages loads at least so many rows, in pages, or less where the engine has to look far for them: then there is a Next.
func (f *feed) pages(ctx context.Context, q watcher.Query, rows int) (whole watcher.Page, err error) {
	q.Limit = pageSize
	for short := 0; ; {
		page, err := f.engine.Transfers(ctx, q)
		if err != nil {
			return whole, err
		}
		if q.Count {
			whole.Count, whole.More = page.Count, page.More
		}
		whole.Transfers = append(whole.Transfers, page.Transfers...)
		whole.Next, whole.Back = page.Next, page.Back
		if len(page.Transfers) < pageSize {
			short++
		}
		if page.Next == "" || len(whole.Transfers) >= rows || short == fewRounds {
			return whole, nil
		}
		q.Before, q.Count = page.Next, false
	}
}

// knows tells whether all of these transfers are loaded.
func (f *feed) knows(ids map[string]bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id := range ids {
		if !f.view.known[id] {
			return false
		}
	}
	return true
}

// loadOpen loads what the details show.
func (f *feed) loadOpen(ctx context.Context, a *answer, key string) error {
	o := &opened{key: key}
	switch key[0] {
	case 't':
		detail, err := f.engine.Transfer(ctx, transferOf(key))
		if err != nil && !wording.IsGone(err) {
			return err
		}
		o.transfer, o.gone = &detail, err != nil
	case 'l':
		changes, err := f.engine.ListChanges(ctx, key[2:])
		if err != nil && !wording.IsGone(err) {
			return err
		}
		o.changes, o.gone = changes, err != nil
	}
	a.detail = o
	return nil
}

// transferOf is the ID in the key of a transfer's item, "" for other items.
func transferOf(key string) string {
	if len(key) > 2 && key[0] == 't' {
		return key[2:]
	}
	return ""
}
