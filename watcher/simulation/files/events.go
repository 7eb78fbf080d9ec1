package files

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"postroom/watcher/outbox"
	"postroom/watcher/simulation/gate"
)

// EventFaults say how often a notice comes to harm: one in so many, 0 for never. Each is counted at the gate under the
// name given here.
type EventFaults struct {
	Missed   int // "event.missed": it never comes
	Late     int // "event.late": it comes up to MostLate later, and so do those behind it
	Doubled  int // "event.doubled"
	Overflow int // "event.overflow": it and all that wait are lost, which is told
	Silent   int // "event.silent": a watch that has ended says nothing about it
	Refused  int // "event.refused": a folder cannot be watched, the system has no watch left

	MostLate time.Duration // 0: 10 s
}

// Events tells one process of changes on the disk, each as an effect of its own. It is an outbox.Events.
type Events struct {
	disk    *Disk
	process *gate.Process
	faults  EventFaults
}

// Events is the system's notifier for one life of an engine.
func (d *Disk) Events(p *gate.Process, f EventFaults) *Events {
	if f.MostLate <= 0 {
		f.MostLate = 10 * time.Second
	}
	return &Events{disk: d, process: p, faults: f}
}

// watch is one folder that is listened to.
type watch struct {
	events *Events
	name   string // as the gate has it
	folder string
	node   *node
	pass   *gate.Process
	hear   func(outbox.Notice)
	wake   chan struct{} // holds at most one token
	done   chan struct{}

	// Guarded by Disk.mu.

	queue []notice
	over  bool // it has ended; nothing is queued any more
}

type notice struct {
	outbox.Notice
	late time.Duration
}

// Watch is outbox.Events'.
func (e *Events) Watch(folder string, hear func(outbox.Notice)) (stop func(), err error) {
	var w *watch
	err = e.process.Pass(gate.Effect{Operation: "event.watch", Path: folder})
	if err == nil {
		if w, err = e.begin(folder, hear); err == nil {
			go w.pump()
		}
		if dead := e.process.Done(gate.Effect{}); dead != nil && err == nil {
			w.stop()
			err = dead
		}
	}
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", folder, err)
	}
	return sync.OnceFunc(w.stop), nil
}

func (e *Events) begin(folder string, hear func(outbox.Notice)) (*watch, error) {
	d := e.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.hit(e.faults.Refused, "event.refused", folder) {
		return nil, errors.New("no watch is left")
	}
	n, err := d.haveFolder(folder)
	if err != nil {
		return nil, err
	}
	d.watching[e.process.Name()]++
	w := &watch{
		events: e, name: fmt.Sprintf("%s events %d", e.process.Name(), d.watching[e.process.Name()]), folder: folder, node: n,
		hear: hear, wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	w.pass = d.gate.Process(w.name)
	n.watches = append(n.watches, w)
	return w, nil
}

// stop ends the watch and waits for its goroutine.
func (w *watch) stop() {
	w.pass.Kill()
	w.leave()
	<-w.done
}

func (w *watch) leave() {
	w.events.disk.mu.Lock()
	defer w.events.disk.mu.Unlock()
	w.over = true
	w.node.watches = slices.DeleteFunc(w.node.watches, func(other *watch) bool { return other == w })
}

// pump hands notices over, one after the other, until the watch is stopped.
func (w *watch) pump() {
	defer close(w.done)
	for {
		next, some := w.next()
		if !some {
			select {
			case <-w.wake:
				continue
			case <-w.pass.Dead():
				return
			}
		}
		if next.late > 0 && !w.wait(next.late) {
			return
		}
		if w.pass.Pass(gate.Effect{Operation: "event", Path: w.folder + "/" + next.Name}) != nil {
			return
		}
		if !w.events.gone() {
			w.hear(next.Notice)
		}
		if w.pass.Done(gate.Effect{}) != nil {
			return
		}
	}
}

// wait lets time go by; false when the watch is stopped meanwhile.
func (w *watch) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-w.pass.Dead():
		return false
	}
}

func (w *watch) next() (notice, bool) {
	w.events.disk.mu.Lock()
	defer w.events.disk.mu.Unlock()
	if len(w.queue) == 0 {
		return notice{}, false
	}
	next := w.queue[0]
	w.queue = w.queue[1:]
	return next, true
}

// gone tells that the process which listens is dead.
func (e *Events) gone() bool {
	select {
	case <-e.process.Dead():
		return true
	default:
		return false
	}
}

// add queues a notice, or what becomes of it. It must be called with Disk.mu held.
func (w *watch) add(n outbox.Notice) {
	e := w.events
	if w.over || e.gone() {
		return
	}
	next := notice{Notice: n}
	switch {
	case e.hit(e.faults.Missed, "event.missed", n.Name):
		return
	case e.hit(e.faults.Overflow, "event.overflow", n.Name):
		w.queue = nil
		next.Notice = outbox.Notice{Lost: true}
	case e.hit(e.faults.Late, "event.late", n.Name):
		next.late = time.Duration(1+e.disk.gate.Intn(int(e.faults.MostLate/time.Millisecond))) * time.Millisecond
	case e.hit(e.faults.Doubled, "event.doubled", n.Name):
		w.queue = append(w.queue, next)
	}
	w.queue = append(w.queue, next)
	w.poke()
}

// end tells that the folder is gone, or says nothing about it. It must be called with Disk.mu held.
func (w *watch) end() {
	if w.over || w.events.gone() {
		return
	}
	if !w.events.hit(w.events.faults.Silent, "event.silent", w.folder) {
		w.queue = append(w.queue, notice{Notice: outbox.Notice{Lost: true}})
		w.poke()
	}
	w.over = true
}

func (w *watch) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (e *Events) hit(oneIn int, kind, name string) bool {
	if !e.disk.gate.Chance(oneIn) {
		return false
	}
	e.disk.gate.Count(kind)
	e.disk.gate.Note(e.process.Name(), "event "+name, kind)
	return true
}

// tell tells those who watch a folder that something happened to a name in it. On a network drive nobody is told.
func (d *Disk) tell(dir *node, name string) {
	if dir.volume.kind.Remote {
		return
	}
	for _, w := range dir.watches {
		w.add(outbox.Notice{Name: name})
	}
}

// tellOf tells that a file's content or attributes changed.
func (d *Disk) tellOf(n *node) {
	if n.dir != nil {
		d.tell(n.dir, n.dir.entries[n.key].name)
	}
}

// ended tells those who watch a folder that it was removed or renamed.
func (d *Disk) ended(n *node) {
	for _, w := range slices.Clone(n.watches) {
		w.end()
	}
	n.watches = nil
}
