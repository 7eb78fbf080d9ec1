package gui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
	"postroom/watcher"
)

func TestClosingAsksOnceAndRemembers(t *testing.T) {
	closed := make(chan struct{})
	engine := acme()
	s := open(t, engine, normal, func(o *Options) { o.OnClosed = func() { close(closed) } })
	s.closeAsked()
	sheet := s.win.Canvas().Overlays().Top().(*widgets.Sheet)
	s.closeAsked()
	if len(s.win.Canvas().Overlays().List()) != 1 {
		t.Fatal("asked twice at once")
	}
	sheet.Escape()
	if s.closing {
		t.Fatal("Escape closes the window")
	}
	s.closeAsked()
	s.press(fyne.KeyReturn)
	s.until("the window to close", func() bool { return isClosed(closed) })
	if engine.settings.OnClose != onCloseKeep || engine.askedFor("Stop") != 0 {
		t.Errorf("remembered %q, stopped %d times", engine.settings.OnClose, engine.askedFor("Stop"))
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestClosingStopsTheAgentWhenThatWasChosen(t *testing.T) {
	closed := make(chan struct{})
	engine := acme()
	engine.settings.OnClose = onCloseStop
	s := open(t, engine, normal, func(o *Options) { o.OnClosed = func() { close(closed) } })
	s.closeAsked()
	s.until("the window to close", func() bool { return isClosed(closed) })
	if engine.askedFor("Stop") != 1 {
		t.Error("the agent goes on")
	}
}

func TestAnAgentThatIsGoneDoesNotKeepTheWindowOpen(t *testing.T) {
	closed := make(chan struct{})
	engine := acme()
	engine.err, engine.refusal = errors.New("gone"), errors.New("gone")
	s := open(t, engine, normal, func(o *Options) { o.OnClosed = func() { close(closed) } })
	s.look("silent-light")
	if !strings.Contains(s.files.headline.Text, "Waiting") {
		t.Errorf("the headline is %q", s.files.headline.Text)
	}
	s.closeAsked()
	s.until("the window to close", func() bool { return isClosed(closed) })
}

// page is a screen made by others.
type page struct {
	about   string
	changed int
	closed  int
	escapes bool
}

func (p *page) Content() fyne.CanvasObject {
	return container.NewStack(widgets.NewText(p.about, widgets.Body))
}
func (p *page) Changed([]watcher.Event) { p.changed++ }
func (p *page) Escape() bool            { return p.escapes }
func (p *page) Close()                  { p.closed++ }

func pages(made *[]*page) func(*Options) {
	maker := func(kind string) PageMaker {
		return func(_ *Host, about string) Page {
			p := &page{about: strings.TrimSpace(kind + " " + about)}
			*made = append(*made, p)
			return p
		}
	}
	return func(o *Options) {
		o.Wizard, o.Connection, o.Settings = maker("wizard"), maker("connection"), maker("settings")
	}
}

func TestTheSidebarLeadsToThePagesOfOthers(t *testing.T) {
	var made []*page
	s := open(t, acme(), normal, pages(&made))
	for _, c := range []struct {
		item *widgets.SideItem
		want string
	}{{s.sidebar.connection, "connection Acme Ltd"}, {s.sidebar.settings, "settings"}, {s.sidebar.add, "wizard"}} {
		test.Tap(c.item)
		last := made[len(made)-1]
		if last.about != c.want {
			t.Errorf("led to %q", last.about)
		}
	}
	if made[0].closed != 1 || made[1].closed != 1 || made[2].closed != 0 {
		t.Error("a page that is left is not closed, or closed too often")
	}
	changed := made[2].changed
	s.engine.events <- watcher.Event{Kind: watcher.EventDraft, ID: "d1"}
	s.until("the page to hear of it", func() bool { return made[2].changed > changed })
}

func TestEscapeLeavesAPageUnlessItHasAUseForIt(t *testing.T) {
	var made []*page
	s := open(t, acme(), normal, pages(&made))
	test.Tap(s.sidebar.settings)
	made[0].escapes = true
	s.press(fyne.KeyEscape)
	if s.place != placeSettings {
		t.Fatal("the page is left")
	}
	made[0].escapes = false
	s.press(fyne.KeyEscape)
	if s.place != placeFiles || made[0].closed != 1 {
		t.Error("the page stays")
	}
}

func TestAFirstStartLeadsToTheWizardAndAnUnfinishedDraft(t *testing.T) {
	var made []*page
	engine := newFake()
	engine.drafts = []watcher.Draft{{ID: "d1", Step: watcher.StepEmail}}
	s := open(t, engine, normal, pages(&made))
	s.until("the wizard", func() bool { return len(made) == 1 })
	if made[0].about != "wizard d1" {
		t.Errorf("it is %q", made[0].about)
	}
}

func TestWithoutACompanyTheWindowSaysWhatToDo(t *testing.T) {
	s := open(t, newFake(), normal)
	s.look("first-light")
	if !s.files.empty.content.Visible() || s.files.headline.Text != "No company is connected yet." {
		t.Errorf("the headline is %q", s.files.headline.Text)
	}
	if s.sidebar.connection.Visible() {
		t.Error("there is a connection where there is no company")
	}
	s.Add([]string{"/home/ana/a.json"})
	if !s.files.note.Visible() || s.engine.askedFor("AddFiles") != 0 {
		t.Error("files for nobody are taken without a word")
	}
}

func TestAnUnfinishedConnectionIsInTheSidebar(t *testing.T) {
	var made []*page
	engine := acme()
	engine.drafts = []watcher.Draft{
		{ID: "d1", Step: watcher.StepPasscode, Input: watcher.DraftInput{Company: "Cobalt SA"}},
		{ID: "d2", Step: watcher.StepPasscode, Reconnects: "c1"},
		{ID: "d3", Step: watcher.StepDone},
	}
	s := open(t, engine, normal, pages(&made))
	if len(s.sidebar.items) != 3 || s.sidebar.items[2].Text != "Cobalt SA" {
		t.Fatalf("%d entries", len(s.sidebar.items))
	}
	test.Tap(s.sidebar.items[2])
	if made[0].about != "wizard d1" {
		t.Errorf("led to %q", made[0].about)
	}
}

func TestAnotherLanguageAndLookAreFollowedAtOnce(t *testing.T) {
	engine := acme()
	s := open(t, engine, normal)
	engine.change(func() { engine.settings.Language, engine.settings.Theme = "es", "dark" })
	engine.events <- watcher.Event{Kind: watcher.EventSettings}
	s.until("Spanish", func() bool { return s.files.headline.Text == "1 archivo le necesita." })
	s.settle()
	if s.sidebar.settings.Text != "Ajustes" || len(s.files.shelf.items) != 6 {
		t.Errorf("%q with %d rows", s.sidebar.settings.Text, len(s.files.shelf.items))
	}
	s.look("changed-dark")
}

func TestASecondStartHandsItsFilesOver(t *testing.T) {
	s := open(t, acme(), normal)
	s.engine.events <- watcher.Event{Kind: watcher.EventRaise, Paths: []string{"/home/ana/z.json"}}
	s.asked("AddFiles Acme Ltd orders /home/ana/z.json")
}

func TestLooseFilesAreTold(t *testing.T) {
	engine := acme()
	engine.overview.Companies[0].Loose = []watcher.LooseFile{{
		Name: "empty.json", Scope: "orders", Since: ago(3 * time.Minute), Problem: watcher.Problem{Code: "anything"},
	}}
	s := open(t, engine, normal)
	if s.files.shelf.items[0].key() != "f:orders/empty.json" {
		t.Errorf("rows %v", keys(s.files.shelf))
	}
	s.files.list.Select(0)
	if s.files.open != "" {
		t.Error("a file that is not carried has details")
	}
}

func TestAPageMayUseTheWindow(t *testing.T) {
	var host *Host
	s := open(t, acme(), normal, func(o *Options) {
		o.Connection = func(h *Host, about string) Page {
			host = h
			return &page{about: about}
		}
	})
	s.goConnection("Borealis SL")
	done := false
	host.Work(func(ctx context.Context) error { return host.Engine().CheckNow(ctx) }, func(error) { done = true })
	s.until("the work", func() bool { return done })
	host.Copy("words")
	if s.app.Clipboard().Content() != "words" || host.Now() != now || len(host.Overview().Companies) != 2 {
		t.Error("the host does not serve")
	}
	host.ShowWaiting("Acme Ltd")
	s.settle()
	if s.place != placeFiles || s.files.filters.Chosen() != filterWaiting || s.company != "Acme Ltd" {
		t.Error("the waiting files are not shown")
	}
}
