package onboarding

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// saveAfter is how long after the last key what was typed is kept, so that closing the program loses nothing.
const saveAfter = time.Second

// form is a group of entries that fill a draft's input.
type form struct {
	body   *fyne.Container
	first  fyne.Focusable
	button string
	next   func()

	entered watcher.DraftInput
	fields  []*entered
	timer   *time.Timer
	save    func(watcher.DraftInput)
}

// entered ties an entry to a part of the input.
type entered struct {
	field *widgets.Field
	part  func(*watcher.DraftInput) *string
	off   bool // not of the way the person chose: the part is left empty
}

func (w *Wizard) newForm(in watcher.DraftInput) *form {
	f := &form{entered: in}
	f.save = func(in watcher.DraftInput) {
		id, step := w.draft.ID, w.draft.Step
		if id == "" || w.busy > 0 {
			return
		}
		var d watcher.Draft
		w.Work(func(ctx context.Context) (err error) {
			d, err = w.Engine.UpdateDraft(ctx, id, step, in)
			return err
		}, func(err error) {
			// What is half typed may not be valid yet. It is kept once it is.
			if err == nil && d.ID == w.draft.ID {
				w.draft.Input = d.Input
			}
		})
	}
	return f
}

// field makes an entry for a part of the input.
func (f *form) field(w *Wizard, name string, part func(*watcher.DraftInput) *string) *widgets.Field {
	hint := ""
	if key := "wizard.field." + name + ".hint"; w.Words.Has(key) {
		hint = w.Words.Say(key)
	}
	field := widgets.NewField(w.say("field."+name), hint)
	field.SetText(*part(&f.entered))
	field.Entry.OnChanged = func(string) { f.changed(w) }
	field.Entry.OnSubmitted = func(string) {
		if f.next != nil {
			f.next()
		}
	}
	f.fields = append(f.fields, &entered{field: field, part: part})
	return field
}

// only leaves the parts of these fields empty, or fills them again.
func (f *form) only(on bool, fields ...*widgets.Field) {
	for _, e := range f.fields {
		if slices.Contains(fields, e.field) {
			e.off = !on
		}
	}
}

// input is what the person entered.
func (f *form) input() watcher.DraftInput {
	in := f.entered
	for _, e := range f.fields {
		*e.part(&in) = e.field.Text()
		if e.off {
			*e.part(&in) = ""
		}
	}
	return in
}

// changed keeps what was typed once the person pauses.
func (f *form) changed(w *Wizard) {
	f.stop()
	f.timer = time.AfterFunc(saveAfter, func() {
		w.UI(func() {
			if !w.closed {
				f.save(f.input())
			}
		})
	})
}

func (f *form) stop() {
	if f.timer != nil {
		f.timer.Stop()
	}
}

// domain asks what the application is for.
func (f *form) domain(w *Wizard) fyne.CanvasObject {
	var names []string
	for _, d := range domains {
		names = append(names, w.say("domain."+d))
	}
	pills := widgets.NewFilters(func(i int) {
		f.entered.Domain = domains[i]
		f.changed(w)
	}, names...)
	if i := slices.Index(domains, f.entered.Domain); i > 0 {
		pills.Choose(i)
		f.stop()
	}
	if f.entered.Domain == "" {
		f.entered.Domain = domains[0]
	}
	return widgets.Column(6, widgets.NewText(w.say("field.domain"), widgets.Name), widgets.Line(0, pills, widgets.Spring()))
}

// advanced hides what few need behind one line.
func (f *form) advanced(w *Wizard) fyne.CanvasObject {
	platform := f.field(w, "platform", func(in *watcher.DraftInput) *string { return &in.Platform })
	profile := f.field(w, "profile", func(in *watcher.DraftInput) *string { return &in.ProfilePath })
	listen := f.field(w, "listen", func(in *watcher.DraftInput) *string { return &in.CallbackListen })
	path := f.field(w, "path", func(in *watcher.DraftInput) *string { return &in.CallbackPath })
	more := widgets.Column(widgets.GapGroup,
		widgets.Beside(widgets.GapGroup, platform, profile), widgets.Beside(widgets.GapGroup, listen, path))
	in := f.entered
	whole := widgets.Column(12)
	button := widgets.NewPlainButton("", nil)
	open := in.Platform != "" || in.ProfilePath != "" || in.CallbackListen != "" || in.CallbackPath != ""
	arrange := func() {
		button.Icon = "right"
		more.Hide()
		if open {
			button.Icon = "down"
			more.Show()
		}
		button.Refresh()
		whole.Refresh()
		if f.body != nil {
			f.body.Refresh()
		}
	}
	button.Set(w.say("advanced"))
	button.OnTapped = func() {
		open = !open
		arrange()
	}
	whole.Objects = []fyne.CanvasObject{widgets.Line(0, button, widgets.Spring()), more}
	arrange()
	return whole
}
