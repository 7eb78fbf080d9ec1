package terminal

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"golang.org/x/term"

	"postroom/gui/notify"
	"postroom/watcher"
)

// clickTime is how long a pop-up that offers the status page is listened to.
const clickTime = time.Minute

// withoutWindow tells a person, by what the system has, that there is no window and why, that the agent works, and what there
// is instead. page opens the status page, which is offered. It returns when that has been answered.
func (c *console) withoutWindow(ctx context.Context, why error, page func(context.Context)) {
	text := explain(c.words, why)
	answered, yes := askNatively(ctx, "Postroom", text+"\n\n"+c.words.Say("cmd.windowless.ask"))
	switch {
	case answered && yes:
		page(ctx)
	case !answered && hasScreen():
		c.offerOnDesk(ctx, c.reason(why)+" "+c.words.Say("cmd.windowless.click"), page)
	}
}

// reason is what happened alone: a pop-up has room for little more.
func (c *console) reason(why error) string {
	problem, is := errors.AsType[*watcher.ProblemError](why)
	if !is {
		return explain(c.words, why)
	}
	what, _ := c.words.Problem(problem.Problem.Code, problem.Problem.Args)
	return what
}

// offerOnDesk shows a pop-up and does what it offers when it is clicked within a minute. Where nothing can be shown it does not
// wait.
func (c *console) offerOnDesk(ctx context.Context, text string, do func(context.Context)) {
	if !hasDesk() {
		return
	}
	clicked := make(chan struct{}, 1)
	desk := notify.OpenDesk(notify.DeskOptions{Logger: c.log, Clicked: func(watcher.Target) {
		select {
		case clicked <- struct{}{}:
		default:
		}
	}})
	defer func() { _ = desk.Close() }() // what is shown stays
	if err := desk.Show(ctx, notify.Popup{Title: "Postroom", Body: text, Urgent: true}); err != nil {
		c.log.DebugContext(ctx, "that there is no window could not be shown", slog.Any("error", err))
		return
	}
	select {
	case <-clicked:
		do(ctx)
	case <-time.After(clickTime):
	case <-ctx.Done():
	}
}

// popUp shows a text on the desktop, where there is one.
func (c *console) popUp(ctx context.Context, text string) {
	desk := notify.OpenDesk(notify.DeskOptions{Logger: c.log})
	defer func() { _ = desk.Close() }() // what is shown stays
	if err := desk.Show(ctx, notify.Popup{Title: "Postroom", Body: text, Urgent: true}); err != nil {
		c.log.DebugContext(ctx, "a pop-up could not be shown", slog.Any("error", err))
	}
}

// byHand tells whether somebody has typed the command and reads what it says.
func (c *console) byHand() bool {
	out, is := c.parts.Err.(*os.File)
	return is && term.IsTerminal(int(out.Fd())) || c.atTerminal()
}

// windowFailed says that `postroom` could not open its window. At a terminal it is said there, with the commands there are, and
// in a pop-up; elsewhere the status page is offered too.
func (c *console) windowFailed(ctx context.Context, why error) error {
	if c.byHand() && !nativeQuestions {
		c.popUp(ctx, explain(c.words, why))
	} else {
		c.withoutWindow(ctx, why, c.ownPage)
	}
	return toldError{c.reason(why) + "\n\n" + c.words.Say("cmd.windowless"), why}
}

// ownPage opens the status page from a command.
func (c *console) ownPage(ctx context.Context) {
	e, err := c.reach(ctx)
	if err != nil {
		c.log.WarnContext(ctx, "the status page could not be opened", slog.Any("error", err))
		return
	}
	defer e.close()
	c.openPage(ctx, e)
}
