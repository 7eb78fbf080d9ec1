package tray

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"postroom/assets"
	"postroom/gui/headline"
	"postroom/watcher"
)

// Engine is what the tray asks of the engine. *watcher.Engine and *control.Client satisfy it.
type Engine interface {
	Events(ctx context.Context) (<-chan watcher.Event, error)
	Overview(ctx context.Context) (watcher.Overview, error)
	Settings(ctx context.Context) (watcher.Settings, error)
	Pause(ctx context.Context) error
	Resume(ctx context.Context) error
	Quiet(ctx context.Context, minutes int) error
	Stop(ctx context.Context) error
}

// Options are what the tray is made of. All but Now are required.
type Options struct {
	Engine Engine
	Open   func(ctx context.Context)              // opens the window, or brings it to the front
	Page   func(ctx context.Context)              // opens the status page in a browser
	Reveal func(ctx context.Context, path string) // shows a folder in the system's file manager
	Now    func() time.Time                       // wall clock; nil is time.Now
	Logger *slog.Logger
}

// Run shows the icon until ctx ends. It must be called on the main goroutine, once in a process, and end after the
// engine has. What a click asks for is done on goroutines that it waits for.
func Run(ctx context.Context, o Options) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if !possible(ctx, o.Logger) {
		<-ctx.Done()
		return
	}
	clicks := make(chan click, 8)
	onStage(ctx, func(s stage) { (&tray{Options: o, stage: s, clicks: clicks}).run(ctx) }, clicks, o.Logger)
}

// stage is where the icon and the menu stand. It is called by one goroutine at a time.
type stage interface{ show(view) }

// click is a menu entry that was chosen.
type click struct {
	entry entry
	place int // for folders: which company, counted as in the view
}

// entry names an entry of the menu.
type entry int

const (
	open entry = iota
	page
	outbox
	inbox
	pause
	quiet
	stop
)

// view is all that can be seen of the tray.
type view struct {
	icon     assets.TrayState
	headline string
	places   []string // the companies, by name
	words    *assets.Words
	paused   bool
	quiet    string // the time at which quiet ends, "" when it is not quiet
}

// settle is how long news are gathered before the icon follows them. It bounds what a busy engine costs.
const settle = 500 * time.Millisecond

// tray follows the engine and does what is clicked.
type tray struct {
	Options
	stage  stage
	clicks <-chan click
	seen   watcher.Overview // as last looked up: what a click is about
}

// run goes on until ctx ends or the engine's events do. It waits for what the clicks began.
func (t *tray) run(ctx context.Context) {
	events, err := t.Engine.Events(ctx)
	if err != nil {
		t.Logger.WarnContext(ctx, "the tray cannot follow the engine", slog.Any("error", err))
		return
	}
	var begun sync.WaitGroup
	defer begun.Wait()
	t.look(ctx)
	due := time.NewTimer(settle)
	defer due.Stop()
	due.Reset(t.untilQuietEnds())
	pending := false
	for {
		select {
		case <-ctx.Done():
			return
		case e, more := <-events:
			if !more {
				return
			}
			if e.Kind != watcher.EventRaise && !pending {
				pending = true
				due.Reset(settle)
			}
		case <-due.C:
			pending = false
			t.look(ctx)
			due.Reset(t.untilQuietEnds())
		case c := <-t.clicks:
			do := t.answer(c)
			begun.Go(func() { do(ctx) })
		}
	}
}

// untilQuietEnds is when the menu changes without an event.
func (t *tray) untilQuietEnds() time.Duration {
	if left := t.seen.QuietUntil.Sub(t.Now()); left > 0 {
		return left
	}
	return 24 * time.Hour
}

// look shows how things stand now. When that cannot be told, what was shown stays.
func (t *tray) look(ctx context.Context) {
	overview, err := t.Engine.Overview(ctx)
	if err != nil {
		t.Logger.WarnContext(ctx, "the tray could not look at the engine", slog.Any("error", err))
		return
	}
	settings, err := t.Engine.Settings(ctx)
	if err != nil {
		t.Logger.WarnContext(ctx, "the tray could not read the settings", slog.Any("error", err))
	}
	t.seen = overview
	t.stage.show(viewOf(overview, assets.For(assets.Language(settings.Language)), t.Now()))
}

// viewOf is what an overview looks like.
func viewOf(o watcher.Overview, w *assets.Words, now time.Time) view {
	line := headline.Of(o)
	v := view{icon: line.State, headline: line.Say(w), words: w, paused: o.Halted()}
	if o.QuietUntil.After(now) {
		v.quiet = w.Time(o.QuietUntil)
	}
	for _, c := range o.Companies {
		v.places = append(v.places, c.Name)
	}
	return v
}

// The folders of a company that a person opens from the menu.
func outboxOf(c watcher.Company) string { return filepath.Join(c.Folder, "Outbox") }
func inboxOf(c watcher.Company) string  { return filepath.Join(c.Folder, "Inbox") }

// answer finds what a click is to do. The click is about what was seen last.
func (t *tray) answer(c click) func(ctx context.Context) {
	try := func(what string, call func(context.Context) error) func(context.Context) {
		return func(ctx context.Context) {
			if err := call(ctx); err != nil && ctx.Err() == nil {
				t.Logger.WarnContext(ctx, "what the tray's menu was asked for failed", slog.String("entry", what), slog.Any("error", err))
			}
		}
	}
	switch c.entry {
	case outbox, inbox:
		if c.place >= len(t.seen.Companies) {
			return func(context.Context) {} // it has just been disconnected
		}
		folder := outboxOf(t.seen.Companies[c.place])
		if c.entry == inbox {
			folder = inboxOf(t.seen.Companies[c.place])
		}
		return func(ctx context.Context) { t.Reveal(ctx, folder) }
	case page:
		return t.Page
	case pause:
		if t.seen.Halted() {
			return try("resume", t.Engine.Resume)
		}
		return try("pause", t.Engine.Pause)
	case quiet:
		minutes := 60
		if t.seen.QuietUntil.After(t.Now()) {
			minutes = 0
		}
		return try("quiet", func(ctx context.Context) error { return t.Engine.Quiet(ctx, minutes) })
	case stop:
		return try("stop", t.Engine.Stop)
	}
	return t.Open
}
