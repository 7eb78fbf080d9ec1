package gui

import (
	"context"
	"time"

	"postroom/watcher"
)

// round is what the feed's goroutine keeps between two updates. Events are gathered until the gap has passed since the
// last update: feedPace at first, and up to feedCalm while one update follows the other. What the person asks for is not
// kept waiting.
type round struct {
	*feed
	pending wish
	last    time.Time
	gap     time.Duration
	pace    *time.Timer
	clock   *time.Ticker
	events  <-chan watcher.Event // nil while no stream is open
	hangUp  context.CancelFunc   // ends the stream that is open
}

func newRound(f *feed) *round {
	r := &round{feed: f, gap: feedPace, pace: time.NewTimer(0), clock: time.NewTicker(feedClock), hangUp: func() {}}
	<-r.pace.C
	return r
}

func (r *round) end() {
	r.hangUp()
	r.pace.Stop()
	r.clock.Stop()
}

// listen opens the stream of events where none is open, and then asks for everything: what happened in between is not
// known. It tells whether there is one.
func (r *round) listen(ctx context.Context) bool {
	if r.events != nil {
		return true
	}
	stream, hangUp := context.WithCancel(ctx)
	var events <-chan watcher.Event
	var err error
	r.during(func() {
		limit := time.AfterFunc(callTime, hangUp)
		defer limit.Stop()
		events, err = r.engine.Events(stream)
	})
	if err != nil {
		hangUp()
		_, _ = r.taken() // all of it is asked for again once there is an answer
		r.deliver(ctx, answer{err: err})
		return false
	}
	r.events, r.hangUp = events, hangUp
	r.later(everything)
	return true
}

// silence gives up the stream: an engine that came back may have a new one.
func (r *round) silence() {
	r.hangUp()
	r.events, r.hangUp = nil, func() {}
}

// later gathers what is not urgent.
func (r *round) later(w wish) {
	if r.pending.empty() {
		r.pace.Reset(max(r.gap-time.Since(r.last), 0))
	}
	r.pending.add(w)
}

// hear waits for one thing to happen; it tells whether it is time for an update.
func (r *round) hear(ctx context.Context) bool {
	select {
	case <-ctx.Done():
	case e, alive := <-r.events:
		if alive {
			r.later(wished(e))
			break
		}
		r.silence()
		pause(ctx, feedPace)
	case <-r.clock.C:
		r.do(r.tick)
	case <-r.pace.C:
		return true
	case <-r.wake:
		return true
	}
	return false
}

// update loads what is asked for and brings it to the screen.
func (r *round) update(ctx context.Context) {
	asked, seen := r.taken()
	r.pending.add(asked)
	if r.pending.empty() {
		r.dropped()
		return
	}
	if time.Since(r.last) <= 2*r.gap {
		r.gap = min(2*r.gap, feedCalm)
	} else {
		r.gap = feedPace
	}
	var a answer
	r.during(func() { a = r.load(ctx, r.pending, seen) })
	r.last = time.Now()
	r.deliver(ctx, a)
	if a.err == nil {
		r.pending = wish{}
		return
	}
	r.silence()
	pause(ctx, feedRetry)
	r.pace.Reset(0) // what was asked for is still wanted
}

// pause waits, or less when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
