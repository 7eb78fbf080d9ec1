package onboarding

import (
	"context"
	"errors"
	"time"

	"postroom/watcher"
)

// slowAfter is how long a call may take before the page says that it is under way.
const slowAfter = 600 * time.Millisecond

// errand is one call of the engine with what follows it.
type errand struct {
	do   func(ctx context.Context) error
	done func(error)
}

// send puts a call at the end of the line. They go one by one, in the order the person made them: what is kept while
// typing must not overtake what a button sent after it.
func (w *Wizard) send(do func(ctx context.Context) error, done func(error)) {
	w.errands = append(w.errands, errand{do, done})
	if len(w.errands) == 1 {
		w.run()
	}
}

func (w *Wizard) run() {
	e := w.errands[0]
	w.Work(e.do, func(err error) {
		if !w.closed {
			e.done(err)
		}
		w.errands = w.errands[1:]
		if len(w.errands) > 0 {
			w.run()
		}
	})
}

// call asks the engine for something that changes the draft, while the page's buttons wait. An error is told where it
// happened; then may be nil.
func (w *Wizard) call(ask func(ctx context.Context) (watcher.Draft, error), then func(watcher.Draft)) {
	if w.busy > 0 {
		return // pressed twice
	}
	w.begin()
	var d watcher.Draft
	w.send(func(ctx context.Context) (err error) {
		d, err = ask(ctx)
		return err
	}, func(err error) {
		w.end()
		switch {
		case err == nil:
			w.take(d)
			if then != nil {
				then(d)
			}
		case errors.Is(err, watcher.ErrVaultLocked):
			w.askPassphrase(func() { w.call(ask, then) })
		default:
			w.fail(err)
		}
	})
}

// begin keeps the page's buttons from being pressed and takes away what was said before.
func (w *Wizard) begin() {
	w.busy++
	w.page.told = false
	w.page.trouble("", "")
	w.page.wait(true)
	p := w.page
	p.slow = time.AfterFunc(slowAfter, func() {
		w.UI(func() {
			if w.busy > 0 && !w.closed {
				p.saySlow(w.say("slow"))
			}
		})
	})
}

func (w *Wizard) end() {
	w.busy--
	if w.page.slow != nil {
		w.page.slow.Stop()
	}
	w.page.saySlow("")
	w.page.wait(w.busy > 0)
}

// fail tells an error, and what became of the draft: a call may have come half-way. Where the page shows that itself,
// it is not told twice.
func (w *Wizard) fail(err error) {
	if w.draft.ID == "" {
		w.tell(err)
		return
	}
	p, id := w.page, w.draft.ID
	if p.explains == nil {
		w.tell(err)
	}
	var d watcher.Draft
	w.send(func(ctx context.Context) (err error) {
		d, err = w.Engine.Draft(ctx, id)
		return err
	}, func(unread error) {
		if w.page != p || w.draft.ID != id {
			return
		}
		if unread == nil {
			w.take(d)
		}
		if w.page == p && p.explains != nil && (unread != nil || !p.explains(d)) {
			w.tell(err)
		}
	})
}

// tell says on the page what went wrong and what to do about it.
func (w *Wizard) tell(err error) {
	w.page.told = true
	if told, ok := errors.AsType[*watcher.ProblemError](err); ok {
		w.tellProblem(told.Problem)
		return
	}
	w.page.trouble("", w.Explain(err))
}

// tellProblem says a problem at the field it is about, or else above the page.
func (w *Wizard) tellProblem(p watcher.Problem) {
	switch {
	case p.Code == vaultLocked:
		w.askPassphrase(nil)
	case w.page.blame != nil && w.page.blame(p):
		w.page.trouble("", "")
	default:
		w.page.trouble(w.Words.Problem(p.Code, p.Args))
	}
}

// vaultLocked is the problem of a vault that waits for its passphrase.
const vaultLocked = "vaultLocked"

// askPassphrase asks for the passphrase of the encrypted vault, or has one chosen where there is none yet, and then does
// what needed it again.
func (w *Wizard) askPassphrase(retry func()) {
	if retry != nil {
		w.retrying = retry
	}
	p := w.page
	if p.unlock.Asking() {
		return
	}
	var overview watcher.Overview
	w.Work(func(ctx context.Context) (err error) {
		overview, err = w.Engine.Overview(ctx)
		return err
	}, func(err error) {
		switch {
		case w.closed || w.page != p:
		case err != nil:
			w.tell(err)
		case !overview.VaultLocked: // it was opened meanwhile
			w.retry()
		default:
			p.unlock.Ask(overview.VaultNew)
			w.Focus(p.unlock.Entry())
		}
	})
}

// unlocked goes on with what needed the passphrase.
func (w *Wizard) unlocked() {
	w.retry()
	w.reload()
}

// retry does what needed the passphrase again: what the person asked for, or else what the page waits for.
func (w *Wizard) retry() {
	do := w.retrying
	if do == nil {
		do = w.page.resume
	}
	w.retrying = nil
	if do != nil {
		do()
	}
}

// backTo gives a page's way back to an earlier step.
func (w *Wizard) backTo(step watcher.DraftStep) func() { return func() { w.goTo(step, w.draft.Input) } }

// goTo keeps what was entered and goes to a step.
func (w *Wizard) goTo(step watcher.DraftStep, in watcher.DraftInput) {
	id := w.draft.ID
	w.call(func(ctx context.Context) (watcher.Draft, error) { return w.Engine.UpdateDraft(ctx, id, step, in) }, nil)
}
