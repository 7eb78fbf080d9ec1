package gui

import (
	"errors"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// openSettings goes to the settings.
func openSettings(t *testing.T, engine *fake, size fyne.Size, change ...func(*Options)) *screen {
	t.Helper()
	engine.settings = watcher.Settings{
		Notify: "all", SameFile: "ask", Ignore: []string{"~$*", "*.tmp"}, DocumentsRoot: "/home/ana/Postroom",
		MinFreeMB: 200,
	}
	s := open(t, engine, size, append([]func(*Options){func(o *Options) { o.Settings, o.Connection = SettingsPage, ConnectionPage }}, change...)...)
	s.goSettings()
	s.settle()
	return s
}

func (s *screen) settingsPage() *settingsPage {
	s.t.Helper()
	p, ok := s.page.(*settingsPage)
	if !ok {
		s.t.Fatalf("the page is %T", s.page)
	}
	return p
}

// inPage finds the first thing on the page that matches.
func inPage[T fyne.CanvasObject](s *screen, matches func(T) bool) T {
	s.t.Helper()
	var found T
	ok := false
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if ok || o == nil || !o.Visible() {
			return
		}
		if candidate, is := o.(T); is && matches(candidate) {
			found, ok = candidate, true
			return
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, child := range o.Objects {
				walk(child)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				walk(child)
			}
		}
	}
	walk(s.win.Content())
	if !ok {
		s.t.Fatalf("no such %T on the page:\n%s", found, s.says())
	}
	return found
}

// pill finds the pill with these words in the row of a setting.
func (s *screen) pill(setting, words string) *widgets.Pill {
	s.t.Helper()
	row := inPage(s, func(c *fyne.Container) bool {
		_, is := c.Layout.(*settingRow)
		return is && c.Objects[0].(*widgets.Text).Text == setting
	})
	for _, p := range row.Objects[2].(*widgets.Filters).Pills() {
		if p.Text == words {
			return p
		}
	}
	s.t.Fatalf("%s has no %q", setting, words)
	return nil
}

func (s *screen) entry(label string) *widgets.Field {
	s.t.Helper()
	return inPage(s, func(f *widgets.Field) bool { return f.Label() == label })
}

// saved waits until the engine has kept settings as wanted.
func (s *screen) saved(what string, is func(watcher.Settings) bool) {
	s.t.Helper()
	s.until(what, func() bool {
		s.engine.mu.Lock()
		defer s.engine.mu.Unlock()
		return is(s.engine.settings)
	})
	s.until("the page to know", func() bool { return s.page == nil || len(s.settingsPage().changes) == 0 })
}

func TestAChoiceIsKeptAtOnce(t *testing.T) {
	for _, c := range []struct {
		setting, words string
		is             func(watcher.Settings) bool
	}{
		{"Start at login", "On", func(s watcher.Settings) bool { return s.StartAtLogin }},
		{"When the window is closed", "Keep working", func(s watcher.Settings) bool { return s.OnClose == "keep" }},
		{"Pop-ups", "What needs me", func(s watcher.Settings) bool { return s.Notify == "needsMe" }},
		{"The same file again", "Leave it", func(s watcher.Settings) bool { return s.SameFile == "leave" }},
		{"Proxy", "None", func(s watcher.Settings) bool { return s.Proxy == "none" }},
		{"Look", "Dark", func(s watcher.Settings) bool { return s.Theme == "dark" }},
		{"Look", "High contrast", func(s watcher.Settings) bool { return s.Theme == "contrast" }},
		{"Room to leave on the disk", "1\u00a0GB", func(s watcher.Settings) bool { return s.MinFreeMB == 1000 }},
		{"Room to leave on the disk", "No limit", func(s watcher.Settings) bool { return s.MinFreeMB == 0 }},
		{"Language", "Español", func(s watcher.Settings) bool { return s.Language == "es" }},
	} {
		t.Run(c.setting, func(t *testing.T) {
			s := openSettings(t, acme(), normal)
			test.Tap(s.pill(c.setting, c.words))
			s.saved(c.words, c.is)
		})
	}
}

func TestTwoQuickChoicesDoNotUndoEachOther(t *testing.T) {
	engine := acme()
	s := openSettings(t, engine, normal)
	engine.change(func() { engine.settings.OnClose = "keep" }) // chosen elsewhere a moment ago
	test.Tap(s.pill("Start at login", "On"))
	test.Tap(s.pill("Pop-ups", "None"))
	s.saved("all three", func(k watcher.Settings) bool { return k.StartAtLogin && k.Notify == "none" && k.OnClose == "keep" })
	if !s.pill("When the window is closed", "Keep working").Selected {
		t.Error("the page does not show what was chosen elsewhere")
	}
}

func TestAChoiceThatCannotBeKeptIsToldAndTakenBack(t *testing.T) {
	engine := acme()
	s := openSettings(t, engine, normal)
	engine.change(func() { engine.refusal = errors.New("the disk is full") })
	before := engine.settings
	p := s.settingsPage()
	engine.mu.Lock()
	engine.savesNothing = true
	engine.mu.Unlock()
	test.Tap(s.pill("Pop-ups", "None"))
	s.until("the note", func() bool { return p.note.Visible() })
	s.mustSay("the disk is full")
	if !s.pill("Pop-ups", "All").Selected || engine.settings.Notify != before.Notify {
		t.Error("the page shows a choice that was not kept")
	}
	engine.change(func() { engine.refusal, engine.savesNothing = nil, false })
	test.Tap(s.pill("Pop-ups", "None"))
	s.until("the note to go", func() bool { return !p.note.Visible() })
}

// TestRoomThatNoPillNamesHasOneOfItsOwn shows what stands in the settings' file, and what a command made of it meanwhile.
func TestRoomThatNoPillNamesHasOneOfItsOwn(t *testing.T) {
	const room = "Room to leave on the disk"
	engine := acme()
	s := openSettings(t, engine, normal)
	if !s.pill(room, "200\u00a0MB").Selected {
		t.Error("the usual room is not shown as chosen")
	}
	engine.change(func() { engine.settings.MinFreeMB = 640 })
	engine.events <- watcher.Event{Kind: watcher.EventSettings}
	s.until("no pill to be chosen", func() bool { return !s.pill(room, "200\u00a0MB").Selected })
	s.goFiles("")
	s.goSettings()
	s.settle()
	if !s.pill(room, "640\u00a0MB").Selected {
		t.Error("640 MB are not shown as chosen")
	}
	test.Tap(s.pill(room, "5\u00a0GB"))
	s.saved("five", func(k watcher.Settings) bool { return k.MinFreeMB == 5000 })
}

func TestWhatIsTypedIsKeptWhenItIsLeft(t *testing.T) {
	engine := acme()
	s := openSettings(t, engine, normal)
	ignore := s.entry("Names to leave untouched")
	if ignore.Text() != "~$*, *.tmp" {
		t.Errorf("it says %q", ignore.Text())
	}
	s.win.Canvas().Focus(ignore.Entry)
	ignore.SetText("~$*, *.tmp,, draft-* ")
	s.settle()
	if engine.askedFor("SaveSettings") != 0 {
		t.Error("it is kept while it is typed")
	}
	s.win.Canvas().FocusNext()
	s.saved("the names", func(k watcher.Settings) bool { return slices.Equal(k.Ignore, []string{"~$*", "*.tmp", "draft-*"}) })
	s.until("the names as they are kept", func() bool { return ignore.Text() == "~$*, *.tmp, draft-*" })
	root := s.entry("New companies go to")
	s.win.Canvas().Focus(root.Entry)
	root.SetText("/srv/postroom")
	s.goFiles("") // with the keyboard still in it
	s.saved("the folder", func(k watcher.Settings) bool { return k.DocumentsRoot == "/srv/postroom" })
}

func TestQuietHoursAreKeptWhole(t *testing.T) {
	engine := acme()
	s := openSettings(t, engine, normal)
	from, to := s.entry("From"), s.entry("To")
	s.win.Canvas().Focus(from.Entry)
	from.SetText("8 pm")
	s.win.Canvas().Focus(to.Entry)
	s.settle()
	if engine.askedFor("SaveSettings") != 0 {
		t.Error("half of it is kept")
	}
	to.SetText("7")
	s.win.Canvas().Unfocus()
	s.saved("the hours", func(k watcher.Settings) bool { return k.QuietFrom == "20:00" && k.QuietTo == "07:00" })
	s.until("the hours as they are kept", func() bool { return from.Text() == "20:00" && to.Text() == "07:00" })
	engine.change(func() { engine.refusal, engine.savesNothing = errors.New("no such time"), true })
	from.SetText("soon")
	from.Entry.OnSubmitted("soon")
	s.until("what is wrong", func() bool { return from.Problem() == "Give times as in 20:00." })
}

func TestTimesOfDayAreReadAsTheyAreMeant(t *testing.T) {
	for text, want := range map[string]string{
		"7": "07:00", " 07 ": "07:00", "7:30": "07:30", "19.30": "19:30", "19h30": "19:30", "7 pm": "19:00", "7:30 PM": "19:30",
		"": "", "25": "25", "soon": "soon", "7:3": "7:3",
	} {
		if got := clockText(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestAProxyIsTypedOnceItIsChosen(t *testing.T) {
	engine := acme()
	s := openSettings(t, engine, normal)
	test.Tap(s.pill("Proxy", "This one"))
	address := s.entry("Address of the proxy")
	if s.win.Canvas().Focused() != fyne.Focusable(address.Entry) {
		t.Error("the keyboard is elsewhere")
	}
	engine.events <- watcher.Event{Kind: watcher.EventSettings}
	s.settle()
	address = s.entry("Address of the proxy") // it stays while nothing is typed yet
	engine.change(func() {
		engine.refusal = &watcher.ProblemError{Problem: watcher.Problem{Code: "settingProxy"}, Kind: watcher.ErrInvalid}
		engine.savesNothing = true
	})
	address.SetText("ftp://proxy")
	address.Entry.OnSubmitted("")
	s.until("what is wrong", func() bool { return strings.HasPrefix(address.Problem(), "This is not the address of a proxy") })
	engine.change(func() { engine.refusal, engine.savesNothing = nil, false })
	address.SetText("http://proxy.example:8080")
	address.Entry.OnSubmitted("")
	s.saved("the proxy", func(k watcher.Settings) bool { return k.Proxy == "http://proxy.example:8080" })
	s.until("no complaint", func() bool { return address.Problem() == "" })
	test.Tap(s.pill("Proxy", "As the system"))
	s.saved("the system's", func(k watcher.Settings) bool { return k.Proxy == "" })
}

// TestLanguageAndLookApplyAtOnce holds that the window follows the settings, with the person where they are.
func TestLanguageAndLookApplyAtOnce(t *testing.T) {
	engine := acme()
	s := openSettings(t, engine, normal)
	light := s.app.Settings().Theme().Color(theme.ColorNameBackground, theme.VariantLight)
	test.Tap(s.pill("Look", "Dark"))
	s.saved("the look", func(k watcher.Settings) bool { return k.Theme == "dark" })
	engine.events <- watcher.Event{Kind: watcher.EventSettings}
	s.until("the dark", func() bool {
		return s.app.Settings().Theme().Color(theme.ColorNameBackground, theme.VariantLight) != light
	})
	test.Tap(s.pill("Language", "Español"))
	s.saved("the language", func(k watcher.Settings) bool { return k.Language == "es" })
	engine.events <- watcher.Event{Kind: watcher.EventSettings}
	s.until("the other words", func() bool { return strings.Contains(s.says(), "Iniciar con la sesión") })
	if s.place != placeSettings {
		t.Error("the person is elsewhere")
	}
	s.mustSay("Conexión: funciona")
}

func TestWhatIsChosenElsewhereIsShownButNotOverWhatIsTyped(t *testing.T) {
	engine := acme()
	s := openSettings(t, engine, normal)
	root, listen := s.entry("New companies go to"), s.entry("Listen on")
	root.SetText("/half/typ")
	engine.change(func() {
		engine.settings.Notify, engine.settings.CallbackListen, engine.settings.DocumentsRoot = "none", "127.0.0.1:9000", "/elsewhere"
	})
	engine.events <- watcher.Event{Kind: watcher.EventSettings}
	s.until("what was chosen elsewhere", func() bool { return listen.Text() == "127.0.0.1:9000" })
	if !s.pill("Pop-ups", "None").Selected {
		t.Error("the pill does not follow")
	}
	if root.Text() != "/half/typ" {
		t.Errorf("what was being typed is now %q", root.Text())
	}
}

func TestABundleForSupportIsSavedAndShown(t *testing.T) {
	shown := make(chan string, 1)
	s := openSettings(t, acme(), normal, func(o *Options) { o.Reveal = func(path string) error { shown <- path; return nil } })
	folder := t.TempDir()
	save, told := widgets.NewButton("", nil), widgets.NewNote(widgets.ColorGood, "", "")
	s.settingsPage().saveSupport(folder, save, told)
	if !save.Disabled() {
		t.Error("it can be asked for twice at once")
	}
	s.asked("Support false")
	path := ""
	s.until("the bundle to be shown", func() bool {
		select {
		case path = <-shown:
		default:
		}
		return path != ""
	})
	if filepath.Dir(path) != folder {
		t.Errorf("it is shown at %s", path)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("it is not there: %v", err)
	}
	s.until("the button to be free again", func() bool { return !save.Disabled() })

	s.settingsPage().saveSupport(filepath.Join(folder, "not there"), save, told)
	s.asked("Support false")
	s.until("the button to be free again", func() bool { return !save.Disabled() })
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

// TestTheSettingsAreDrawn draws the settings from top to bottom. With POSTROOM_PICTURES=folder the pictures are written.
func TestTheSettingsAreDrawn(t *testing.T) {
	for _, c := range pageLooks {
		t.Run(c.name, func(t *testing.T) {
			s := openSettings(t, acme(), c.size, func(o *Options) { o.Theme, o.Language = c.theme, c.language })
			s.look("settings-" + c.name)
			s.mustBeLegible("the settings")
			s.win.Resize(fyne.NewSize(c.size.Width, 1500))
			s.look("settings-whole-" + c.name)
			s.mustBeLegible("the settings, whole")
			s.mustBeWhole("the settings, whole")
		})
	}
}

func TestAPersonChoosesHowLongHistoryAndSentAreKept(t *testing.T) {
	engine := acme()
	s := openSettings(t, engine, normal)
	test.Tap(s.pill("Keep the history", "365 days"))
	s.saved("the history's", func(c watcher.Settings) bool { return c.KeepHistoryDays == 365 })
	test.Tap(s.pill("Keep accepted files in Sent", "90 days"))
	s.saved("Sent's", func(c watcher.Settings) bool { return c.KeepSentDays == 90 })
	test.Tap(s.pill("Keep accepted files in Sent", "For ever"))
	s.saved("for ever", func(c watcher.Settings) bool { return c.KeepSentDays == 0 && c.KeepHistoryDays == 365 })
}

func TestASystemThatAsksForContrastIsFollowedByWhoeverFollowsTheSystem(t *testing.T) {
	page := func(s *screen) color.Color {
		return s.app.Settings().Theme().Color(widgets.ColorPage, theme.VariantLight)
	}
	s := open(t, acme(), normal, func(o *Options) { o.Theme = "" })
	before := page(s)
	s.FollowSystem(widgets.LookContrastDark)
	if page(s) == before {
		t.Error("the system's wish changed nothing")
	}
	chosen := open(t, acme(), normal, func(o *Options) { o.Theme = "light" })
	before = page(chosen)
	chosen.FollowSystem(widgets.LookContrastDark)
	if page(chosen) != before {
		t.Error("what the person chose gave way")
	}
}
