package notify

import (
	"context"
	"html"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"postroom/gui/notify/notifytest"
	"postroom/watcher"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openTestDesk(t *testing.T, bus *notifytest.Bus, clicked func(watcher.Target)) *busDesk {
	t.Helper()
	desk := OpenDesk(DeskOptions{Bus: bus.Address, Clicked: clicked, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { desk.Close() })
	return desk.(*busDesk)
}

func seen(t *testing.T, d *notifytest.Daemon) notifytest.Shown {
	t.Helper()
	select {
	case s := <-d.Shown:
		return s
	case <-time.After(10 * time.Second):
		t.Fatal("the daemon was asked to show nothing")
		return notifytest.Shown{}
	}
}

func TestPopupReachesTheDaemon(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body", "actions")
	desk := openTestDesk(t, bus, nil)
	if err := desk.Show(t.Context(), Popup{Title: "Acme", Body: "38 files accepted, 2 refused.", Urgent: true}); err != nil {
		t.Fatal(err)
	}
	got := seen(t, daemon)
	if got.App != "Postroom" || got.Summary != "Acme" || got.Body != "38 files accepted, 2 refused." {
		t.Errorf("shown %+v", got)
	}
	if len(got.Actions) != 2 || got.Actions[0] != "default" {
		t.Errorf("a click on it does nothing: actions %q", got.Actions)
	}
	if entry := got.Hints["desktop-entry"].Value(); entry != "postroom" {
		t.Errorf("desktop-entry is %v", entry)
	}
}

func TestHostileTextsReachTheDaemonAsText(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body", "body-markup", "actions")
	desk := openTestDesk(t, bus, nil)
	for _, text := range hostile {
		want := Popup{Title: clean(text, longestTitle), Body: clean(text, longestBody)}
		if err := desk.Show(t.Context(), want); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got := seen(t, daemon)
		if got.Summary != want.Title {
			t.Errorf("%q has the title %q", text, got.Summary)
		}
		if strings.ContainsAny(got.Body, "<>") {
			t.Errorf("%q is shown with markup: %q", text, got.Body)
		}
		if html.UnescapeString(got.Body) != want.Body {
			t.Errorf("%q reads %q", text, html.UnescapeString(got.Body))
		}
	}
}

func TestTextIsNotEscapedForADaemonThatShowsItAsItIs(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body")
	desk := openTestDesk(t, bus, nil)
	if err := desk.Show(t.Context(), Popup{Title: "A & B", Body: "<orders>.json & more"}); err != nil {
		t.Fatal(err)
	}
	got := seen(t, daemon)
	if got.Body != "<orders>.json & more" || len(got.Actions) != 0 {
		t.Errorf("shown %+v", got)
	}
}

func TestDaemonWithoutABodyGetsItInTheTitle(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus)
	desk := openTestDesk(t, bus, nil)
	if err := desk.Show(t.Context(), Popup{Title: "Acme", Body: "orders.json: accepted."}); err != nil {
		t.Fatal(err)
	}
	if got := seen(t, daemon); got.Summary != "Acme: orders.json: accepted." || got.Body != "" {
		t.Errorf("shown %+v", got)
	}
}

func TestClickOnOurPopupIsHeardAndOnAnothersIsNot(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body", "actions")
	clicks := make(chan watcher.Target, 10)
	desk := openTestDesk(t, bus, func(show watcher.Target) { clicks <- show })
	want := watcher.Target{Company: "Acme", Transfer: "t1"}
	if err := desk.Show(t.Context(), Popup{Title: "Acme", Body: "one", Show: want, Button: "Show"}); err != nil {
		t.Fatal(err)
	}
	first := seen(t, daemon)
	if !slices.Equal(first.Actions, []string{"default", "", "show", "Show"}) {
		t.Errorf("the actions are %q", first.Actions)
	}
	if err := desk.Show(t.Context(), Popup{Title: "Acme", Body: "two"}); err != nil {
		t.Fatal(err)
	}
	second := seen(t, daemon)
	daemon.Click(t, 4711)        // of another program
	daemon.Dismiss(t, second.ID) // no longer there ...
	daemon.Click(t, second.ID)   // ... and so not to be clicked
	daemon.Press(t, first.ID, "show")
	daemon.Click(t, first.ID)
	for range 2 {
		select {
		case got := <-clicks:
			if got != want {
				t.Errorf("the click shows %+v, want %+v", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the click was not heard")
		}
	}
	desk.Close() // the listener has ended: what it was going to hear, it has
	if len(clicks) != 0 {
		t.Errorf("%d clicks too many were heard", len(clicks))
	}
}

func TestAClickThatIsQuickerThanTheDaemonsAnswerIsHeard(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body", "actions")
	daemon.ClickAtOnce()
	clicks := make(chan watcher.Target, 10)
	desk := openTestDesk(t, bus, func(show watcher.Target) { clicks <- show })
	for _, id := range []string{"t1", "t2", "t3"} {
		want := watcher.Target{Company: "Acme", Transfer: id}
		if err := desk.Show(t.Context(), Popup{Title: "Acme", Show: want}); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-clicks:
			if got != want {
				t.Errorf("the click shows %+v, want %+v", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the click was not heard")
		}
	}
	desk.Close()
	if len(clicks) != 0 {
		t.Errorf("%d clicks were heard twice", len(clicks))
	}
}

func TestSlowDaemonIsGivenUpAndTriedAgain(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body")
	desk := openTestDesk(t, bus, nil)
	desk.limit = 50 * time.Millisecond
	daemon.Hang(true)
	if err := desk.Show(t.Context(), Popup{Title: "Acme", Body: "slow"}); err == nil {
		t.Fatal("a daemon that hangs was waited for")
	}
	daemon.Hang(false)
	desk.limit = callTime
	if err := desk.Show(t.Context(), Popup{Title: "Acme", Body: "again"}); err != nil {
		t.Fatal(err)
	}
	if got := seen(t, daemon); got.Body != "again" {
		t.Errorf("shown %+v", got)
	}
}

func TestFrozenBusIsGivenUpInTheMiddleOfTheGreeting(t *testing.T) {
	bus := notifytest.StartBus(t)
	desk := openTestDesk(t, bus, nil)
	desk.limit = 50 * time.Millisecond
	bus.Freeze(t)
	defer bus.Thaw(t)
	done := make(chan error, 1)
	go func() { done <- desk.Show(context.Background(), Popup{Title: "Acme"}) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a frozen bus took a pop-up")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("a frozen bus froze the pop-up too")
	}
}

func TestNoDaemonIsAnErrorAndOneThatComesLaterIsUsed(t *testing.T) {
	bus := notifytest.StartBus(t)
	desk := openTestDesk(t, bus, nil)
	if err := desk.Show(t.Context(), Popup{Title: "Acme"}); err == nil {
		t.Fatal("nobody showed the pop-up, and nobody said so")
	}
	daemon := notifytest.StartDaemon(t, bus, "body")
	if err := desk.Show(t.Context(), Popup{Title: "Acme", Body: "now"}); err != nil {
		t.Fatal(err)
	}
	if got := seen(t, daemon); got.Body != "now" {
		t.Errorf("shown %+v", got)
	}
}

func TestWithoutASessionPopupsGoToTheLog(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	var log strings.Builder
	desk := OpenDesk(DeskOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	defer desk.Close()
	if err := desk.Show(t.Context(), Popup{Title: "Acme", Body: "orders.json: accepted."}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "orders.json: accepted.") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestSessionBusIsFoundByItsSocket(t *testing.T) {
	bus := notifytest.StartBus(t)
	path := strings.TrimPrefix(strings.Split(bus.Address, ",")[0], "unix:path=")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "autolaunch:")
	t.Setenv("XDG_RUNTIME_DIR", strings.TrimSuffix(path, "/bus"))
	if address, ok := SessionBus(); !ok || address != "unix:path="+path {
		t.Errorf("found %q, %v", address, ok)
	}
}
