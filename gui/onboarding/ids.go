package onboarding

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// domains are what an application can be for, by the platform's own names [D].
var domains = []string{"ecommerce", "comp-nominalv1"}

// idsPage asks for the two IDs, or registers for them.
func (w *Wizard) idsPage() *page {
	d := w.draft
	have, register := w.haveForm(d), w.registerForm(d)
	place := widgets.Column(widgets.GapGroup, have.body)
	next := widgets.NewFilledButton(w.say("next"), nil)
	p := &page{
		title:    w.say("ids"),
		subtitle: w.say("ids.sub"),
		right:    []*widgets.Button{next},
		back:     w.backTo(watcher.StepWelcome),
		leave:    func() { have.stop(); register.stop() },
	}
	use := func(f *form) {
		place.Objects = []fyne.CanvasObject{f.body}
		next.Set(f.button)
		next.OnTapped = f.next
		place.Refresh()
	}
	tabs := widgets.NewFilters(func(i int) { use([]*form{have, register}[i]) }, w.say("ids.have"), w.say("ids.register"))
	use(have)
	back := widgets.NewButton(w.say("back"), p.back)
	p.left = []fyne.CanvasObject{back}
	p.body = []fyne.CanvasObject{widgets.Line(0, tabs, widgets.Spring()), place}
	p.first = have.first
	if d.Input.Email != "" || d.Input.Name != "" {
		tabs.Choose(1) // that is where the person was
		p.first = register.first
	}
	return p
}

// haveForm takes the IDs of somebody who has them.
func (w *Wizard) haveForm(d watcher.Draft) *form {
	f := w.newForm(d.Input)
	ids := w.newIDFields(d)
	domain := f.domain(w)
	f.first, f.button = ids.mail.Entry, w.say("next")
	f.body = widgets.Column(widgets.GapGroup, ids.mail, ids.both, domain, f.advanced(w))
	f.next = func() {
		f.stop()
		id, in, developer, application := w.draft.ID, f.input(), ids.developer.Text(), ids.application.Text()
		w.call(func(ctx context.Context) (watcher.Draft, error) {
			if _, err := w.Engine.UpdateDraft(ctx, id, watcher.StepIDs, in); err != nil {
				return watcher.Draft{}, err
			}
			return w.Engine.SetIDs(ctx, id, developer, application)
		}, nil)
	}
	return f
}

// idFields are the e-mail, pasted whole, and the two IDs that are found in it or typed.
type idFields struct {
	mail, developer, application *widgets.Field
	both                         fyne.CanvasObject
}

func (w *Wizard) newIDFields(d watcher.Draft) *idFields {
	ids := &idFields{
		mail:        widgets.NewFieldFor(w.say("ids.mail"), w.say("ids.mail.hint"), widgets.NewTextEntry(3)),
		developer:   widgets.NewField(w.say("ids.developer"), known(w, d.DeveloperTail)),
		application: widgets.NewField(w.say("ids.application"), known(w, d.ApplicationTail)),
	}
	ids.both = widgets.Beside(widgets.GapGroup, ids.developer, ids.application)
	ids.mail.Entry.OnChanged = func(text string) {
		developer, application := watcher.FindIDs(text)
		if developer != "" {
			ids.developer.SetText(developer)
		}
		if application != "" {
			ids.application.SetText(application)
		}
		switch {
		case strings.TrimSpace(text) == "", developer != "" && application != "":
			ids.mail.SetProblem("")
		default:
			ids.mail.SetProblem(w.say("ids.mail.notFound"))
		}
	}
	return ids
}

// known says that an ID was entered before and by which end to know it.
func known(w *Wizard, tail string) string {
	if tail == "" {
		return ""
	}
	return w.say("ids.known", map[string]any{"tail": tail})
}

// emailPage waits for the e-mail that follows the captcha, for days if need be.
func (w *Wizard) emailPage() *page {
	d := w.draft
	ids := w.newIDFields(d)
	reopen := widgets.NewButton(w.say("email.open"), func() { w.openRegistration() })
	reopen.Icon = "external"
	next := widgets.NewFilledButton(w.say("next"), func() {
		id, developer, application := w.draft.ID, ids.developer.Text(), ids.application.Text()
		w.call(func(ctx context.Context) (watcher.Draft, error) {
			return w.Engine.SetIDs(ctx, id, developer, application)
		}, nil)
	})
	back := w.backTo(watcher.StepIDs)
	return &page{
		title:    w.say("email"),
		subtitle: w.say("email.sub", map[string]any{"email": d.Input.Email}),
		body: []fyne.CanvasObject{
			widgets.Column(10,
				numbered("1", w.say("email.first")),
				widgets.Inset(32, 0, 0, 0, widgets.Line(0, reopen, widgets.Spring())),
				numbered("2", w.say("email.second")),
			),
			widgets.Column(widgets.GapGroup, ids.mail, ids.both),
			w.waits(w.say("email.wait")),
		},
		left:  []fyne.CanvasObject{widgets.NewButton(w.say("back"), back)},
		right: []*widgets.Button{next},
		first: ids.mail.Entry,
		back:  back,
	}
}

// openRegistration shows the page with the captcha; where no browser opens, the address can be copied.
func (w *Wizard) openRegistration() {
	address := w.draft.RegistrationURL
	if address == "" {
		return
	}
	if err := w.OpenURL(address); err != nil {
		w.Copy(address)
		w.page.trouble(w.say("email.noBrowser"), w.say("email.noBrowser.do", map[string]any{"address": address}))
	}
}

// numbered is one of the things to do in their order; what stands between asterisks is in semibold.
func numbered(n, text string) fyne.CanvasObject {
	figure := widgets.NewText(n, widgets.Name)
	return widgets.Line(0, widgets.Inset(0, 0, 32-figure.MinSize().Width, 0, figure),
		widgets.Grow(widgets.NewRuns(widgets.Emphasised(text, widgets.Body)...)))
}

// waits is a line that says what Postroom waits for.
func (w *Wizard) waits(text string) fyne.CanvasObject {
	return widgets.Line(10, widgets.NewIcon("status-waiting", widgets.ColorWaiting), widgets.Grow(widgets.NewParagraph(text, widgets.Quiet)))
}
