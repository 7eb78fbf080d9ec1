package sage

import (
	"context"
	"time"
)

// stalled is the cause of a call that ended because the other side let a time limit pass. It is a net.Error's
// Timeout.
type stalled string

func (s stalled) Error() string   { return string(s) }
func (s stalled) Timeout() bool   { return true }
func (s stalled) Temporary() bool { return true }

const (
	errSilent  = stalled("no answer within the time limit")
	errIdle    = stalled("nothing moved within the time limit")
	errTooLong = stalled("the whole call took longer than its time limit")
)

// watchdog ends a call when one of its phases takes too long. It watches the network only: it sleeps while we read
// our own file or write to our own disk. Safe for concurrent use.
type watchdog struct {
	cancel context.CancelCauseFunc
	silent *time.Timer
	idle   *time.Timer
}

func newWatchdog(cancel context.CancelCauseFunc) *watchdog {
	d := &watchdog{
		cancel: cancel,
		silent: time.AfterFunc(time.Hour, func() { cancel(errSilent) }),
		idle:   time.AfterFunc(time.Hour, func() { cancel(errIdle) }),
	}
	d.rest()
	return d
}

// await watches for the first byte of an answer.
func (d *watchdog) await(limit time.Duration) {
	d.idle.Stop()
	d.silent.Reset(limit)
}

// moving watches for the next byte, out or in.
func (d *watchdog) moving(limit time.Duration) {
	d.silent.Stop()
	d.idle.Reset(limit)
}

// rest watches nothing.
func (d *watchdog) rest() {
	d.silent.Stop()
	d.idle.Stop()
}
