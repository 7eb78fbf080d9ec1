package gui

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"postroom/watcher"
)

// stuck is an engine behind a socket that nobody reads from, or one whose keyring or disk hangs: its calls end when their
// time is over, and not before.
type stuck struct {
	*fake
	agent, keys, disk atomic.Bool
}

func stall(ctx context.Context, hangs ...*atomic.Bool) error {
	for _, h := range hangs {
		if h.Load() {
			<-ctx.Done()
			return context.Cause(ctx)
		}
	}
	return nil
}

func (s *stuck) Overview(ctx context.Context) (watcher.Overview, error) {
	if err := stall(ctx, &s.agent); err != nil {
		return watcher.Overview{}, err
	}
	return s.fake.Overview(ctx)
}

func (s *stuck) Transfers(ctx context.Context, q watcher.Query) (watcher.Page, error) {
	if err := stall(ctx, &s.agent); err != nil {
		return watcher.Page{}, err
	}
	return s.fake.Transfers(ctx, q)
}

func (s *stuck) Transfer(ctx context.Context, id string) (watcher.Detail, error) {
	if err := stall(ctx, &s.agent); err != nil {
		return watcher.Detail{}, err
	}
	return s.fake.Transfer(ctx, id)
}

func (s *stuck) Events(ctx context.Context) (<-chan watcher.Event, error) {
	if err := stall(ctx, &s.agent); err != nil {
		return nil, err
	}
	return s.fake.Events(ctx)
}

func (s *stuck) CheckNow(ctx context.Context) error {
	if err := stall(ctx, &s.agent); err != nil {
		return err
	}
	return s.fake.CheckNow(ctx)
}

func (s *stuck) AddFiles(ctx context.Context, company, scope string, paths []string) error {
	if err := stall(ctx, &s.agent, &s.disk); err != nil {
		return err
	}
	return s.fake.AddFiles(ctx, company, scope, paths)
}

func (s *stuck) Connections(ctx context.Context) ([]watcher.Connection, error) {
	return s.overview.Companies[0].Connections, stall(ctx, &s.agent)
}

func (s *stuck) Renewals(ctx context.Context, _ string) ([]watcher.Renewal, error) {
	return nil, stall(ctx, &s.agent)
}

func (s *stuck) Rotate(ctx context.Context, _, _ string) error { return stall(ctx, &s.agent, &s.keys) }

// frozen opens a window over an engine that can get stuck, in a bubble, with the UI thread measured.
func frozen(t *testing.T, play func(t *testing.T, s *screen, engine *stuck), change ...func(*Options)) {
	synctest.Test(t, func(t *testing.T) {
		engine := &stuck{fake: acme()}
		s := openOver(t, engine, engine.fake, normal, append(change, func(o *Options) {
			o.Connection, o.Settings = ConnectionPage, SettingsPage
		})...)
		s.held = &held{}
		play(t, s, engine)
		t.Logf("%d functions on the UI thread; the longest worked for %v", s.held.functions, s.held.worked)
	})
}

// pass lets the bubble's time go by, with the UI thread at work.
func (s *screen) pass(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(50*time.Millisecond, time.Until(end)))
		synctest.Wait()
		s.turn()
	}
}

// waitingFor is what the window says it waits for, "" where it says nothing.
func (s *screen) waitingFor() string {
	if !s.waits.card.Visible() {
		return ""
	}
	return s.waits.note.Text
}

// walkAround does what a person does who wonders why nothing goes on.
func (s *screen) walkAround() {
	s.t.Helper()
	s.reacts("a row", func() { s.files.list.Select(3) })
	s.reacts("its details put away", func() { s.press(fyne.KeyEscape) })
	s.reacts("a filter", func() { s.files.filters.Choose(filterNeedsYou) })
	s.reacts("all again", func() { s.files.filters.Choose(filterAll) })
	s.reacts("a search", func() { test.Type(s.files.search, "orders") })
	s.reacts("the search put away", func() { s.files.search.SetText("") })
	s.reacts("F5", func() { s.press(fyne.KeyF5) })
	s.reacts("the connection", func() { s.goConnection("Acme Ltd") })
	s.reacts("the settings", s.goSettings)
	s.reacts("the other company", func() { s.goFiles("Borealis SL") })
	s.reacts("the files", func() { s.goFiles("Acme Ltd") })
	s.reacts("a drop", func() { s.Add([]string{"/mnt/share/orders.json"}) })
	s.reacts("another size", func() { s.win.Resize(small) })
	s.reacts("the size again", func() { s.win.Resize(normal) })
}

func TestAnAgentThatStopsAnsweringFreezesNothingAndIsSpokenOf(t *testing.T) {
	frozen(t, func(t *testing.T, s *screen, engine *stuck) {
		engine.agent.Store(true)
		engine.events <- watcher.Event{Kind: watcher.EventAll}
		s.pass(slowAfter / 2)
		if said := s.waitingFor(); said != "" {
			t.Errorf("after half a second it is said already: %q", said)
		}
		s.walkAround()
		s.pass(slowAfter)
		if said := s.waitingFor(); !strings.HasPrefix(said, "Waiting for Postroom in the background.") {
			t.Errorf("the window says %q", said)
		}
		s.look("waits-agent-light")
		s.walkAround()
		s.pass(callTime + 2*slowAfter)
		if !s.silent {
			t.Error("the headline does not say that nobody answers")
		}
		s.walkAround()
		engine.agent.Store(false)
		s.pass(callTime + 2*feedRetry)
		if said := s.waitingFor(); said != "" || s.silent {
			t.Errorf("after it came back the window says %q", said)
		}
	})
}

func TestAnAgentThatNeverAnsweredAtAllIsSpokenOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := &stuck{fake: acme()}
		engine.agent.Store(true)
		s := &screen{t: t, engine: engine.fake, queued: make(chan struct{}, 1), app: test.NewTempApp(t), held: &held{}}
		s.Window = NewWindow(s.app, engine, Options{Language: "en-GB", Theme: "light", Do: s.do})
		defer s.Wait()
		s.Show()
		s.pass(2 * slowAfter)
		if said := s.waitingFor(); !strings.HasPrefix(said, "Waiting for Postroom") {
			t.Errorf("the window says %q", said)
		}
		s.pass(callTime)
		if !s.silent {
			t.Error("who opens a stream that nobody answers waits for ever")
		}
		engine.agent.Store(false)
		s.pass(callTime + 2*feedRetry)
		if !s.heard || s.silent || s.waitingFor() != "" {
			t.Errorf("after it came back: %v, %v, %q", s.heard, s.silent, s.waitingFor())
		}
	})
}

func TestAKeyringThatHangsFreezesNothingAndIsSpokenOf(t *testing.T) {
	frozen(t, func(t *testing.T, s *screen, engine *stuck) {
		engine.keys.Store(true)
		s.reacts("the connection", func() { s.goConnection("Acme Ltd") })
		s.pass(feedPace)
		page := s.page.(*connectionPage)
		if len(page.buttons) == 0 {
			t.Fatal("nothing to press")
		}
		s.reacts("renewing access", func() { test.Tap(page.buttons[0]) })
		s.pass(2 * slowAfter)
		if said := s.waitingFor(); !strings.Contains(said, "keyring") {
			t.Errorf("the window says %q", said)
		}
		s.look("waits-keys-light")
		s.walkAround()
		s.pass(callTime)
		if said := s.waitingFor(); said != "" {
			t.Errorf("after the call was given up the window says %q", said)
		}
	})
}

func TestANetworkFolderThatHangsFreezesNothingAndIsSpokenOf(t *testing.T) {
	var share chan struct{} // nobody can end a look into it
	frozen(t, func(t *testing.T, s *screen, engine *stuck) {
		share = make(chan struct{})
		engine.disk.Store(true)
		s.reacts("the Outbox", s.openOutbox)
		s.pass(2 * slowAfter)
		if said := s.waitingFor(); !strings.HasPrefix(said, "Waiting for the folder to open.") {
			t.Errorf("the window says %q", said)
		}
		s.walkAround()
		s.pass(2 * slowAfter)
		if said := s.waitingFor(); !strings.HasPrefix(said, "Waiting for the folder to open.") {
			t.Errorf("with a copy under way too the window says %q", said)
		}
		closing := time.Now()
		s.Wait()
		if took := time.Since(closing); took > closePatience {
			t.Errorf("a folder that hangs held the window up for %v", took)
		}
		close(share)
		s.working.Wait()
	}, func(o *Options) {
		o.Open = func(string) error {
			<-share
			return nil
		}
	})
}

func TestACopyFromADriveThatHangsIsSpokenOf(t *testing.T) {
	frozen(t, func(t *testing.T, s *screen, engine *stuck) {
		engine.disk.Store(true)
		s.reacts("a drop", func() { s.Add([]string{"/mnt/share/orders.json"}) })
		s.pass(2 * slowAfter)
		if said := s.waitingFor(); !strings.Contains(said, "copied into the Outbox") {
			t.Errorf("the window says %q", said)
		}
		s.pass(callTime)
		if said := s.waitingFor(); said != "" {
			t.Errorf("after it was given up the window says %q", said)
		}
	})
}

func TestWhatIsSaidToBeWaitedForMovesNothing(t *testing.T) {
	frozen(t, func(t *testing.T, s *screen, engine *stuck) {
		place := func() (fyne.Position, fyne.Size) { return s.files.list.Position(), s.files.card.Size() }
		at, size := place()
		engine.agent.Store(true)
		engine.events <- watcher.Event{Kind: watcher.EventAll}
		s.pass(2 * slowAfter)
		if s.waitingFor() == "" {
			t.Fatal("nothing is said")
		}
		if nowAt, nowSize := place(); nowAt != at || nowSize != size {
			t.Errorf("the list was at %v, %v and is at %v, %v", at, size, nowAt, nowSize)
		}
		if foot := s.waits.content.Objects[0]; foot.Position().Y+foot.Size().Height > normal.Height || foot.Size().Height < 30 {
			t.Errorf("what is said lies at %v, %v", foot.Position(), foot.Size())
		}
	})
}
