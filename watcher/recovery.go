package watcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"time"

	"postroom/watcher/courier"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

const (
	recoverPage  = 500
	settingAlive = "alive"         // when a run last gave a sign of life; absent after a clean end
	aliveEvery   = 5 * time.Minute // between signs of life in the journal
	cutMargin    = 10 * time.Minute
)

// recover finds out where a crash left a company's files, before any of them is touched. The journal says what has to be
// done; the folders, where the file is. It gives the files that the Outbox's watcher need not tell again.
func (c *company) recover(ctx context.Context) ([]outbox.Known, error) {
	began := time.Now()
	if err := c.rebuild(ctx); err != nil {
		return nil, fmt.Errorf("rebuilding what is known: %w", err)
	}
	aside, err := c.asideNow()
	if err != nil {
		return nil, err
	}
	heirs, err := c.heirs()
	if err != nil {
		return nil, err
	}
	var known []outbox.Known
	open := 0
	for after := int64(0); ; {
		page, err := c.e.journal.Open(ctx, c.name, after, recoverPage)
		if err != nil {
			return nil, err
		}
		for i := range page {
			t := &page[i]
			isAside := aside[t.ID]
			delete(aside, t.ID)
			if err := c.inherit(ctx, t, heirs); err != nil {
				return nil, fmt.Errorf("transfer %s: %w", t.ID, err)
			}
			k, err := c.recall(ctx, t, isAside)
			if err != nil {
				return nil, fmt.Errorf("transfer %s: %w", t.ID, err)
			}
			if k != nil {
				known = append(known, *k)
			}
		}
		open += len(page)
		if len(page) < recoverPage {
			break
		}
		after = page[len(page)-1].Sequence
	}
	for id := range aside {
		if err := c.recallStray(ctx, id); err != nil {
			return nil, fmt.Errorf("file %s: %w", courier.Aside(id), err)
		}
	}
	c.e.log.Info("a company's files were found", "company", c.name, "open", open, "took", time.Since(began))
	return known, nil
}

// heirs tells, by domain, which connection of the company takes over what a connection left that is not recorded any more;
// recorded ones are their own.
func (c *company) heirs() (map[string]string, error) {
	accounts, err := c.e.readAccounts()
	if err != nil && !errors.Is(err, errDamaged) {
		return nil, err
	}
	heirs := make(map[string]string)
	for _, a := range accounts {
		heirs[a.ID] = a.ID
		if samePath(a.Folder, c.folder) && heirs[a.Domain] == "" {
			heirs[a.Domain] = a.ID
		}
	}
	return heirs, nil
}

// inherit gives an open transfer to the connection that came in the place of its own: the company was disconnected, and
// connected anew.
func (c *company) inherit(ctx context.Context, t *journal.Transfer, heirs map[string]string) error {
	heir := heirs[t.Domain]
	if t.Connection == "" || heirs[t.Connection] != "" || heir == "" {
		return nil
	}
	c.e.log.Info("a transfer goes on over another connection", "transfer", t.ID, "was", t.Connection, "is", heir)
	t.Connection = heir
	return c.e.journal.Put(ctx, journal.Rewritten{Transfer: *t})
}

// asideNow lists what lies in Outbox/.sending.
func (c *company) asideNow() (map[string]bool, error) {
	entries, err := c.fs.ReadDir(c.path(outbox.Sending))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	aside := make(map[string]bool, len(entries))
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name, ".") && entry.Type == 0 {
			aside[entry.Name] = true
		}
	}
	return aside, nil
}

// recall takes up one transfer that is not closed.
func (c *company) recall(ctx context.Context, t *journal.Transfer, aside bool) (*outbox.Known, error) {
	if t.ResultState == journal.ResultAwaited {
		c.mu.Lock()
		c.owed[t.Connection] = append(c.owed[t.Connection], owedResult{t.ID, t.ResultURL != ""})
		c.mu.Unlock()
	}
	switch {
	case t.State.InFlight():
		return nil, c.recallFlying(ctx, t)
	case t.From != "":
		c.keeper.add(t.ID, 0)
		return nil, nil
	case aside && t.State == journal.Queued:
		return nil, nil // claimed, and the crash came before that was noted: its lane goes on
	case aside && t.Path != courier.Aside(t.ID):
		return nil, c.recallAside(ctx, *t)
	case t.State != journal.Queued && t.State != journal.Held:
		return nil, nil
	}
	c.mu.Lock()
	c.waiting[t.Path] = t.ID
	c.mu.Unlock()
	if t.Unready {
		return &outbox.Known{Path: t.Path}, nil // like no file that could lie there: it is told as it is, or as gone
	}
	return &outbox.Known{Path: t.Path, Info: disk.Info{Size: t.Size, ModTime: t.ModTime, Identity: t.Identity}}, nil
}

// recallFlying looks whether a file in flight is where it should be. A power cut may have undone a rename.
func (c *company) recallFlying(ctx context.Context, t *journal.Transfer) error {
	if t.Path == "" {
		return nil
	}
	if _, err := c.e.fs.Lstat(c.path(t.Path)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	at, err := c.porter.Find(*t)
	if err != nil || at == t.Path || at == t.From {
		return nil //nolint:nilerr // nowhere, or not to be looked at just now: its lane finds out
	}
	t.From = at
	return c.e.journal.Put(ctx, journal.Stepped{Transfer: *t})
}

// recallStray takes up a file in Outbox/.sending that no open transfer speaks of. One of a closed transfer was brought
// back by a power cut. One that the journal does not know may or may not have been sent: a person decides.
func (c *company) recallStray(ctx context.Context, id string) error {
	t, err := c.e.journal.Transfer(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return c.adoptStray(ctx, id)
	}
	if err != nil {
		return err
	}
	return c.recallAside(ctx, t)
}

// recallAside has the move out of .sending made again that a power cut has undone.
func (c *company) recallAside(ctx context.Context, t journal.Transfer) error {
	t.From = courier.Aside(t.ID)
	if err := c.e.journal.Put(ctx, journal.Stepped{Transfer: t}); err != nil {
		return err
	}
	c.keeper.add(t.ID, 0)
	return nil
}

func (c *company) adoptStray(ctx context.Context, name string) error {
	now := c.e.now()
	at := courier.Aside(name)
	f, err := c.fs.Open(c.path(at))
	if err != nil {
		return err
	}
	sum := sha256.New()
	info, err := f.Stat()
	if err == nil {
		_, err = io.Copy(sum, f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	t := courier.Stray(journal.Transfer{
		ID: c.e.transferID(now, at), Sequence: c.e.journal.NextSequence(), Company: c.name, Name: name + ".json", Path: at, Origin: at,
		Size: info.Size, ModTime: info.ModTime.UTC(), Identity: info.Identity, SHA256: hex.EncodeToString(sum.Sum(nil)), CreatedAt: now.UTC(),
	}, now)
	if t, err = c.porter.Resolve(journal.Transfer{}, t); err != nil {
		return err
	}
	c.e.log.Warn("a file lay aside that the journal does not know", "company", c.name, "file", name)
	if err := c.e.journal.Put(ctx, journal.Added{Transfer: t, Entries: []journal.Entry{{At: now.UTC(), Kind: "unknown"}}}); err != nil {
		return err
	}
	c.keeper.add(t.ID, 0)
	return nil
}

// cutShort tells whether a transfer's last step lay so close before a run that did not end cleanly that a power cut may
// have undone its rename.
func (e *Engine) cutShort(t *journal.Transfer) bool {
	return !e.crashed.IsZero() && t.UpdatedAt.After(e.crashed.Add(-cutMargin)) && t.UpdatedAt.Before(e.crashed.Add(aliveEvery+cutMargin))
}

// begin notes that a run is under way, and finds out whether the one before ended cleanly.
func (e *Engine) begin(ctx context.Context) error {
	values, err := e.journal.Settings(ctx)
	if err != nil {
		return err
	}
	if alive, err := time.Parse(time.RFC3339, values[settingAlive]); err == nil {
		e.crashed = alive
		e.log.Warn("the run before did not end cleanly", "alive", alive)
	}
	return e.alive(ctx)
}

func (e *Engine) alive(ctx context.Context) error {
	return e.journal.Put(ctx, journal.Setting{Key: settingAlive, Value: e.now().UTC().Format(time.RFC3339)})
}

// stayAlive gives signs of life until ctx ends.
func (e *Engine) stayAlive(ctx context.Context) error {
	for {
		if err := wait(ctx, aliveEvery, nil); err != nil {
			return err
		}
		if err := e.alive(ctx); err != nil && ctx.Err() == nil {
			e.log.Warn("a sign of life was not written down", "error", err)
		}
		e.log.Debug("the engine is alive", "goroutines", runtime.NumGoroutine())
	}
}

// end notes that a run has ended cleanly.
func (e *Engine) end(ctx context.Context) {
	if err := e.journal.Put(ctx, journal.Setting{Key: settingAlive}); err != nil {
		e.log.Warn("the end of the run was not written down", "error", err)
	}
}
