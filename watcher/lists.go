package watcher

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"postroom/sage"
	"postroom/watcher/courier"
	"postroom/watcher/inbox"
	"postroom/watcher/journal"
)

// lists looks for new lists of one connection: when the platform hints at one, and from time to time in any case.
type lists struct {
	link  *link
	woken chan struct{} // holds at most one token

	mu     sync.Mutex // guards the rest
	scopes map[string]*listWatch
}

// listWatch is one list that is looked for.
type listWatch struct {
	due      time.Time // package time of the next look
	failures int       // in a row
	problem  *Problem  // why the last look found nothing out
}

// listPause is between looks after one that failed.
var listPause = courier.Pause{First: 5 * time.Second, Most: 15 * time.Minute}

func newLists(l *link) *lists {
	return &lists{link: l, woken: make(chan struct{}, 1), scopes: make(map[string]*listWatch)}
}

// hurry has a list looked for now; with "", or a scope that is none of the connection's, all of them.
func (l *lists) hurry(scope string) {
	l.mu.Lock()
	now := time.Now()
	if w := l.scopes[scope]; w != nil {
		w.due = now
	} else {
		for _, w := range l.scopes {
			w.due = now
		}
	}
	l.mu.Unlock()
	wake(l.woken)
}

// problem is why a list cannot be looked for just now.
func (l *lists) problem(scope string) *Problem {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.scopes[scope]; w != nil {
		return w.problem
	}
	return nil
}

// run looks for lists until ctx ends, one at a time.
func (l *lists) run(ctx context.Context) error {
	scopes := l.link.scopes(sage.Incoming)
	l.mu.Lock()
	for _, scope := range scopes {
		l.scopes[scope] = &listWatch{due: time.Now()}
	}
	l.mu.Unlock()
	for {
		scope, pause := l.next(scopes)
		if pause > 0 {
			if err := wait(ctx, pause, l.woken); err != nil {
				return err
			}
			continue
		}
		err := l.look(ctx, scope)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l.looked(scope, err)
	}
}

// next is the list that is due, or how long none is.
func (l *lists) next(scopes []string) (string, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pause, now := longest, time.Now()
	for _, scope := range scopes {
		wait := l.scopes[scope].due.Sub(now)
		if wait <= 0 {
			l.scopes[scope].due = now.Add(longest) // until looked says when; a hint meanwhile counts
			return scope, 0
		}
		pause = min(pause, wait)
	}
	return "", pause
}

// looked sets when to look next.
func (l *lists) looked(scope string, err error) {
	profile := l.link.profile
	random := l.link.e.options.Random
	pause := profile.PollInterval + time.Duration((2*random()-1)*profile.PollJitter*float64(profile.PollInterval))
	if err != nil {
		l.link.e.log.Warn("a list was not looked for", "connection", l.link.account.ID, "scope", scope, "error", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.scopes[scope]
	if err == nil {
		w.failures, w.problem = 0, nil
	} else {
		problem, soonest := listProblem(err)
		pause = max(min(listPause.Delay(w.failures, random()), pause), soonest)
		w.failures, w.problem = w.failures+1, &problem
	}
	if due := time.Now().Add(pause); due.Before(w.due) {
		w.due = due
	}
}

// unheard is a call for a list that the platform did not answer well.
type unheard struct {
	courier.Failure
	poll time.Duration // the usual time between looks
}

func (u *unheard) Error() string { return u.Err.Error() }

func (u *unheard) Unwrap() error { return u.Err }

// listProblem is what a person is told of a look that failed, and how long at least to wait with the next.
func listProblem(err error) (Problem, time.Duration) {
	if u, is := errors.AsType[*unheard](err); is {
		if u.Kind == courier.Stopped {
			return u.Problem, u.poll
		}
		return u.Problem, u.After
	}
	return problemOf(err, "listNotLaid"), tryAgain
}

// ask makes a call to the platform when the connection may speak.
func (l *lists) ask(ctx context.Context, call func() error) error {
	leave, err := l.link.admit(ctx, nil)
	if err != nil {
		return err
	}
	err = call()
	var f courier.Failure
	if err != nil && !errors.Is(err, sage.ErrNothingThere) {
		f = courier.Judge(ctx, err)
	}
	leave(f)
	if f.Err != nil {
		return &unheard{f, l.link.profile.PollInterval}
	}
	return err
}

// look looks for one list and lays it down if it is new.
func (l *lists) look(ctx context.Context, scope string) error {
	c, e := l.link.company, l.link.e
	for _, p := range []*Problem{c.stopped(), c.lowRoom()} {
		if p != nil {
			return &ProblemError{Problem: *p}
		}
	}
	mark, err := e.journal.Watermark(ctx, l.link.account.ID, scope)
	if err != nil {
		return err
	}
	var latest sage.Latest
	err = l.ask(ctx, func() (err error) {
		latest, err = l.link.session.Latest(ctx, scope, mark.ETag)
		return err
	})
	if errors.Is(err, sage.ErrNothingThere) || err == nil && latest.NotModified {
		return nil
	}
	if err != nil {
		return err
	}
	known := latest.FileID != "" && latest.FileID == mark.FileID && latest.Timestamp.Equal(mark.Timestamp)
	changes := []journal.Change{journal.Marked{Watermark: journal.Watermark{
		Connection: l.link.account.ID, Scope: scope, FileID: latest.FileID, Timestamp: latest.Timestamp.UTC(),
		ETag: latest.ETag, CheckedAt: e.now().UTC(),
	}}}
	var list *journal.List
	if !known {
		if list, err = l.lay(ctx, scope, latest); err != nil {
			return err
		}
	} else if latest.ETag == mark.ETag {
		return nil
	}
	if list != nil {
		changes = append(changes, journal.Listed{List: *list})
	}
	if err := e.journal.Put(ctx, changes...); err != nil {
		return err
	}
	if list != nil {
		e.emit(Event{Kind: EventList, ID: list.ID, Company: c.name})
	}
	return nil
}

// lay fetches a list and lays it down; nil when it is the same to the byte as the one before.
func (l *lists) lay(ctx context.Context, scope string, latest sage.Latest) (*journal.List, error) {
	c, e, account := l.link.company, l.link.e, l.link.account
	if p := c.noRoomFor(latest.Size); p != nil {
		return nil, &ProblemError{Problem: *p}
	}
	before, last, err := l.trusted(ctx, scope)
	if err != nil {
		return nil, err
	}
	source := inbox.Source{
		Scope: scope, Contract: l.link.scope(scope).Contract, At: latest.Timestamp, Previous: before.Path,
		Fetch: func(ctx context.Context, w io.Writer) error {
			return l.ask(ctx, func() error {
				_, err := l.link.session.Download(ctx, latest.DownloadURL, w, 0)
				return err
			})
		},
	}
	if last.ID != before.ID {
		source.Last = last.Path
	}
	laid, err := c.inbox.LayList(ctx, source)
	if err != nil {
		return nil, err
	}
	if laid.Same {
		return overtaken(before, last, laid), nil
	}
	now := e.now()
	return &journal.List{
		ID: e.transferID(now, scope), Connection: account.ID, Company: c.name, Scope: scope, FileID: latest.FileID,
		Timestamp: latest.Timestamp.UTC(), Path: laid.Path, Changes: laid.Changes, ReceivedAt: now.UTC(), Records: laid.Records,
		Added: laid.Added, Changed: laid.Changed, Removed: laid.Removed, First: laid.First, Problem: l.link.masked(laid.Problem),
	}, nil
}

// trusted is the list to compare a new one with, and the one that was received last. They differ where the last is in doubt:
// what it lacks may not be gone from Sage, and would come back as new.
func (l *lists) trusted(ctx context.Context, scope string) (before, last journal.List, err error) {
	e, account, company := l.link.e, l.link.account, l.link.company.name
	last, err = e.journal.NewestList(ctx, account.ID, company, scope)
	if err != nil || !doubted(&last) {
		return last, last, err
	}
	all, err := e.journal.Lists(ctx, company, mostLists)
	if err != nil {
		return last, last, err
	}
	for _, older := range all {
		if older.Connection == account.ID && older.Scope == scope && !doubted(&older) {
			return older, last, nil
		}
	}
	return last, last, nil
}

// overtaken is a list in doubt once the one before it has come again: it has been incomplete. Nil when nothing is new.
func overtaken(before, last journal.List, laid inbox.List) *journal.List {
	if last.ID == before.ID || laid.Path != before.Path || last.Problem == nil || last.Problem.Code == listIncomplete {
		return nil
	}
	last.Problem = &journal.Problem{Code: listIncomplete, Args: last.Problem.Args}
	return &last
}
