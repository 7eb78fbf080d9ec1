package sandbox

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Fault is something that goes wrong on demand.
type Fault struct {
	ID   int // given by AddFault
	Kind FaultKind

	// Op is the operation it happens to; "" is any that its kind fits.
	Op Operation

	// Skip lets this many matching requests pass first.
	Skip int

	// Times is how often it happens; 0 is until it is removed.
	Times int

	// Chance is the share of matching requests it happens to, between 0 and 1; 0 is all of them.
	Chance float64

	// Wait is the latency, or the pause between the pieces of a slow body.
	Wait time.Duration

	// Status is the HTTP status of FaultError and FaultErrorAfter; 0 is 503.
	Status int

	// RetryAfter goes with FaultError, FaultErrorAfter and FaultThrottle; 0 leaves the header out.
	RetryAfter time.Duration
}

// FaultKind is a way in which a request or a callback goes wrong.
type FaultKind string

// The kinds of fault. What a client sees of the first four is the same: no answer. What the platform did is not.
const (
	FaultDropRequest FaultKind = "dropRequest" // the connection ends before anything was done
	FaultDropMidway  FaultKind = "dropMidway"  // the connection ends when half of the request's body has come; nothing was done
	FaultDropAnswer  FaultKind = "dropAnswer"  // all is done, then the connection ends in place of an answer
	FaultTruncate    FaultKind = "truncate"    // all is done, the answer's body ends in its middle

	FaultError      FaultKind = "error"      // a server error; nothing was done
	FaultErrorAfter FaultKind = "errorAfter" // all is done, then a server error
	FaultThrottle   FaultKind = "throttle"   // 429; nothing was done
	FaultPage       FaultKind = "page"       // 200 and a page of HTML, as a guest network answers; nothing was done
	FaultLatency    FaultKind = "latency"    // Wait passes before anything is done
	FaultSlowBody   FaultKind = "slowBody"   // the answer's body comes in pieces with Wait between them

	FaultLoseCallback   FaultKind = "loseCallback"   // a callback is taken for delivered and never sent
	FaultDoubleCallback FaultKind = "doubleCallback" // a callback is delivered twice
)

// FaultKinds are all kinds, in the order a page shows them.
func FaultKinds() []FaultKind {
	return []FaultKind{
		FaultLatency, FaultError, FaultErrorAfter, FaultThrottle, FaultPage, FaultDropRequest, FaultDropMidway,
		FaultDropAnswer, FaultTruncate, FaultSlowBody, FaultLoseCallback, FaultDoubleCallback,
	}
}

// ofCallbacks reports whether a kind happens to callbacks, and not to requests.
func (k FaultKind) ofCallbacks() bool { return k == FaultLoseCallback || k == FaultDoubleCallback }

// faults are the faults that are set.
type faults struct {
	mu     sync.Mutex // guards what follows
	list   []*Fault
	number int
}

func (f *faults) add(new Fault) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number++
	new.ID, new.Times = f.number, max(new.Times, 0)
	f.list = append(f.list, &new)
	return new.ID
}

func (f *faults) remove(id int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = slices.DeleteFunc(f.list, func(x *Fault) bool { return id == 0 || x.ID == id })
}

func (f *faults) all() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Fault, 0, len(f.list))
	for _, x := range f.list {
		list = append(list, *x)
	}
	return list
}

// plan is what goes wrong with one request: latencies add up, of the others the first that matches happens.
type plan struct {
	latency time.Duration
	fault   Fault // its Kind is "" when nothing else goes wrong
}

// take decides what goes wrong now, and uses it up.
func (f *faults) take(op Operation, callbacks bool, chance func() float64) plan {
	f.mu.Lock()
	defer f.mu.Unlock()
	var p plan
	if len(f.list) == 0 {
		return p
	}
	used := 0
	for _, x := range f.list {
		matches := x.Kind.ofCallbacks() == callbacks && (x.Op == "" || x.Op == op) &&
			(x.Kind == FaultLatency || p.fault.Kind == "")
		switch {
		case !matches:
			continue
		case x.Skip > 0:
			x.Skip--
			continue
		case x.Chance > 0 && x.Chance < 1 && chance() >= x.Chance:
			continue
		}
		if x.Kind == FaultLatency {
			p.latency += x.Wait
		} else {
			p.fault = *x
		}
		if x.Times > 0 {
			if x.Times--; x.Times == 0 {
				x.Times, used = -1, used+1
			}
		}
	}
	if used > 0 {
		f.list = slices.DeleteFunc(f.list, func(x *Fault) bool { return x.Times < 0 })
	}
	return p
}

// instead is the answer that a fault gives in place of doing anything, if it is of that kind.
func (p plan) instead() (answer, bool) {
	switch p.fault.Kind {
	case FaultError:
		return serverError(p.fault), true
	case FaultThrottle:
		a := refuse(http.StatusTooManyRequests, codeThrottled, "Too many requests.").answer()
		a.retryAfter = p.fault.RetryAfter
		return a, true
	case FaultPage:
		return answer{status: http.StatusOK, page: "<!DOCTYPE html><title>Welcome</title><p>Please sign in to this network.</p>"}, true
	}
	return answer{}, false
}

func serverError(f Fault) answer {
	a := refuse(or(f.Status, http.StatusServiceUnavailable), codeServer, "The service is not available.").answer()
	a.retryAfter = f.RetryAfter
	return a
}
