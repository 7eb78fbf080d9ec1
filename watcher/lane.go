package watcher

import (
	"context"
	"errors"
	"sync"
	"time"

	"postroom/watcher/courier"
	"postroom/watcher/journal"
)

const (
	lanePage = 64             // transfers that a lane reads ahead
	longest  = 25 * time.Hour // no wait is longer, whatever the clock was set to meanwhile
)

// lane carries the files of one scope of one connection, in order, one at a time: the platform allows no more. What it
// has to do is in the journal; it keeps the next few in mind and nothing else.
type lane struct {
	link    *link
	scope   string
	carrier courier.Carrier
	woken   chan struct{} // holds at most one token

	// What follows belongs to run.
	page  []journal.Transfer // what is next, the first in hand
	rests bool               // a file is next that waits until sending goes on: page need not be kept for that
	read  uint64             // touched, as it was when page was read
	ended *parting           // the file before, whose last word is put with the claim of the next

	mu      sync.Mutex // guards the rest
	touched uint64     // counts the changes that others made to transfers of the lane
	hurried bool       // what waits for its time is to be tried now
	head    string     // the transfer in hand, for "next, after ..."
	name    string     // of its file
}

// parting is a file that the lane is done with but for putting down how it ended, and that it holds until then.
type parting struct {
	last *courier.Outstanding
	give func() // out of custody
}

func newLane(l *link, scope string) *lane {
	e := l.e
	lane := &lane{link: l, scope: scope, woken: make(chan struct{}, 1)}
	lane.carrier = courier.Carrier{
		Session: l.session, Mode: l.profile.Upload, Pace: courier.PaceOf(l.profile), Porter: l.company.porter, Journal: listening{e.journal, e.traffic},
		Now: e.now, Random: e.options.Random, Log: e.log, Admit: l.admit, Paused: lane.paused, Noted: lane.noted,
		Watched: e.traffic.watched,
	}
	return lane
}

// touch says that somebody else has changed transfers of the lane. Of new ones, which come behind all others, a token in
// woken is enough.
func (l *lane) touch() {
	l.mu.Lock()
	l.touched++
	l.mu.Unlock()
	wake(l.woken)
}

// hurry has what waits for its time tried now.
func (l *lane) hurry() {
	l.mu.Lock()
	l.hurried = true
	l.touched++
	l.mu.Unlock()
	wake(l.woken)
}

// run carries until ctx ends.
func (l *lane) run(ctx context.Context) error {
	defer l.close(ctx)
	for {
		pause, err := l.turn(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			l.link.e.log.Error("a lane stumbled", "connection", l.link.account.ID, "scope", l.scope, "error", err)
			pause = tryAgain
		}
		if pause == 0 {
			continue
		}
		l.forgetAhead()
		if err := wait(ctx, min(pause, longest), l.woken); err != nil {
			return err
		}
	}
}

// forgetAhead keeps little in mind for a wait: hundreds of lanes may wait for long. What is forgotten is read again.
func (l *lane) forgetAhead() {
	switch {
	case len(l.page) == 0:
	case l.page[0].State == journal.Queued && l.paused():
		l.page, l.rests = nil, true
	case len(l.page) > 1:
		l.page = []journal.Transfer{l.page[0]}
	}
}

// turn takes the next transfer as far as it goes, and says how long there is nothing to do.
func (l *lane) turn(ctx context.Context) (time.Duration, error) {
	before := l.ended
	pause, err := l.work(ctx)
	if before != nil && l.ended == before { // nothing came that it could be put with
		err = errors.Join(err, l.record(ctx))
	}
	return pause, err
}

func (l *lane) work(ctx context.Context) (time.Duration, error) {
	if l.link.company.stopped() != nil {
		return longest, nil
	}
	if l.rests && l.paused() && !l.stale() {
		return longest, nil
	}
	l.rests = false
	pause, err := l.next(ctx)
	if pause > 0 || err != nil {
		return pause, err
	}
	if pause := l.due(&l.page[0]); pause > 0 {
		return pause, nil
	}
	t := l.page[0]
	if t.State == journal.Queued && l.link.company.lowRoom() != nil {
		return tryAgain, nil
	}
	if t.State != journal.Queued { // its next step is a call, which may take its time
		if err := l.record(ctx); err != nil {
			return 0, err
		}
	}
	wanted, give, err := l.link.e.custody.take(ctx, t.ID)
	if err != nil {
		return 0, err
	}
	if l.stale() {
		give()
		return 0, nil
	}
	return l.carry(ctx, t, wanted, give)
}

// carry takes a transfer as far as it goes. It is given out of custody once all of that is durable.
func (l *lane) carry(ctx context.Context, t journal.Transfer, wanted <-chan struct{}, give func()) (time.Duration, error) {
	var before *courier.Outstanding
	if l.ended != nil {
		before = l.ended.last
	}
	t, last, err := l.carrier.CarryAfter(ctx, t, wanted, before)
	if last != nil {
		l.page = l.page[1:]
		l.ended = &parting{last: last, give: give}
		return 0, nil
	}
	give()
	switch {
	case errors.Is(err, courier.ErrYielded):
		l.page = nil // whoever wanted it changes it now
		return 0, nil
	case err != nil:
		l.page = nil
		return 0, err
	}
	l.page[0] = t
	if t.State.InFlight() {
		return l.due(&l.page[0]), nil
	}
	l.page = l.page[1:]
	l.left(&t)
	return 0, nil
}

// record puts down by itself how the file before ended.
func (l *lane) record(ctx context.Context) error {
	e := l.ended
	if e == nil {
		return nil
	}
	err := l.carrier.Record(ctx, e.last)
	if err != nil { // nobody knows of its end: it is in flight again
		l.ended, l.page = nil, nil
		e.give()
	}
	return err
}

// close puts down, if it can be done at once, what a lane that is stopped has not put down yet.
func (l *lane) close(ctx context.Context) {
	if e := l.ended; e != nil {
		l.ended = nil
		change := journal.Stepped{Transfer: e.last.Transfer, Entries: e.last.Entries}
		if err := l.link.e.journal.Put(context.WithoutCancel(ctx), change); err != nil {
			l.link.e.log.Warn("the end of a file is asked for again at the next start", "transfer", e.last.Transfer.ID, "error", err)
		}
		e.give()
	}
}

// next sees to it that page has the lane's next transfer, or says how long there is none.
func (l *lane) next(ctx context.Context) (time.Duration, error) {
	hurried := l.renew()
	if len(l.page) > 0 {
		return 0, nil
	}
	if err := l.record(ctx); err != nil { // else the journal would give it once more
		return 0, err
	}
	e := l.link.e
	now := e.now()
	if hurried {
		now = now.Add(10 * 365 * 24 * time.Hour)
	}
	page, err := e.journal.Next(ctx, l.link.account.ID, l.scope, now, lanePage)
	if err != nil {
		return 0, err
	}
	if hurried {
		for i := range page {
			page[i].NextAttempt = time.Time{}
		}
	}
	if l.page = page; len(page) > 0 {
		l.show(&page[0])
		return 0, nil
	}
	l.show(nil)
	due, err := e.journal.Due(ctx, l.link.account.ID, l.scope)
	if err != nil || due.IsZero() {
		return longest, err
	}
	return max(min(due.Sub(e.now()), longest), time.Millisecond), nil
}

// renew forgets the page when others have changed what may be in it.
func (l *lane) renew() (hurried bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.touched != l.read {
		l.page, l.read = nil, l.touched
	}
	hurried, l.hurried = l.hurried, false
	return hurried
}

func (l *lane) stale() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.touched != l.read
}

// due says how long a transfer has to wait. Sending may be paused; a clock that was set back must not make for years.
func (l *lane) due(t *journal.Transfer) time.Duration {
	step := courier.Decide(t, l.carrier.Mode)
	if step != courier.Track && step != courier.GiveUp && l.paused() {
		return longest
	}
	pause := t.NextAttempt.Sub(l.link.e.now())
	if t.NextAttempt.IsZero() || pause > longest {
		t.NextAttempt = time.Time{}
		return 0
	}
	return max(pause, 0)
}

// paused tells that a person wants nothing of the company sent just now.
func (l *lane) paused() bool {
	_, stopped := l.link.e.pausedSince(l.link.account.Company)
	return stopped
}

func (l *lane) show(t *journal.Transfer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head, l.name = "", ""; t != nil {
		l.head, l.name = t.ID, t.Name
	}
}

// inHand is the transfer that the lane works on or waits for.
func (l *lane) inHand() (id, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head, l.name
}

// noted hears of every step that was made durable.
func (l *lane) noted(t journal.Transfer) {
	l.show(&t)
	if t.State == journal.Claimed {
		l.link.company.claimed(&t)
	}
	if quarantined(&t) {
		l.link.changed() // it may have become long
	}
	l.link.e.tell(&t)
	if e := l.ended; e != nil && e.last.Transfer.ID == t.ID {
		l.ended = nil
		e.give()
		l.left(&t)
	}
}

// left is told of a transfer that has left the lane.
func (l *lane) left(t *journal.Transfer) {
	c := l.link.company
	switch {
	case t.From != "":
		c.keeper.add(t.ID, tryAgain)
	case t.State == journal.Queued:
		c.putBack(t)
	case t.State == journal.Cancelled:
		c.leaves(t.Origin, t) // it was not to be found; should it be there after all, as on a drive that comes back, it is a new one
	}
	if t.ResultState == journal.ResultAwaited {
		l.link.results.await(t)
	}
}
