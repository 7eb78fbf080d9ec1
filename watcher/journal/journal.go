package journal

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors a caller decides on.
var (
	ErrClosed   = errors.New("journal is closed")
	ErrCorrupt  = errors.New("journal is damaged")
	ErrNewer    = errors.New("journal was written by a newer version of the program")
	ErrNotFound = errors.New("not in the journal")
	ErrFull     = errors.New("no room left on the disk")
)

// Journal is an open journal. It is safe for concurrent use.
type Journal struct {
	write *sql.DB // one connection, the writer goroutine's; nil when opened read-only
	read  *sql.DB // for queries; nil where the database has but one connection: the writer queries for others then

	finder *finder // of the history; nil of a journal in memory

	sequence atomic.Int64

	requests chan request  // unbuffered: what was handed over, the writer answers
	quit     chan struct{} // closed to end the writer
	done     chan struct{} // closed when the writer has ended
	closing  sync.Once
	commits  atomic.Int64
	logged   bool // there was a log when it was opened
	marked   bool // as in use, until Close

	spoilt   chan struct{} // closed when damage has shown while it was open
	spoiling sync.Once
}

// Options say which database a journal opens.
type Options struct {
	// DSN opens a database of the driver's own naming instead of a file, such as "file:/name?vfs=memdb". All of its
	// work then goes over one connection.
	DSN string
	// ReadOnly opens an existing journal for queries, beside the process that writes it. Put fails.
	ReadOnly bool
	// Thorough has every page looked at first, as befits whoever sends files by what the journal says. It also ends a
	// Rescue that was interrupted, or clears away the half that is left of it.
	Thorough bool
}

// Open opens the journal at a path, making it (mode 0600) and bringing its tables up to date as needed. One process
// at a time may hold a journal open for writing; the home's lock sees to that. A file that is no journal or does not
// hold together, or from which acknowledged commits are gone, is ErrCorrupt, and stays as it is: see Rescue.
func Open(ctx context.Context, path string, options Options) (*Journal, error) {
	j := &Journal{
		requests: make(chan request), quit: make(chan struct{}), done: make(chan struct{}), spoilt: make(chan struct{}),
	}
	if err := j.open(ctx, path, options); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, sorted(err)), j.rest(), j.closeHandles()) //nolint:contextcheck // an end is not given up half-way
	}
	if options.ReadOnly {
		close(j.done)
		j.finder = newFinder(ctx, path, j.read, false)
		return j, nil
	}
	statements, err := prepare(ctx, j.write)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, sorted(err)), j.rest(), j.closeHandles()) //nolint:contextcheck // an end is not given up half-way
	}
	if j.read != nil {
		j.finder = newFinder(ctx, path, j.read, true)
	}
	go j.writeOn(statements) //nolint:contextcheck // it lives until Close, not as long as the opening
	return j, nil
}

func (j *Journal) open(ctx context.Context, path string, options Options) error {
	switch {
	case options.DSN != "":
		j.write = single(options.DSN)
	case options.ReadOnly:
		if _, err := os.Stat(path); err != nil {
			return err
		}
		j.read = single(dsn(path, "mode=ro", "_pragma=busy_timeout(5000)", "_pragma=query_only(1)"))
	default:
		if err := j.inspect(ctx, path, options); err != nil {
			return err
		}
		j.write = single(dsn(path, "_pragma=busy_timeout(5000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)",
			"_pragma=wal_autocheckpoint(4000)"))
		j.read = pool(dsn(path, "_pragma=busy_timeout(5000)", "_pragma=query_only(1)"))
	}
	if options.ReadOnly {
		if err := known(ctx, j.read); err != nil {
			return err
		}
	} else if err := j.take(ctx, options); err != nil {
		return err
	}
	var last sql.NullInt64
	if err := cmp.Or(j.write, j.read).QueryRowContext(ctx, "SELECT max(sequence) FROM transfers").Scan(&last); err != nil {
		return err
	}
	j.sequence.Store(last.Int64)
	return nil
}

// NextSequence gives a number higher than any transfer's, for a new one.
func (j *Journal) NextSequence() int64 { return j.sequence.Add(1) }

// Commits tells how many transactions were made since the journal was opened.
func (j *Journal) Commits() int64 { return j.commits.Load() }

// Damaged is closed once a write or a query has shown that the file does not hold together any more. Nothing that it says
// is to be relied on then: close it, and open it anew with Thorough.
func (j *Journal) Damaged() <-chan struct{} { return j.spoilt }

// noticed looks whether an error shows damage.
func (j *Journal) noticed(err error) error {
	if errors.Is(err, ErrCorrupt) {
		j.spoiling.Do(func() { close(j.spoilt) })
	}
	return err
}

// Close waits for what was put, folds the write-ahead log into the file and lets go of it.
func (j *Journal) Close() error {
	j.closing.Do(func() { close(j.quit) })
	<-j.done
	if j.finder != nil {
		j.finder.close()
	}
	return errors.Join(j.rest(), j.closeHandles())
}

func (j *Journal) closeHandles() error {
	var errs []error
	if j.read != nil {
		errs = append(errs, j.read.Close())
	}
	if j.write != nil {
		errs = append(errs, j.write.Close())
	}
	return errors.Join(errs...)
}

func single(dsn string) *sql.DB {
	db := open(dsn)
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return db
}

// pool is small: its readers are a window, a few commands and the lanes' look for what is next. Its connections are kept:
// to open one costs more than a hundred looks.
func pool(dsn string) *sql.DB {
	db := open(dsn)
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	return db
}

func open(dsn string) *sql.DB {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		panic("journal: the SQLite driver is not registered: " + err.Error())
	}
	return db
}

// dsn names a file to the driver; the path may hold any character.
func dsn(path string, options ...string) string {
	slashed := filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" && !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: slashed, RawQuery: strings.Join(options, "&")}
	return u.String()
}

// keepPrivate makes the file if there is none and takes everybody else's permissions away whatever the umask. SQLite
// gives its side files the permissions of the main one.
func keepPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// sorted gives an error of the driver its kind.
func sorted(err error) error {
	var failure *sqlite.Error
	if errors.As(err, &failure) {
		switch failure.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		case sqlite3.SQLITE_FULL:
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
