package gate

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing/synctest"
	"time"
)

// Errors that an effect may come to at the gate. In either case it must not happen.
var (
	ErrDead = errors.New("the process is dead")
	// ErrFault is an effect that was made to fail, see Process.FailAt.
	ErrFault = errors.New("made to fail")
)

// Effect is one thing that a process does to the world.
type Effect struct {
	Actor     string // who; "" for the process's own name
	Operation string // "file.move", "journal.put", "net.PUT", "keyring.set", ...
	Path      string // of what
}

// String is the effect as a line of a trace has it.
func (e Effect) String() string { return e.Actor + " " + e.Operation + " " + e.Path }

// Gate lets one effect through at a time. It is made within a bubble of testing/synctest and safe for concurrent use.
type Gate struct {
	arrived chan struct{} // holds at most one token: something is parked

	mu     sync.Mutex // guards the rest; never held while something is parked
	random *rand.Rand
	parked []*waiter
	order  int // how many have been parked
	free   bool
	slow   delay
	record record
	after  func(last []Effect)
	passed []Effect // since after was called
}

// delay is how often, and for how long at most, the world stands still before an effect.
type delay struct {
	oneIn int
	most  time.Duration
}

// New makes a gate whose every draw comes from the seed. Nothing passes until Run, or with Free.
func New(seed uint64) *Gate {
	return &Gate{
		arrived: make(chan struct{}, 1),
		random:  rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), //nolint:gosec // it has to be the same every time
		record:  newRecord(time.Now()),
	}
}

// Free has everything pass at once, in the order in which it comes, while a world is built, looked at, or tested without
// a scheduler. It returns what was so before.
func (g *Gate) Free(free bool) (before bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before, g.free = g.free, free
	return before
}

// Slow has one effect in oneIn wait for up to most, in simulated time, while everything else that is parked waits too.
// Zero for never.
func (g *Gate) Slow(oneIn int, most time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.slow = delay{oneIn, most}
}

// AfterEach has look called by Run before each choice, while nothing moves and nothing is in the middle of an effect. It is
// told what was let through since it was called last: one effect, as long as nothing passes freely.
func (g *Gate) AfterEach(look func(passed []Effect)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.after = look
}

// Run lets one effect after the other through until end is closed. Time goes by only while nothing is parked.
func (g *Gate) Run(end <-chan struct{}) {
	for {
		synctest.Wait()
		if closed(end) {
			return
		}
		if look, passed := g.look(); look != nil {
			look(passed)
		}
		switch pause, some := g.choose(); {
		case pause > 0:
			time.Sleep(pause)
		case !some:
			select {
			case <-g.arrived:
			case <-end:
			}
		}
	}
}

func closed(end <-chan struct{}) bool {
	select {
	case <-end:
		return true
	default:
		return false
	}
}

func (g *Gate) look() (func([]Effect), []Effect) {
	g.mu.Lock()
	defer g.mu.Unlock()
	passed := g.passed
	g.passed = nil
	return g.after, passed
}

// choose lets one through, or says how long the world stands still, or that nothing is parked.
func (g *Gate) choose() (pause time.Duration, some bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.arrived: // seen
	default:
	}
	if len(g.parked) == 0 {
		return 0, false
	}
	sortWaiters(g.parked)
	if g.twins() {
		return 0, true
	}
	if g.slow.oneIn > 0 && g.random.IntN(g.slow.oneIn) == 0 {
		return time.Duration(1 + g.random.Int64N(int64(g.slow.most))), true
	}
	i := g.random.IntN(len(g.parked))
	w := g.parked[i]
	g.parked = append(g.parked[:i], g.parked[i+1:]...)
	w.pass <- w.process.admit(w.effect)
	return 0, true
}

// Chance is true one time in oneIn; never for 0. Call it only right after Pass came back without an error and before the
// effect, so that the order of the draws is the order of the effects.
func (g *Gate) Chance(oneIn int) bool {
	return oneIn > 0 && g.Intn(oneIn) == 0
}

// Intn draws from [0, n). See Chance for when. It is 0 for n below 2, without a draw.
func (g *Gate) Intn(n int) int {
	if n < 2 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.random.IntN(n)
}

// Parked tells how many effects wait.
func (g *Gate) Parked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.parked)
}
