package watcher

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"postroom/sage/vault"
	"postroom/watcher/disk"
)

const (
	tickEvery   = 2 * time.Second    // how soon what another process of this home did is seen
	keepDone    = 7 * 24 * time.Hour // a finished draft is kept this long, for a window that was closed meanwhile
	maxReported = 20                 // problems of no company that are remembered
)

// onboarding is the engine's part that connects companies: settings, drafts, callbacks, the vault. Its state is in
// files that every process of the home may change, each under its turn; what is here is a copy, or a means.
type onboarding struct {
	turns       turns
	choices     atomic.Pointer[Settings]
	choicesSeen atomic.Pointer[disk.Info] // settings.json as it was when it was read
	callbacks   atomic.Pointer[callbackBook]
	opened      atomic.Pointer[vault.Vault] // once chosen
	nudged      chan struct{}               // wakes runOnboarding; holds one token
	changed     chan struct{}               // wakes runConnections; holds one token
	keyEvents   chan keyEvent

	mu         sync.Mutex // guards what follows; never held over an effect
	reported   []Problem
	complaints map[string]string      // by what they are about: the last that was logged
	binding    map[string]Problem     // addresses that could not be bound, with why
	byHand     map[string]int         // connections whose key a person is renewing just now
	platform   *Practised             // of practice companies, once started
	accounts   map[string]accountSeen // by file name: what was read, so that an unchanged file is not read again
}

// newOnboarding makes the means; Open reads the state.
func newOnboarding() onboarding {
	return onboarding{
		nudged:     make(chan struct{}, 1),
		changed:    make(chan struct{}, 1),
		keyEvents:  make(chan keyEvent, 256),
		binding:    map[string]Problem{},
		byHand:     map[string]int{},
		complaints: map[string]string{},
		accounts:   map[string]accountSeen{},
	}
}

// Onboard runs what connecting a company needs, and nothing else, until ctx ends: the listener for keys, the ends of
// passcodes, the trying of delivered keys. Run does it too; this is for a command on a home whose agent does not run.
// It holds no lock of the agent's, so an agent may be started meanwhile and will pick up what was connected.
func (e *Engine) Onboard(ctx context.Context) error { return e.runOnboarding(ctx) }

// runOnboarding owns every goroutine of this part and returns when all have ended.
func (e *Engine) runOnboarding(ctx context.Context) error {
	if _, err := e.secrets(ctx); err != nil && ctx.Err() == nil {
		e.log.Warn("the vault cannot be opened yet", "error", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	addresses := make(chan []string)
	group.Go(func() error { return e.keepListening(ctx, addresses) })
	group.Go(func() error { return e.keepDrafts(ctx, addresses) })
	return group.Wait()
}

// keepDrafts looks at what is due, at every nudge, and at the latest every tick.
func (e *Engine) keepDrafts(ctx context.Context, addresses chan<- []string) error {
	jobs := newJobs(e.log)
	defer jobs.wait()
	seen := map[string]time.Time{}
	var listening []string
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.onboarding.nudged:
		case <-jobs.ended:
		case <-timer.C:
		}
		e.refresh(ctx)
		drafts, err := e.readDrafts()
		e.complain("drafts", err)
		next := e.options.Tick
		for _, d := range drafts {
			if at, known := seen[d.ID]; known && !at.Equal(d.UpdatedAt) {
				e.emit(Event{Kind: EventDraft, ID: d.ID}) // also when another process changed it
			}
			seen[d.ID] = d.UpdatedAt
			next = min(next, e.attend(ctx, jobs, d))
		}
		if wanted := e.wantedAddresses(drafts); !slices.Equal(wanted, listening) {
			select {
			case addresses <- wanted:
				listening = wanted
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		timer.Reset(max(next, time.Millisecond))
	}
}

// refresh takes over what other processes wrote.
func (e *Engine) refresh(ctx context.Context) {
	e.complain("settings", e.refreshSettings(ctx))
	err := e.refreshCallbacks()
	e.complain("callbacks", err)
	if err == nil {
		e.withdraw("callbacksDamaged")
	} else {
		e.report(newProblem("callbacksDamaged", "file", e.callbacksPath()))
	}
}

// complain logs what keeps something from going on that is looked at again and again: when it begins and when it
// changes, not at every look.
func (e *Engine) complain(about string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	e.onboarding.mu.Lock()
	same := e.onboarding.complaints[about] == text
	e.onboarding.complaints[about] = text
	e.onboarding.mu.Unlock()
	switch {
	case same:
	case err != nil:
		e.log.Error("not possible for now", "about", about, "error", err)
	default:
		e.log.Info("possible again", "about", about)
	}
}

// attend starts what is due for a draft and says when to look again.
func (e *Engine) attend(ctx context.Context, jobs *jobs, d draftRecord) time.Duration {
	now := e.now()
	switch {
	case d.Step == StepDone:
		if now.Sub(d.UpdatedAt) > keepDone {
			jobs.start(d.ID, func() error { return e.DropDraft(ctx, d.ID) })
		}
	case len(d.Candidates) > 0 && !d.Stuck:
		if wait := d.RetryAt.Sub(now); wait > 0 {
			return wait
		}
		jobs.start(d.ID, func() error {
			_, err := e.Test(ctx, d.ID)
			return err
		})
	case d.Outcome == OutcomeWaiting:
		if wait := d.ExpiresAt.Sub(now); wait <= 0 {
			jobs.start(d.ID, func() error { return e.endPasscode(ctx, d.ID) })
		} else {
			return min(wait, e.pollOutcome(ctx, jobs, d))
		}
	}
	return e.options.Tick
}

// nudge wakes runOnboarding.
func (e *Engine) nudge() { wake(e.onboarding.nudged) }

func wake(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default: // it rings already
	}
}

// report remembers a problem that belongs to no company, for the overview; one that is told already is not told again.
func (e *Engine) report(p Problem) {
	e.onboarding.mu.Lock()
	if slices.ContainsFunc(e.onboarding.reported, func(old Problem) bool { return old.Code == p.Code && maps.Equal(old.Args, p.Args) }) {
		e.onboarding.mu.Unlock()
		return
	}
	e.onboarding.reported = append(e.onboarding.reported, p)
	if extra := len(e.onboarding.reported) - maxReported; extra > 0 {
		e.onboarding.reported = slices.Delete(e.onboarding.reported, 0, extra)
	}
	e.onboarding.mu.Unlock()
	e.log.Warn("told in the overview", "problem", p.Code)
	e.emit(Event{Kind: EventAll})
}

// withdraw forgets what was reported under a code, once it is over.
func (e *Engine) withdraw(code string) {
	e.onboarding.mu.Lock()
	before := len(e.onboarding.reported)
	e.onboarding.reported = slices.DeleteFunc(e.onboarding.reported, func(old Problem) bool { return old.Code == code })
	changed := len(e.onboarding.reported) != before
	e.onboarding.mu.Unlock()
	if changed {
		e.emit(Event{Kind: EventAll})
	}
}

// reports are the problems of no company, for the overview.
func (e *Engine) reports() []Problem {
	e.onboarding.mu.Lock()
	defer e.onboarding.mu.Unlock()
	return slices.Clone(e.onboarding.reported)
}

// jobs are the goroutines at work on drafts, one a draft. Only keepDrafts starts them.
type jobs struct {
	log   *slog.Logger
	ended chan struct{} // holds one token
	group sync.WaitGroup

	mu    sync.Mutex           // guards what follows
	busy  map[string]bool      // drafts at work on
	rests map[string]time.Time // drafts whose last job failed, until then: what fails at once must not spin
}

func newJobs(log *slog.Logger) *jobs {
	return &jobs{log: log, ended: make(chan struct{}, 1), busy: map[string]bool{}, rests: map[string]time.Time{}}
}

// start runs do, unless something runs for the draft or failed for it a moment ago. What goes wrong is logged: nobody
// waits for an answer, and the draft itself tells the person.
func (j *jobs) start(draft string, do func() error) {
	j.mu.Lock()
	idle := !j.busy[draft] && time.Until(j.rests[draft]) <= 0
	if idle {
		j.busy[draft] = true
	}
	j.mu.Unlock()
	if !idle {
		return
	}
	j.group.Go(func() {
		err := do()
		if err != nil {
			j.log.Debug("a draft did not go on", "draft", draft, "error", err)
		}
		j.mu.Lock()
		delete(j.busy, draft)
		delete(j.rests, draft)
		if err != nil {
			j.rests[draft] = time.Now().Add(tickEvery)
		}
		j.mu.Unlock()
		wake(j.ended)
	})
}

func (j *jobs) wait() { j.group.Wait() }
