package gui

import (
	"context"
	"slices"

	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// transferActs are the buttons that fit a transfer, the one most likely wanted first. Only the engine knows which of
// them are possible.
func (d *detailsPane) transferActs(t watcher.Transfer) []act {
	say, w := d.p.w.speaker.Say, d.p.w
	call := func(do func(context.Context, string) error) func() {
		return func() { d.command(func(ctx context.Context) error { return do(ctx, t.ID) }) }
	}
	var acts []act
	add := func(fits bool, text string, do func()) {
		if fits {
			acts = append(acts, act{text: text, do: do})
		}
	}
	quiet := func(fits bool, text string, do func()) {
		if fits {
			acts = append(acts, act{text: text, kind: widgets.Plain, do: do})
		}
	}
	can := func(a watcher.Action) bool { return slices.Contains(t.Actions, a) }
	add(can(watcher.ActionCorrect), say("window.correct"), func() { d.correct(t) })
	add(can(watcher.ActionRetry) && !can(watcher.ActionCorrect), say("window.retry"), call(w.engine.Retry))
	add(can(watcher.ActionRelease), say("window.release"), func() {
		d.command(func(ctx context.Context) error { return w.engine.Resolve(ctx, t.ID, true, "") })
	})
	if can(watcher.ActionSend) {
		acts = append(acts, d.answers(t)...)
	}
	add(can(watcher.ActionLeave), say("window.leave"), func() {
		d.command(func(ctx context.Context) error { return w.engine.Resolve(ctx, t.ID, false, "") })
	})
	if len(acts) > 0 {
		acts[0].kind = widgets.Filled
	}
	add(can(watcher.ActionHold), say("window.hold"), call(w.engine.Hold))
	add(can(watcher.ActionCancel), say("window.takeBack"), call(w.engine.Cancel))
	add(t.Path != "", say("window.openFile"), func() { w.open(t.Path) })
	add(t.ResultPath != "", say("window.openResult"), func() { w.open(t.ResultPath) })
	add(can(watcher.ActionDismiss), say("window.dismiss"), call(w.engine.Dismiss))
	quiet(t.Path != "", say("window.showInFolder"), func() { w.reveal(t.Path) })
	quiet(can(watcher.ActionSendAgain), say("window.sendAgain"), func() { d.askSendAgain(t, call(w.engine.SendAgain)) })
	several := t.State.Final() && w.current().Counts.NeedsYou > 1
	quiet(several && can(watcher.ActionRetry) && !can(watcher.ActionCorrect), say("window.retryAll"), d.retryAll)
	faulty := t.State == journal.Unchecked || t.State == journal.Refused || t.RefusedRecords > 0
	quiet(faulty, say("window.copyForAuthor"), func() { d.copy(w.speaker.ForAuthor(d.whole(t))) })
	quiet(true, say("window.copyDetails"), func() { d.copy(w.speaker.Details(d.whole(t))) })
	return acts
}

// answers are the ways to send a file that waits for the person: as one of the scopes where its own is not clear, and
// only after a question where Sage may have it already.
func (d *detailsPane) answers(t watcher.Transfer) []act {
	w := d.p.w
	send := func(scope string) func() {
		return func() {
			d.command(func(ctx context.Context) error { return w.engine.Resolve(ctx, t.ID, true, scope) })
		}
	}
	if t.State == journal.Unknown {
		return []act{{text: w.speaker.Say("window.sendAgain"), do: func() { d.askSendAgain(t, send("")) }}}
	}
	if t.Scope != "" {
		return []act{{text: w.speaker.Say("window.send"), do: send("")}}
	}
	var acts []act
	for _, scope := range outgoing(w.current()) {
		text := w.speaker.Say("window.sendAs", map[string]any{"scope": w.speaker.Scope(scope)})
		acts = append(acts, act{text: text, do: send(scope)})
	}
	return acts
}

// outgoing are the scopes of a company that go to Sage.
func outgoing(c watcher.Company) []string {
	var scopes []string
	for _, connection := range c.Connections {
		for _, lane := range connection.Lanes {
			if lane.Outgoing && !slices.Contains(scopes, lane.Scope) {
				scopes = append(scopes, lane.Scope)
			}
		}
	}
	return scopes
}

// listActs are the buttons that fit a list. Which of the two answers fits one in doubt only the person knows, so that neither
// stands out.
func (d *detailsPane) listActs(l watcher.List) []act {
	say, w := d.p.w.speaker.Say, d.p.w
	var acts []act
	if l.Asks {
		answer := func(gone bool) func() {
			return func() {
				d.command(func(ctx context.Context) error { return w.engine.ResolveList(ctx, l.ID, gone) })
			}
		}
		acts = append(acts, act{text: say("window.list.gone"), do: answer(true)}, act{text: say("window.list.incomplete"), do: answer(false)})
	}
	return append(acts,
		act{text: say("window.openList"), do: func() { w.open(l.Path) }},
		act{text: say("window.showInFolder"), do: func() { w.reveal(l.Path) }},
	)
}

// retryAll has every file of the company tried again that cannot double, and says how many those were.
func (d *detailsPane) retryAll() {
	w := d.p.w
	company, tried := w.company, 0
	w.work(func(ctx context.Context) (err error) {
		tried, err = w.engine.RetryAll(ctx, company)
		return err
	}, func(err error) {
		switch {
		case err != nil:
			w.tell(widgets.ColorProblem, w.speaker.Failure(err))
		case tried == 0:
			w.tell(widgets.ColorAttention, w.speaker.Say("window.retryAll.none"))
		default:
			w.tell(widgets.ColorMuted, w.speaker.Say("window.retryAll.done", map[string]any{"count": tried}))
		}
		w.feed.want(wish{overview: true, rows: true, open: true})
	})
}

// correct has a corrected copy sent and says where it is.
func (d *detailsPane) correct(t watcher.Transfer) {
	w := d.p.w
	w.work(func(ctx context.Context) error {
		_, err := w.engine.SendCorrected(ctx, t.ID)
		return err
	}, func(err error) {
		if err != nil {
			w.tell(widgets.ColorProblem, w.speaker.Failure(err))
		} else {
			w.tell(widgets.ColorMuted, w.speaker.Say("window.correct.done"))
		}
		w.feed.want(wish{overview: true, rows: true, open: true})
	})
}

// askSendAgain asks before a file may come to Sage twice.
func (d *detailsPane) askSendAgain(t watcher.Transfer, send func()) {
	say := d.p.w.speaker.Say
	text := say("window.sendAgain.text")
	if t.State == journal.Refused && t.Problem != nil && t.Problem.Args["accepted"] != "" {
		text = say("window.sendAgain.text.partly", map[string]any{"accepted": t.Problem.Args["accepted"]})
	}
	widgets.Ask(d.p.w.win.Canvas(), widgets.Question{
		Title: say("window.sendAgain.title", map[string]any{"name": t.Name}),
		Text:  text,
		Choices: []widgets.Choice{
			{Text: say("window.sendAgain.do"), Do: func(bool) { send() }},
			{Text: say("window.sendAgain.not"), Kind: widgets.Filled},
		},
	})
}

// command does something about the item and then looks at what became of it.
func (d *detailsPane) command(do func(ctx context.Context) error) {
	w := d.p.w
	w.work(do, func(err error) {
		if err != nil {
			w.tell(widgets.ColorProblem, w.speaker.Failure(err))
		}
		w.feed.want(wish{overview: true, rows: true, open: true})
	})
}

// whole is the transfer with as much of its details as is loaded.
func (d *detailsPane) whole(t watcher.Transfer) watcher.Detail {
	if d.detail != nil && d.detail.ID == t.ID {
		return *d.detail
	}
	return watcher.Detail{Transfer: t}
}

func (d *detailsPane) copy(text string) {
	d.p.w.app.Clipboard().SetContent(text)
	d.p.w.tell(widgets.ColorMuted, d.p.w.speaker.Say("window.copied"))
}
