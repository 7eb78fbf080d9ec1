package watcher

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"postroom/watcher/outbox"
)

// seize takes the lock on the Outbox.
func (c *company) seize(ctx context.Context) error {
	path := filepath.Join(c.folder, outbox.Folder, outboxLock)
	lock, err := c.e.options.Locks.Lock(ctx, path, c.e.holder())
	if err != nil {
		p := awayProblem(c.folder, err)
		c.setAway(&p)
		return err
	}
	c.mu.Lock()
	c.lock = lock
	c.mu.Unlock()
	c.setAway(nil)
	return nil
}

func awayProblem(folder string, err error) Problem {
	held, is := errors.AsType[*HeldError](err)
	switch {
	case is:
		return newProblem("outboxHeld", "folder", folder, "user", held.Holder.User, "computer", held.Holder.Computer)
	case errors.Is(err, fs.ErrNotExist):
		return newProblem("folderAway", "folder", folder)
	}
	return newProblem("folderLocked", "folder", folder)
}

// setAway notes why files cannot be carried, and tells whether that is news.
func (c *company) setAway(p *Problem) bool {
	now := c.e.now().UTC()
	c.mu.Lock()
	changed := (c.away == nil) != (p == nil) || p != nil && c.away.Code != p.Code
	since := now
	if !changed && p != nil {
		since = c.away.Since
	}
	if c.away = nil; p != nil {
		c.away = causeOf(*p, since, time.Time{})
	}
	c.mu.Unlock()
	if changed {
		c.e.emit(Event{Kind: EventConnection, Company: c.name})
		c.wakeLanes()
	}
	return changed
}

// hold gives a sign of life, or takes the lock again that went away with its drive.
func (c *company) hold(ctx context.Context) error {
	c.mu.Lock()
	lock := c.lock
	c.mu.Unlock()
	if lock != nil {
		err := lock.Alive(c.e.holder())
		if err == nil {
			return nil
		}
		c.e.log.Warn("the lock of an Outbox was lost", "folder", c.folder, "error", err)
		c.mu.Lock()
		c.lock = nil
		c.mu.Unlock()
		_ = lock.Release() // it is gone already
	}
	return c.seize(ctx)
}
