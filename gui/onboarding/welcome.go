package onboarding

import (
	"context"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// welcomePage is the first screen: a practice company, or the real thing.
func (w *Wizard) welcomePage() *page {
	begin := widgets.NewFilledButton(w.say("welcome.connect"), w.beginDraft)
	practice := widgets.NewButton(w.say("welcome.practice"), func() { w.call(w.Engine.Practice, nil) })
	leave := func() { w.Leave("") }
	p := &page{
		title:    w.say("welcome"),
		subtitle: w.say("welcome.sub"),
		body: []fyne.CanvasObject{
			widgets.Column(widgets.GapGroup,
				offer(w.say("welcome.connect.title"), w.say("welcome.connect.text"), begin),
				offer(w.say("welcome.practice.title"), w.say("welcome.practice.text"), practice),
			),
		},
		left:   []*widgets.Button{widgets.NewPlainButton(w.say("leave"), leave)},
		inside: []*widgets.Button{begin, practice},
		next:   w.beginDraft,
		back:   leave,
	}
	if w.draft.ID != "" {
		p.left = append(p.left, widgets.NewPlainButton(w.say("discard"), w.askDiscard))
	}
	return p
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

// beginDraft makes the draft, or goes on with the one that was gone back from.
func (w *Wizard) beginDraft() {
	if w.draft.ID != "" {
		w.goTo(watcher.StepIDs, w.draft.Input)
		return
	}
	w.call(func(ctx context.Context) (watcher.Draft, error) {
		return w.Engine.NewDraft(ctx, watcher.DraftInput{})
	}, nil)
}

// askDiscard drops what was entered, once the person has said so.
func (w *Wizard) askDiscard() {
	text := w.say("discard.text")
	if w.draft.RegistrationURL != "" {
		text = w.say("discard.registered")
	}
	id := w.draft.ID
	w.Ask(widgets.Question{
		Title: w.say("discard.title"),
		Text:  text,
		Choices: []widgets.Choice{
			{Text: w.say("discard.yes"), Do: func(bool) {
				w.call(func(ctx context.Context) (watcher.Draft, error) {
					return watcher.Draft{Step: watcher.StepWelcome}, w.Engine.DropDraft(ctx, id)
				}, func(watcher.Draft) { w.Leave("") })
			}},
			{Text: w.say("discard.no"), Kind: widgets.Filled, Do: func(bool) {}},
		},
	})
}
