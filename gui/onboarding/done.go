package onboarding

import (
	"context"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// donePage is the end: the folder, which opens by itself once, and the first file.
func (w *Wizard) donePage() *page {
	company, connection, arrived := w.draft.Input.Company, w.draft.Connection, w.arrived
	leave := func() { w.Leave(company) }
	finish := widgets.NewFilledButton(w.say("done.finish"), leave)
	folder := widgets.NewParagraph("", widgets.Quiet)
	open := widgets.NewButton(w.say("done.open"), func() { w.openFolder(folder.Text(), true) })
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
		next:  leave,
		back:  leave,
	}
	if w.draft.Practice {
		p.subtitle = w.say("done.practice")
	}
	var connections []watcher.Connection
	w.Work(func(ctx context.Context) (err error) {
		connections, err = w.Engine.Connections(ctx)
		return err
	}, func(err error) {
		if w.closed || w.page != p || err != nil {
			return // there is nothing to open then
		}
		for _, c := range connections {
			if c.ID == connection {
				folder.Set(c.Folder, widgets.Quiet)
				place.Show()
				p.relayout()
				if arrived {
					w.openFolder(c.Folder, false)
				}
			}
		}
	})
	return p
}

// openFolder shows the company's folder in the person's file manager. Where there is none, only a person who asked is
// told.
func (w *Wizard) openFolder(folder string, asked bool) {
	w.Work(func(context.Context) error { return w.OpenFolder(folder) }, func(err error) {
		if err != nil && asked && !w.closed {
			w.tell(err)
		}
	})
}
