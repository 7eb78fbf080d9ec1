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
	"postroom/gui/widgets"
	"postroom/watcher"
)

// Options are what the wizard is built from. All but Now and what the window knows already are required.
type Options struct {
	Engine gui.Engine
	Words  *assets.Words
	Now    func() time.Time

	UI   func(func())                                               // runs a function on the UI thread, later
	Work func(do func(ctx context.Context) error, done func(error)) // do off the UI thread, then done on it

	OpenURL      func(address string) error    // in the person's browser; called inside of Work
	OpenFolder   func(folder string) error     // in the person's file manager; called inside of Work
	ChooseFolder func(chosen func(string))     // asks for a folder; "" is a person who changed their mind
	Copy         func(text string)             // to the clipboard
	Focus        func(fyne.Focusable)          // puts the keyboard there
	Ask          func(widgets.Question)        // over the window
	Leave        func(company string)          // the wizard is done with; company is "" when nothing was connected
	Explain      func(err error) (text string) // why a call failed that has no sentence of its own

	Settings  watcher.Settings // as the window has them
	Drafts    []watcher.Draft  // likewise
	Companies int              // that are connected already: there is something to go back to
}

// Page makes the window's wizard: about is the draft to go on with, "" for a new one.
func Page(h *gui.Host, about string) gui.Page {
	return New(Options{
		Engine: h.Engine(), Words: h.Words(), Now: h.Now, UI: h.Do, Work: h.Work,
		OpenURL: func(address string) error {
			u, err := url.Parse(address)
			if err != nil {
				return err
			}
			return h.App().OpenURL(u)
		},
		OpenFolder:   h.OpenPath,
		ChooseFolder: func(chosen func(string)) { h.ChooseFolder(h.Words().Say("wizard.folder.ask"), chosen) },
		Copy:         h.Copy,
		Focus:        func(f fyne.Focusable) { h.Window().Canvas().Focus(f) },
		Ask:          func(q widgets.Question) { h.Ask(q) },
		Leave:        h.ShowFiles,
		Explain:      h.Explain,
		Settings:     h.Settings(), Drafts: h.Drafts(), Companies: len(h.Overview().Companies),
	}, about)
}

// Wizard shows one draft at the step it is at. Its methods are called on the UI thread.
type Wizard struct {
	Options
	frame  *frame
	closed bool

	draft    watcher.Draft // its ID is empty on the first screen of a new one
	page     *page
	shown    watcher.DraftStep // which step page shows; StepWelcome also while there is no draft, "" before one is known
	arrived  bool              // this step was come to here and now, not by opening the wizard at it
	errands  []errand          // calls of the engine under way, the first one running
	busy     int               // those among them that the person waits for
	loading  bool              // the draft is being loaded
	stale    bool              // and has changed meanwhile
	applied  int               // counts the drafts that were taken over, to tell an answer that is older
	retrying func()            // what needed the passphrase, done again once it was given
}

// New makes a wizard that goes on with a draft; with "" it begins a new one, or goes on with one that was left at the
// first screen.
func New(o Options, about string) *Wizard {
	if o.Now == nil {
		o.Now = time.Now
	}
	w := &Wizard{Options: o}
	w.frame = newFrame(w)
	at := slices.IndexFunc(o.Drafts, func(d watcher.Draft) bool {
		return d.ID == about || about == "" && d.Step == watcher.StepWelcome && d.Reconnects == ""
	})
	switch {
	case at >= 0:
		w.follow(o.Drafts[at])
	case about == "":
		w.show(watcher.StepWelcome)
	default: // made a moment ago
		w.draft.ID = about
		w.show("")
	}
	if w.draft.ID != "" {
		w.reload()
	}
	return w
}

// Content is what the window shows.
func (w *Wizard) Content() fyne.CanvasObject { return w.frame.whole }

// Close ends the wizard's timers, and has what was typed last kept. A call that has reached the engine is carried out
// there.
func (w *Wizard) Close() {
	w.leavePage()
	w.closed = true
}

// Changed is told what the engine said: a key came, a passcode ran out.
func (w *Wizard) Changed(events []watcher.Event) {
	if w.draft.ID != "" && slices.ContainsFunc(events, func(e watcher.Event) bool {
		return e.Kind == watcher.EventAll || e.Kind == watcher.EventDraft && e.ID == w.draft.ID
	}) {
		w.reload()
	}
}

// Escape goes one step back, or out of the wizard from the first screen.
func (w *Wizard) Escape() bool {
	if w.page.back != nil && w.busy == 0 {
		w.page.back()
	}
	return true
}

// Confirm is Return where nothing has the focus.
func (w *Wizard) Confirm() { w.goOn() }

// goOn is what Return does: the next step, as the filled button would.
func (w *Wizard) goOn() {
	if w.page.next != nil && w.busy == 0 {
		w.page.next()
	}
}

// reload asks the engine for the draft. One answer at a time: however many events come, the newest is what is shown.
func (w *Wizard) reload() {
	if w.loading {
		w.stale = true
		return
	}
	w.loading, w.stale = true, false
	id, applied := w.draft.ID, w.applied
	var d watcher.Draft
	w.Work(func(ctx context.Context) (err error) {
		d, err = w.Engine.Draft(ctx, id)
		return err
	}, func(err error) {
		w.loading = false
		switch {
		case w.closed || id != w.draft.ID:
			return
		case err == nil && applied != w.applied, w.stale:
			w.reload() // a call's answer is newer
		case err == nil:
			w.page.silent = false
			w.follow(d)
		case errors.Is(err, watcher.ErrNotFound):
			if w.busy == 0 { // else it goes because the person wants it to
				w.lose(err)
			}
		default:
			w.page.silent = true
			if !w.page.told {
				w.page.trouble("", w.Explain(err))
			}
		}
	})
}

// lose goes back to the beginning when the draft is no longer there: it was dropped elsewhere.
func (w *Wizard) lose(err error) {
	w.draft = watcher.Draft{}
	w.show(watcher.StepWelcome)
	w.tell(err)
}

// follow shows a draft as it is now: in place where the step is the same, so that nothing typed is lost. While the
// person waits for a call, its answer says where to go.
func (w *Wizard) follow(d watcher.Draft) {
	if d.Step != w.shown && w.busy > 0 {
		return
	}
	w.take(d)
}

// take shows a draft as it is now.
func (w *Wizard) take(d watcher.Draft) {
	w.applied++
	w.arrived = w.shown != ""
	w.draft = d
	if d.Step != w.shown {
		w.show(d.Step)
	} else if w.page.update != nil {
		w.page.update(d)
	}
	w.showProblem()
}

// showProblem says what is wrong with the draft, unless the page says so itself. What a call has just answered stays.
func (w *Wizard) showProblem() {
	p := w.draft.Problem
	switch {
	case w.page.told, w.page.silent:
	case p == nil || w.page.explains != nil && w.page.explains(w.draft):
		w.page.trouble("", "")
	default:
		w.tellProblem(*p)
	}
}

// show builds the page of a step.
func (w *Wizard) show(step watcher.DraftStep) {
	w.leavePage()
	w.shown = step
	switch step {
	case "":
		w.page = &page{back: func() { w.Leave("") }}
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
	w.frame.show(step, w.page)
	w.focusFirst()
	if w.page.update != nil {
		w.page.update(w.draft)
	}
	w.page.wait(w.busy > 0)
}

// focusFirst puts the keyboard where typing begins, once the page is on the screen.
func (w *Wizard) focusFirst() {
	p := w.page
	w.UI(func() {
		if w.closed || w.page != p {
			return
		}
		w.Focus(p.first) // nil is nothing: Return goes on then
	})
}

func (w *Wizard) leavePage() {
	w.retrying = nil
	if w.page != nil && w.page.leave != nil {
		w.page.leave()
	}
}

func (w *Wizard) say(key string, args ...map[string]any) string {
	return w.Words.Say("wizard."+key, args...)
}
