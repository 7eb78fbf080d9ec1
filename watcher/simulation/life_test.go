package simulation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"postroom/watcher"
	"postroom/watcher/outbox"
	"postroom/watcher/simulation/files"
	"postroom/watcher/simulation/gate"
)

var noContext = context.Background()

// life is one life of the engine's process.
type life struct {
	process *gate.Process
	engine  *watcher.Engine
	ctx     context.Context // ends with the life
	cancel  context.CancelFunc
	calls   sync.WaitGroup // people's, that are under way
}

// stop ends a life cleanly.
func (l *life) stop() { l.cancel() }

// live has one engine after the other, until the story is over.
func (w *world) live() {
	for {
		w.mu.Lock()
		over, n := w.over, w.lives
		w.lives++
		w.mu.Unlock()
		if over {
			return
		}
		w.liveOnce(n)
	}
}

// liveOnce is the n-th life, from 0.
func (w *world) liveOnce(n int) {
	p := w.gate.Process(fmt.Sprintf("engine%d", n+1))
	w.mu.Lock()
	w.process = p
	w.mu.Unlock()
	if n < len(w.plan.Crashes) {
		p.KillAt(w.plan.Crashes[n].At, w.plan.Crashes[n].After)
	}
	if w.doom != nil {
		w.doom(n, p)
	}
	ctx, cancel := context.WithCancel(noContext)
	defer cancel()
	go func() {
		select {
		case <-p.Dead():
			cancel()
		case <-ctx.Done():
		}
	}()
	w.gate.Note(p.Name(), "begins", "")
	engine, err := watcher.Open(ctx, w.options(p))
	if err == nil {
		l := &life{process: p, engine: engine, ctx: ctx, cancel: cancel}
		w.setLife(l)
		if w.plan.Window {
			l.calls.Go(func() { (&window{w: w, told: make(map[string]time.Time), now: make(map[string]string)}).watch(l) })
		}
		err = engine.Run(ctx)
		w.setLife(nil)
		cancel()
		l.calls.Wait()
		_ = engine.Close() // what a dead process cannot give back its system does
	}
	if dead(p) {
		w.died(n, p)
		return
	}
	if err != nil {
		w.gate.Note(p.Name(), "could not live", err.Error())
		time.Sleep(5 * time.Second) // whoever watches over it starts it again
		return
	}
	w.gate.Note(p.Name(), "ended", "")
}

// died is what the system does after a process has died.
func (w *world) died(n int, p *gate.Process) {
	_, last := p.Effects()
	w.mu.Lock()
	power := w.cut == p || n < len(w.plan.Crashes) && w.plan.Crashes[n].Power
	w.process = nil
	w.mu.Unlock()
	w.gate.Count("crash")
	if power {
		w.gate.Count("crash.power")
	}
	w.gate.Note(p.Name(), "died", fmt.Sprintf("at %s, power cut: %v", last, power))
	before := w.ledger.anywhere()
	w.disk.Crash(power)
	if power {
		w.ledger.cut(before)
		w.cutLists()
	}
	time.Sleep(time.Second)
}

// cutPower ends the life that is, with the computer.
func (w *world) cutPower() error {
	w.mu.Lock()
	p := w.process
	w.cut = p
	w.mu.Unlock()
	if p == nil {
		return errNobody
	}
	p.Kill()
	time.Sleep(time.Millisecond) // until all of it has come to rest: what is noted next must not depend on who is quicker
	return nil
}

func (w *world) setLife(l *life) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.life = l
}

// call has a person ask the engine for something, if one runs.
func (w *world) call(ask func(context.Context, *watcher.Engine) error) error {
	w.mu.Lock()
	l := w.life
	if l != nil {
		l.calls.Add(1)
	}
	w.mu.Unlock()
	if l == nil {
		return errNobody
	}
	defer l.calls.Done()
	return ask(l.ctx, l.engine)
}

var errNobody = errors.New("no engine runs")

// options are the doors of one life.
func (w *world) options(p *gate.Process) watcher.Options {
	fsys := w.disk.View(p)
	d := newDraws(w.plan.Seed, p.Name(), w.start)
	o := watcher.Options{
		Home: home, Agent: true, Version: "simulated", Tick: 10 * time.Minute,
		FS: fsys, Events: w.disk.Events(p, w.events()),
		Pace:  outbox.Pace{Sweep: 5 * time.Minute, Blind: 2 * time.Minute, Clock: time.Minute},
		Vault: w.vault(p), Transport: w.platform.Transport(p), Listen: w.platform.Listen(p),
		Journal: func(ctx context.Context) (watcher.Journal, error) {
			return w.record.open(ctx, p)
		},
		Locks: locker{w.locks, p, fsys, w.there}, Now: w.clock.Now, Random: d.random, Unique: d.unique, Logger: w.logger(), Exclude: exclude,
	}
	for _, put := range w.doors {
		put(&o)
	}
	return o
}

// events are the faults of a life's hints; none once faults have ended.
func (w *world) events() files.EventFaults {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calmed {
		return files.EventFaults{}
	}
	return w.plan.Faults.events()
}
