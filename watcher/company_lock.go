package watcher

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/inbox"
	"postroom/watcher/outbox"
)

// seize takes the lock on the Outbox, if its place is free or holds a file: whoever may write in an Outbox must not choose,
// by a link, what this user writes into, nor have a pipe make it wait.
func (c *company) seize(ctx context.Context) error {
	path := filepath.Join(c.folder, outbox.Folder, outboxLock)
	var lock Lock
	err := disk.Plain(c.fs, path)
	if err == nil {
		lock, err = c.e.options.Locks.Lock(ctx, path, c.e.holder())
	}
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
	blocked, inTheWay := errors.AsType[*disk.BlockedError](err)
	switch {
	case inTheWay && filepath.Base(blocked.Path) == outboxLock:
		return newProblem("lockBlocked", "file", blocked.Path)
	case inTheWay:
		return newProblem(codeBlocked, "folder", blocked.Path)
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

// hold keeps the lock, and sees that the company's folders are folders: where one is a link, nothing goes in or out until
// it is one again.
func (c *company) hold(ctx context.Context) error {
	if err := c.holdLock(ctx); err != nil {
		return err
	}
	for _, folder := range heldFolders {
		err := disk.Way(c.fs, filepath.Join(c.path(folder), "any"))
		if _, inTheWay := errors.AsType[*disk.BlockedError](err); inTheWay {
			p := awayProblem(c.folder, err)
			if c.setAway(&p) {
				c.e.log.Error("a folder of a company is a link or a file", "company", c.name, "error", err)
			}
			return err
		}
	}
	if by := c.stoppedBy(); by != nil && by.Code == codeBlocked {
		c.setAway(nil)
	}
	return nil
}

// heldFolders are a company's, in which nothing is done through a link.
var heldFolders = []string{
	outbox.Folder, outbox.Sending, outbox.Held, sentFolder, failedFolder, inboxFolder, inbox.Results, inbox.Folder + "/.incoming",
}

// codeBlocked is the problem of a folder in whose place something else stands.
const codeBlocked = "outboxBlocked"

// holdLock gives a sign of life, or takes the lock again that went away with its drive.
func (c *company) holdLock(ctx context.Context) error {
	c.mu.Lock()
	lock := c.lock
	c.mu.Unlock()
	if lock != nil {
		err := disk.Plain(c.fs, filepath.Join(c.folder, outbox.Folder, outboxLock))
		if err == nil {
			err = lock.Alive(c.e.holder())
		}
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
