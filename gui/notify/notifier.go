package notify

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"postroom/assets"
	"postroom/watcher"
)

// Engine is what a Notifier asks of the engine. *watcher.Engine and *control.Client satisfy it.
type Engine interface {
	Events(ctx context.Context) (<-chan watcher.Event, error)
	Overview(ctx context.Context) (watcher.Overview, error)
	Transfer(ctx context.Context, id string) (watcher.Detail, error)
	Transfers(ctx context.Context, q watcher.Query) (watcher.Page, error)
	Lists(ctx context.Context, company string) ([]watcher.List, error)
	Settings(ctx context.Context) (watcher.Settings, error)
}

// How news are gathered into a burst: it is told when nothing came for a while, or when it has lasted.
const (
	burstQuiet = 2 * time.Second
	burstLong  = 10 * time.Second
)

// Options are what a Notifier is made of.
type Options struct {
	Engine Engine
	Desk   Desk
	Now    func() time.Time // wall clock, in the zone that quiet hours are meant in; nil is time.Now
	Logger *slog.Logger
}

// Notifier turns the engine's events into pop-ups.
type Notifier struct {
	engine Engine
	desk   Desk
	now    func() time.Time
	log    *slog.Logger

	began time.Time
	news  news
	told  memory
	lasts lasting
	holds groups
	asked time.Time // a person asked for quiet until then
	quiet time.Time // pop-ups are kept back until then, for whatever reason
}

// New makes a Notifier. It does nothing until Run.
func New(o Options) *Notifier {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Notifier{engine: o.Engine, desk: o.Desk, now: o.Now, log: o.Logger}
}

// Run tells what happens until ctx is done or the engine's events end. A Desk that is slow holds up pop-ups only.
func (n *Notifier) Run(ctx context.Context) error {
	events, err := n.engine.Events(ctx)
	if err != nil {
		return fmt.Errorf("listening for what to tell: %w", err)
	}
	n.began = n.now()
	group, ctx := errgroup.WithContext(ctx)
	popups := make(chan Popup)
	group.Go(func() error {
		defer close(popups)
		n.collect(ctx, events, popups)
		return nil
	})
	group.Go(func() error {
		for p := range popups {
			if err := n.desk.Show(ctx, p); err != nil && ctx.Err() == nil {
				n.log.WarnContext(ctx, "a pop-up could not be shown", slog.Any("error", err))
			}
		}
		return nil
	})
	return group.Wait()
}

// collect gathers events, looks at what they mean when a burst is over, and hands out pop-ups one by one.
func (n *Notifier) collect(ctx context.Context, events <-chan watcher.Event, popups chan<- Popup) {
	n.look(ctx) // what is wrong already, such as a vault that waits for its passphrase
	timer := time.NewTimer(0)
	defer timer.Stop()
	var ready []Popup
	for {
		if len(ready) == 0 {
			ready = n.tell(ctx)
		}
		var out chan<- Popup // nil, and never ready, while there is nothing to show
		var first Popup
		if len(ready) > 0 {
			out, first = popups, ready[0]
		}
		timer.Reset(n.wait(len(ready) > 0))
		select {
		case <-ctx.Done():
			return
		case e, open := <-events:
			if !open {
				return
			}
			n.news.heard(n.now(), e)
		case out <- first:
			ready = ready[1:]
		case <-timer.C:
			n.look(ctx)
		}
	}
}

// wait is how long there is nothing to look at, if no event comes. While the Desk is busy, what is held waits for it.
func (n *Notifier) wait(busy bool) time.Duration {
	const idle = 24 * time.Hour
	now, next := n.now(), idle
	sooner := func(at time.Time, waits bool) {
		if waits {
			next = min(next, max(at.Sub(now), 0))
		}
	}
	sooner(n.news.at())
	sooner(n.lasts.next())
	if at, waits := n.holds.next(); waits && !busy {
		if at.Before(n.quiet) {
			at = n.quiet
		}
		sooner(at, true)
	}
	return next
}

// look loads what the burst's events are about and takes it up.
func (n *Notifier) look(ctx context.Context) {
	now := n.now()
	heard, over := n.news.take(now)
	overview, err := n.engine.Overview(ctx)
	if err != nil {
		n.log.WarnContext(ctx, "what to tell could not be looked up", slog.Any("error", err))
	} else {
		for _, i := range n.lasts.look(now, troubles(overview)) {
			n.holds.add(now, i)
		}
		n.asked = overview.QuietUntil
	}
	if !over {
		return
	}
	for _, id := range heard.transfers {
		detail, err := n.engine.Transfer(ctx, id)
		if err != nil {
			n.log.DebugContext(ctx, "a transfer to tell of is gone", slog.String("transfer", id), slog.Any("error", err))
			continue
		}
		n.takeTransfer(now, detail.Transfer)
	}
	if heard.all {
		n.takeRecent(ctx, now)
	}
	if heard.all || len(heard.lists) > 0 {
		n.takeLists(ctx, now)
	}
}

// takeRecent stands in for events that were missed: it looks at the newest transfers.
func (n *Notifier) takeRecent(ctx context.Context, now time.Time) {
	page, err := n.engine.Transfers(ctx, watcher.Query{})
	if err != nil {
		n.log.WarnContext(ctx, "recent transfers could not be looked up", slog.Any("error", err))
		return
	}
	for _, t := range page.Transfers {
		n.takeTransfer(now, t)
	}
}

func (n *Notifier) takeTransfer(now time.Time, t watcher.Transfer) {
	i, ended := ofTransfer(t)
	if !ended || happenedAt(t).Before(n.began) || !n.told.first(t.ID, i.kind) {
		return
	}
	n.holds.add(now, i)
}

func (n *Notifier) takeLists(ctx context.Context, now time.Time) {
	lists, err := n.engine.Lists(ctx, "")
	if err != nil {
		n.log.WarnContext(ctx, "lists could not be looked up", slog.Any("error", err))
		return
	}
	for _, l := range lists {
		i, tell := ofList(l)
		if !tell || l.ReceivedAt.Before(n.began) || !n.told.first(l.ID, i.kind) {
			continue
		}
		n.holds.add(now, i)
	}
}

// tell hands out the pop-ups that may be shown now, in the person's words and by the person's settings.
func (n *Notifier) tell(ctx context.Context) []Popup {
	now := n.now()
	if at, waits := n.holds.next(); !waits || at.After(now) {
		return nil
	}
	settings, err := n.engine.Settings(ctx)
	if err != nil {
		n.log.WarnContext(ctx, "settings could not be read, pop-ups go on as usual", slog.Any("error", err))
	}
	n.holds.drop(wants(settings.Notify))
	if n.quiet = quietUntil(now, settings, n.asked); n.quiet.After(now) {
		return nil
	}
	words := assets.For(assets.Language(settings.Language))
	var ready []Popup
	for _, g := range n.holds.due(now) {
		ready = append(ready, say(words, g))
	}
	return ready
}
