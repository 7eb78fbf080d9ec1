package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"postroom/sage"
	"postroom/watcher/journal"
)

// Session makes the calls of a file's journey. *sage.Session is the real one.
type Session interface {
	Create(ctx context.Context, scope string, f sage.NewFile) (sage.Created, error)
	Send(ctx context.Context, file sage.Created, body sage.Body) error
	CreateAndSend(ctx context.Context, scope string, f sage.NewFile, body sage.Body) (sage.Created, error)
	Track(ctx context.Context, trackingURL string) (sage.Tracking, error)
}

// Journal makes a step durable. *journal.Journal is the real one.
type Journal interface {
	Put(ctx context.Context, changes ...journal.Change) error
}

// Carrier carries the files of one connection, each from step to step. It keeps nothing between two calls; several
// goroutines may use it, a transfer by one at a time.
type Carrier struct {
	Session Session
	Mode    sage.UploadMode
	Pace    Pace
	Porter  *Porter // of the company's folder
	Journal Journal
	Now     func() time.Time // wall time
	Random  func() float64
	Log     *slog.Logger

	// Admit waits until the connection may speak to the platform, or until wanted is closed; leave tells how it went. Nil:
	// always.
	Admit func(ctx context.Context, wanted <-chan struct{}) (leave func(Failure), err error)
	// Paused tells that nothing is to be claimed, created or sent just now; what was sent is tracked. Nil: never.
	Paused func() bool
	// Noted hears of every record that was made durable. It returns at once. May be nil.
	Noted func(journal.Transfer)
	// Watched gives the context of the calls about a transfer, so that somebody hears of them. Nil: nobody does.
	Watched func(ctx context.Context, t *journal.Transfer) context.Context
}

// ErrYielded: somebody else wants the transfer, and nothing that must be finished was under way.
var ErrYielded = errors.New("the transfer was given to somebody else")

// Outstanding is a record that is not durable yet, and what its timeline says about it. Once it has the platform's last word,
// and nothing has to be done after it, it may be put together with what comes next.
type Outstanding struct {
	Transfer journal.Transfer
	Entries  []journal.Entry
}

// Carry takes a transfer as far as it goes without waiting, and gives its record as it is durable then. When wanted is
// closed it stops before anything is sent and answers ErrYielded. Other errors are ctx's, or that of a journal that is
// closed: the record then says how far it certainly came, and Carry can be called again with it.
func (c *Carrier) Carry(ctx context.Context, t journal.Transfer, wanted <-chan struct{}) (journal.Transfer, error) {
	t, last, err := c.CarryAfter(ctx, t, wanted, nil)
	if err != nil || last == nil {
		return t, err
	}
	if err := c.Record(ctx, last); err != nil {
		return t, err
	}
	return last.Transfer, nil
}

// CarryAfter is Carry for a lane in which one file comes after the other. What is outstanding of the file before is put with
// the first step of t, so that the two share a commit; Noted hears of both. What comes back as outstanding of t is left to be
// put, with the next file or by Record; the record beside it is the one that is durable.
func (c *Carrier) CarryAfter(ctx context.Context, t journal.Transfer, wanted <-chan struct{}, before *Outstanding) (journal.Transfer, *Outstanding, error) {
	t = c.settle(ctx, t)
	step := c.next(&t)
	if intended := Intend(t, step); intended.Doubt != t.Doubt {
		if err := c.put(ctx, before, Outstanding{Transfer: intended}); err != nil {
			return t, nil, err
		}
		t, before = intended, nil
	}
	for step != Rest {
		outcome, err := c.try(ctx, &t, step, wanted)
		if err != nil {
			return t, nil, err
		}
		after, entries := Advance(t, step, outcome, Clock{Now: c.Now(), Random: c.Random()}, c.Pace)
		after = c.resolve(t, after)
		following := c.next(&after)
		after = Intend(after, following)
		if before == nil && after.State == journal.Accepted && after.From == "" {
			return t, &Outstanding{Transfer: after, Entries: entries}, nil
		}
		if err := c.put(ctx, before, Outstanding{Transfer: after, Entries: entries}); err != nil {
			return t, nil, err
		}
		before = nil
		t, step = c.settle(ctx, after), following
	}
	return t, nil, nil
}

// Record makes durable by itself what was outstanding.
func (c *Carrier) Record(ctx context.Context, last *Outstanding) error { return c.put(ctx, nil, *last) }

// try does a step, or gives it up for somebody who wants the transfer while nothing of it has gone out.
func (c *Carrier) try(ctx context.Context, t *journal.Transfer, step Step, wanted <-chan struct{}) (Outcome, error) {
	leave, err := c.admit(ctx, *t, step, wanted)
	if err != nil {
		return Outcome{}, err
	}
	if step != Track && step != Claim && step != GiveUp && c.Paused != nil && c.Paused() {
		leave(Failure{Kind: Interrupted}) // it was paused while this waited
		return Outcome{}, c.undo(ctx, *t, step, ErrYielded)
	}
	if step == Create && wanted != nil {
		creating, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		release := onClosed(creating, wanted, func() { stop(ErrYielded) })
		defer release()
		ctx = creating
	}
	outcome := c.do(ctx, t, step, leave)
	if outcome.Happened == Failed && outcome.Failure.Kind == Interrupted {
		return outcome, context.Cause(ctx)
	}
	return outcome, nil
}

// onClosed calls f once c is closed, until release or the end of ctx.
func onClosed(ctx context.Context, c <-chan struct{}, f func()) (release func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-c:
			f()
		case <-ctx.Done():
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// next is the step to be done now; Rest when it has to wait.
func (c *Carrier) next(t *journal.Transfer) Step {
	if t.NextAttempt.After(c.Now()) {
		return Rest
	}
	step := Decide(t, c.Mode)
	if step != Track && step != GiveUp && c.Paused != nil && c.Paused() {
		return Rest
	}
	return step
}

// resolve makes a wished place a free one. Where that cannot be found out, the move itself will: it replaces nothing.
func (c *Carrier) resolve(before, after journal.Transfer) journal.Transfer {
	resolved, err := c.Porter.Resolve(before, after)
	if err != nil {
		c.Log.Warn("no free name could be looked for", "transfer", after.ID, "path", after.Path, "error", err)
		return after
	}
	return resolved
}

// put makes a record durable, with what is outstanding of the file before if there is anything. What has happened must not be
// forgotten because the disk is full just now, so it is tried until it succeeds, or until there is no journal any more.
func (c *Carrier) put(ctx context.Context, before *Outstanding, step Outstanding) error {
	steps := []Outstanding{step}
	if before != nil {
		steps = []Outstanding{*before, step}
	}
	changes := make([]journal.Change, len(steps))
	for i, s := range steps {
		changes[i] = journal.Stepped{Transfer: s.Transfer, Entries: s.Entries}
	}
	for n := 0; ; n++ {
		err := c.Journal.Put(ctx, changes...)
		if err == nil {
			break
		}
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			return err
		}
		c.Log.Error("a step could not be written down", "transfer", step.Transfer.ID, "state", string(step.Transfer.State), "error", err)
		if err := sleep(ctx, c.Pace.File.Delay(n, c.Random())); err != nil {
			return err
		}
	}
	if c.Noted != nil {
		for _, s := range steps {
			c.Noted(s.Transfer)
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// settle makes the move that a record owes. One that cannot be made now stays owed and is made later: it is no reason to
// keep the lane. On the way that it was made is noted with the next step; at the end, by itself.
func (c *Carrier) settle(ctx context.Context, t journal.Transfer) journal.Transfer {
	if t.From == "" {
		return t
	}
	placed, err := c.Porter.Place(ctx, t)
	if err == nil && placed.Phase() != journal.Flying {
		err = c.put(ctx, nil, Outstanding{Transfer: placed})
	}
	if err != nil {
		c.Log.Warn("a file could not be moved yet", "transfer", t.ID, "from", t.From, "to", t.Path, "error", err)
	}
	return placed
}

// admit waits until a step may be done. A wait that ends otherwise leaves no doubt behind about a step that was not begun.
func (c *Carrier) admit(ctx context.Context, t journal.Transfer, step Step, wanted <-chan struct{}) (leave func(Failure), err error) {
	leave, err = func(Failure) {}, context.Cause(ctx)
	if c.Admit != nil && err == nil && step != Claim && step != GiveUp {
		leave, err = c.Admit(ctx, wanted)
	}
	if err == nil {
		return leave, nil
	}
	return nil, c.undo(ctx, t, step, err)
}

// undo takes a durable doubt back about content of which certainly nothing went out. With an address to ask there is no
// need to.
func (c *Carrier) undo(ctx context.Context, t journal.Transfer, step Step, why error) error {
	if step != CreateAndSend {
		return why
	}
	t.Doubt = false
	return errors.Join(why, c.put(context.WithoutCancel(ctx), nil, Outstanding{Transfer: t}))
}

// do does one step.
func (c *Carrier) do(ctx context.Context, t *journal.Transfer, step Step, leave func(Failure)) Outcome {
	switch step {
	case Claim:
		return c.Porter.claim(t)
	case GiveUp:
		return Outcome{Happened: Done}
	}
	outcome, err := c.call(ctx, t, step)
	if err == nil {
		leave(Failure{})
		outcome.Happened = Done
		return outcome
	}
	failure := Judge(ctx, err)
	leave(failure)
	switch {
	case errors.Is(err, errEdited):
		outcome.Happened = Edited
	case errors.Is(err, errMissing):
		outcome.Happened = Missing
	default:
		outcome.Happened, outcome.Failure = Failed, failure
		c.Log.Info("a step did not succeed", "transfer", t.ID, "step", step.String(), "error", err)
	}
	return outcome
}

// call makes one call to the platform.
func (c *Carrier) call(ctx context.Context, t *journal.Transfer, step Step) (Outcome, error) {
	var o Outcome
	var err error
	if c.Watched != nil {
		ctx = c.Watched(ctx, t)
	}
	file := sage.NewFile{Name: t.Name, Size: t.Size, IdempotencyKey: idempotencyKey(t)}
	switch step {
	case Create:
		o.Created, err = c.Session.Create(ctx, t.Scope, file)
	case CreateAndSend:
		o.Created, err = c.Session.CreateAndSend(ctx, t.Scope, file, c.Porter.body(t))
	case Send:
		created := sage.Created{Scope: t.Scope, FileID: t.FileID, UploadURL: t.UploadURL, TrackingURL: t.TrackingURL}
		err = c.Session.Send(ctx, created, c.Porter.body(t))
	case Track:
		o.Tracking, err = c.Session.Track(ctx, t.TrackingURL)
	case Rest, Claim, GiveUp:
		err = fmt.Errorf("no call for step %s", step)
	}
	return o, err
}

// idempotencyKey is the transfer's ID, so that a create whose answer was lost gives the same record again; where another
// record is wanted it has a number.
func idempotencyKey(t *journal.Transfer) string {
	if t.Creations == 0 {
		return t.ID
	}
	return fmt.Sprintf("%s-%d", t.ID, t.Creations+1)
}

var (
	errEdited  = errors.New("the file is no longer what was checked")
	errMissing = errors.New("the file is not there")
)

// full is the absolute form of a path of the journal.
func full(root, relative string) string { return filepath.Join(root, filepath.FromSlash(relative)) }
