package onboarding

import (
	"context"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// emailPage waits for the e-mail that follows the captcha, for days if need be.
func (w *Wizard) emailPage() *page {
	d := w.draft
	f := w.newForm(d.Input)
	ids := w.newIDFields(f, d)
	reopen := widgets.NewButton(w.say("email.open"), w.openRegistration)
	reopen.Icon = "external"
	p := &page{back: w.backTo(watcher.StepIDs), blame: f.blame, first: ids.mail.Entry, inside: []*widgets.Button{reopen}}
	p.next = func() {
		in, keep := f.input(), ids.keep()
		w.call(func(ctx context.Context) (watcher.Draft, error) { return keep(ctx, in) }, nil)
	}
	p.title, p.subtitle = w.say("email"), w.say("email.sub", map[string]any{"email": d.Input.Email})
	if d.Input.Email == "" {
		p.subtitle = w.say("email.sub.known")
	}
	p.left = []*widgets.Button{widgets.NewButton(w.say("back"), p.back)}
	p.right = []*widgets.Button{widgets.NewFilledButton(w.say("next"), p.next)}
	p.body = []fyne.CanvasObject{
		widgets.Column(10,
			numbered("1", w.say("email.first")),
			widgets.Inset(numberWidth, 0, 0, 0, widgets.Line(0, reopen, widgets.Spring())),
			numbered("2", w.say("email.second")),
		),
		widgets.Column(widgets.GapGroup, ids.mail, ids.both),
		w.waits(w.say("email.wait")),
	}
	return p
}

// openRegistration shows the page with the captcha; where no browser opens, the address can be copied.
func (w *Wizard) openRegistration() {
	address := w.draft.RegistrationURL
	if address == "" {
		return
	}
	w.Work(func(context.Context) error { return w.OpenURL(address) }, func(err error) {
		if err == nil || w.closed {
			return
		}
		w.Copy(address)
		w.page.told = true
		w.page.trouble(w.say("email.noBrowser"), w.say("email.noBrowser.do", map[string]any{"address": address}))
	})
}

// numberWidth is the room for the figure before one of the things to do.
const numberWidth = 32

// numbered is one of the things to do in their order; what stands between asterisks is in semibold.
func numbered(n, text string) fyne.CanvasObject {
	return widgets.Led(numberWidth, widgets.NewParagraph(n, widgets.Name), widgets.NewRuns(widgets.Emphasised(text, widgets.Body)...))
}

// marked is a sentence with an icon before it.
func marked(icon *widgets.Icon, words *widgets.Paragraph) *fyne.Container {
	return widgets.Led(widgets.IconSize+10, icon, words)
}

// waits is a line that says what Postroom waits for.
func (w *Wizard) waits(text string) fyne.CanvasObject {
	return marked(widgets.NewIcon("status-waiting", widgets.ColorWaiting), widgets.NewParagraph(text, widgets.Quiet))
}
