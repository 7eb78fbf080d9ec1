package onboarding

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// checks are what the test goes through, in order.
var checks = []string{"vault", "reach", "key", "folder"}

// The states of a check.
const (
	checkRunning = "running"
	checkPassed  = "passed"
	checkFailed  = "failed"
)

// testPage shows the trial of a key, tick by tick; what goes wrong is explained where it happens.
func (w *Wizard) testPage() *page {
	list := widgets.Column(14)
	card := widgets.NewCard(list)
	card.Inset = 20
	again := widgets.NewButton(w.say("test.again"), w.test)
	back := w.backTo(watcher.StepPasscode)
	anew := widgets.NewFilledButton(w.say("test.passcode"), back)
	p := &page{
		title:    w.say("test"),
		subtitle: w.say("test.sub"),
		body:     []fyne.CanvasObject{card},
		left:     []*widgets.Button{widgets.NewButton(w.say("back"), back)},
		right:    []*widgets.Button{again, anew},
		back:     back,
		resume:   w.test,
		explains: func(d watcher.Draft) bool { return slices.ContainsFunc(d.Checks, failed) },
	}
	var shown []watcher.Check
	retry := false
	p.update = func(d watcher.Draft) {
		bad := slices.IndexFunc(d.Checks, failed)
		refused := bad >= 0 && d.Checks[bad].Code == "key" && isProblem(d.Checks[bad], "candidateRefused")
		setVisible(again, bad >= 0 && !refused && !p.unlock.Asking())
		setVisible(anew, refused && !p.unlock.Asking())
		p.next = nil
		switch {
		case refused:
			p.next = p.back
		case bad >= 0:
			p.next = w.test
		}
		if list.Objects == nil || !slices.EqualFunc(shown, d.Checks, sameCheck) || retry == d.RetryAt.IsZero() {
			shown, retry = slices.Clone(d.Checks), !d.RetryAt.IsZero()
			list.Objects = w.checkRows(d)
			p.relayout()
		}
		p.foot.Refresh()
		if bad >= 0 && isProblem(d.Checks[bad], vaultLocked) {
			w.askPassphrase(nil)
		}
	}
	return p
}

// test tries the key now.
func (w *Wizard) test() {
	id := w.draft.ID
	w.call(func(ctx context.Context) (watcher.Draft, error) { return w.Engine.Test(ctx, id) }, nil)
}

func failed(c watcher.Check) bool { return c.State == checkFailed }

func isProblem(c watcher.Check, code string) bool { return c.Problem != nil && c.Problem.Code == code }

func sameCheck(a, b watcher.Check) bool {
	return a.Code == b.Code && a.State == b.State && (a.Problem == nil) == (b.Problem == nil) &&
		(a.Problem == nil || a.Problem.Code == b.Problem.Code)
}

func setVisible(o fyne.CanvasObject, visible bool) {
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}

// checkRows are the checks with their outcomes, and at the end whether Postroom goes on by itself.
func (w *Wizard) checkRows(d watcher.Draft) []fyne.CanvasObject {
	rows := make([]fyne.CanvasObject, 0, len(checks)+1)
	for _, code := range checks {
		c := watcher.Check{Code: code}
		if at := slices.IndexFunc(d.Checks, func(c watcher.Check) bool { return c.Code == code }); at >= 0 {
			c = d.Checks[at]
		}
		rows = append(rows, w.checkRow(c))
	}
	if !d.RetryAt.IsZero() {
		rows = append(rows, widgets.Inset(30, 0, 0, 0, widgets.NewParagraph(w.say("test.retry"), widgets.Quiet)))
	}
	return rows
}

// checkRow is one check, with its explanation where it failed.
func (w *Wizard) checkRow(c watcher.Check) fyne.CanvasObject {
	icon, tone, style := "status-todo", widgets.ColorWaiting, widgets.Quiet
	switch c.State {
	case checkRunning:
		icon, tone, style = "status-waiting", widgets.ColorAccent, widgets.Body
	case checkPassed:
		icon, tone, style = "status-done", widgets.ColorGood, widgets.Body
	case checkFailed:
		icon, tone, style = "status-problem", widgets.ColorProblem, widgets.Body
	}
	line := marked(widgets.NewIcon(icon, tone), widgets.NewParagraph(w.say("test."+c.Code), style))
	if c.Problem == nil {
		return line
	}
	what, do := w.Words.Problem(c.Problem.Code, c.Problem.Args)
	return widgets.Column(widgets.GapPart, line, widgets.Inset(30, 0, 0, 0, widgets.NewNote(widgets.ColorProblem, what, do)))
}
