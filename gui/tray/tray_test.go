package tray

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/assets"
	"postroom/watcher"
)

// engine remembers what it was asked to do.
type engine struct {
	events chan watcher.Event

	mu       sync.Mutex
	overview watcher.Overview
	calls    []string
	looks    int
	broken   error
}

func newEngine(companies ...string) *engine {
	e := &engine{events: make(chan watcher.Event)}
	for _, name := range companies {
		e.overview.Companies = append(e.overview.Companies, watcher.Company{
			Name: name, Folder: "/files/" + name, Counts: watcher.Counts{Done: 1},
		})
	}
	return e
}

func (e *engine) Events(context.Context) (<-chan watcher.Event, error) { return e.events, nil }

func (e *engine) Overview(context.Context) (watcher.Overview, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.looks++
	return e.overview, e.broken
}

func (e *engine) Settings(context.Context) (watcher.Settings, error) {
	return watcher.Settings{Language: "en"}, e.broken
}

func (e *engine) did(what string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, what)
	return e.broken
}

func (e *engine) Pause(context.Context) error  { return e.did("pause") }
func (e *engine) Resume(context.Context) error { return e.did("resume") }
func (e *engine) Stop(context.Context) error   { return e.did("stop") }
func (e *engine) Quiet(_ context.Context, minutes int) error {
	return e.did(map[int]string{0: "loud", 60: "quiet"}[minutes])
}

func (e *engine) asked() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	calls := e.calls
	e.calls = nil
	return calls
}

func (e *engine) becomes(change func(*watcher.Overview)) {
	e.mu.Lock()
	change(&e.overview)
	e.mu.Unlock()
	e.events <- watcher.Event{Kind: watcher.EventConnection}
}

// pictures is a stage that remembers what it was told to show.
type pictures struct{ shown []view }

func (p *pictures) show(v view) { p.shown = append(p.shown, v) }

func (p *pictures) last() view { return p.shown[len(p.shown)-1] }

// follow runs a tray in a bubble for as long as play takes.
func follow(t *testing.T, e *engine, play func(p *pictures, clicks chan<- click)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e.events = make(chan watcher.Event)
		ctx, end := context.WithCancel(t.Context())
		stage, clicks, done := new(pictures), make(chan click), make(chan struct{})
		go func() {
			defer close(done)
			(&tray{Options: Options{
				Engine: e, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
				Open:   func(context.Context) { _ = e.did("open") },
				Page:   func(context.Context) { _ = e.did("page") },
				Reveal: func(_ context.Context, folder string) { _ = e.did("reveal " + folder) },
			}, stage: stage, clicks: clicks}).run(ctx)
		}()
		synctest.Wait()
		play(stage, clicks)
		end()
		<-done
	})
}

func wait(d time.Duration) {
	time.Sleep(d) // the bubble's time
	synctest.Wait()
}

func TestTheIconFollowsTheEngine(t *testing.T) {
	e := newEngine("Acme")
	follow(t, e, func(p *pictures, _ chan<- click) {
		if v := p.last(); v.icon != assets.TrayGood || v.headline != "Everything is accepted." {
			t.Errorf("at first %+v", v)
		}
		e.becomes(func(o *watcher.Overview) { o.Companies[0].Counts.OnTheirWay = 3 })
		wait(settle)
		if v := p.last(); v.icon != assets.TrayBusy || v.headline != "3 files on their way." {
			t.Errorf("with files on their way %+v", v)
		}
		e.becomes(func(o *watcher.Overview) { o.Companies[0].Counts.NeedsYou = 1 })
		wait(settle)
		if v := p.last(); v.icon != assets.TrayNeedsYou {
			t.Errorf("with a file that needs the person %+v", v)
		}
	})
}

func TestABusyEngineIsLookedAtTwiceASecond(t *testing.T) {
	e := newEngine("Acme")
	follow(t, e, func(*pictures, chan<- click) {
		for range 10_000 {
			e.becomes(func(*watcher.Overview) {})
			wait(time.Millisecond)
		}
		wait(settle)
		if e.looks > 22 {
			t.Errorf("looked %d times in 10 s", e.looks)
		}
	})
}

func TestEachEntryDoesWhatItSays(t *testing.T) {
	e := newEngine("Acme", "Beta")
	follow(t, e, func(_ *pictures, clicks chan<- click) {
		for _, c := range []struct {
			click click
			want  string
		}{
			{click{entry: open}, "open"},
			{click{entry: page}, "page"},
			{click{outbox, 1}, "reveal /files/Beta/Outbox"},
			{click{inbox, 0}, "reveal /files/Acme/Inbox"},
			{click{entry: pause}, "pause"},
			{click{entry: quiet}, "quiet"},
			{click{entry: stop}, "stop"},
		} {
			clicks <- c.click
			synctest.Wait()
			if got := e.asked(); !slices.Equal(got, []string{c.want}) {
				t.Errorf("%+v did %q, want %q", c.click, got, c.want)
			}
		}
		clicks <- click{outbox, 7} // of a company that has just gone
		synctest.Wait()
		if got := e.asked(); len(got) != 0 {
			t.Errorf("a company that is gone did %q", got)
		}
	})
}

func TestACompanyThatIsPausedAloneIsResumedFromTheMenu(t *testing.T) {
	e := newEngine("Acme")
	follow(t, e, func(p *pictures, clicks chan<- click) {
		e.becomes(func(o *watcher.Overview) { o.Companies[0].Paused = true })
		wait(settle)
		if v := p.last(); !v.paused || v.icon != assets.TrayPaused {
			t.Fatalf("paused: %+v", v)
		}
		clicks <- click{entry: pause}
		synctest.Wait()
		if got := e.asked(); !slices.Equal(got, []string{"resume"}) {
			t.Errorf("did %q", got)
		}
	})
}

func TestPauseAndQuietAreTakenBackByTheSameEntry(t *testing.T) {
	e := newEngine("Acme")
	follow(t, e, func(p *pictures, clicks chan<- click) {
		e.becomes(func(o *watcher.Overview) { o.Paused, o.QuietUntil = true, time.Now().Add(time.Hour) })
		wait(settle)
		if v := p.last(); !v.paused || v.quiet == "" || v.icon != assets.TrayPaused {
			t.Fatalf("paused and quiet: %+v", v)
		}
		clicks <- click{entry: pause}
		clicks <- click{entry: quiet}
		synctest.Wait()
		got := e.asked()
		slices.Sort(got)
		if !slices.Equal(got, []string{"loud", "resume"}) {
			t.Errorf("did %q", got)
		}
		wait(time.Hour)
		if v := p.last(); v.quiet != "" {
			t.Error("quiet did not end by itself")
		}
	})
}

func TestATrayGoesOnWhenTheEngineFails(t *testing.T) {
	e := newEngine("Acme")
	e.broken = errors.New("no")
	follow(t, e, func(p *pictures, clicks chan<- click) {
		clicks <- click{entry: pause}
		synctest.Wait()
		if got := e.asked(); !slices.Equal(got, []string{"pause"}) {
			t.Errorf("did %q", got)
		}
		if len(p.shown) != 0 {
			t.Errorf("shows %+v", p.shown)
		}
	})
}

func TestEntriesHaveWordsInEveryLanguage(t *testing.T) {
	for _, spoken := range assets.Languages() {
		words := assets.For(spoken.Tag)
		for _, key := range []string{
			"tray.open", "tray.outbox", "tray.inbox", "tray.pause", "tray.resume", "tray.quiet", "tray.quiet.end", "tray.stop",
		} {
			if !words.Has(key) {
				t.Errorf("%s has no %s", spoken.Tag, key)
			}
		}
	}
}
