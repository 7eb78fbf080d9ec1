package gui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/control"
)

// errGone is what a call comes to while no agent runs.
var errGone = fmt.Errorf("calling overview: %w", control.ErrNoAgent)

// loses has the agent answer with an error from now on, and waits until the window knows.
func (s *screen) loses(err error) {
	s.t.Helper()
	s.engine.change(func() { s.engine.err, s.engine.deaf = err, err })
	s.feed.want(wish{overview: true})
	s.until("silence", func() bool { return s.silent })
}

func TestAnAgentThatIsKilledIsOneCalmBandOverAListThatStaysReadable(t *testing.T) {
	engine := acme()
	s := open(t, engine, normal, func(o *Options) { o.StartAgent = func(context.Context) error { return nil } })
	rows := len(s.files.shelf.items)
	s.loses(errGone)
	if !s.band.content.Visible() || s.band.button.Text != "Start it" || !s.band.button.Visible() {
		t.Errorf("the band says %q and offers %q", s.band.note.Text, s.band.button.Text)
	}
	if len(s.files.shelf.items) != rows || !s.files.card.Visible() {
		t.Error("the list is gone")
	}
	if strings.Contains(s.files.headline.Text, "accepted") {
		t.Errorf("nobody knows that: %q", s.files.headline.Text)
	}
	s.files.list.Select(3)
	s.look("agent-away-light")
	engine.change(func() { engine.err, engine.deaf = nil, nil })
	s.until("the agent to be back", func() bool { return !s.silent })
	if s.band.content.Visible() {
		t.Errorf("the band still says %q", s.band.note.Text)
	}
}

func TestTheBandsButtonStartsTheAgentAndSaysWhyThatFailed(t *testing.T) {
	engine := acme()
	outcome := make(chan error)
	s := open(t, engine, normal, func(o *Options) {
		o.StartAgent = func(context.Context) error { return <-outcome }
		o.Settings = SettingsPage
	})
	s.goSettings() // wherever the person is
	s.loses(errGone)
	test.Tap(s.band.button)
	if s.band.button.Visible() || !strings.Contains(s.band.note.Text, "being started") {
		t.Errorf("meanwhile it says %q", s.band.note.Text)
	}
	outcome <- errors.New("the disk is full")
	s.until("why not", func() bool { return strings.Contains(s.band.note.Text, "the disk is full") })
	if !s.band.button.Visible() {
		t.Error("it cannot be tried again")
	}
	test.Tap(s.band.button)
	outcome <- nil
	engine.change(func() { engine.err, engine.deaf = nil, nil })
	s.until("the agent", func() bool { return !s.silent && !s.band.content.Visible() })
}

func TestAnAgentOfAnotherVersionIsOfferedToBeRestarted(t *testing.T) {
	engine := acme()
	engine.version = "0.4.0"
	restarted := make(chan struct{})
	s := open(t, engine, normal, func(o *Options) {
		o.Version = "0.5.0"
		o.RestartAgent = func(context.Context) error {
			engine.change(func() { engine.version = "0.5.0" })
			close(restarted)
			return nil
		}
	})
	if !strings.Contains(s.band.note.Text, "0.5.0") || !strings.Contains(s.band.note.Text, "0.4.0") || s.band.note.Tone != widgets.ColorMuted {
		t.Errorf("the band says %q", s.band.note.Text)
	}
	s.look("agent-old-light")
	test.Tap(s.band.button)
	<-restarted
	s.until("the band to go", func() bool { return !s.band.content.Visible() })
}

func TestAnAgentsStateIsToldByItsAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		err          error
		ours, theirs string
		state        agentState
	}{
		"well":                       {nil, "1", "1", agentWell},
		"an agent that tells none":   {nil, "1", "", agentWell},
		"an older one":               {nil, "2", "1", agentOld},
		"none":                       {errGone, "1", "1", agentAway},
		"none after an older one":    {errGone, "2", "1", agentAway},
		"another user's":             {fmt.Errorf("%w: user 7: %w", control.ErrNoAgent, fs.ErrPermission), "1", "", agentForeign},
		"one that hangs":             {context.DeadlineExceeded, "1", "1", agentMute},
		"one that is not understood": {errors.New("reading the answer"), "2", "1", agentOld},
	} {
		if state := stateOf(c.err, c.ours, c.theirs); state != c.state {
			t.Errorf("%s is %d, want %d", name, state, c.state)
		}
	}
}

func TestThePracticeCompanyIsMarkedAndRemovedWithOneClick(t *testing.T) {
	engine := acme()
	engine.overview.Companies[0].Practice = true
	s := open(t, engine, normal)
	s.look("practice-light")
	if tip := s.sidebar.items[0].Tip; !strings.Contains(tip, "This is practice") {
		t.Errorf("its shape says %q", tip)
	}
	if s.sidebar.items[0].Mark != "Practice" || s.sidebar.items[1].Mark != "" {
		t.Errorf("the sidebar says %q and %q", s.sidebar.items[0].Mark, s.sidebar.items[1].Mark)
	}
	if !s.files.practice.Visible() || !strings.HasSuffix(s.files.rowOf(s.files.shelf.items[0]).Line, " · Practice") {
		t.Error("the files do not say that it is practice")
	}
	s.files.list.Select(3)
	s.settle()
	if !strings.HasSuffix(s.files.details.title.Text, "(Practice)") {
		t.Errorf("the details are titled %q", s.files.details.title.Text)
	}
	s.look("practice-details-light")
	test.Tap(s.files.practice.close)
	s.asked("Forget Acme Ltd {false true true}")
	s.until("where its files are", func() bool { return strings.Contains(s.files.note.note.Text, "/home/ana/Postroom/Acme Ltd") })
	test.Tap(s.sidebar.items[1])
	s.settle()
	if s.files.practice.Visible() {
		t.Error("a real company is said to be practice")
	}
}

func TestForgettingSaysWhatIsKeptAndDeletedBeforeItAsks(t *testing.T) {
	engine := locked()
	s := openConnection(t, engine, "Borealis SL", normal)
	s.connection().askForget()
	s.until("the question", func() bool { return s.connection().sheet != nil })
	s.look("forget-light")
	sheet := s.connection().sheet
	if len(sheet.Buttons()) != 2 || sheet.Remember() == nil {
		t.Fatalf("%d answers", len(sheet.Buttons()))
	}
	test.Tap(sheet.Buttons()[1])
	s.settle()
	if engine.askedFor("Forget ") != 0 {
		t.Fatal("it was forgotten although the person keeps it")
	}
	s.connection().askForget()
	s.until("the question", func() bool { return s.connection().sheet != nil })
	s.connection().sheet.Remember().SetChecked(true)
	test.Tap(s.connection().sheet.Buttons()[0])
	s.asked("Forget Borealis SL {false false true}")
	s.until("the files", func() bool { return s.page == nil && s.files.note.Visible() })
}

func TestForgettingOffersToWaitForFilesThatAreOnTheirWay(t *testing.T) {
	engine := locked()
	s := openConnection(t, engine, "Acme Ltd", small, func(o *Options) { o.Language = "de" })
	s.connection().askForget()
	s.until("the question", func() bool { return s.connection().sheet != nil })
	s.look("forget-waiting-small-de")
	if n := len(s.connection().sheet.Buttons()); n != 3 {
		t.Fatalf("%d answers", n)
	}
	test.Tap(s.connection().sheet.Buttons()[1])
	s.asked("Forget Acme Ltd {true false false}")
	engine.change(func() { engine.overview.Companies[0].Leaving = true })
	engine.events <- watcher.Event{Kind: watcher.EventAll}
	s.until("that it waits", func() bool { return s.connection().standing.Visible() && s.connection().standing.close.Visible() })
	s.look("forget-leaving-small-de")
	test.Tap(s.connection().standing.close)
	s.asked("KeepCompany Acme Ltd")
}

func TestAllSendingIsPausedAndResumedByAKey(t *testing.T) {
	engine := acme()
	s := open(t, engine, normal)
	key := &desktop.CustomShortcut{KeyName: fyne.KeyP, Modifier: fyne.KeyModifierShortcutDefault}
	s.files.search.TypedShortcut(key)
	s.asked("Pause")
	engine.change(func() { engine.overview.Paused = true })
	engine.events <- watcher.Event{Kind: watcher.EventAll}
	s.until("that it is paused", func() bool { return s.overview.Paused })
	s.files.search.TypedShortcut(key)
	s.asked("Resume")
}

func TestACompanyIsPausedOnItsPageAndResumedThere(t *testing.T) {
	engine := locked()
	s := openConnection(t, engine, "Acme Ltd", normal)
	test.Tap(s.connection().pause)
	s.asked("PauseCompany Acme Ltd")
	engine.change(func() { engine.overview.Companies[0].Paused = true })
	engine.events <- watcher.Event{Kind: watcher.EventAll}
	s.until("that it is paused", func() bool { return s.connection().standing.Visible() })
	s.look("paused-company-light")
	if tip := s.sidebar.items[0].Tip; !strings.HasPrefix(tip, "Acme Ltd\n") {
		t.Errorf("its shape says %q", tip)
	}
	test.Tap(s.connection().pause)
	s.asked("ResumeCompany Acme Ltd")
}

// What a practice company is called says so already, and is not cut for saying it twice.
func TestAPracticeCompanysOwnNameIsNotCutByItsMark(t *testing.T) {
	engine := acme()
	engine.overview.Companies[0].Practice = true
	for i := range engine.transfers {
		engine.transfers[i].Company = "Practice company"
	}
	engine.overview.Companies[0].Name = "Practice company"
	s := open(t, engine, small, func(o *Options) { o.Theme = "dark" })
	s.look("practice-small-dark")
	if item := s.sidebar.items[0]; item.Text != "Practice company" || item.Mark == "" {
		t.Errorf("it is %q with %q", item.Text, item.Mark)
	}
}
