package onboarding

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"postroom/assets"
	"postroom/gui"
	"postroom/watcher"
)

// Options are what the wizard is built from. All but Now are required.
type Options struct {
	Engine gui.Engine
	Words  *assets.Words
	Now    func() time.Time

	UI   func(func())                                               // runs a function on the UI thread
	Work func(do func(ctx context.Context) error, done func(error)) // do off the UI thread, then done on it

	OpenURL      func(address string) error // in the person's browser
	OpenFolder   func(folder string)        // in the person's file manager
	ChooseFolder func(chosen func(string))  // asks for a folder; "" is a person who changed their mind
	Copy         func(text string)          // to the clipboard
	Focus        func(fyne.Focusable)       // puts the keyboard there
	Leave        func(company string)       // the wizard is done with; company is "" when nothing was connected
}

// Page makes the window's wizard: about is the draft to go on with, "" for a new one.
func Page(h *gui.Host, about string) gui.Page {
	w := New(Options{
		Engine: h.Engine(), Words: h.Words(), Now: h.Now, UI: h.Do, Work: h.Work,
		OpenURL: func(address string) error {
			u, err := url.Parse(address)
			if err != nil {
				return err
			}
			return h.App().OpenURL(u)
		},
		OpenFolder:   h.Open,
		ChooseFolder: func(chosen func(string)) { h.ChooseFolder(h.Words().Say("wizard.folder.ask"), chosen) },
		Copy:         h.Copy,
		Focus:        func(f fyne.Focusable) { h.Window().Canvas().Focus(f) },
		Leave:        h.ShowFiles,
	})
	w.Start(about)
	return w
}

// Wizard shows one draft at the step it is at. Its methods are called on the UI thread.
type Wizard struct {
	Options
	frame  *frame
	closed bool

	draft    watcher.Draft // its ID is empty on the first screen of a new one
	proposal string        // where company folders go unless the person says otherwise
	page     *page
	shown    watcher.DraftStep // which step page shows; StepWelcome also while there is no draft
	busy     int               // calls that the person waits for
}

// New makes a wizard at its first screen.
func New(o Options) *Wizard {
	if o.Now == nil {
		o.Now = time.Now
	}
	w := &Wizard{Options: o}
	w.frame = newFrame(o.Words.Say("wizard.title"))
	w.show(watcher.StepWelcome)
	return w
}

// Content is what the window shows.
func (w *Wizard) Content() fyne.CanvasObject { return w.frame.whole }

// Close ends the wizard's timers. A call that has reached the engine is carried out there.
func (w *Wizard) Close() {
	w.closed = true
	w.leavePage()
}

// Start goes on with a draft; with "" it goes on with one that was left half-way, if there is one.
func (w *Wizard) Start(about string) {
	var settings watcher.Settings
	var drafts []watcher.Draft
	w.load(func(ctx context.Context) (err error) {
		if settings, err = w.Engine.Settings(ctx); err != nil {
			return err
		}
		drafts, err = w.Engine.Drafts(ctx)
		return err
	}, func() {
		w.proposal = settings.DocumentsRoot
		for _, d := range slices.Backward(drafts) {
			if d.ID == about || about == "" && d.Step != watcher.StepDone && d.Reconnects == "" {
				w.apply(d)
				return
			}
		}
	})
}

// Changed is told what the engine said: a key came, a passcode ran out.
func (w *Wizard) Changed(events []watcher.Event) {
	id := w.draft.ID
	if id == "" || !slices.ContainsFunc(events, func(e watcher.Event) bool {
		return e.Kind == watcher.EventAll || e.Kind == watcher.EventDraft && e.ID == id
	}) {
		return
	}
	var d watcher.Draft
	w.load(func(ctx context.Context) (err error) {
		d, err = w.Engine.Draft(ctx, id)
		return err
	}, func() {
		if d.ID == w.draft.ID && w.busy == 0 {
			w.apply(d)
		}
	})
}

// Escape goes one step back, or out of the wizard from the first screen.
func (w *Wizard) Escape() bool {
	if w.page.back != nil && w.busy == 0 {
		w.page.back()
	}
	return true
}

// load asks the engine for something to show; what goes wrong is said on the page.
func (w *Wizard) load(ask func(ctx context.Context) error, then func()) {
	w.Work(ask, func(err error) {
		switch {
		case w.closed:
		case err != nil:
			w.fail(err)
		default:
			then()
		}
	})
}

// call asks the engine for something that changes the draft, while the page's buttons wait. An error is shown where
// it happened; then may be nil.
func (w *Wizard) call(ask func(ctx context.Context) (watcher.Draft, error), then func(watcher.Draft)) {
	w.busy++
	w.page.wait(true)
	var d watcher.Draft
	w.Work(func(ctx context.Context) (err error) {
		d, err = ask(ctx)
		return err
	}, func(err error) {
		w.busy--
		if w.closed {
			return
		}
		w.page.wait(w.busy > 0)
		if err != nil {
			w.fail(err)
			return
		}
		w.apply(d)
		if then != nil {
			then(d)
		}
	})
}

// fail says on the page what went wrong and what to do about it.
func (w *Wizard) fail(err error) {
	var told *watcher.ProblemError
	if errors.As(err, &told) {
		w.page.trouble(w.Words.Problem(told.Problem.Code, told.Problem.Args))
		return
	}
	w.page.trouble(w.Words.Say("wizard.failed"), w.Words.Say("wizard.failed.do", map[string]any{"reason": err.Error()}))
}

// apply shows a draft as it is now: in place where the step is the same, so that nothing typed is lost.
func (w *Wizard) apply(d watcher.Draft) {
	w.draft = d
	step := d.Step
	if step == watcher.StepPasscode && len(d.Checks) > 0 {
		step = watcher.StepTest // a key came by itself and is being tried
	}
	if step != w.shown {
		w.show(step)
	} else if w.page.update != nil {
		w.page.update(d)
	}
	if d.Problem != nil {
		w.page.trouble(w.Words.Problem(d.Problem.Code, d.Problem.Args))
	} else {
		w.page.trouble("", "")
	}
}

// show builds the page of a step.
func (w *Wizard) show(step watcher.DraftStep) {
	w.leavePage()
	w.shown = step
	switch step {
	case watcher.StepIDs:
		w.page = w.idsPage()
	case watcher.StepEmail:
		w.page = w.emailPage()
	case watcher.StepFolder:
		w.page = w.folderPage()
	case watcher.StepPasscode:
		w.page = w.passcodePage()
	case watcher.StepTest:
		w.page = w.testPage()
	case watcher.StepDone:
		w.page = w.donePage()
	default:
		w.page = w.welcomePage()
	}
	w.frame.show(w.Words, step, w.page)
	if w.page.first != nil {
		w.Focus(w.page.first)
	}
	if w.page.update != nil {
		w.page.update(w.draft)
	}
}

func (w *Wizard) leavePage() {
	if w.page != nil && w.page.leave != nil {
		w.page.leave()
	}
}

// backTo gives a page's way back to an earlier step.
func (w *Wizard) backTo(step watcher.DraftStep) func() {
	return func() {
		id, in := w.draft.ID, w.draft.Input
		w.call(func(ctx context.Context) (watcher.Draft, error) { return w.Engine.UpdateDraft(ctx, id, step, in) }, nil)
	}
}

func (w *Wizard) say(key string, args ...map[string]any) string {
	return w.Words.Say("wizard."+key, args...)
}
