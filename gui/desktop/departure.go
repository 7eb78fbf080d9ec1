//go:build !headless

package desktop

import (
	"sync"
	"time"
)

// leaveTime is how long the toolkit may take to end once its window is to close.
const leaveTime = 5 * time.Second

// departure is the end of the window. The toolkit drops what was about to run on the UI thread while it ends, and then waits for
// it, now and then for ever: such a process would hold the place of the one window there may be, and nobody could open
// another. All that matters is done before its window closes, so that the process may simply be left.
type departure struct {
	left func() // the toolkit does not end

	mu    sync.Mutex // guards what follows
	timer *time.Timer
	ended bool
}

// begin starts the time, once.
func (d *departure) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer == nil && !d.ended && d.left != nil {
		d.timer = time.AfterFunc(leaveTime, d.left)
	}
}

// over says that the toolkit has ended.
func (d *departure) over() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.timer != nil {
		d.timer.Stop()
	}
}
