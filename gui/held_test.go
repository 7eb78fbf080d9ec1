package gui

import (
	"runtime"
	"time"
)

// held is how long single functions held the UI thread. Two clocks tell, neither of which is the wall's, so that a busy
// machine makes no difference: how long a function waited is read off a bubble's time, which stands still while anything
// runs; how long it worked is the processor time of its thread.
type held struct {
	functions int
	waited    time.Duration // the longest
	worked    time.Duration // the longest; 0 where the system does not tell
}

// heldMost is how long a function may hold the UI thread: a person who presses something sees an answer within it.
const heldMost = 100 * time.Millisecond

// hold runs a function as the UI thread does.
func (s *screen) hold(f func()) {
	if s.held == nil {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began, used := time.Now(), threadTime()
	f()
	s.held.functions++
	s.held.waited = max(s.held.waited, time.Since(began))
	s.held.worked = max(s.held.worked, threadTime()-used)
}

// reacts does something as a person would, and works the UI thread as far as it goes without anything coming in.
func (s *screen) reacts(what string, do func()) {
	s.t.Helper()
	before := *s.held
	s.held.waited, s.held.worked = 0, 0
	s.hold(do)
	for s.turn() {
	}
	if s.held.waited > 0 {
		s.t.Errorf("%s: the UI thread waited for %v", what, s.held.waited)
	}
	if s.held.worked > heldMost {
		s.t.Errorf("%s: the UI thread worked for %v at a stretch", what, s.held.worked)
	}
	s.held.waited, s.held.worked = max(s.held.waited, before.waited), max(s.held.worked, before.worked)
}
