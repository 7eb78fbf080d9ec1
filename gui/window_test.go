package gui

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
	"postroom/watcher"
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
	if !s.band.content.Visible() || !strings.Contains(s.band.note.Text, "does not answer") || s.band.button.Visible() {
		t.Errorf("the band says %q", s.band.note.Text)
	}
	if s.files.headline.Text != "As it was at 10:20." || s.files.icon.Name != "status-waiting" {
		t.Errorf("the headline is %q", s.files.headline.Text)
	}
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
