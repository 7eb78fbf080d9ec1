package watcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postroom/watcher/courier"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

const (
	settingRescued      = "rescued"      // when the journal had to be rebuilt
	settingRescuedAside = "rescuedAside" // the name of the damaged file, in the home
	settingRebuilt      = "rebuilt/"     // and a company's name: the same moment, once its folder has been gone through

	rescuedFor = 14 * 24 * time.Hour // how long a person is told
	sentMonths = 4                   // months of Sent that reach back over sameFor
	unclear    = "Unclear"           // in Sent
)

// rescueJournal puts a journal together again that is damaged. This asks nobody: the damaged one is kept aside byte for
// byte, so that no decision is lost with it; nothing goes out by what may have been forgotten (see rebuild); and an office
// whose files all stand still until somebody finds a switch has lost more than one that is told what happened and answers
// for a handful of files. What cannot be read at all is refused in words: there is no room for the copy, or no access.
func (e *Engine) rescueJournal(ctx context.Context, file string, damage error) (Journal, error) {
	e.log.Error("the journal is damaged and is rebuilt", "error", damage)
	now := e.now().UTC().Truncate(time.Second)
	rescued, err := journal.Rescue(ctx, file, now, func(r journal.Rescued) []journal.Change {
		return []journal.Change{
			journal.Setting{Key: settingRescued, Value: now.Format(time.RFC3339)},
			journal.Setting{Key: settingRescuedAside, Value: filepath.Base(r.Aside)},
		}
	})
	switch {
	case errors.Is(err, journal.ErrFull):
		return nil, errors.Join(err, damage)
	case err != nil:
		told := refuse(nil, "journalUnsaved", "folder", e.options.Home)
		told.Cause = errors.Join(err, damage)
		return nil, told
	}
	e.log.Warn("the journal was rebuilt", "kept", rescued.Aside, "transfers", rescued.Transfers, "lists", rescued.Lists)
	return journal.Open(ctx, file, journal.Options{Thorough: true})
}

// ErrJournalDamaged ends a run whose journal turned out to be damaged. An agent that is opened anew rebuilds it.
var ErrJournalDamaged = errors.New("the journal is damaged")

// mindJournal ends the run when the journal turns out to be damaged: by its word nothing may be sent any more.
func (e *Engine) mindJournal(ctx context.Context) error {
	j, can := e.journal.(interface{ Damaged() <-chan struct{} })
	if !can {
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case <-j.Damaged():
		return refuse(ErrJournalDamaged, "journalDamaged", "folder", e.options.Home)
	}
}

// rescue is when the journal was rebuilt last, and under which name the damaged one is kept; zero when it never was.
type rescue struct {
	at    time.Time
	aside string
}

func (e *Engine) openRescue(ctx context.Context) error {
	values, err := e.journal.Settings(ctx)
	if err != nil {
		return err
	}
	if at, err := time.Parse(time.RFC3339, values[settingRescued]); err == nil {
		e.rescue = rescue{at, values[settingRescuedAside]}
	}
	return nil
}

// rescueReport tells a person for a while that the journal had to be rebuilt.
func (e *Engine) rescueReport() []Problem {
	if e.rescue.at.IsZero() || e.now().Sub(e.rescue.at) > rescuedFor {
		return nil
	}
	return []Problem{newProblem("journalRebuilt", "date", e.rescue.at.Local().Format(time.DateOnly),
		"file", e.rescue.aside, "folder", e.options.Home)}
}

// rebuild makes a journal that was saved from damage agree with a company's folder, before any file is touched. Records may
// be older than what happened, and some may be gone. So whatever may have been sent is tracked or left to a person, and
// what lies in Sent without a record is remembered, lest the same content is sent again unasked. It is done once, and may be
// begun again.
func (c *company) rebuild(ctx context.Context) error {
	if c.e.rescue.at.IsZero() {
		return nil
	}
	values, err := c.e.journal.Settings(ctx)
	if err != nil {
		return err
	}
	stamp := c.e.rescue.at.Format(time.RFC3339)
	if values[settingRebuilt+c.name] == stamp {
		return nil
	}
	sent, err := c.unrecorded(ctx)
	if err != nil {
		return fmt.Errorf("looking through what was sent: %w", err)
	}
	doubted, err := c.doubtOpen(ctx, sent)
	if err != nil {
		return err
	}
	left := unspoken(sent)
	for _, f := range left {
		if err := c.remember(ctx, f); err != nil {
			return fmt.Errorf("remembering %s: %w", f.path, err)
		}
	}
	c.e.log.Warn("a company's folder was gone through after damage", "company", c.name, "doubted", doubted, "remembered", len(left))
	return c.e.journal.Put(ctx, journal.Setting{Key: settingRebuilt + c.name, Value: stamp})
}

// sentFile is a file in Sent that no record speaks of.
type sentFile struct {
	path   string // relative to the company's folder
	info   disk.Info
	sha256 string
	first  time.Time // of its month
	taken  bool      // a record was found for it
}

// unspoken are the files for which no record was found, by path.
func unspoken(sent map[string][]*sentFile) []*sentFile {
	var left []*sentFile
	for _, same := range sent {
		for _, f := range same {
			if !f.taken {
				left = append(left, f)
			}
		}
	}
	slices.SortFunc(left, func(a, b *sentFile) int { return strings.Compare(a.path, b.path) })
	return left
}

// unrecorded gives the files in Sent of the last months that no record speaks of, by hash.
func (c *company) unrecorded(ctx context.Context) (map[string][]*sentFile, error) {
	recorded := make(map[string]bool)
	for after := int64(0); ; {
		page, err := c.e.journal.Transfers(ctx, journal.Query{Company: c.name, After: after, OldestFirst: true, Limit: mostLimit})
		if err != nil {
			return nil, err
		}
		for i := range page {
			recorded[page[i].Path], recorded[page[i].From] = true, true
		}
		if len(page) < mostLimit {
			break
		}
		after = page[len(page)-1].Sequence
	}
	found := make(map[string][]*sentFile)
	months, err := c.fs.ReadDir(c.path("Sent"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, month := range months {
		first, ok := c.monthOf(month)
		if !ok {
			continue
		}
		if err := c.lookInto(ctx, path.Join("Sent", month.Name), first, recorded, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// monthOf tells whether a folder of Sent is one to look into, and when it began.
func (c *company) monthOf(entry disk.Entry) (first time.Time, ok bool) {
	now := c.e.now()
	if entry.Type != fs.ModeDir {
		return first, false
	}
	if entry.Name == unclear {
		return now.Add(-sameFor), true
	}
	first, err := time.ParseInLocation("2006-01", entry.Name, now.Location())
	return first, err == nil && first.After(now.AddDate(0, -sentMonths, 0))
}

func (c *company) lookInto(ctx context.Context, folder string, first time.Time, recorded map[string]bool, found map[string][]*sentFile) error {
	entries, err := c.fs.ReadDir(c.path(folder))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		at := path.Join(folder, entry.Name)
		if entry.Type != 0 || recorded[at] || strings.HasPrefix(entry.Name, ".") || strings.HasSuffix(entry.Name, courier.UnclearEnd) {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		info, sum, err := c.hash(at)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, disk.ErrNotRegular):
			continue
		case err != nil:
			return err
		}
		found[sum] = append(found[sum], &sentFile{path: at, info: info, sha256: sum, first: first})
	}
	return nil
}

// hash reads a file of the company's.
func (c *company) hash(at string) (disk.Info, string, error) {
	f, err := c.fs.Open(c.path(at))
	if err != nil {
		return disk.Info{}, "", err
	}
	sum := sha256.New()
	info, err := f.Stat()
	if err == nil {
		_, err = io.Copy(sum, f)
	}
	return info, hex.EncodeToString(sum.Sum(nil)), errors.Join(err, f.Close())
}

// doubtOpen goes through what was under way.
func (c *company) doubtOpen(ctx context.Context, sent map[string][]*sentFile) (doubted int, err error) {
	for after := int64(0); ; {
		page, err := c.e.journal.Open(ctx, c.name, after, recoverPage)
		if err != nil {
			return doubted, err
		}
		for i := range page {
			changed, err := c.doubt(ctx, page[i], sent)
			if err != nil {
				return doubted, fmt.Errorf("transfer %s: %w", page[i].ID, err)
			}
			if changed {
				doubted++
			}
		}
		if len(page) < recoverPage {
			return doubted, nil
		}
		after = page[len(page)-1].Sequence
	}
}

// doubt takes a record for what it may be: one step, or many, behind. What lies aside was claimed and may have been sent;
// what lies in Sent was. A file that lies unchanged where it was dropped was not sent by this record.
func (c *company) doubt(ctx context.Context, t journal.Transfer, sent map[string][]*sentFile) (bool, error) {
	if t.State.Final() || t.State == journal.Unknown {
		return false, nil
	}
	aside, err := c.standsAt(courier.Aside(t.ID), nil)
	if err != nil {
		return false, err
	}
	acknowledged := t.State.InFlight() && t.State != journal.Claimed && t.State != journal.Created
	if at := t.Lies(); at != "" && (acknowledged || !aside) {
		if there, err := c.standsAt(at, &t); err != nil || there {
			return false, err
		}
	}
	at := courier.Aside(t.ID)
	f := pick(sent[t.SHA256], &t)
	switch {
	case aside && !acknowledged:
		f = nil
	case f != nil:
		f.taken, at = true, f.path
	case !aside:
		return false, nil // nowhere: its lane, or the Outbox's watcher, finds that out
	}
	doubted, entries := courier.Doubted(t, at, f != nil || acknowledged, c.e.now())
	doubted, err = c.porter.Resolve(journal.Transfer{}, doubted)
	if err != nil {
		return false, err
	}
	return true, c.e.journal.Put(ctx, journal.Stepped{Transfer: doubted, Entries: entries})
}

// standsAt tells whether a file is at a place, and if it is given, the very one of a record.
func (c *company) standsAt(at string, t *journal.Transfer) (bool, error) {
	info, err := c.fs.Lstat(c.path(at))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case t == nil:
		return info.Regular(), nil
	}
	return info.Regular() && info.Size == t.Size && info.ModTime.Equal(t.ModTime) && (t.Identity == "" || info.Identity == t.Identity), nil
}

// pick gives the file in Sent that is a record's: the very one, or one with the same content.
func pick(files []*sentFile, t *journal.Transfer) *sentFile {
	var same *sentFile
	for _, f := range files {
		switch {
		case f.taken:
		case f.info.Identity != "" && f.info.Identity == t.Identity:
			return f
		case same == nil:
			same = f
		}
	}
	return same
}

// remember makes a record of a file in Sent that has none.
func (c *company) remember(ctx context.Context, f *sentFile) error {
	now := c.e.now()
	t := journal.Transfer{
		ID: c.e.transferID(now, f.path), Sequence: c.e.journal.NextSequence(), Company: c.name, Name: path.Base(f.path),
		Path: f.path, Origin: path.Join(outbox.Folder, path.Base(f.path)), Size: f.info.Size, ModTime: f.info.ModTime.UTC(),
		Identity: f.info.Identity, SHA256: f.sha256, CreatedAt: f.dropped(now).UTC(),
	}
	t, entries := courier.Remembered(t, path.Base(path.Dir(f.path)) == unclear, now)
	return c.e.journal.Put(ctx, journal.Added{Transfer: t, Entries: entries})
}

// dropped is about when a file was: it was sent in the month whose folder it lies in.
func (f *sentFile) dropped(now time.Time) time.Time {
	last := f.first.AddDate(0, 1, 0)
	if last.After(now) {
		last = now
	}
	switch {
	case f.info.ModTime.After(last):
		return last
	case f.info.ModTime.Before(f.first):
		return last // the later, so that it counts for as long as it may
	}
	return f.info.ModTime
}
