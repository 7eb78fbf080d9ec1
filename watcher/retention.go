package watcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"postroom/watcher/journal"
)

const (
	tidyFirst = time.Hour      // after the start
	tidyEvery = 24 * time.Hour // from then on
	tidyPage  = 200            // transfers between two pauses
	tidyPause = time.Second
	aDay      = 24 * time.Hour

	tidySilent = 30 * aDay // a journal whose newest word is older than this is left alone: the clock may be wrong
	tidyDrift  = aDay      // as is any while the clock has jumped by so much since the start
)

// tidyOn forgets, once a day, what a person chose to keep no longer. Nothing of it is urgent, and nothing that is in doubt is
// touched: no transfer that is open, that needs a person or whose end is not clear, no file whose content is not what was
// sent, and nothing at all while the clock cannot be trusted.
func (e *Engine) tidyOn(ctx context.Context) error {
	began, wall := time.Now(), e.now()
	timer := time.NewTimer(tidyFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
		if drift := e.now().Sub(wall) - time.Since(began); drift.Abs() > tidyDrift {
			began, wall = time.Now(), e.now()
		} else if err := e.tidy(ctx); err != nil && ctx.Err() == nil {
			e.log.Warn("what is old could not be put away yet", "error", err)
		}
		timer.Reset(tidyEvery)
	}
}

// tidy is one round.
func (e *Engine) tidy(ctx context.Context) error {
	newest, err := e.journal.Transfers(ctx, journal.Query{Limit: 1})
	if err != nil || len(newest) == 0 || e.now().Sub(newest[0].UpdatedAt) > tidySilent {
		return err
	}
	s := e.settings()
	if s.KeepSentDays > 0 {
		old := e.now().Add(-time.Duration(s.KeepSentDays) * aDay)
		err := e.eachOld(ctx, journal.Query{States: []journal.State{journal.Accepted}, Until: old}, func(found []journal.Transfer) error {
			for i := range found {
				if err := e.putAway(ctx, found[i].ID, old); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if s.KeepHistoryDays > 0 {
		for _, bucket := range []journal.Bucket{journal.Done, journal.Past} {
			old := e.now().Add(-time.Duration(s.KeepHistoryDays) * aDay)
			err := e.eachOld(ctx, journal.Query{Bucket: &bucket, Until: old}, func(found []journal.Transfer) error {
				return e.forget(ctx, found, old, s.KeepSentDays > 0)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// eachOld goes through transfers, the oldest first, in pages with pauses between them.
func (e *Engine) eachOld(ctx context.Context, q journal.Query, do func([]journal.Transfer) error) error {
	q.OldestFirst, q.Limit = true, tidyPage
	for {
		found, err := e.journal.Transfers(ctx, q)
		if err != nil || len(found) == 0 {
			return err
		}
		if err := do(found); err != nil {
			return err
		}
		if len(found) < tidyPage {
			return nil
		}
		q.After = found[len(found)-1].Sequence
		pause := time.NewTimer(tidyPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return context.Cause(ctx)
		}
	}
}

// forget takes out of the history what ended before a moment. Its content is known for as long as the same content would be
// noticed, and while its file may yet be put away.
func (e *Engine) forget(ctx context.Context, found []journal.Transfer, old time.Time, putsAway bool) error {
	noticed := e.now().Add(-sameFor - aDay)
	var forgotten, erased []int64
	for i := range found {
		switch t := &found[i]; {
		case t.Phase() != journal.Closed || !t.EndedAt.Before(old) || t.EndedAt.IsZero():
		case t.CreatedAt.Before(noticed) && t.EndedAt.Before(noticed) && (!putsAway || t.Path == ""):
			erased = append(erased, t.Sequence)
		case !t.Forgotten:
			forgotten = append(forgotten, t.Sequence)
		}
	}
	var changes []journal.Change
	if len(forgotten) > 0 {
		changes = append(changes, journal.Forgotten{Sequences: forgotten})
	}
	if len(erased) > 0 {
		changes = append(changes, journal.Erased{Sequences: erased})
	}
	if len(changes) == 0 {
		return nil
	}
	return e.journal.Put(ctx, changes...)
}

// putAway moves the file of an accepted transfer from Sent to the system's trash, if it is there and is what was sent. The
// error is the journal's alone: a file that cannot be put away stays.
func (e *Engine) putAway(ctx context.Context, id string, old time.Time) error {
	_, give, err := e.custody.take(ctx, id)
	if err != nil {
		return err
	}
	defer give()
	t, err := e.journal.Transfer(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if t.State != journal.Accepted || t.Phase() != journal.Closed || t.Bucket() == journal.NeedsYou || !t.EndedAt.Before(old) ||
		!strings.HasPrefix(t.Path, "Sent/") || strings.HasPrefix(t.Path, "Sent/"+unclear+"/") {
		return nil
	}
	name := absolute(e.folderOf(t.Company), t.Path)
	if name == "" || e.fs.Remote(name) {
		return nil
	}
	if sum, err := e.sumOf(ctx, name); err != nil || sum != t.SHA256 {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			e.log.Debug("a file in Sent cannot be read and stays", "transfer", t.ID, "error", err)
		}
		return nil
	}
	if err := e.options.Trash(name); err != nil {
		e.log.Debug("a file in Sent stays, since there is no trash for it", "transfer", t.ID, "error", err)
		return nil
	}
	now := e.now().UTC()
	t.Path, t.UpdatedAt = "", now
	var entries []journal.Entry
	if !t.Forgotten {
		entries = []journal.Entry{{At: now, Kind: "putAway"}}
	}
	if err := e.journal.Put(ctx, journal.Stepped{Transfer: t, Entries: entries}); err != nil {
		return err
	}
	e.tell(&t)
	return nil
}

func (e *Engine) sumOf(ctx context.Context, name string) (string, error) {
	f, err := e.fs.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, &interrupted{ctx: ctx, r: f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
