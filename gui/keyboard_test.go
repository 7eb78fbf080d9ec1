package gui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"postroom/gui/guitest"
	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

func (s *screen) canvas() fyne.Canvas { return s.win.Canvas() }

// shortcut presses a key together with Ctrl, or Cmd on a Mac.
func (s *screen) shortcut(key fyne.KeyName) {
	s.t.Helper()
	pressed := &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
	s.files.search.TypedShortcut(pressed) // an entry hands it to the window, as the driver does where none has the focus
	s.settle()
}

// tabTo walks the Tab key to something and presses a key there.
func (s *screen) tabTo(name string, key fyne.KeyName) {
	s.t.Helper()
	guitest.TabTo(s.t, s.canvas(), name)
	s.press(key)
	s.settle()
}

// scenes are the window in every state that has other things to press.
func scenes() map[string]func(t *testing.T) *screen {
	begin := func(change func(*fake)) func(t *testing.T) *screen {
		return func(t *testing.T) *screen {
			engine := acme()
			change(engine)
			return open(t, engine, small, func(o *Options) { o.Connection, o.Settings = ConnectionPage, SettingsPage })
		}
	}
	return map[string]func(t *testing.T) *screen{
		"the list":          begin(func(*fake) {}),
		"sending is paused": begin(func(f *fake) { f.overview.Paused = true }),
		"a locked vault":    begin(func(f *fake) { f.overview.VaultLocked = true }),
		"a vault to be made": begin(func(f *fake) {
			f.overview.VaultLocked, f.overview.VaultNew = true, true
		}),
		"an unfinished draft": begin(func(f *fake) {
			f.drafts = []watcher.Draft{{ID: "d", Step: watcher.StepFolder, Input: watcher.DraftInput{Company: "Cirrus"}}}
		}),
		"a practice company": begin(func(f *fake) { f.overview.Companies[0].Practice = true }),
		"no files":           begin(func(f *fake) { f.transfers, f.lists = nil, nil }),
		"nothing found": func(t *testing.T) *screen {
			s := open(t, acme(), small)
			s.files.search.SetText("no such file")
			s.settle()
			s.until("that nothing is found", func() bool { return s.files.empty.content.Visible() })
			return s
		},
		"something is told": func(t *testing.T) *screen {
			s := open(t, acme(), small)
			s.tell(widgets.ColorProblem, "The folder cannot be read.")
			s.settle()
			return s
		},
		"details with many records": func(t *testing.T) *screen {
			s := open(t, acme(), small)
			s.files.list.Select(3)
			s.settle()
			test.Tap(s.files.details.calls.button)
			return s
		},
		"details of a list": func(t *testing.T) *screen {
			s := open(t, acme(), small)
			at := slices.IndexFunc(s.files.shelf.items, func(i item) bool { return i.list != nil })
			s.files.list.Select(at)
			s.settle()
			return s
		},
		"details of a file that may be doubled": func(t *testing.T) *screen {
			engine := acme()
			engine.transfers[0].State = journal.Unknown
			engine.transfers[0].Actions = []watcher.Action{watcher.ActionSend, watcher.ActionLeave, watcher.ActionDismiss}
			s := open(t, engine, small)
			s.files.list.Select(0)
			s.settle()
			return s
		},
		"a question": func(t *testing.T) *screen {
			s := open(t, acme(), small)
			s.closeAsked()
			return s
		},
		"no agent runs": func(t *testing.T) *screen {
			s := open(t, acme(), small, func(o *Options) { o.StartAgent = func(context.Context) error { return nil } })
			s.loses(errGone)
			return s
		},
		"a question with a box to tick": func(t *testing.T) *screen {
			s := openConnection(t, acme(), "Acme Ltd", small)
			s.connection().askForget()
			s.until("the question", func() bool { return s.canvas().Overlays().Top() != nil })
			return s
		},
		"the settings":            func(t *testing.T) *screen { return openSettings(t, acme(), small) },
		"a connection":            func(t *testing.T) *screen { return openConnection(t, acme(), "Acme Ltd", small) },
		"a connection locked out": func(t *testing.T) *screen { return openConnection(t, locked(), "Borealis SL", small) },
	}
}

func TestNothingOnAnyScreenNeedsAPointer(t *testing.T) {
	for name, begin := range scenes() {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			if stops := guitest.ReachesAll(t, s.canvas()); len(stops) < 2 {
				t.Errorf("Tab goes to %q only", guitest.Names(s.canvas(), stops))
			}
		})
	}
}

func TestWhereverTheFocusIsItIsSeen(t *testing.T) {
	seen := map[string]bool{}
	for name, begin := range scenes() {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			guitest.SeesFocus(t, s.canvas(), guitest.Round(t, s.canvas()), seen)
		})
	}
	if len(seen) < 8 {
		t.Errorf("looked at no more than %v", seen)
	}
}

func TestWhereverTheFocusIsTheWindowHasItsKeys(t *testing.T) {
	for name, begin := range scenes() {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			if strings.HasPrefix(name, "a question") || name == "no agent runs" {
				return // it has to be answered, or started, first
			}
			for _, stop := range guitest.Round(t, s.canvas()) {
				checks, all := s.engine.askedFor("CheckNow"), s.engine.askedFor("")
				s.canvas().Focus(stop)
				s.press(fyne.KeyDelete)
				s.settle()
				for _, asked := range s.engine.since(all) {
					if !harmless(asked) {
						t.Errorf("Delete at %q has the engine asked to %s", guitest.Name(s.canvas(), stop), asked)
					}
				}
				s.canvas().Focus(stop)
				s.press(fyne.KeyF5)
				s.until(fmt.Sprintf("a look after F5 at %q", guitest.Name(s.canvas(), stop)), func() bool {
					return s.engine.askedFor("CheckNow") > checks
				})
			}
		})
	}
}

// since is what the engine was asked for after so many questions.
func (f *fake) since(n int) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked[n:])
}

// harmless tells whether a question to the engine changes nothing, or is the keeping of what was typed.
func harmless(asked string) bool {
	word, _, _ := strings.Cut(asked, " ")
	return slices.Contains([]string{"Overview", "Transfers", "Transfer", "Connections", "Outcomes", "ListChanges", "CheckNow", "SaveSettings"}, word)
}

func TestAFileIsLookedIntoActedUponAndLeftByTheKeyboard(t *testing.T) {
	s := open(t, acme(), normal, func(o *Options) { o.Connection, o.Settings = ConnectionPage, SettingsPage })
	s.tabTo("Needs you", fyne.KeySpace)
	if s.files.query.Filter != watcher.FilterNeedsYou {
		t.Fatal("Space does not choose a filter")
	}
	s.tabTo(guitest.Name(s.canvas(), s.files.list), fyne.KeyReturn)
	if s.files.open != "t:t3" {
		t.Fatalf("Return opens %q", s.files.open)
	}
	s.tabTo("Show 20 more", fyne.KeyReturn)
	if n := s.files.details.records.table.Shown(); n != 40 {
		t.Errorf("%d records are shown", n)
	}
	s.tabTo("Put aside", fyne.KeyReturn)
	s.asked("Dismiss t3")
	s.press(fyne.KeyEscape)
	if s.files.open != "" || s.canvas().Focused() != s.files.list {
		t.Errorf("Escape leaves %q open, with the keyboard at %T", s.files.open, s.canvas().Focused())
	}
	s.shortcut(fyne.KeyComma)
	if s.place != placeSettings {
		t.Fatal("the settings have no key")
	}
	s.press(fyne.KeyEscape)
	if s.place != placeFiles {
		t.Error("Escape does not leave the settings")
	}
	s.shortcut(fyne.Key2)
	if s.place != placeConnection {
		t.Fatal("the connection has no key")
	}
	s.shortcut(fyne.KeyF)
	if s.place != placeFiles || s.canvas().Focused() != s.files.search {
		t.Error("Ctrl+F does not lead from a connection to the search")
	}
}

func TestWhatTakesTheFocusAwayGivesItBack(t *testing.T) {
	engine := acme()
	engine.overview.Paused = true
	s := open(t, engine, normal, func(o *Options) { o.Settings = SettingsPage })
	s.canvas().Focus(s.files.resume)
	engine.change(func() { engine.overview.Paused = false })
	s.feed.want(wish{overview: true})
	s.until("the button to go", func() bool { return !s.files.resume.Visible() })
	s.settle()
	if s.canvas().Focused() != s.files.list {
		t.Errorf("after its button is gone the keyboard is at %T", s.canvas().Focused())
	}
	s.goSettings()
	guitest.TabTo(t, s.canvas(), "Dark")
	s.press(fyne.KeyEscape)
	if s.place != placeFiles || s.canvas().Focused() != s.files.list {
		t.Errorf("after the settings the keyboard is at %T", s.canvas().Focused())
	}
	before := engine.askedFor("CheckNow")
	s.press(fyne.KeyF5)
	s.until("a look", func() bool { return engine.askedFor("CheckNow") > before })
}

func TestAnEmptyListIsNoPlaceForTheKeyboard(t *testing.T) {
	s := open(t, acme(), normal)
	s.canvas().Focus(s.files.list)
	s.files.search.SetText("no such file")
	s.settle()
	s.until("that nothing is found", func() bool { return s.files.empty.content.Visible() })
	s.settle()
	if s.canvas().Focused() == s.files.list {
		t.Error("the keyboard stays where nothing is to be seen")
	}
	s.files.search.SetText("")
	s.until("the rows", func() bool { return s.files.list.content.Visible() })
}

func TestAQuestionIsAnsweredByTheKeyboardAndHasItAlone(t *testing.T) {
	s := open(t, acme(), normal, func(o *Options) { o.Settings = SettingsPage })
	s.shortcut(fyne.KeyW)
	if s.ask == nil {
		t.Fatal("Ctrl+W asks nothing")
	}
	s.shortcut(fyne.KeyComma)
	s.shortcut(fyne.KeyF)
	if s.place != placeFiles || s.canvas().Focused() == s.files.search {
		t.Error("a shortcut works below a question")
	}
	s.canvas().Unfocus() // a click beside the answers
	s.press(fyne.KeyEscape)
	if s.ask != nil || s.canvas().Overlays().Top() != nil {
		t.Fatal("Escape does not take the question away")
	}
	if s.engine.askedFor("SaveSettings") != 0 {
		t.Error("a question that was waved away was answered")
	}
	s.shortcut(fyne.KeyW)
	s.canvas().Unfocus()
	s.press(fyne.KeyReturn)
	s.until("the answer", func() bool { return s.engine.askedFor("SaveSettings keep") == 1 })
}

func TestWhatIsReadIsTurnedByThePage(t *testing.T) {
	s := open(t, acme(), small)
	s.files.list.Select(3)
	s.settle()
	s.canvas().Focus(s.files.details.close)
	page := func() float32 {
		offset := float32(0)
		guitest.Walk(s.files.details.content, func(o fyne.CanvasObject) bool {
			p, is := o.(*container.Scroll)
			if is {
				offset = p.Offset.Y
			}
			return is
		})
		return offset
	}
	s.press(fyne.KeyPageDown)
	if page() == 0 {
		t.Error("PageDown does not turn the details")
	}
	s.press(fyne.KeyPageUp)
	if page() != 0 {
		t.Error("PageUp does not turn back")
	}
}

func TestAMenuIsChosenFromByTheKeyboard(t *testing.T) {
	s := open(t, acme(), normal)
	s.tabTo(s.files.scope.Text, fyne.KeyReturn)
	if s.canvas().Overlays().Top() == nil {
		t.Fatal("there is no menu")
	}
	s.press(fyne.KeyEscape)
	if s.canvas().Overlays().Top() != nil || s.files.query.Scope != "" {
		t.Fatal("Escape does not close the menu")
	}
	s.press(fyne.KeyReturn) // the button still has the focus
	s.press(fyne.KeyDown)
	s.press(fyne.KeyDown)
	s.press(fyne.KeyReturn)
	s.settle()
	if s.files.query.Scope != "orders" || s.canvas().Overlays().Top() != nil {
		t.Errorf("chosen is %q", s.files.query.Scope)
	}
}
