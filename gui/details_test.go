package gui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

func TestARowOpensItsDetailsAndEscapeClosesThem(t *testing.T) {
	s := open(t, acme(), normal)
	s.win.Canvas().Focus(s.files.list)
	s.press(fyne.KeyDown)
	s.press(fyne.KeyDown)
	s.press(fyne.KeyDown)
	s.press(fyne.KeyReturn)
	s.settle()
	if s.files.open != "t:t3" || !s.files.details.content.Visible() {
		t.Fatalf("open is %q", s.files.open)
	}
	if s.files.details.records.table == nil || s.files.details.records.table.Shown() != 20 || len(s.files.details.steps.Objects) != 6 {
		t.Error("outcomes or journey are missing")
	}
	s.press(fyne.KeyEscape)
	if s.files.open != "" || s.files.details.content.Visible() || !s.files.drop.Visible() {
		t.Error("Escape does not close the details")
	}
	if s.win.Canvas().Focused() != s.files.list {
		t.Error("the keyboard is lost")
	}
	s.press(fyne.KeyReturn)
	if s.files.open != "t:t3" {
		t.Errorf("the same row again opens %q", s.files.open)
	}
}

func TestOnlyTheButtonsThatFitAreThere(t *testing.T) {
	base := watcher.Transfer{ID: "x", Company: "Acme Ltd", Scope: "orders", Name: "x.json", Path: "/p/x.json", CreatedAt: now}
	for _, c := range []struct {
		name    string
		state   journal.State
		actions []watcher.Action
		change  func(*watcher.Transfer)
		want    []string
	}{
		{
			"not sent yet", journal.Queued,
			[]watcher.Action{watcher.ActionCancel},
			nil,
			[]string{"Take back", "Open file", "Show in folder", "Copy details"},
		},
		{
			"queued, and may be held back", journal.Queued,
			[]watcher.Action{watcher.ActionCancel, watcher.ActionHold},
			nil,
			[]string{"Hold back", "Take back", "Open file", "Show in folder", "Copy details"},
		},
		{
			"held back by the person", journal.Held,
			[]watcher.Action{watcher.ActionCancel, watcher.ActionRelease},
			func(t *watcher.Transfer) { t.Problem = &watcher.Problem{Code: journal.HeldByPerson} },
			[]string{"Release", "Take back", "Open file", "Show in folder", "Copy details"},
		},
		{
			"in UTF-16", journal.Unchecked,
			[]watcher.Action{watcher.ActionRetry, watcher.ActionCorrect, watcher.ActionDismiss},
			nil,
			[]string{"Send a corrected copy", "Open file", "Put aside", "Show in folder", "Copy for whoever made this file", "Copy details"},
		},
		{
			"refused, with records that were taken", journal.Refused,
			[]watcher.Action{watcher.ActionSendAgain, watcher.ActionDismiss},
			nil,
			[]string{"Open file", "Put aside", "Show in folder", "Send a second time…", "Copy for whoever made this file", "Copy details"},
		},
		{
			"Sage has nothing of it", journal.Unchecked,
			[]watcher.Action{watcher.ActionRetry, watcher.ActionDismiss},
			nil,
			[]string{"Try again", "Open file", "Put aside", "Show in folder", "Copy for whoever made this file", "Copy details"},
		},
		{
			"Sage may have it", journal.Unknown,
			[]watcher.Action{watcher.ActionSend, watcher.ActionLeave},
			nil,
			[]string{"Send a second time…", "Leave it", "Open file", "Show in folder", "Copy details"},
		},
		{
			"sent before", journal.Held,
			[]watcher.Action{watcher.ActionSend, watcher.ActionLeave},
			nil,
			[]string{"Send it", "Leave it", "Open file", "Show in folder", "Copy details"},
		},
		{
			"of no clear scope", journal.Held,
			[]watcher.Action{watcher.ActionSend, watcher.ActionLeave},
			func(t *watcher.Transfer) { t.Scope = "" },
			[]string{"Send as Orders", "Leave it", "Open file", "Show in folder", "Copy details"},
		},
		{
			"through, with a result", journal.Accepted,
			[]watcher.Action{watcher.ActionSendAgain},
			func(t *watcher.Transfer) { t.ResultPath = "/p/r.json" },
			[]string{"Open file", "Open result", "Show in folder", "Send a second time…", "Copy details"},
		},
		{"taken away", journal.Cancelled, nil, func(t *watcher.Transfer) { t.Path = "" }, []string{"Copy details"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine := acme()
			x := base
			x.State, x.Actions = c.state, c.actions
			if c.change != nil {
				c.change(&x)
			}
			engine.transfers = []watcher.Transfer{x}
			s := open(t, engine, normal)
			s.files.list.Select(0)
			s.settle()
			if got := s.buttons(); !slices.Equal(got, c.want) {
				t.Errorf("buttons %q", got)
			}
			filled := 0
			for _, b := range s.files.details.pressed {
				if b.Kind == widgets.Filled {
					filled++
				}
			}
			if filled > 1 {
				t.Errorf("%d filled buttons", filled)
			}
		})
	}
}

func TestAButtonAsksTheEngine(t *testing.T) {
	for words, want := range map[string]string{
		"Try again": "Retry x", "Send it": "Resolve x true", "Leave it": "Resolve x false", "Take back": "Cancel x", "Put aside": "Dismiss x",
	} {
		t.Run(words, func(t *testing.T) {
			engine := acme()
			engine.transfers = []watcher.Transfer{{
				ID: "x", Company: "Acme Ltd", Scope: "orders", Name: "x.json", State: journal.Held, CreatedAt: now,
				Actions: []watcher.Action{watcher.ActionRetry, watcher.ActionSend, watcher.ActionLeave, watcher.ActionCancel, watcher.ActionDismiss},
			}}
			s := open(t, engine, normal)
			s.files.list.Select(0)
			s.settle()
			test.Tap(s.button(words))
			s.asked(want)
		})
	}
}

func TestAFileIsSentASecondTimeOnlyAfterAQuestion(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.list.Select(3)
	s.settle()
	test.Tap(s.button("Send a second time…"))
	if _, ok := s.win.Canvas().Overlays().Top().(*widgets.Sheet); !ok {
		t.Fatal("no question")
	}
	s.look("second-time-light")
	s.press(fyne.KeyReturn) // the answer that does no harm
	s.settle()
	if s.engine.askedFor("SendAgain") != 0 || s.win.Canvas().Overlays().Top() != nil {
		t.Fatal("Return sends a second time")
	}
	test.Tap(s.button("Send a second time…"))
	sheet := s.win.Canvas().Overlays().Top().(*widgets.Sheet)
	test.Tap(sheet.Buttons()[0])
	s.asked("SendAgain t3")
}

func TestCopyingPutsWordsOnTheClipboard(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.list.Select(3)
	s.settle()
	test.Tap(s.button("Copy for whoever made this file"))
	if got := s.app.Clipboard().Content(); !strings.Contains(got, "A-2031") {
		t.Errorf("copied %q", got)
	}
	test.Tap(s.button("Copy details"))
	if got := s.app.Clipboard().Content(); !strings.Contains(got, "transfer: t3") {
		t.Errorf("copied %q", got)
	}
}

func TestAListFromSageShowsWhatChanged(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.list.Select(4)
	s.settle()
	if s.files.open != "l:l1" || s.files.details.records.table == nil || s.files.details.records.table.Shown() != 5 {
		t.Fatal("the changes are not shown")
	}
	test.Tap(s.button("Open list"))
	s.until("the list", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.opened) == 1 })
}

func TestDetailsFollowTheirTransferAndCloseWhenItGoes(t *testing.T) {
	engine := acme()
	s := open(t, engine, normal)
	s.files.list.Select(1)
	s.settle()
	engine.change(func() { engine.transfers[1].State, engine.transfers[1].Actions = journal.Sent, nil })
	engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "t5"}
	s.until("other buttons", func() bool { return !slices.Contains(s.buttons(), "Take back") })
	engine.change(func() { engine.transfers = slices.Delete(engine.transfers, 1, 2) })
	engine.events <- watcher.Event{Kind: watcher.EventAll}
	s.until("closed details", func() bool { return s.files.open == "" })
}
