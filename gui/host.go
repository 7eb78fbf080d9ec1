package gui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"

	"postroom/assets"
	"postroom/gui/widgets"
	"postroom/watcher"
)

// Host is what a page may use of the window it stands in. Its methods are called on the UI thread.
type Host struct{ w *Window }

// Engine is asked inside of Work only: its calls may take as long as a slow disk does.
func (h *Host) Engine() Engine { return h.w.engine }

// Words says things in the person's language.
func (h *Host) Words() *assets.Words { return h.w.speaker.Words }

// Now is the time.
func (h *Host) Now() time.Time { return h.w.opts.Now() }

// Overview is the last one that the engine gave.
func (h *Host) Overview() watcher.Overview { return h.w.overview }

// Settings are the last ones that the engine gave.
func (h *Host) Settings() watcher.Settings { return h.w.settings }

// Drafts are the last ones that the engine gave.
func (h *Host) Drafts() []watcher.Draft { return h.w.drafts }

// Work runs do off the UI thread, with a context that ends with the window or when the engine takes too long, and
// then done on the UI thread.
func (h *Host) Work(do func(ctx context.Context) error, done func(error)) { h.w.work(do, done) }

// WorkWithKeys is Work that needs the keyring, or Sage: that is what the window says it waits for.
func (h *Host) WorkWithKeys(do func(ctx context.Context) error, done func(error)) {
	h.w.workFor(waitKeys, do, done)
}

// LongWork is Work for what may take minutes: its context ends with the window alone.
func (h *Host) LongWork(do func(ctx context.Context) error, done func(error)) {
	h.w.working.Go(func() {
		err := do(h.w.ctx)
		h.w.opts.Do(func() {
			done(err)
			h.w.keepFocus()
		})
	})
}

// Reveal shows a file in its folder.
func (h *Host) Reveal(path string) { h.w.reveal(path) }

// Context ends with the window.
func (h *Host) Context() context.Context { return h.w.ctx }

// Do runs a function on the UI thread, from any goroutine.
func (h *Host) Do(f func()) { h.w.opts.Do(f) }

// Explain says in words why a call of the engine failed.
func (h *Host) Explain(err error) string { return h.w.speaker.Failure(err) }

// ExplainProblem says in words what happened and what the person does.
func (h *Host) ExplainProblem(p watcher.Problem) (what, do string) {
	return h.w.speaker.Problem(p.Code, p.Args)
}

// Ask asks a question over the window.
func (h *Host) Ask(q widgets.Question) *widgets.Sheet { return widgets.Ask(h.w.win.Canvas(), q) }

// Open shows a file, a folder in the program the system has for it.
func (h *Host) Open(path string) { h.w.open(path) }

// OpenPath is Open for a page that tells by itself what went wrong. It is called inside of Work.
func (h *Host) OpenPath(path string) error { return h.w.opts.Open(path) }

// App and Window are Fyne's, for the clipboard, for web pages and for the focus.
func (h *Host) App() fyne.App { return h.w.app }

// Window is Fyne's window.
func (h *Host) Window() fyne.Window { return h.w.win }

// Copy puts a text onto the clipboard.
func (h *Host) Copy(text string) { h.w.app.Clipboard().SetContent(text) }

// ChooseFolder asks the person for a folder; chosen gets "" where they changed their mind.
func (h *Host) ChooseFolder(title string, chosen func(path string)) {
	h.w.choose(func(ctx context.Context) (string, error) { return ChooseFolder(ctx, title) }, chosen)
}

// ShowFiles goes to a company's files; "" to the company that was shown last.
func (h *Host) ShowFiles(company string) { h.w.goFiles(company) }

// ShowWaiting goes to a company's files that wait.
func (h *Host) ShowWaiting(company string) {
	h.w.goFiles(company)
	h.w.files.filters.Choose(filterWaiting)
}

// ShowConnection goes to a company's connection.
func (h *Host) ShowConnection(company string) { h.w.goConnection(company) }

// ShowSettings goes to the settings.
func (h *Host) ShowSettings() { h.w.goSettings() }

// OpenWizard connects a company, or goes on with a draft.
func (h *Host) OpenWizard(draft string) { h.w.goWizard(draft) }

// choose waits for the person in a dialog of the system's, without a limit of time.
func (w *Window) choose(ask func(context.Context) (string, error), chosen func(string)) {
	w.working.Go(func() {
		path, err := ask(w.ctx)
		w.opts.Do(func() {
			switch {
			case errors.Is(err, ErrNoChooser):
				w.tell(widgets.ColorMuted, w.speaker.Say("window.noChooser"))
			case err != nil:
				w.tell(widgets.ColorProblem, w.speaker.Failure(err))
			}
			chosen(path)
		})
	})
}
