package onboarding

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// paste takes the key that somebody else received.
type paste struct {
	w      *Wizard
	whole  *fyne.Container
	field  *widgets.Field
	button *widgets.Button
}

func (w *Wizard) newPaste() *paste {
	p := &paste{w: w, field: widgets.NewFieldFor(w.say("paste"), w.say("paste.hint"), widgets.NewPasswordEntry())}
	p.button = widgets.NewButton(w.say("paste.use"), p.use)
	p.field.Entry.OnSubmitted = func(string) { p.use() }
	p.field.Entry.OnChanged = func(string) { p.mark("") }
	p.whole = widgets.Column(widgets.GapPart, p.field, widgets.Line(0, p.button, widgets.Spring()))
	p.whole.Hide()
	return p
}

// toggle shows the field, or takes it away with what was typed.
func (p *paste) toggle() {
	if p.whole.Visible() {
		p.whole.Hide()
		p.field.SetText("")
		p.w.page.relayout()
		p.w.Focus(nil)
		return
	}
	p.whole.Show()
	p.w.page.relayout()
	p.w.Focus(p.field.Entry)
}

func (p *paste) use() {
	key, id := strings.TrimSpace(p.field.Text()), p.w.draft.ID
	if key == "" {
		p.mark(p.w.say("paste.empty"))
		return
	}
	p.w.call(func(ctx context.Context) (watcher.Draft, error) { return p.w.Engine.PasteKey(ctx, id, key) },
		func(watcher.Draft) { p.field.SetText("") })
}

func (p *paste) mark(problem string) {
	if p.field.Problem() != problem {
		p.field.SetProblem(problem)
		p.w.page.relayout()
	}
}

// blame says at the field what is wrong with a pasted key.
func (p *paste) blame(problem watcher.Problem) bool {
	if problem.Code != "keyInvalid" && problem.Code != "keyTooEarly" || !p.whole.Visible() {
		return false
	}
	what, do := p.w.Words.Problem(problem.Code, problem.Args)
	p.mark(what + " " + do)
	p.w.Focus(p.field.Entry)
	return true
}
