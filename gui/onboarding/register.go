package onboarding

import (
	"context"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// registerForm registers a developer with a first application, or a further application of a known developer.
func (w *Wizard) registerForm(d watcher.Draft) *form {
	f := w.newForm(d.Input)
	f.button = w.say("register")

	name := f.field(w, "name", func(in *watcher.DraftInput) *string { return &in.Name })
	email := f.field(w, "email", func(in *watcher.DraftInput) *string { return &in.Email })
	firm := f.field(w, "firm", func(in *watcher.DraftInput) *string { return &in.Firm })
	developer := widgets.NewField(w.say("ids.developer"), known(w, d.DeveloperTail))
	application := f.field(w, "application", func(in *watcher.DraftInput) *string { return &in.Application })
	if application.Text() == "" {
		application.SetText("Postroom")
		f.stop()
	}
	f.first = name.Entry

	who := widgets.Column(widgets.GapGroup)
	newcomer := []fyne.CanvasObject{widgets.Beside(widgets.GapGroup, name, email), firm}
	whether := widgets.NewFilters(func(i int) {
		who.Objects = newcomer
		if i == 1 {
			who.Objects = []fyne.CanvasObject{developer}
		}
		who.Refresh()
		f.body.Refresh()
	}, w.say("register.first"), w.say("register.further"))
	who.Objects = newcomer

	f.body = widgets.Column(widgets.GapGroup,
		widgets.Line(0, whether, widgets.Spring()),
		who,
		application,
		f.domain(w),
		w.arrival(f),
		widgets.NewNote(widgets.ColorAttention, w.say("register.fixed"), w.say("register.fixed.text")),
		f.advanced(w),
	)
	f.next = func() {
		f.stop()
		id, in, further, typed := w.draft.ID, f.input(), whether.Chosen() == 1, developer.Text()
		w.call(func(ctx context.Context) (watcher.Draft, error) {
			if _, err := w.Engine.UpdateDraft(ctx, id, watcher.StepIDs, in); err != nil {
				return watcher.Draft{}, err
			}
			if further && typed != "" {
				if _, err := w.Engine.SetIDs(ctx, id, typed, ""); err != nil {
					return watcher.Draft{}, err
				}
			}
			return w.Engine.Register(ctx, id)
		}, func(watcher.Draft) { w.openRegistration() })
	}
	if d.DeveloperTail != "" {
		whether.Choose(1)
	}
	return f
}

// arrival asks how the key will come: to this computer, or to somebody who sends it on.
func (w *Wizard) arrival(f *form) fyne.CanvasObject {
	here := f.field(w, "callbackBase", func(in *watcher.DraftInput) *string { return &in.CallbackBase })
	elsewhere := f.field(w, "approvalUrl", func(in *watcher.DraftInput) *string { return &in.ApprovalURL })
	place := widgets.Column(0, here)
	choose := func(i int) {
		place.Objects = []fyne.CanvasObject{[]*widgets.Field{here, elsewhere}[i]}
		f.only(i == 0, here)
		f.only(i == 1, elsewhere)
		place.Refresh()
		if f.body != nil {
			f.body.Refresh()
		}
	}
	ways := widgets.NewFilters(choose, w.say("arrival.here"), w.say("arrival.elsewhere"))
	choose(0)
	if f.entered.ApprovalURL != "" {
		ways.Choose(1)
	}
	return widgets.Column(6,
		widgets.NewText(w.say("arrival"), widgets.Name), widgets.Line(0, ways, widgets.Spring()),
		widgets.Inset(0, widgets.GapPart, 0, 0, place))
}
