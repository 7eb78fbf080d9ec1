package watcher

import (
	"context"
	"slices"
	"sync"
	"time"

	"postroom/watcher/courier"
)

// gate stands before everything a connection says to the platform, so that its lanes wait together for what concerns
// them all. After a failure that is the network's or the platform's as a whole it closes for a while, lets one through
// to try, and opens for all once that one comes back well. What only a person can mend shuts it until it is lifted.
//
// A network that comes and goes is one trouble: what is told of it ends once the gate has been open for gateSteady, and
// has one beginning until then (TestATroubleThatComesAndGoesIsOne). Calls go out as soon as it opens.
type gate struct {
	random func() float64
	tell   func() // that what the gate waits for has changed; returns at once

	mu       sync.Mutex // guards the rest; nothing blocks under it
	shut     *Problem   // a key that is revoked, locked, ...
	trouble  *Problem   // why it is closed for a while
	past     *Problem   // the trouble that was, until the gate has been open for gateSteady
	since    time.Time  // wall time at which trouble, or what is past, began
	until    time.Time  // wall time at which one may try
	asked    bool       // that is the platform's wish
	till     time.Time  // the same as until by package time, which knows no jumps
	failures int        // in a row
	resting  bool       // closed: nobody tries
	trying   bool       // one is out to try
	waiting  []*waiter  // the first to come first
	timer    *time.Timer
	changed  chan struct{} // closed and made anew whenever waiters should look again
}

// gatePause is between tries. A network that is back is found within seconds, or after a long outage within a minute.
var gatePause = courier.Pause{First: time.Second, Most: time.Minute}

// gateSteady is for how long a gate has to stay open before its trouble counts as over.
const gateSteady = 3 * time.Second

func newGate(random func() float64, tell func()) *gate {
	return &gate{random: random, tell: tell, changed: make(chan struct{})}
}

// enter waits until the connection may speak, or until wanted is closed: courier.ErrYielded. Leave must be called with what
// came of it.
func (g *gate) enter(ctx context.Context, wanted <-chan struct{}) (leave func(courier.Failure, time.Time), err error) {
	caller := new(waiter)
	for {
		probe, ok, changed := g.pass(caller)
		if ok {
			return func(f courier.Failure, now time.Time) { g.leave(probe, f, now) }, nil
		}
		select {
		case <-changed:
		case <-wanted:
			g.part(caller)
			return nil, courier.ErrYielded
		case <-ctx.Done():
			g.part(caller)
			return nil, context.Cause(ctx)
		}
	}
}

// waiter is somebody who waits before the gate. (It must have a size: two of none may have one address.)
type waiter struct{ _ byte }

// pass lets a caller through or hands out what to wait for. Of those who wait the first to come is the one who tries.
func (g *gate) pass(caller *waiter) (probe, ok bool, changed <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.Index(g.waiting, caller)
	switch {
	case g.shut != nil, g.resting, g.trouble != nil && (g.trying || at > 0 || at < 0 && len(g.waiting) > 0):
		if at < 0 {
			g.waiting = append(g.waiting, caller)
		}
		return false, false, g.changed
	case at >= 0:
		g.waiting = slices.Delete(g.waiting, at, at+1)
	}
	if g.trouble != nil {
		g.trying = true
		return true, true, nil
	}
	return false, true, nil
}

// part is for a caller who waits no longer: the next one may be the first now.
func (g *gate) part(caller *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := slices.Index(g.waiting, caller); at >= 0 {
		g.waiting = slices.Delete(g.waiting, at, at+1)
		g.wake()
	}
}

// leave takes in how it went; a zero Failure means well.
func (g *gate) leave(probe bool, f courier.Failure, now time.Time) {
	g.mu.Lock()
	if probe {
		g.trying = false
	}
	was := g.told()
	switch {
	case f.Kind == courier.Interrupted:
		g.wake()
	case f.Shared && (probe || g.trouble == nil):
		g.rest(f, now)
	case f.Shared && f.After > 0: // it began before the gate closed; what the platform asks for holds all the same
		g.prolong(f.After, now)
	case probe && g.resting: // somebody else was asked to wait meanwhile
		g.failures = 0
	case probe:
		g.reopen()
	default: // began before the gate closed, and says nothing new: a Retry-After is kept to whatever else went well
	}
	is := g.told()
	changed := (was == nil) != (is == nil) || was != nil && was.Code != is.Code
	g.mu.Unlock()
	if changed {
		g.tell()
	}
}

// told is the trouble that others hear of.
func (g *gate) told() *Problem {
	if g.trouble != nil {
		return g.trouble
	}
	return g.past
}

func (g *gate) rest(f courier.Failure, now time.Time) {
	if g.told() == nil {
		g.since = now.UTC()
	}
	problem := f.Problem
	g.trouble, g.past, g.resting = &problem, nil, true
	pause, asked := max(gatePause.Delay(g.failures, g.random()), f.After), f.After > 0
	if left := time.Until(g.till); g.asked && left > pause { // somebody else was asked to wait meanwhile
		pause, asked = left, true
	}
	g.until, g.till, g.asked = now.Add(pause).UTC(), time.Now().Add(pause), asked
	g.failures++
	if g.timer != nil {
		g.timer.Stop()
	}
	g.timer = time.AfterFunc(pause, g.try)
	g.wake()
}

// prolong has a gate that is closed rest for a time from now, if it would not anyway.
func (g *gate) prolong(pause time.Duration, now time.Time) {
	if g.asked && time.Until(g.till) >= pause {
		return
	}
	g.until, g.till, g.asked, g.resting = now.Add(pause).UTC(), time.Now().Add(pause), true, true
	if g.timer != nil {
		g.timer.Stop()
	}
	g.timer = time.AfterFunc(pause, g.try)
}

func (g *gate) reopen() {
	if g.trouble == nil {
		return
	}
	g.past, g.trouble, g.resting, g.asked, g.failures = g.trouble, nil, false, false, 0
	if g.timer != nil {
		g.timer.Stop()
	}
	g.timer = time.AfterFunc(gateSteady, g.settle)
	g.wake()
}

// settle ends what is past: the gate has stayed open.
func (g *gate) settle() {
	g.mu.Lock()
	over := g.past != nil
	g.past = nil
	g.mu.Unlock()
	if over {
		g.tell()
	}
}

// try ends the rest: the next to come may try.
func (g *gate) try() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.resting = false
	g.wake()
}

func (g *gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// close shuts the gate until lift, or changes why it is shut.
func (g *gate) close(why Problem) {
	g.mu.Lock()
	g.shut = &why
	g.mu.Unlock()
	g.tell()
}

// lift opens a gate that was shut; the next to come may try at once, unless the platform asked for a pause.
func (g *gate) lift() {
	g.mu.Lock()
	g.shut, g.resting = nil, g.resting && g.asked
	g.wake()
	g.mu.Unlock()
	g.tell()
}

// stop ends the gate's timer. Whoever waits is woken by its own context.
func (g *gate) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.timer != nil {
		g.timer.Stop()
	}
}

// problem is what the gate waits for, or has waited for just now, and since when; nil when all is well.
func (g *gate) problem() (*Problem, time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut != nil {
		return g.shut, time.Time{}
	}
	return g.told(), g.since
}

// cause is the same as problem for whoever asks why a file waits. Since when a key stops the gate is the caller's to know.
func (g *gate) cause() *Cause {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.shut != nil:
		return causeOf(*g.shut, time.Time{}, time.Time{})
	case g.trouble != nil:
		return causeOf(*g.trouble, g.since, g.until)
	case g.past != nil:
		return causeOf(*g.past, g.since, time.Time{})
	}
	return nil
}

// jumped ends a rest after the clock jumped, unless the platform asked for it: that ends by the timer, which knows no jumps.
func (g *gate) jumped() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.asked {
		g.resting = false
		g.wake()
	}
}

// hurry ends a rest, so that the next to come may try. What a person has to mend stays shut.
func (g *gate) hurry() {
	g.mu.Lock()
	g.asked = false
	g.mu.Unlock()
	g.try()
}
