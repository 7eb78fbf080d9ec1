package gate

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// Process is one life of a program, or a person: what can be killed. It is safe for concurrent use.
type Process struct {
	gate *Gate
	name string
	dead chan struct{}

	// What follows is guarded by gate.mu.

	n       int    // effects so far
	killAt  int    // the effect at which it dies; 0 for none
	after   bool   // the effect at which it dies happens
	dying   bool   // it dies at the next Done
	failAt  int    // the effect that fails; 0 for none
	forever bool   // so do all after it
	only    string // those alone whose operation begins with it
	last    Effect
}

// waiter is an effect that is parked.
type waiter struct {
	process *Process
	effect  Effect
	callers uint64 // of the call; 0 until another waits for the same, from which that may tell it
	order   int
	pass    chan error
}

// Process makes a process; its name is the actor of its effects.
func (g *Gate) Process(name string) *Process {
	return &Process{gate: g, name: name, dead: make(chan struct{})}
}

// Name is the name it was made with.
func (p *Process) Name() string { return p.name }

// Gate is the gate that it passes.
func (p *Process) Gate() *Gate { return p.gate }

// Pass waits until the scheduler lets the effect through. With an error (ErrDead, ErrFault) it must not happen.
func (p *Process) Pass(e Effect) error {
	e.Actor = cmp.Or(e.Actor, p.name)
	g := p.gate
	g.mu.Lock()
	if p.gone() {
		g.mu.Unlock()
		return ErrDead
	}
	if g.free {
		defer g.mu.Unlock()
		return p.admit(e)
	}
	g.mu.Unlock()
	w := &waiter{process: p, effect: e, pass: make(chan error, 1)}
	for {
		g.park(w)
		err := <-w.pass
		if err != errTwin { //nolint:errorlint // it is bare
			return err
		}
		w.callers = callers()
	}
}

// errTwin asks a waiter to say where it comes from and to park again: another waits for the same effect. To know it of
// every waiter would cost more than all else here.
var errTwin = errors.New("another waits for the same")

// park puts a waiter among the others.
func (g *Gate) park(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w.process.gone() {
		w.pass <- ErrDead
		return
	}
	if w.order == 0 {
		g.order++
		w.order = g.order
	}
	g.parked = append(g.parked, w)
	select {
	case g.arrived <- struct{}{}:
	default:
	}
}

// Done is called after the effect. With ErrDead it happened, and the process never hears how it came out.
func (p *Process) Done(Effect) error {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	if p.dying {
		p.die()
	}
	if p.gone() {
		return ErrDead
	}
	return nil
}

// Kill ends the process: from now on every effect fails with ErrDead, those that are parked too.
func (p *Process) Kill() {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.die()
}

// KillAt has the process die at its n-th effect from now, counted from 1: before it happens, or after it.
func (p *Process) KillAt(n int, after bool) {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.killAt, p.after = p.n+n, after
}

// FailAt has the n-th effect from now fail, counted from 1, and with forever all after it too. Zero: none any more.
func (p *Process) FailAt(n int, forever bool) {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.failAt, p.forever, p.only = 0, forever, ""
	if n > 0 {
		p.failAt = p.n + n
	}
}

// FailFrom has every effect fail whose operation begins with prefix, from the n-th effect from now on, counted from 1.
func (p *Process) FailFrom(n int, prefix string) {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.failAt, p.forever, p.only = p.n+n, true, prefix
}

// Dead is closed once the process is dead.
func (p *Process) Dead() <-chan struct{} { return p.dead }

// Effects tells how many effects it was let through, and the last of them.
func (p *Process) Effects() (n int, last Effect) {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	return p.n, p.last
}

func (p *Process) gone() bool { return closed(p.dead) }

// die must be called with gate.mu held.
func (p *Process) die() {
	if p.gone() {
		return
	}
	close(p.dead)
	p.dying = false
	p.gate.parked = slices.DeleteFunc(p.gate.parked, func(w *waiter) bool {
		if w.process != p {
			return false
		}
		w.pass <- ErrDead
		return true
	})
}

// admit counts an effect and says what becomes of it. It must be called with gate.mu held.
func (p *Process) admit(e Effect) error {
	if p.gone() {
		return ErrDead
	}
	p.n++
	p.last = e
	p.gate.record.effect(e)
	if p.gate.after != nil {
		p.gate.passed = append(p.gate.passed, e)
	}
	if p.n == p.killAt {
		if !p.after {
			p.die()
			return ErrDead
		}
		p.dying = true
	}
	if p.failAt > 0 && (p.n == p.failAt || p.forever && p.n > p.failAt) && strings.HasPrefix(e.Operation, p.only) {
		p.gate.record.note(e.Actor, e.String(), "made to fail")
		return ErrFault
	}
	return nil
}

// twins asks those of the sorted who cannot be told apart yet where they come from, and tells whether there were any. It
// must be called with gate.mu held.
func (g *Gate) twins() bool {
	same := func(a, b *waiter) bool { return a.effect == b.effect }
	before := len(g.parked)
	var asked []*waiter
	for i, w := range g.parked {
		if w.callers == 0 && (i > 0 && same(w, g.parked[i-1]) || i+1 < before && same(w, g.parked[i+1])) {
			asked = append(asked, w)
		}
	}
	for _, w := range asked {
		g.parked = slices.DeleteFunc(g.parked, func(other *waiter) bool { return other == w })
		w.pass <- errTwin
	}
	return len(asked) > 0
}

// sortWaiters brings what is parked into an order that does not depend on who came first, as far as can be told.
func sortWaiters(parked []*waiter) {
	slices.SortFunc(parked, func(a, b *waiter) int {
		return cmp.Or(
			cmp.Compare(a.effect.Actor, b.effect.Actor),
			cmp.Compare(a.effect.Operation, b.effect.Operation),
			cmp.Compare(a.effect.Path, b.effect.Path),
			cmp.Compare(a.callers, b.callers),
			cmp.Compare(a.order, b.order),
		)
	})
}
