package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
)

// The marks of a journal's file, in the field that SQLite leaves to applications. A journal that says "in use" has a log,
// or had one that somebody took away: with it went what was acknowledged last.
const (
	markResting = 0x506f7374 // "Post"
	markInUse   = 0x506f7355 // "PosU"
)

// inspect looks at a journal's files before SQLite touches them.
func (j *Journal) inspect(ctx context.Context, path string, options Options) error {
	pending, err := pendingRescue(path)
	if err != nil {
		return err
	}
	switch {
	case pending != "" && options.Thorough:
		if err := finishRescue(path, pending); err != nil {
			return err
		}
	case pending != "":
		return fmt.Errorf("%w: it is being rebuilt", ErrCorrupt)
	}
	if options.Thorough {
		if err := clearHalves(path); err != nil {
			return err
		}
	}
	if err := inspectLog(path); err != nil {
		return err
	}
	j.logged = grown(path + walEnd)
	if err := inspectBeginning(path, j.logged); err != nil {
		return err
	}
	if options.Thorough && grown(path) {
		// Over a connection that can only read: one that writes would fold the log into what is damaged.
		db := single(dsn(path, "mode=ro", "_pragma=busy_timeout(5000)"))
		err := guarded(func() error { return lookThrough(ctx, db) })
		if err = errors.Join(err, guarded(db.Close)); err != nil {
			return err
		}
	}
	return keepPrivate(path)
}

// inspectBeginning looks whether a file can be a database. SQLite takes an empty one for a new one, and throws its log away.
func inspectBeginning(path string, logged bool) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !logged {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: its log is there, the file is not", ErrCorrupt)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	begins := make([]byte, len(sqliteName))
	n, err := io.ReadFull(f, begins)
	if err = unlessShort(err); err != nil {
		return err
	}
	if n == 0 && !logged || string(begins) == sqliteName {
		return nil
	}
	return fmt.Errorf("%w: it does not begin as a journal does", ErrCorrupt)
}

const sqliteName = "SQLite format 3\x00"

// grown tells that a file is there and not empty.
func grown(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// take brings a journal's tables up to date and marks it as in use. The mark of one who was killed is taken over first of
// all: should the rest fail, closing folds the log into the file, and its absence must not be held against the next.
func (j *Journal) take(ctx context.Context, options Options) error {
	if options.DSN != "" {
		return migrate(ctx, j.write)
	}
	mark := 0
	if err := j.write.QueryRowContext(ctx, "PRAGMA application_id").Scan(&mark); err != nil {
		return err
	}
	if mark == markInUse && !j.logged {
		return fmt.Errorf("%w: it was not closed, and its log is gone", ErrCorrupt)
	}
	j.marked = mark == markInUse
	if err := migrate(ctx, j.write); err != nil {
		return err
	}
	if err := j.mark(ctx, markInUse); err != nil {
		return err
	}
	j.marked = true
	// The mark must lie in the file itself: in the log it would go with the log.
	_, err := j.write.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	return err
}

// rest marks the journal as closed, so that the absence of a log says nothing.
func (j *Journal) rest() error {
	if !j.marked {
		return nil
	}
	j.marked = false
	select {
	case <-j.spoilt:
		return nil // it stays marked, so that nobody opens it as if it were whole
	default:
	}
	ctx := context.Background()
	err := j.mark(ctx, markResting)
	if errors.Is(sorted(err), ErrFull) {
		// The log cannot grow; begun anew it need not.
		if _, err = j.write.ExecContext(ctx, "PRAGMA wal_checkpoint(RESTART)"); err == nil {
			err = j.mark(ctx, markResting)
		}
	}
	if err != nil {
		return fmt.Errorf("close the journal: %w", sorted(err))
	}
	return nil
}

func (j *Journal) mark(ctx context.Context, mark int) error {
	_, err := j.write.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", mark))
	return err
}

// lookThrough is ErrCorrupt when the pages do not hold together, or what transfers are under way makes no sense.
func lookThrough(ctx context.Context, db *sql.DB) error {
	var says string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&says); err != nil {
		return err
	}
	if says != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, says)
	}
	tables, err := version(ctx, db)
	if err != nil || tables == 0 {
		return err
	}
	open, err := rows(ctx, db, scanTransfer, selectTransfers+"WHERE phase <> 0")
	if err != nil {
		return damage(err)
	}
	for i := range open {
		if !sane(&open[i]) {
			return fmt.Errorf("%w: transfer %d makes no sense", ErrCorrupt, open[i].Sequence)
		}
	}
	return nil
}

// damage makes an error of reading what was written well ErrCorrupt: a value of the wrong type, JSON that is none.
func damage(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// sane tells whether a record can be one that this program wrote.
func sane(t *Transfer) bool {
	switch {
	case t.ID == "", len(t.ID) > 64, t.Sequence <= 0, t.Size < 0, t.Creations < 0, t.Records < 0, t.RefusedRecords < 0,
		!slices.Contains(States, t.State), !slices.Contains(resultStates, t.ResultState):
		return false
	case len(t.SHA256) != 0 && len(t.SHA256) != 64, !hexadecimal(t.SHA256):
		return false
	}
	for _, path := range []string{t.Path, t.From, t.Origin, t.ResultPath} {
		if path != "" && !filepath.IsLocal(filepath.FromSlash(path)) {
			return false
		}
	}
	return true
}

func hexadecimal(text string) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// guarded runs what reads a file that may be damaged. SQLite withstands that; should it fail to, it is no more than an
// unreadable file.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: reading it failed: %v", ErrCorrupt, p)
		}
	}()
	return f()
}
