package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"postroom/watcher/disk"
)

// Rescued is what became of a damaged journal.
type Rescued struct {
	Aside     string // the damaged file, kept as it was with its side files
	Transfers int    // that could still be read, and are in the new journal
	Lists     int
}

const (
	asideName  = ".damaged-" // journal.damaged-20261124-093000.db
	rebuilt    = ".rebuilt-" // a new journal that is whole and has yet to take its place
	workName   = ".salvage-" // a folder with what is being worked on
	asideStamp = "20060102-150405"
)

// besideEnds are those of SQLite's files of one journal, the database last.
var besideEnds = []string{shmEnd, walEnd, ""}

// Rescue keeps a damaged journal aside, byte for byte, and puts in its place a new one that holds whatever can still be read
// and makes sense, besides the changes that also gives. What it holds may be older than what was told to be durable, and
// records may be missing: the caller has to doubt whatever was under way. Watermarks are left out, so that lists are looked
// for anew. The error is ErrFull when there is no room for the copies; nothing has changed then, as after any other.
//
// Nobody may have the journal open. A crash in the midst of it leaves nothing that the next Rescue or Open with Thorough does
// not clear away or, once the new journal is whole, take up: a damaged journal is kept aside whole or not yet.
func Rescue(ctx context.Context, path string, at time.Time, also func(Rescued) []Change) (Rescued, error) {
	rescued, err := rescue(ctx, path, at, also)
	if err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("%w: %w", ErrFull, err)
		}
		return Rescued{}, fmt.Errorf("rescue journal %s: %w", path, sorted(err))
	}
	return rescued, nil
}

func rescue(ctx context.Context, path string, at time.Time, also func(Rescued) []Change) (Rescued, error) {
	stamp := at.UTC().Format(asideStamp)
	if err := clearHalves(path); err != nil {
		return Rescued{}, err
	}
	work, err := os.MkdirTemp(filepath.Dir(path), filepath.Base(stem(path))+workName)
	if err != nil {
		return Rescued{}, err
	}
	defer func() { _ = os.RemoveAll(work) }() // copies
	kept, old, young := filepath.Join(work, "aside.db"), filepath.Join(work, "old.db"), filepath.Join(work, "new.db")
	if err := copyJournal(path, kept, besideEnds); err != nil {
		return Rescued{}, err
	}
	// The index in shared memory is made anew.
	if err := copyJournal(kept, old, []string{walEnd, ""}); err != nil {
		return Rescued{}, err
	}
	rescued := Rescued{Aside: freeAside(path, stamp)}
	found := salvage(ctx, old)
	rescued.Transfers, rescued.Lists = len(found.transfers), len(found.lists)
	if err := rewrite(ctx, young, found, also(rescued)); err != nil {
		return Rescued{}, err
	}
	if err := layAside(kept, rescued.Aside); err != nil {
		return Rescued{}, err
	}
	whole := stem(path) + rebuilt + stamp + filepath.Ext(path)
	if err := files.Rename(young, whole); err != nil {
		return Rescued{}, err
	}
	return rescued, finishRescue(path, whole)
}

// files is the file system. What a rescue does to names is durable when it returns, on every system.
var files = disk.OS()

// clearHalves removes what a rescue left that was killed: what it worked on, and side files of a copy to whose name the
// database, which comes last, never came.
func clearHalves(path string) error {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	name := filepath.Base(stem(path))
	for _, entry := range entries {
		left := filepath.Join(dir, entry.Name())
		copied := strings.TrimSuffix(strings.TrimSuffix(left, walEnd), shmEnd)
		switch {
		case strings.HasPrefix(entry.Name(), name+workName):
			err = os.RemoveAll(left)
		case strings.HasPrefix(entry.Name(), name+asideName) && copied != left && !exists(copied):
			err = files.Remove(left)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stem is a journal's path without its extension.
func stem(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) }

// freeAside is the name under which a damaged journal is kept.
func freeAside(path, stamp string) string {
	aside := stem(path) + asideName + stamp + filepath.Ext(path)
	for n := 2; exists(aside) || exists(aside+walEnd) || exists(aside+shmEnd); n++ {
		aside = fmt.Sprintf("%s%s%s-%d%s", stem(path), asideName, stamp, n, filepath.Ext(path))
	}
	return aside
}

// copyJournal copies a journal's files, durably. The database must be there, the others need not.
func copyJournal(from, to string, ends []string) error {
	for _, end := range ends {
		if err := duplicate(from+end, to+end); err != nil && (end == "" || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	return nil
}

// layAside names a whole copy as it is kept, durably, the database last.
func layAside(kept, aside string) error {
	for _, end := range besideEnds {
		if err := files.Move(kept+end, aside+end); err != nil && (end == "" || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	return files.SyncDir(filepath.Dir(aside))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// duplicate makes a new file, readable by this user alone.
func duplicate(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}

// rewrite makes a journal of what was found. It is closed and durable then.
func rewrite(ctx context.Context, path string, found *salvaged, also []Change) error {
	j, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	for changes := range found.changes() {
		if err := j.Put(ctx, changes...); err != nil {
			return errors.Join(err, j.Close()) //nolint:contextcheck // an end is not given up half-way
		}
	}
	if err := errors.Join(j.Put(ctx, also...), j.Close()); err != nil { //nolint:contextcheck // likewise
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// pendingRescue gives the new journal that has yet to take its place, "" when there is none.
func pendingRescue(path string) (string, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	begin := filepath.Base(stem(path)) + rebuilt
	for _, entry := range entries {
		if name := entry.Name(); strings.HasPrefix(name, begin) && filepath.Ext(name) == filepath.Ext(path) {
			return filepath.Join(filepath.Dir(path), name), nil
		}
	}
	return "", nil
}

// finishRescue puts a whole new journal in the place of the damaged one, of which a copy has been kept.
func finishRescue(path, whole string) error {
	if err := files.SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	for _, end := range besideEnds {
		if err := files.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := files.Rename(whole, path); err != nil {
		return err
	}
	return files.SyncDir(filepath.Dir(path))
}
