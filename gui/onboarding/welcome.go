package onboarding

import (
	"context"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// welcomePage is the first screen: a practice company, or the real thing.
func (w *Wizard) welcomePage() *page {
	begin := widgets.NewFilledButton(w.say("welcome.connect"), w.begin)
	practice := widgets.NewButton(w.say("welcome.practice"), func() {
		w.call(w.Engine.Practice, nil)
	})
	leave := widgets.NewPlainButton(w.say("leave"), func() { w.Leave("") })
	return &page{
		title:    w.say("welcome"),
		subtitle: w.say("welcome.sub"),
		body: []fyne.CanvasObject{
			offer(w.say("welcome.connect.title"), w.say("welcome.connect.text"), begin),
			offer(w.say("welcome.practice.title"), w.say("welcome.practice.text"), practice),
		},
		left:  []fyne.CanvasObject{leave},
		first: begin,
		back:  func() { w.Leave("") },
	}
}

// offer is one of the ways to go on.
func offer(title, text string, button *widgets.Button) fyne.CanvasObject {
	card := widgets.NewCard(widgets.Column(12,
		widgets.Column(widgets.GapTight, widgets.NewText(title, widgets.Section), widgets.NewParagraph(text, widgets.Quiet)),
		widgets.Line(0, button, widgets.Spring()),
	))
	card.Inset = 20
	return card
}

// begin makes the draft, or goes on with the one that was gone back from.
func (w *Wizard) begin() {
	if id := w.draft.ID; id != "" {
		in := w.draft.Input
		w.call(func(ctx context.Context) (watcher.Draft, error) {
			return w.Engine.UpdateDraft(ctx, id, watcher.StepIDs, in)
		}, nil)
		return
	}
	w.call(func(ctx context.Context) (watcher.Draft, error) {
		return w.Engine.NewDraft(ctx, watcher.DraftInput{})
	}, nil)
}
