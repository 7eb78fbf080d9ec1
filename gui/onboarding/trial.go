package onboarding

import (
	"context"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// checks are what the test goes through, in order.
var checks = []string{"vault", "reach", "key", "folder"}

// testPage shows the trial of a key, tick by tick; what goes wrong is explained where it happens.
func (w *Wizard) testPage() *page {
	list := widgets.Column(14)
	again := widgets.NewButton(w.say("test.again"), func() {
		id := w.draft.ID
		w.call(func(ctx context.Context) (watcher.Draft, error) { return w.Engine.Test(ctx, id) }, nil)
	})
	back := w.backTo(watcher.StepPasscode)
	card := widgets.NewCard(list)
	card.Inset = 20
	p := &page{
		title:    w.say("test"),
		subtitle: w.say("test.sub"),
		body:     []fyne.CanvasObject{card},
		left:     []fyne.CanvasObject{widgets.NewButton(w.say("back"), back)},
		right:    []*widgets.Button{again},
		back:     back,
	}
	p.update = func(d watcher.Draft) {
		list.Objects = nil
		failed := false
		for _, code := range checks {
			row, bad := w.checkRow(code, d)
			list.Add(row)
			failed = failed || bad
		}
		if !d.RetryAt.IsZero() {
			list.Add(widgets.NewParagraph(w.say("test.retry"), widgets.Quiet))
		}
		list.Refresh()
		again.Hide()
		if failed {
			again.Show()
		}
		if p.top != nil {
			p.top.Refresh()
		}
	}
	return p
}

// checkRow is one check with its outcome, and its explanation where it failed.
func (w *Wizard) checkRow(code string, d watcher.Draft) (row fyne.CanvasObject, failed bool) {
	state := ""
	var problem *watcher.Problem
	for _, c := range d.Checks {
		if c.Code == code {
			state, problem = c.State, c.Problem
		}
	}
	icon, tone, style := "status-todo", widgets.ColorWaiting, widgets.Quiet
	switch state {
	case "running":
		icon, tone, style = "status-waiting", widgets.ColorAccent, widgets.Body
	case "passed":
		icon, tone, style = "status-done", widgets.ColorGood, widgets.Body
	case "failed":
		icon, tone, style = "status-problem", widgets.ColorProblem, widgets.Body
	}
	line := widgets.Line(10, widgets.NewIcon(icon, tone), widgets.Grow(widgets.NewParagraph(w.say("test."+code), style)))
	if problem == nil {
		return line, state == "failed"
	}
	what, do := w.Words.Problem(problem.Code, problem.Args)
	return widgets.Column(widgets.GapPart, line, widgets.Inset(30, 0, 0, 0, widgets.NewNote(widgets.ColorProblem, what, do))), true
}

// donePage is the end: the folder, and the first file.
func (w *Wizard) donePage() *page {
	company, connection := w.draft.Input.Company, w.draft.Connection
	folder := widgets.NewParagraph("", widgets.Quiet)
	finish := widgets.NewFilledButton(w.say("done.finish"), func() { w.Leave(company) })
	open := widgets.NewButton(w.say("done.open"), func() { w.OpenFolder(folder.Text()) })
	open.Icon = "folder"
	place := widgets.Column(widgets.GapPart, widgets.NewText(w.say("done.folder"), widgets.Name), folder,
		widgets.Line(0, open, widgets.Spring()))
	place.Hide()
	p := &page{
		title:    w.say("done", map[string]any{"company": company}),
		subtitle: w.say("done.sub"),
		body: []fyne.CanvasObject{
			widgets.Column(10,
				numbered("1", w.say("done.first")),
				numbered("2", w.say("done.second")),
				numbered("3", w.say("done.third")),
			),
			place,
		},
		right: []*widgets.Button{finish},
		first: finish,
		back:  func() { w.Leave(company) },
	}
	var connections []watcher.Connection
	w.load(func(ctx context.Context) (err error) {
		connections, err = w.Engine.Connections(ctx)
		return err
	}, func() {
		for _, c := range connections {
			if c.ID == connection {
				folder.Set(c.Folder, widgets.Quiet)
				place.Show()
				p.top.Refresh()
			}
		}
	})
	return p
}
