package platform

import (
	"sync/atomic"
	"time"
)

// Clock is wall time as one computer has it. It runs with the bubble's time and can be set, forward and back, which
// durations do not see. The zero value shows the bubble's time.
type Clock struct{ offset atomic.Int64 }

// Now is the time that the clock shows. It carries no monotonic reading, as a time that was stored and read again.
func (c *Clock) Now() time.Time { return time.Now().Round(0).Add(c.Offset()) }

// Jump sets the clock forward, or back with a negative d.
func (c *Clock) Jump(d time.Duration) { c.offset.Add(int64(d)) }

// Offset is how far the clock is ahead of the bubble's time.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }
