package watcher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"postroom/sage"
	"postroom/watcher/courier"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// Account is a connection as it is kept in connections/<id>.json. It holds no key and no secret.
type Account struct {
	ID              string    `json:"id"`
	Company         string    `json:"company"`
	Domain          string    `json:"domain"`
	Folder          string    `json:"folder"`            // the company's folder, absolute
	Platform        string    `json:"platform"`          // base URL
	Profile         string    `json:"profile,omitempty"` // path of the profile it was connected with, "" the built-in one
	Practice        bool      `json:"practice,omitempty"`
	CallbackListen  string    `json:"callbackListen,omitempty"` // address the listener binds for it
	ApplicationTail string    `json:"applicationTail,omitempty"`
	ApplicationMark string    `json:"applicationMark,omitempty"` // tells one application from another, see markOf
	Vault           string    `json:"vault,omitempty"`           // under which the vault keeps this consent's keys; "" is ID
	ConnectedAt     time.Time `json:"connectedAt"`
}

// dialled is a connection's way to the platform, made by connections.go from an account: dial.
type dialled struct {
	profile *sage.Profile
	client  *sage.Client
	keys    *sage.Keys
	session Session
}

// dialPause is between tries to make the way to the platform, which needs the vault.
var dialPause = courier.Pause{First: 2 * time.Second, Most: time.Minute}

// link is an adopted connection: its way to the platform, its lanes and the lists it looks for.
type link struct {
	e       *Engine
	account Account
	company *company
	gate    *gate
	results *results
	lists   *lists
	retry   chan struct{} // wakes a dialling that waits; holds one token
	cancel  context.CancelFunc
	done    chan struct{} // closed when every goroutine of the link has ended

	dialled // guarded by Engine.mu until the lanes run, unchanged then

	mu      sync.Mutex // guards the rest; never held over an effect
	health  journal.Link
	saved   time.Time // SeenAt as it is in the journal
	lanes   []*lane
	unready *Cause // why there is no way to the platform yet
}

// adopt gives a connection its lanes, its lists and its company's folder. Called by runConnections for every account it
// finds, at start and later; adopting one twice with the same account does nothing, with another account it starts the
// link anew. The error is a *HeldError when another home has the Outbox. Only while Run runs.
func (e *Engine) adopt(account Account) error {
	e.mu.Lock()
	r, old := e.run, e.links[account.ID]
	e.mu.Unlock()
	if r == nil {
		return errors.New("adopting a connection: the engine does not run")
	}
	if old != nil {
		if old.account == account {
			return nil
		}
		e.abandon(account.ID)
	}
	c, err := e.join(r, account)
	if err != nil {
		return fmt.Errorf("adopting %s: %w", account.Company, err)
	}
	l := &link{e: e, account: account, company: c, retry: make(chan struct{}, 1), done: make(chan struct{})}
	l.gate = newGate(e.options.Random, l.changed)
	l.results, l.lists = newResults(l), newLists(l)
	if err := l.recall(r.ctx); err != nil {
		e.log.Warn("what is known of a connection's key could not be read", "connection", account.ID, "error", err)
	}
	ctx, cancel := context.WithCancel(r.ctx)
	l.cancel = cancel
	e.mu.Lock()
	e.links[account.ID] = l
	e.mu.Unlock()
	r.group.Go(func() error {
		defer close(l.done)
		defer cancel()
		l.run(ctx)
		return nil
	})
	return nil
}

// abandon stops a link and waits for its goroutines. Files stay where they are.
func (e *Engine) abandon(id string) {
	e.mu.Lock()
	l := e.links[id]
	delete(e.links, id)
	e.mu.Unlock()
	if l == nil {
		return
	}
	l.cancel()
	<-l.done
	e.part(l)
}

// linkOf gives an adopted connection, nil when there is none.
func (e *Engine) linkOf(id string) *link {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.links[id]
}

// allLinks gives the adopted connections, in the order of their IDs.
func (e *Engine) allLinks() []*link {
	e.mu.Lock()
	defer e.mu.Unlock()
	links := make([]*link, 0, len(e.links))
	for _, l := range e.links {
		links = append(links, l)
	}
	slices.SortFunc(links, func(a, b *link) int {
		return strings.Compare(a.account.ID, b.account.ID)
	})
	return links
}

// run makes the way to the platform, then works until ctx ends.
func (l *link) run(ctx context.Context) {
	defer l.gate.stop()
	if err := l.dial(ctx); err != nil {
		return
	}
	defer l.client.Close()
	if err := l.company.ready(ctx, l); err != nil {
		return
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, lane := range l.makeLanes() {
		group.Go(func() error { return lane.run(ctx) })
	}
	group.Go(func() error { return l.results.run(ctx) })
	group.Go(func() error { return l.lists.run(ctx) })
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		l.e.log.Error("a connection's work ended", "connection", l.account.ID, "error", err)
	}
	l.save(context.WithoutCancel(ctx))
}

// dial makes the way to the platform, again and again until there is one: the vault may wait for its owner.
func (l *link) dial(ctx context.Context) error {
	for n := 0; ; n++ {
		way, err := l.e.dial(ctx, l.account)
		if err == nil {
			l.e.mu.Lock()
			l.dialled = way
			l.e.mu.Unlock()
			l.say(nil, time.Time{})
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l.e.log.Warn("a connection has no way to its platform yet", "connection", l.account.ID, "error", err)
		p := problemOf(err, "connectionUnready")
		pause := dialPause.Delay(n, l.e.options.Random())
		l.say(&p, l.e.now().Add(pause).UTC())
		if err := wait(ctx, pause, l.retry); err != nil {
			return err
		}
	}
}

func (l *link) makeLanes() []*lane {
	var lanes []*lane
	for _, scope := range l.scopes(sage.Outgoing) {
		lanes = append(lanes, newLane(l, scope))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lanes = lanes
	return lanes
}

// scopes are those of one direction, by name.
func (l *link) scopes(direction sage.Direction) []string {
	var names []string
	for name, scope := range l.profile.Domains[l.account.Domain].Scopes {
		if scope.Direction == direction {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (l *link) scope(name string) sage.Scope { return l.profile.Domains[l.account.Domain].Scopes[name] }

// drops are the scopes whose folders stand in Outbox.
func (l *link) drops() []outbox.Scope {
	var drops []outbox.Scope
	for _, name := range l.scopes(sage.Outgoing) {
		drops = append(drops, outbox.Scope{Name: name, Contract: l.scope(name).Contract})
	}
	return drops
}

// lane gives the lane of a scope, nil when there is none (yet).
func (l *link) lane(scope string) *lane {
	for _, lane := range l.allLanes() {
		if lane.scope == scope {
			return lane
		}
	}
	return nil
}

func (l *link) allLanes() []*lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lanes
}

// say notes why there is no way to the platform and when the next try is, or that there is a way.
func (l *link) say(p *Problem, retry time.Time) {
	now := l.e.now().UTC()
	l.mu.Lock()
	switch {
	case p == nil:
		l.unready = nil
	case l.unready != nil && l.unready.Code == p.Code:
		l.unready = causeOf(*p, l.unready.Since, retry)
	default:
		l.unready = causeOf(*p, now, retry)
	}
	l.mu.Unlock()
	l.changed()
}

// stopped is what keeps all of the link's lanes from going on, and since when; nil when nothing does.
func (l *link) stopped() (*Problem, time.Time) {
	if cause := l.cause(); cause != nil {
		return &cause.Problem, cause.Since
	}
	return nil, time.Time{}
}

// cause is the same with when that is tried again and what ends it.
func (l *link) cause() *Cause {
	l.mu.Lock()
	unready, since := l.unready, l.health.Since
	l.mu.Unlock()
	if unready != nil {
		return unready
	}
	cause := l.gate.cause()
	if cause != nil && cause.Since.IsZero() {
		cause.Since = since // of the key's state
	}
	return cause
}

// changed tells listeners that the connection's state has changed.
func (l *link) changed() {
	l.e.emit(Event{Kind: EventConnection, ID: l.account.ID, Company: l.account.Company})
}

// hurry has everything that waits try now.
func (l *link) hurry() {
	wake(l.retry)
	l.gate.hurry()
	l.results.agenda.hurry()
	l.lists.hurry("")
	for _, lane := range l.allLanes() {
		lane.hurry()
	}
}

// jumped is hurry after a sleep or a change of the clock: what the platform asked for is kept to.
func (l *link) jumped() {
	l.client.Close() // no more than what is idle
	l.gate.jumped()
	l.results.agenda.hurry()
	l.lists.hurry("")
	for _, lane := range l.allLanes() {
		lane.hurry()
	}
}

// hinted is told when the platform has announced something new for a connection. It may be forged or late: it makes
// for a look at the platform and nothing more. Without a scope it is about all of them.
func (e *Engine) hinted(connection, scope string) {
	if l := e.linkOf(connection); l != nil {
		l.lists.hurry(scope)
	}
}

// wait waits for a time, or less when woken.
func wait(ctx context.Context, d time.Duration, woken <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-woken:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// problemOf is what a person is told of an error: its own problem, or a general one.
func problemOf(err error, general string) Problem {
	if told, ok := errors.AsType[*ProblemError](err); ok {
		return told.Problem
	}
	return newProblem(general)
}
