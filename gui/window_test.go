package gui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// press presses a key as the driver does: the focused object gets it, or the window.
func (s *screen) press(name fyne.KeyName) {
	c := s.win.Canvas()
	event := &fyne.KeyEvent{Name: name}
	if focused := c.Focused(); focused != nil {
		focused.TypedKey(event)
	} else if typed := c.OnTypedKey(); typed != nil {
		typed(event)
	}
	s.turn()
}

// button finds a button of the details by its words.
func (s *screen) button(words string) *widgets.Button {
	s.t.Helper()
	for _, b := range s.files.details.pressed {
		if b.Text == words && b.Visible() {
			return b
		}
	}
	s.t.Fatalf("no button %q beside %q of %s", words, s.buttons(), s.files.open)
	return nil
}

func (s *screen) buttons() []string {
	var words []string
	for _, b := range s.files.details.pressed {
		words = append(words, b.Text)
	}
	return words
}

func (s *screen) asked(what string) {
	s.t.Helper()
	s.until("the engine is asked to "+what, func() bool { return s.engine.askedFor(what) > 0 })
}

func TestThreeWaysToGiveFilesAreOne(t *testing.T) {
	chosen := make(chan []string, 1)
	s := open(t, acme(), normal, func(o *Options) {
		o.Choose = func(context.Context, string) ([]string, error) { return <-chosen, nil }
	})
	s.dropped([]fyne.URI{storage.NewFileURI("/home/ana/a.json"), storage.NewFileURI("/home/ana/orders folder")})
	s.asked("AddFiles Acme Ltd orders /home/ana/a.json,/home/ana/orders folder")
	chosen <- []string{"/home/ana/b.json"}
	test.Tap(s.files.drop.Choose)
	s.asked("AddFiles Acme Ltd orders /home/ana/b.json")
	s.Raise([]string{"/home/ana/c.json"})
	s.asked("AddFiles Acme Ltd orders /home/ana/c.json")
	before := s.engine.askedFor("AddFiles")
	chosen <- nil
	test.Tap(s.files.drop.Choose)
	s.settle()
	if s.engine.askedFor("AddFiles") != before {
		t.Error("a person who changed their mind sends something")
	}
}

func TestFilesThatComeBeforeTheEngineHasAnsweredAreNotLost(t *testing.T) {
	engine := acme()
	engine.err = errors.New("starting")
	s := open(t, engine, normal)
	s.Raise([]string{"/home/ana/early.json"})
	if s.engine.askedFor("AddFiles") != 0 {
		t.Fatal("sent to nobody")
	}
	engine.change(func() { engine.err = nil })
	s.asked("AddFiles Acme Ltd orders /home/ana/early.json")
}

func TestWhereThereIsNoDialogThePersonIsToldAndTheOutboxOpens(t *testing.T) {
	s := open(t, acme(), normal, func(o *Options) {
		o.Choose = func(context.Context, string) ([]string, error) { return nil, ErrNoChooser }
	})
	test.Tap(s.files.drop.Choose)
	s.until("the note", func() bool { return s.files.note.Visible() })
	s.until("the folder", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.opened) == 1 })
	if !strings.HasSuffix(s.opened[0], "Outbox") {
		t.Errorf("opened %s", s.opened[0])
	}
	s.look("told-light")
	s.press(fyne.KeyEscape)
	if s.files.note.Visible() {
		t.Error("Escape does not put the note away")
	}
}

func TestAFailureOfTheEngineIsToldAboveTheList(t *testing.T) {
	engine := acme()
	s := open(t, engine, normal)
	engine.change(func() { engine.refusal = watcher.ErrWrongState })
	s.files.list.Select(1)
	s.settle()
	test.Tap(s.button("Take back"))
	s.until("the note", func() bool { return s.files.note.Visible() })
}

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
	if s.files.details.rows == nil || s.files.details.rows.Shown() != 4 || len(s.files.details.steps.Objects) != 6 {
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
	if s.files.open != "l:l1" || s.files.details.rows == nil || s.files.details.rows.Shown() != 3 {
		t.Fatal("the changes are not shown")
	}
	test.Tap(s.button("Open list"))
	s.until("the list", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.opened) == 1 })
}

func TestFiltersAndSearchAskForOtherRows(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.filters.Choose(filterNeedsYou)
	s.settle()
	if got := keys(s.files.shelf); !slices.Equal(got, []string{"t:t3"}) {
		t.Errorf("needs you: %v", got)
	}
	s.files.filters.Choose(filterDone)
	s.settle()
	if got := keys(s.files.shelf); !slices.Equal(got, []string{"t:t4", "t:t3", "l:l1", "t:t1"}) {
		t.Errorf("done: %v", got)
	}
	s.files.filters.Choose(filterAll)
	s.win.Canvas().(interface{ Focus(fyne.Focusable) }).Focus(s.files.search)
	test.Type(s.files.search, "24-11")
	s.settle()
	if got := keys(s.files.shelf); !slices.Equal(got, []string{"t:t6", "t:t4"}) {
		t.Errorf("search: %v", got)
	}
	test.Type(s.files.search, "zzz")
	s.settle()
	if !s.files.empty.content.Visible() || !strings.Contains(s.files.empty.words.Text(), "24-11zzz") {
		t.Error("an empty list says nothing")
	}
	s.look("empty-search-light")
	s.press(fyne.KeyEscape)
	s.settle()
	if s.files.search.Text != "" || len(s.files.shelf.items) != 6 {
		t.Error("Escape does not end the search")
	}
}

func TestTheScopeIsChosenFromAMenu(t *testing.T) {
	s := open(t, acme(), normal)
	test.Tap(s.files.scope)
	menu, ok := s.win.Canvas().Overlays().Top().(fyne.Widget)
	if !ok {
		t.Fatal("no menu")
	}
	s.look("scope-light")
	menu.Hide()
	s.files.ask(func(q *watcher.Query) { q.Scope = "products" })
	s.settle()
	if got := keys(s.files.shelf); !slices.Equal(got, []string{"l:l1"}) {
		t.Errorf("products: %v", got)
	}
}

func TestKeysOfTheWindow(t *testing.T) {
	s := open(t, acme(), normal)
	s.press(fyne.KeyF5)
	s.asked("CheckNow")
	s.files.list.Select(0)
	s.settle()
	find := &desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierShortcutDefault}
	s.files.search.TypedShortcut(find) // an entry gets every shortcut first
	if s.win.Canvas().Focused() != s.files.search || s.files.open != "" {
		t.Error("Ctrl+F does not lead to the search")
	}
	s.press(fyne.KeyDelete)
	if s.engine.askedFor("Cancel")+s.engine.askedFor("Dismiss") != 0 {
		t.Error("Delete deletes")
	}
}

func TestTheKeyboardReachesEverything(t *testing.T) {
	s := open(t, acme(), normal)
	c := s.win.Canvas()
	reached := map[fyne.Focusable]bool{}
	for range 40 {
		c.FocusNext()
		reached[c.Focused()] = true
	}
	for name, o := range map[string]fyne.Focusable{
		"company": s.sidebar.items[0], "add": s.sidebar.add, "connection": s.sidebar.connection, "settings": s.sidebar.settings,
		"choose": s.files.drop.Choose, "search": s.files.search, "filter": s.files.filters.Pills()[1], "scope": s.files.scope, "list": s.files.list,
	} {
		if !reached[o] {
			t.Errorf("Tab never reaches %s", name)
		}
	}
	if reached[s.files.details.close] {
		t.Error("Tab reaches what is not shown")
	}
}

func TestAnAgentThatFallsSilentIsTold(t *testing.T) {
	engine := acme()
	s := open(t, engine, normal)
	engine.change(func() { engine.err = errors.New("gone") })
	s.feed.want(wish{overview: true})
	s.until("silence", func() bool { return s.silent })
	if !strings.Contains(s.files.headline.Text, "does not answer") || s.files.icon.Name != "status-attention" {
		t.Errorf("the headline is %q", s.files.headline.Text)
	}
}

func TestALongHistoryIsLoadedAsFarAsItIsRead(t *testing.T) {
	engine := many(12_000)
	s := open(t, engine, normal)
	if got := len(s.files.shelf.transfers); got != pageSize {
		t.Fatalf("at first %d rows", got)
	}
	s.win.Canvas().Focus(s.files.list)
	for range 3 {
		s.press(fyne.KeyEnd)
		s.settle()
	}
	if got := len(s.files.shelf.transfers); got < 3*pageSize || got > 6*pageSize {
		t.Errorf("after three times End %d rows", got)
	}
	asked := engine.askedFor("Transfers")
	s.press(fyne.KeyHome)
	s.settle()
	if s.files.list.GetScrollOffset() != 0 || engine.askedFor("Transfers") > asked+1 {
		t.Error("going back loads again")
	}
}

func TestWhatIsReadStaysWhereItIsWhileRowsComeIn(t *testing.T) {
	engine := many(1000)
	s := open(t, engine, normal)
	s.files.list.ScrollToOffset(50 * widgets.RowHeight)
	s.settle()
	read := s.files.shelf.items[50].key()
	engine.change(func() {
		for i := range 3 {
			engine.transfers = slices.Insert(engine.transfers, 0, watcher.Transfer{
				ID: fmt.Sprint("new", i), Company: "Acme Ltd", Scope: "orders", Name: "new.json", State: journal.Queued, CreatedAt: now,
			})
		}
	})
	s.feed.want(wish{rows: true})
	s.until("the new rows", func() bool { return s.files.shelf.find("t:new2") == 0 })
	if at := s.files.shelf.find(read); s.files.list.GetScrollOffset() != float32(at)*widgets.RowHeight {
		t.Errorf("row %d is read, the list stands at %g", at, s.files.list.GetScrollOffset())
	}
}

func TestARowKeepsItsPlaceWhileItChanges(t *testing.T) {
	engine := acme()
	s := open(t, engine, normal)
	before := keys(s.files.shelf)
	engine.change(func() {
		engine.transfers[1].State, engine.transfers[1].Waits = journal.Processing, nil
	})
	engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "t5"}
	s.until("the change", func() bool { return s.files.shelf.items[1].transfer.State == journal.Processing })
	if got := keys(s.files.shelf); !slices.Equal(got, before) {
		t.Errorf("the rows are %v", got)
	}
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

func TestAnotherCompanysFilesAreShown(t *testing.T) {
	s := open(t, acme(), normal)
	test.Tap(s.sidebar.items[1])
	s.settle()
	if s.company != "Borealis SL" || len(s.files.shelf.items) != 0 || !s.files.empty.content.Visible() {
		t.Errorf("shown: %s with %d rows", s.company, len(s.files.shelf.items))
	}
	s.look("empty-light")
	if s.files.scope.Visible() {
		t.Error("a choice of scopes where there is none")
	}
}

func TestPausedSendingIsResumed(t *testing.T) {
	engine := acme()
	engine.overview.Paused = true
	s := open(t, engine, normal)
	s.look("paused-light")
	test.Tap(s.files.resume)
	s.asked("Resume")
}

func TestACompanyThatIsPausedAloneIsResumed(t *testing.T) {
	engine := acme()
	engine.overview.Companies[0].Paused = true
	s := open(t, engine, normal)
	if !s.files.resume.Visible() {
		t.Fatal("there is no way to go on")
	}
	test.Tap(s.files.resume)
	s.asked("Resume")
}

func TestALockedVaultAsksForItsPassphrase(t *testing.T) {
	engine := acme()
	engine.overview.VaultLocked = true
	s := open(t, engine, normal)
	s.look("unlock-light")
	if !s.files.unlock.content.Visible() {
		t.Fatal("nothing to type into")
	}
	engine.change(func() { engine.refusal = errors.New("that is not the passphrase") })
	s.files.unlock.field.SetText("wrong")
	s.files.unlock.unlock()
	s.until("what is wrong", func() bool { return s.files.unlock.field.Problem() != "" })
	engine.change(func() { engine.refusal, engine.overview.VaultLocked = nil, false })
	s.files.unlock.unlock()
	s.until("the panel to go", func() bool { return !s.files.unlock.content.Visible() })
	if s.files.unlock.field.Text() != "" {
		t.Error("the passphrase stays in the window")
	}
}
