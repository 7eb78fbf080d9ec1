package onboarding

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// programName is what an application is called unless the person says otherwise.
const programName = "Postroom"

// registerWay registers a developer with a first application, or a further application of a known developer.
func (w *Wizard) registerWay(f *form, d watcher.Draft) way {
	if d.RegistrationURL != "" {
		return w.registeredWay(d)
	}
	name := f.field("name", func(in *watcher.DraftInput) *string { return &in.Name })
	email := f.field("email", func(in *watcher.DraftInput) *string { return &in.Email })
	firm := f.field("firm", func(in *watcher.DraftInput) *string { return &in.Firm })
	application := f.field("application", func(in *watcher.DraftInput) *string { return &in.Application })
	if application.Text() == "" {
		application.SetText(programName)
		f.stop()
	}
	developer := widgets.NewField(w.say("ids.developer"), w.known(d.DeveloperTail))
	f.add("registered", developer)

	who := widgets.Column(widgets.GapGroup)
	further := d.DeveloperTail != ""
	arrange := func() {
		who.Objects = []fyne.CanvasObject{widgets.Beside(widgets.GapGroup, name, email), firm}
		if further {
			who.Objects = []fyne.CanvasObject{developer}
		}
	}
	arrange()
	whether := widgets.NewChoices(nil, w.say("register.first"), w.say("register.further"))
	if further {
		whether.Choose(1)
	}
	whether.OnChosen = func(i int) {
		further = i == 1
		arrange()
		w.page.relayout()
	}
	before := choice(w.say("register.before"), whether)
	if d.DeveloperTail != "" {
		before.Hide() // the ID is kept, and a second developer of the same person is no use
	}
	arrival := f.arrival()
	fixed := widgets.NewNote(widgets.ColorAttention, w.say("register.fixed"), w.say("register.fixed.text"))
	first := name.Entry
	if further {
		first = application.Entry
	}
	return way{
		body: func(domain, advanced fyne.CanvasObject) []fyne.CanvasObject {
			return []fyne.CanvasObject{before, who, application, domain, arrival, fixed, advanced}
		},
		first:  first,
		button: w.say("register"),
		next:   func() { w.register(f, further, strings.TrimSpace(developer.Text())) },
	}
}

// register tells Sage, and opens the page with the captcha.
func (w *Wizard) register(f *form, further bool, developer string) {
	needed := []string{"name", "email", "firm", "application"}
	if further {
		needed = []string{"registered", "application"}
		if w.draft.DeveloperTail != "" {
			needed = needed[1:]
		}
	}
	if !f.require(append(needed, f.address())...) {
		return
	}
	id, in, save := w.draft.ID, f.listening(f.input()), f.saveProxy()
	w.call(func(ctx context.Context) (watcher.Draft, error) {
		if err := save(ctx); err != nil {
			return watcher.Draft{}, err
		}
		if _, err := w.Engine.UpdateDraft(ctx, id, watcher.StepIDs, in); err != nil {
			return watcher.Draft{}, err
		}
		if further && developer != "" {
			if _, err := w.Engine.SetIDs(ctx, id, developer, ""); err != nil {
				return watcher.Draft{}, err
			}
		}
		return w.Engine.Register(ctx, id)
	}, func(watcher.Draft) { w.openRegistration() })
}

// registeredWay says that Sage has been told already.
func (w *Wizard) registeredWay(d watcher.Draft) way {
	said := widgets.NewNote(widgets.ColorMuted, w.say("registered"), w.say("registered.text", map[string]any{"email": d.Input.Email}))
	return way{
		body:   func(fyne.CanvasObject, fyne.CanvasObject) []fyne.CanvasObject { return []fyne.CanvasObject{said} },
		button: w.say("next"),
		next:   func() { w.goTo(watcher.StepEmail, w.draft.Input) },
	}
}
