package watcher

import (
	"context"
	"sync/atomic"
	"time"

	"postroom/watcher/journal"
)

const (
	settingPaused = "paused"     // since when
	settingQuiet  = "quietUntil" // no pop-ups before
	mostQuiet     = 24 * time.Hour
)

// pauses are what a person has put off; they outlive a restart.
type pauses struct {
	stopped atomic.Bool
	quiet   atomic.Pointer[time.Time]
}

// openPauses reads what was put off before the start.
func (e *Engine) openPauses(ctx context.Context) error {
	values, err := e.journal.Settings(ctx)
	if err != nil {
		return err
	}
	e.pauses.stopped.Store(values[settingPaused] != "")
	if until, err := time.Parse(time.RFC3339, values[settingQuiet]); err == nil {
		e.pauses.quiet.Store(&until)
	}
	return nil
}

// paused tells that nothing is to be claimed, created or sent. What was sent is followed all the same.
func (e *Engine) paused() bool { return e.pauses.stopped.Load() }

// quietUntil is until when no pop-ups are wanted; zero when they are.
func (e *Engine) quietUntil() time.Time {
	if until := e.pauses.quiet.Load(); until != nil && until.After(e.now()) {
		return *until
	}
	return time.Time{}
}

// Pause stops sending until Resume, also over a restart. Files wait.
func (e *Engine) Pause(ctx context.Context) error {
	return e.setPaused(ctx, e.now().UTC().Format(time.RFC3339))
}

// Resume goes on with sending.
func (e *Engine) Resume(ctx context.Context) error { return e.setPaused(ctx, "") }

func (e *Engine) setPaused(ctx context.Context, since string) error {
	if err := e.journal.Put(ctx, journal.Setting{Key: settingPaused, Value: since}); err != nil {
		return err
	}
	e.pauses.stopped.Store(since != "")
	for _, c := range e.allCompanies() {
		c.wakeLanes()
	}
	e.emit(Event{Kind: EventAll})
	return nil
}

// Quiet keeps pop-ups away for some minutes; 0 lets them come again.
func (e *Engine) Quiet(ctx context.Context, minutes int) error {
	if minutes < 0 || time.Duration(minutes)*time.Minute > mostQuiet {
		return refuse(ErrInvalid, "quietInvalid")
	}
	until := e.now().Add(time.Duration(minutes) * time.Minute).UTC()
	if err := e.journal.Put(ctx, journal.Setting{Key: settingQuiet, Value: until.Format(time.RFC3339)}); err != nil {
		return err
	}
	e.pauses.quiet.Store(&until)
	e.emit(Event{Kind: EventAll})
	return nil
}
