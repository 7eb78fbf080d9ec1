package watcher

import "time"

const (
	roomUsual = 200             // MB free below which nothing new is claimed or downloaded, unless the settings say otherwise
	roomEvery = 2 * time.Second // how long an answer about free room is good
)

// roomSeen is what was found out about free room.
type roomSeen struct {
	at  time.Time // package time
	low *Cause
}

// roomNeeded is how many bytes must stay free: what was begun can be brought to its end then, and the rest of the computer
// goes on working. 0: a person wants no such limit.
func (e *Engine) roomNeeded() uint64 { return uint64(max(e.settings().MinFreeMB, 0)) << 20 }

// short tells that a folder's disk has less than so many bytes left, besides what must stay free. Where the system does not
// say, there is room.
func (e *Engine) short(folder string, bytes int64) bool {
	free, err := e.fs.Free(folder)
	return err == nil && free < e.roomNeeded()+uint64(max(bytes, 0))
}

// lowRoom tells that there is too little room on the disk to take anything new.
func (c *company) lowRoom() *Problem { return problemIn(c.lowSince()) }

// lowSince is the same with since when that is known, and what ends it.
func (c *company) lowSince() *Cause {
	c.mu.Lock()
	seen := c.room
	c.mu.Unlock()
	if !seen.at.IsZero() && time.Since(seen.at) < roomEvery {
		return seen.low
	}
	was := seen.low
	seen = roomSeen{at: time.Now()}
	if p := c.noRoomFor(0); p != nil {
		seen.low = causeOf(*p, c.e.now().UTC(), time.Time{})
		if was != nil {
			seen.low.Since = was.Since
		}
	}
	c.mu.Lock()
	c.room = seen
	c.mu.Unlock()
	return seen.low
}

// noRoomFor tells that the company's disk, or that of the home with its journal, has no room for so many bytes more.
func (c *company) noRoomFor(bytes int64) *Problem {
	var folder string
	switch {
	case c.e.short(c.folder, bytes):
		folder = c.folder
	case c.e.short(c.e.options.Home, 0):
		folder = c.e.options.Home
	default:
		return nil
	}
	p := newProblem("diskFull", "folder", folder)
	return &p
}
