package watcher

import (
	"context"
	"io"
	"time"

	"postroom/sage"
	"postroom/watcher/courier"
	"postroom/watcher/journal"
)

// Session makes a connection's calls. *sage.Session is the real one.
type Session interface {
	courier.Session
	Download(ctx context.Context, address string, w io.Writer, limit int64) (int64, error)
	Latest(ctx context.Context, scope, etag string) (sage.Latest, error)
}

// Journal is the engine's durable record. *journal.Journal is the real one.
type Journal interface {
	Put(ctx context.Context, changes ...journal.Change) error
	NextSequence() int64
	Close() error

	Transfer(ctx context.Context, id string) (journal.Transfer, error)
	Transfers(ctx context.Context, q journal.Query) ([]journal.Transfer, error)
	History(ctx context.Context, q journal.Query) (journal.Found, error)
	Timeline(ctx context.Context, sequence int64) ([]journal.Entry, error)
	Exchanges(ctx context.Context, sequence int64) ([]journal.Exchange, error)
	Next(ctx context.Context, connection, scope string, now time.Time, limit int) ([]journal.Transfer, error)
	Due(ctx context.Context, connection, scope string) (time.Time, error)
	Open(ctx context.Context, company string, after int64, limit int) ([]journal.Transfer, error)
	Same(ctx context.Context, company string, since time.Time, sha256 ...string) ([]journal.Transfer, error)
	Depth(ctx context.Context, connection, scope string) (map[journal.Phase]int, error)
	Heaps(ctx context.Context) (map[string]map[journal.Bucket]int, error)
	AcceptedSince(ctx context.Context, since time.Time) (int, error)

	Watermark(ctx context.Context, connection, scope string) (journal.Watermark, error)
	Lists(ctx context.Context, company string, limit int) ([]journal.List, error)
	List(ctx context.Context, id string) (journal.List, error)
	NewestList(ctx context.Context, connection, company, scope string) (journal.List, error)
	Links(ctx context.Context) ([]journal.Link, error)
	Renewals(ctx context.Context, connection string, limit int) ([]journal.Entry, error)
	Settings(ctx context.Context) (map[string]string, error)
}

// Holder is who holds a lock, as it is told to whoever wants it too.
type Holder struct {
	User     string    `json:"user"`
	Computer string    `json:"computer"`
	Home     string    `json:"home"`
	Process  int       `json:"process"`
	Alive    time.Time `json:"alive"` // the last sign of life, by the holder's own clock
}

// Lock is a lock that is held. Alive renews the sign of life; it fails when the lock has been lost, because the drive it
// lies on went away. Release gives it back.
type Lock interface {
	Alive(h Holder) error
	Release() error
}

// Locker takes locks that only one process holds, on any computer that sees the file.
type Locker interface {
	// Lock takes the lock at path or fails: with a *HeldError when somebody holds it, which may take some waiting to find
	// out where the holder gives no sign of life.
	Lock(ctx context.Context, path string, h Holder) (Lock, error)
}

// HeldError tells who holds what was wanted.
type HeldError struct {
	Path   string
	Holder Holder
}

// Error names the holder.
func (e *HeldError) Error() string {
	return e.Path + " is held by " + e.Holder.User + " on " + e.Holder.Computer + " (home " + e.Holder.Home + ")"
}

// Is makes it ErrBusy.
func (e *HeldError) Is(target error) bool { return target == ErrBusy }
