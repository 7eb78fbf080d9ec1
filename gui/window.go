package gui

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/assets"
	"postroom/gui/widgets"
	"postroom/watcher"
)

// Window is the program's window. Everything in it is touched on the UI thread only; the engine is asked by the feed
// and by work, each in goroutines that Wait waits for.
type Window struct {
	app    fyne.App
	win    fyne.Window
	engine Engine
	opts   Options

	speaker  speaker
	overview watcher.Overview
	drafts   []watcher.Draft
	settings watcher.Settings
	heard    bool // the engine has answered at least once
	silent   bool // the engine does not answer just now
	company  string
	handed   []string // files that came before the engine had answered

	frame   *fyne.Container // what the window shows below the tips
	band    *agentBand
	sidebar *sidebar
	files   *filesPage
	page    Page // beside the sidebar or over the whole window, nil for the files
	place   place
	ask     *widgets.Sheet
	closing bool
	waits   *waits

	feed    *feed
	ctx     context.Context
	cancel  context.CancelFunc
	working sync.WaitGroup // counts the feed and every work under way
}

// place is where the person is.
type place int

const (
	placeFiles place = iota
	placeConnection
	placeSettings
	placeWizard
)

// NewWindow makes the window and begins to follow the engine. Show it with Show, and after the program's loop has
// ended call Wait.
func NewWindow(app fyne.App, engine Engine, opts Options) *Window {
	w := &Window{app: app, engine: engine, opts: opts.filled(app)}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.waits = newWaits(w.opts.Do, func(what waitFor) string { return w.speaker.Say(string(what)) })
	w.speak(w.opts.Language)
	w.look(w.opts.Theme)
	w.win = app.NewWindow("Postroom")
	w.win.SetPadded(false)
	w.win.SetIcon(fyne.NewStaticResource("postroom.png", assets.AppIcon(256)))
	w.build()
	w.win.Resize(fyne.NewSize(980, 680))
	w.win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { w.dropped(uris) })
	w.win.SetCloseIntercept(w.closeAsked)
	w.win.SetOnClosed(w.closed)

	w.feed = newFeed(engine, w.opts.Do, w.opts.Logger)
	w.feed.show, w.feed.tick = w.show, w.tick
	w.feed.during = func(f func()) { w.waits.during(waitAgent, f) }
	w.working.Go(func() { w.feed.run(w.ctx) })
	return w
}

// speak chooses the words.
func (w *Window) speak(language string) {
	w.speaker = newSpeaker(assets.For(assets.Language(language)), w.opts.Now)
}

// FollowSystem takes what the system says of its look now; see Options.UsualTheme. It is called on the UI thread.
func (w *Window) FollowSystem(usual string) {
	if usual == w.opts.UsualTheme {
		return
	}
	w.opts.UsualTheme = usual
	w.look(w.opts.Theme)
}

// look chooses the colours. A person who follows the system gets its usual ones where it has said which.
func (w *Window) look(choice string) {
	if choice == "" {
		choice = w.opts.UsualTheme
	}
	w.app.Settings().SetTheme(widgets.NewTheme(choice))
}

// build makes the screen, at the start and when the language changes.
func (w *Window) build() {
	w.sidebar = newSidebar(w)
	w.files = newFilesPage(w)
	w.frame = container.NewStack()
	w.band = newAgentBand(w)
	w.arrange()
	w.win.SetContent(widgets.WithTips(w.frame, w.win.Canvas()))
	w.addCommands()
}

// Fyne is the window as the toolkit knows it.
func (w *Window) Fyne() fyne.Window { return w.win }

// Show opens the window.
func (w *Window) Show() { w.win.Show() }

// Raise brings the window to the front, with files that were handed to a second start.
func (w *Window) Raise(paths []string) {
	w.win.Show()
	w.win.RequestFocus()
	if len(paths) > 0 {
		w.Add(paths)
	}
}

// Wait ends what still asks the engine, and waits for it. Call it when the program's loop has ended. What cannot be
// ended, such as a look into a network folder that hangs, does not hold the program up: it is left behind.
func (w *Window) Wait() {
	w.cancel()
	ended := make(chan struct{})
	go func() {
		w.working.Wait()
		close(ended)
	}()
	patience := time.NewTimer(closePatience)
	defer patience.Stop()
	select {
	case <-ended:
	case <-patience.C:
		w.opts.Logger.Warn("the window leaves something behind that does not end")
	}
}

// closed is called when the window has gone.
func (w *Window) closed() {
	w.cancel()
	widgets.Forget(w.win.Canvas())
	if w.page != nil {
		w.page.Close()
		w.page = nil
	}
	if w.opts.OnClosed != nil {
		w.opts.OnClosed()
	}
}

// work asks the engine for something off the UI thread, and then says on the UI thread how it went.
func (w *Window) work(do func(ctx context.Context) error, done func(error)) {
	w.workFor(waitAgent, do, done)
}

// workFor is work that waits for something else than the agent alone.
func (w *Window) workFor(what waitFor, do func(ctx context.Context) error, done func(error)) {
	w.working.Go(func() {
		ctx, cancel := patience(w.ctx)
		defer cancel()
		var err error
		w.waits.during(what, func() { err = do(ctx) })
		w.opts.Do(func() {
			if done != nil {
				done(err)
			}
			w.keepFocus()
		})
	})
}

// command is work whose failure is told above the list.
func (w *Window) command(what waitFor, do func(ctx context.Context) error) {
	w.workFor(what, do, func(err error) {
		if err != nil {
			w.tell(widgets.ColorProblem, w.speaker.Failure(err))
		}
	})
}

// tell says something above the list until it is put away or the next thing is said.
func (w *Window) tell(tone fyne.ThemeColorName, text string) { w.files.tell(tone, text) }

// show takes over what the feed has loaded.
func (w *Window) show(a answer) {
	if w.closing {
		return
	}
	w.silent = a.err != nil
	w.band.follow(a.err)
	if a.err != nil {
		w.files.showSilence(w.heard)
		return
	}
	first := !w.heard
	w.heard = true
	if a.settings != nil {
		w.applySettings(*a.settings)
	}
	if a.hasDrafts {
		w.drafts = a.drafts
	}
	if a.overview != nil {
		w.overview = *a.overview
		w.keepCompany()
		if first && len(w.overview.Companies) == 0 {
			w.goWizard(w.openDraft())
		}
	}
	if first {
		handed := w.handed
		w.handed = nil
		w.Add(handed)
	}
	w.sidebar.show()
	w.files.show(a)
	if w.page != nil {
		w.page.Changed(a.events)
	}
	w.keepFocus()
	if first {
		w.goTo(w.opts.Show)
	}
	for _, e := range a.events {
		if e.Kind == watcher.EventRaise {
			w.Raise(e.Paths)
			w.goTo(e.Show)
		}
	}
}

// tick lets the times move on.
func (w *Window) tick() { w.files.tick() }

// openDraft is the draft the person has not finished, "" if there is none.
func (w *Window) openDraft() string {
	for _, d := range w.drafts {
		if d.Step != watcher.StepDone {
			return d.ID
		}
	}
	return ""
}

// applySettings follows what the person chose, here or in another window.
func (w *Window) applySettings(s watcher.Settings) {
	before := w.settings
	w.settings = s
	if before.Theme != s.Theme && s.Theme != w.opts.Theme {
		w.opts.Theme = s.Theme
		w.look(s.Theme)
	}
	if s.Language != w.opts.Language {
		w.opts.Language = s.Language
		w.speak(s.Language)
		w.rebuild()
	}
}

// rebuild says everything anew in another language, with the person where they are.
func (w *Window) rebuild() {
	at, about := w.place, w.company
	w.leave()
	w.build()
	w.feed.see(func(v *view) { v.open = "" })
	w.feed.want(everything)
	switch at {
	case placeConnection:
		w.goConnection(about)
	case placeSettings:
		w.goSettings()
	case placeWizard:
		w.goWizard(w.openDraft())
	}
}

// keepCompany stays with the company that is shown while it is there.
func (w *Window) keepCompany() {
	for _, c := range w.overview.Companies {
		if c.Name == w.company {
			return
		}
	}
	name := ""
	if len(w.overview.Companies) > 0 {
		name = w.overview.Companies[0].Name
	}
	w.setCompany(name)
}

func (w *Window) setCompany(name string) {
	if w.company == name {
		return
	}
	w.company = name
	w.files.companyChanged()
}

// current is the company that is shown; the zero value where there is none.
func (w *Window) current() watcher.Company {
	for _, c := range w.overview.Companies {
		if c.Name == w.company {
			return c
		}
	}
	return watcher.Company{}
}
