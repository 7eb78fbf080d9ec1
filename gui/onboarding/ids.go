package onboarding

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// idsPage asks for the two IDs, or registers for them. What both ways need is asked once.
func (w *Wizard) idsPage() *page {
	d := w.draft
	f := w.newForm(d.Input)
	have, register := w.haveWay(f, d), w.registerWay(f, d)
	domain, advanced := f.domain(), f.advanced()
	place := widgets.Column(widgets.GapGroup)
	next := widgets.NewFilledButton("", nil)
	p := &page{
		title:    w.say("ids"),
		subtitle: w.say("ids.sub"),
		right:    []*widgets.Button{next},
		back:     f.back(watcher.StepWelcome),
		leave:    f.leave,
		blame:    f.blame,
	}
	if d.Reconnects != "" {
		p.back = func() { w.Leave("") } // it begins with the passcode; only lost IDs are asked for
	}
	use := func(way way) {
		place.Objects = way.body(domain, advanced)
		next.Set(way.button)
		p.next = func() {
			f.stop()
			way.next()
		}
		next.OnTapped = p.next
		p.first = way.first
		p.relayout()
	}
	ways := []way{have, register}
	tabs := widgets.NewChoices(nil, w.say("ids.have"), w.say("ids.register"))
	begun := d.RegistrationURL == "" && (d.Input.Email != "" || d.Input.Name != "" || d.Input.CallbackBase != "" || d.Input.ApprovalURL != "")
	if begun {
		tabs.Choose(1) // that is where the person was
	}
	use(ways[tabs.Chosen()])
	tabs.OnChosen = func(i int) {
		use(ways[i])
		if ways[i].first != nil {
			w.Focus(ways[i].first)
		}
	}
	for name, at := range map[string]int{
		"mail": 0, "developerId": 0, "applicationId": 0,
		"name": 1, "email": 1, "firm": 1, "application": 1, "callbackBase": 1, "approvalUrl": 1, "registered": 1,
	} {
		if part := f.parts[name]; part != nil {
			part.show = func() { tabs.Choose(at) }
		}
	}
	p.left = []*widgets.Button{widgets.NewButton(w.say("back"), func() { p.back() })}
	p.body = []fyne.CanvasObject{widgets.Column(widgets.GapEdge, tabs, place)}
	return p
}

// way is one of the two ways to the IDs.
type way struct {
	body   func(domain, advanced fyne.CanvasObject) []fyne.CanvasObject
	first  fyne.Focusable
	button string
	next   func()
}

// haveWay takes the IDs of somebody who has them.
func (w *Wizard) haveWay(f *form, d watcher.Draft) way {
	ids := w.newIDFields(f, d)
	return way{
		body: func(domain, advanced fyne.CanvasObject) []fyne.CanvasObject {
			return []fyne.CanvasObject{ids.mail, ids.both, domain, advanced}
		},
		first:  ids.mail.Entry,
		button: w.say("next"),
		next: func() {
			id, in, save, keep := w.draft.ID, f.input(), f.saveProxy(), ids.keep()
			w.call(func(ctx context.Context) (watcher.Draft, error) {
				if err := save(ctx); err != nil {
					return watcher.Draft{}, err
				}
				if _, err := w.Engine.UpdateDraft(ctx, id, watcher.StepIDs, in); err != nil {
					return watcher.Draft{}, err
				}
				return keep(ctx, in)
			}, nil)
		},
	}
}

// idFields are the e-mail, pasted whole, and the two IDs that are found in it or typed.
type idFields struct {
	w                            *Wizard
	mail, developer, application *widgets.Field
	both                         fyne.CanvasObject
}

// longEnough is how much text must be there before it is said that the IDs are not in it: nobody types an e-mail.
const longEnough = 40

func (w *Wizard) newIDFields(f *form, d watcher.Draft) *idFields {
	ids := &idFields{
		w:           w,
		mail:        widgets.NewFieldFor(w.say("ids.mail"), w.say("ids.mail.hint"), widgets.NewTextEntry(3)),
		developer:   widgets.NewField(w.say("ids.developer"), w.known(d.DeveloperTail)),
		application: widgets.NewField(w.say("ids.application"), w.known(d.ApplicationTail)),
	}
	ids.both = widgets.Beside(widgets.GapGroup, ids.developer, ids.application)
	f.add("mail", ids.mail)
	f.add("developerId", ids.developer)
	f.add("applicationId", ids.application)
	ids.mail.Entry.OnChanged = ids.find
	return ids
}

// find fills the fields from the e-mail.
func (ids *idFields) find(text string) {
	developer, application := watcher.FindIDs(text)
	if developer != "" {
		ids.developer.SetText(developer)
	}
	if application != "" {
		ids.application.SetText(application)
	}
	problem := ""
	if len(strings.TrimSpace(text)) > longEnough && (developer == "" || application == "") {
		problem = ids.w.say("ids.mail.notFound")
	}
	if ids.mail.Problem() != problem {
		ids.mail.SetProblem(problem)
		ids.w.page.relayout()
	}
}

// keep gives the call that keeps the IDs and goes on. Those that are kept already need not be typed again.
func (ids *idFields) keep() func(ctx context.Context, in watcher.DraftInput) (watcher.Draft, error) {
	w := ids.w
	id, known := w.draft.ID, w.draft.DeveloperTail != "" && w.draft.ApplicationTail != ""
	developer, application := ids.developer.Text(), ids.application.Text()
	return func(ctx context.Context, in watcher.DraftInput) (watcher.Draft, error) {
		if developer == "" && application == "" && known {
			return w.Engine.UpdateDraft(ctx, id, watcher.StepFolder, in)
		}
		return w.Engine.SetIDs(ctx, id, developer, application)
	}
}

// known says that an ID was entered before and by which end to know it.
func (w *Wizard) known(tail string) string {
	if tail == "" {
		return ""
	}
	return w.say("ids.known", map[string]any{"tail": tail})
}
