package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"postroom/sage"
	"postroom/watcher/courier"
	"postroom/watcher/disk"
	"postroom/watcher/inbox"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

const (
	awayPause  = 3 * time.Second  // between looks for a folder that is away
	owedWithin = 30 * time.Second // within which results that were looked for before the start are looked for again
	tryAgain   = 10 * time.Second // between tries of what a full disk or a failing journal prevents
)

// company is one company's folder while its connections are adopted: the lock on its Outbox, what watches it, what moves
// its files and lays down what comes.
type company struct {
	e      *Engine
	name   string
	folder string
	fs     disk.FS // keeps to the folder: nothing is read or done through a link in it
	porter *courier.Porter
	inbox  *inbox.Inbox
	keeper *agenda // moves that are owed and that no lane makes
	woken  chan struct{}
	opened chan struct{} // closed once files can be carried
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex // guards the rest; never held over an effect
	links   []*link    // that have a way to their platform, in the order of their coming
	members int        // adopted connections
	lock    Lock       // nil while the folder is away
	away    *Cause     // why files cannot be carried just now: the folder is away, or another home has it
	watcher *outbox.Watcher
	waiting map[string]string       // transfers in Outbox that are queued or held: path -> ID
	owed    map[string][]owedResult // transfers whose result is still looked for, by connection, until its link takes them
	ignored []string                // names that are left untouched in Outbox, as the watcher has them
	room    roomSeen
}

type owedResult struct {
	id    string
	known bool // its address is
}

// join gives the company of an account, and takes its Outbox if it is the first of its connections. The error is a
// *HeldError when another home has it. A folder that is away is waited for.
func (e *Engine) join(r *run, account Account) (*company, error) {
	key := disk.Fold(filepath.Clean(account.Folder))
	e.mu.Lock()
	c := e.companies[key]
	if c != nil {
		c.mu.Lock()
		c.members++
		c.mu.Unlock()
		e.mu.Unlock()
		return c, nil
	}
	e.mu.Unlock()
	c, err := e.newCompany(account)
	if err != nil {
		return nil, err
	}
	if err := c.seize(r.ctx); err != nil {
		if _, held := errors.AsType[*HeldError](err); held {
			return nil, heldProblem("outboxHeld", c.folder, err)
		}
		e.log.Warn("a company's folder cannot be used yet", "folder", c.folder, "error", err)
	}
	ctx, cancel := context.WithCancel(r.ctx)
	c.cancel = cancel
	e.mu.Lock()
	e.companies[key] = c
	e.mu.Unlock()
	r.group.Go(func() error {
		defer close(c.done)
		c.run(ctx)
		return nil
	})
	return c, nil
}

func (e *Engine) newCompany(account Account) (*company, error) {
	c := &company{
		e: e, name: account.Company, folder: account.Folder, members: 1,
		keeper: newAgenda(), woken: make(chan struct{}, 1), opened: make(chan struct{}), done: make(chan struct{}),
		waiting: make(map[string]string), owed: make(map[string][]owedResult),
	}
	c.fs = disk.Within(e.fs, c.folder)
	c.porter = courier.NewPorter(c.fs, c.folder, disk.NewNames(c.fs), e.journal, e.note)
	box, err := inbox.New(inbox.Options{FS: c.fs, Checker: e.checker, Folder: c.folder, Now: e.now})
	c.inbox = box
	return c, err
}

// part lets a link go; with the last one the company goes too, and its Outbox is free.
func (e *Engine) part(l *link) {
	c := l.company
	e.mu.Lock()
	c.mu.Lock()
	c.members--
	last := c.members == 0
	for i, other := range c.links {
		if other == l {
			c.links = append(c.links[:i:i], c.links[i+1:]...)
			break
		}
	}
	c.mu.Unlock()
	if last {
		delete(e.companies, disk.Fold(filepath.Clean(c.folder)))
	}
	e.mu.Unlock()
	if last {
		c.cancel()
		<-c.done
		return
	}
	c.rescope()
}

// run keeps the lock alive and opens the company as soon as it can be, until ctx ends.
func (c *company) run(ctx context.Context) {
	var workers sync.WaitGroup
	defer func() {
		workers.Wait()
		c.mu.Lock()
		lock := c.lock
		c.lock = nil
		c.mu.Unlock()
		if lock != nil {
			if err := lock.Release(); err != nil {
				c.e.log.Warn("the lock of an Outbox was not given back", "folder", c.folder, "error", err)
			}
		}
	}()
	open := false
	for ctx.Err() == nil {
		pause := heartbeat
		if err := c.hold(ctx); err != nil {
			pause = awayPause
		} else if !open {
			switch err := c.open(ctx, &workers); {
			case err == nil:
				open = true
				c.setAway(nil)
			case !errors.Is(err, errNoScopes) && ctx.Err() == nil:
				p := awayProblem(c.folder, err)
				if c.setAway(&p) {
					c.e.log.Error("a company's files cannot be carried yet", "company", c.name, "error", err)
				}
				pause = awayPause
			}
		}
		if err := wait(ctx, pause, c.woken); err != nil {
			return
		}
	}
}

var errNoScopes = errors.New("no connection of the company has a way to its platform yet")

// open finds out where a crash left the company's files, then watches its Outbox. It is done once, by run.
func (c *company) open(ctx context.Context, workers *sync.WaitGroup) error {
	links := c.allLinks()
	if len(links) == 0 {
		return errNoScopes
	}
	for _, folder := range []string{outbox.Sending, outbox.Held} {
		if err := c.fs.Mkdir(c.path(folder)); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("opening the Outbox: %w", err)
		}
	}
	var lists []string
	for _, l := range links {
		lists = append(lists, l.scopes(sage.Incoming)...)
	}
	if err := c.inbox.Prepare(ctx, lists); err != nil {
		return err
	}
	known, err := c.recover(ctx)
	if err != nil {
		return fmt.Errorf("finding out where files were left: %w", err)
	}
	ignored := c.e.settings().Ignore
	watcher, err := outbox.New(outbox.Options{
		FS: c.fs, Events: c.e.options.Events, Checker: c.e.checker, Folder: c.folder, Scopes: c.drops(),
		Probe: c.e.probing, Ignore: ignored, Known: known, Deliver: c.deliver, Now: c.e.now, Logger: c.e.log, Pace: c.e.options.Pace,
		Changed: func() { c.e.emit(Event{Kind: EventLoose, Company: c.name}) },
		Jumped:  c.jumped,
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.watcher, c.ignored = watcher, ignored
	c.mu.Unlock()
	workers.Go(func() { _ = watcher.Run(ctx) }) // its error is ctx's
	workers.Go(func() { c.keep(ctx) })
	c.setAway(nil) // before anybody goes on: whoever still saw a reason to wait would wait in vain
	close(c.opened)
	return nil
}

// ready takes a link in that has a way to its platform, and waits until the company's files can be carried.
func (c *company) ready(ctx context.Context, l *link) error {
	c.mu.Lock()
	c.links = append(c.links, l)
	c.mu.Unlock()
	wake(c.woken)
	c.rescope()
	select {
	case <-c.opened:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	c.mu.Lock()
	owed := c.owed[l.account.ID]
	delete(c.owed, l.account.ID)
	c.mu.Unlock()
	for _, result := range owed {
		after := time.Duration(0)
		if !result.known {
			after = time.Duration(c.e.options.Random() * float64(owedWithin))
		}
		l.results.agenda.add(result.id, after)
	}
	return nil
}

// rescope tells the watcher which scopes there are now.
func (c *company) rescope() {
	w := c.watch()
	if w == nil {
		return
	}
	if err := w.Scopes(c.drops()); err != nil {
		c.e.log.Error("the folders of an Outbox cannot be watched", "folder", c.folder, "error", err)
	}
}

// ignore has the watcher leave other names untouched than before.
func (c *company) ignore(patterns []string) {
	c.mu.Lock()
	changed := !slices.Equal(c.ignored, patterns)
	c.ignored = patterns
	w := c.watcher
	c.mu.Unlock()
	if w == nil || !changed {
		return
	}
	if err := w.Ignore(patterns); err != nil {
		c.e.log.Error("the names to ignore cannot be used", "error", err)
	}
}

// drops are the scopes of all connections; of two with one name the older connection's counts.
func (c *company) drops() []outbox.Scope {
	var drops []outbox.Scope
	seen := make(map[string]bool)
	for _, l := range c.allLinks() {
		for _, drop := range l.drops() {
			if folded := disk.Fold(drop.Name); !seen[folded] {
				seen[folded] = true
				drops = append(drops, drop)
			}
		}
	}
	return drops
}

// route tells which connection a scope's files go through.
func (c *company) route(scope string) *link {
	for _, l := range c.allLinks() {
		if l.scope(scope).Direction == sage.Outgoing {
			return l
		}
	}
	return nil
}

func (c *company) allLinks() []*link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*link(nil), c.links...)
}

func (c *company) watch() *outbox.Watcher {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.watcher
}

// path is the absolute form of a path of the journal.
func (c *company) path(relative string) string {
	return filepath.Join(c.folder, filepath.FromSlash(relative))
}

// stopped is what keeps all files of the company where they are; nil when nothing does.
func (c *company) stopped() *Problem { return problemIn(c.stoppedBy()) }

// stoppedBy is the same with since when, and what ends it.
func (c *company) stoppedBy() *Cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away
}

// problem is what is wrong with the company's folder, for a person.
func (c *company) problem() *Problem {
	if p := c.stopped(); p != nil {
		return p
	}
	if w := c.watch(); w != nil {
		if p := w.Problem(); p != nil {
			return p
		}
	}
	return c.lowRoom()
}

func (c *company) wakeLanes() {
	for _, l := range c.allLinks() {
		for _, lane := range l.allLanes() {
			wake(lane.woken)
		}
	}
}

// jumped is told that the computer slept or that its clock was set. What waits for a time, by whichever clock, is tried
// now: set back by hours, the wall clock would have it wait for hours; and the other clock stood still while the computer
// slept. Connections from before are not used again, and whether the Outbox is still ours is looked at too.
func (c *company) jumped() {
	wake(c.woken)
	for _, l := range c.allLinks() {
		l.jumped()
	}
}

// laneOf is the lane that a transfer waits in, nil when there is none.
func (e *Engine) laneOf(t *journal.Transfer) *lane {
	if l := e.linkOf(t.Connection); l != nil {
		return l.lane(t.Scope)
	}
	return nil
}
