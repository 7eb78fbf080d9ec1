package journal

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The search index lies in a file of its own beside the journal, and is written behind it: names and order numbers by
// their trigrams, and which sequences belong to which day. No step of a file waits for it, its loss or damage loses
// nothing, and it is made anew whenever it does not belong to the journal that it lies beside. What it does not know yet
// is looked through one by one. There is none before there is enough to be found, and none of a journal in memory.

const (
	searchEnd     = ".search" // journal.search.db
	searchVersion = 1
	searchLag     = 1_000           // transfers that need not be in it
	searchMost    = 10_000          // those that need not be while files keep coming
	searchBatch   = 5_000           // transfers of one commit
	searchRecent  = 2_000           // sequences that are written anew after a start: a crash may have lost a change of them
	searchCalm    = 2 * time.Second // for how long nothing comes before it is written
	mostNumbers   = 64 << 10
	oneDay        = int64(24 * time.Hour)
)

const searchTables = `
CREATE VIRTUAL TABLE found USING fts5(text, tokenize = 'trigram case_sensitive 1', detail = none, content = '', contentless_delete = 1);
CREATE TABLE days (day INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE mark (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, id TEXT NOT NULL);
PRAGMA user_version = 1;`

// Fold is a text as it is looked for: whatever the case, and however its accents are written.
func Fold(text string) string { return strings.ToLower(norm.NFC.String(text)) }

// folded are order numbers as they are kept, bounded in all; "" for none.
func folded(numbers []string) string {
	var text strings.Builder
	for _, number := range numbers {
		number = Fold(strings.Join(strings.Fields(number), " "))
		if text.Len()+len(number) >= mostNumbers {
			break
		}
		text.WriteString(number)
		text.WriteByte('\n')
	}
	return text.String()
}

// finder is the search index of a journal.
type finder struct {
	path string
	read *sql.DB                 // the journal, for queries
	db   atomic.Pointer[sql.DB]  // nil while there is none
	own  bool                    // this process writes it
	seen atomic.Int64            // the highest sequence that may have been read for it
	lag  atomic.Int64            // transfers added since the last look
	wake chan struct{}           // holds at most one token
	done chan struct{}           // closed when the writer has ended
	stop context.CancelCauseFunc // ends the writer

	mu      sync.Mutex // guards the rest
	changed []int64    // sequences to be written anew
	spoilt  bool       // it does not hold together: it is removed when the journal is closed
}

// newFinder opens the index if there is one. Whatever is wrong with it, the journal is none the worse.
func newFinder(ctx context.Context, journal string, read *sql.DB, own bool) *finder {
	f := &finder{
		path: stem(journal) + searchEnd + filepath.Ext(journal), read: read, own: own,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if _, err := os.Stat(f.path); err == nil && !f.open(ctx) && own {
		f.remove()
	}
	life, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	f.stop = stop
	if !own {
		close(f.done)
		return f
	}
	go f.run(life)
	return f
}

// open opens the file, and tells whether it can be used.
func (f *finder) open(ctx context.Context) bool {
	if !f.own {
		db := single(dsn(f.path, "mode=ro", "_pragma=busy_timeout(2000)", "_pragma=query_only(1)"))
		return f.adopt(ctx, db)
	}
	if keepPrivate(f.path) != nil {
		return false
	}
	db := pool(dsn(f.path, "_pragma=busy_timeout(5000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(NORMAL)"))
	found, err := version(ctx, db)
	if err == nil && found == 0 {
		_, err = db.ExecContext(ctx, searchTables)
	}
	if err != nil {
		_ = db.Close()
		return false
	}
	return f.adopt(ctx, db)
}

// adopt takes an index that belongs to the journal.
func (f *finder) adopt(ctx context.Context, db *sql.DB) bool {
	var sequence int64
	var id, there string
	found, err := version(ctx, db)
	if err == nil {
		err = db.QueryRowContext(ctx, "SELECT sequence, id FROM mark").Scan(&sequence, &id)
	}
	if err == nil {
		err = f.read.QueryRowContext(ctx, "SELECT id FROM transfers WHERE sequence = ?", sequence).Scan(&there)
	} else if errors.Is(err, sql.ErrNoRows) {
		err = nil // nothing in it yet
	}
	if err != nil || found != searchVersion || there != id {
		_ = db.Close()
		return false
	}
	f.db.Store(db)
	return true
}

// close ends the writer and lets go of the file.
func (f *finder) close() {
	f.stop(ErrClosed)
	<-f.done
	if db := f.db.Swap(nil); db != nil {
		_ = db.Close() // nothing to lose
	}
	if f.own && f.given() {
		f.remove()
	}
}

func (f *finder) remove() {
	for _, end := range besideEnds {
		if err := os.Remove(f.path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // it is found not to fit again
		}
	}
}

// doubt gives an index up that does not hold together, as an error of it shows. Without it history is looked through one
// by one, and it is made anew once the journal has been closed.
func (f *finder) doubt(err error) {
	failure, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return // it is being closed, say
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT:
		f.mu.Lock()
		f.spoilt = true
		f.mu.Unlock()
	}
}

// usable is the index, nil while there is none.
func (f *finder) usable() *sql.DB {
	if f == nil || f.given() {
		return nil
	}
	return f.db.Load()
}

// given tells that it was given up.
func (f *finder) given() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.spoilt
}

// committed is told what the journal has taken in.
func (f *finder) committed(batch []request) {
	seen := f.seen.Load()
	var changed []int64
	added := int64(0)
	for _, r := range batch {
		for _, c := range r.changes {
			switch c := c.(type) {
			case Added:
				added++
				if c.Transfer.Sequence <= seen {
					changed = append(changed, c.Transfer.Sequence)
				}
			case Rewritten:
				if c.Transfer.Sequence <= seen {
					changed = append(changed, c.Transfer.Sequence)
				}
			case Forgotten:
				changed = append(changed, c.Sequences...)
			case Erased:
				changed = append(changed, c.Sequences...)
			}
		}
	}
	if len(changed) > 0 {
		f.again(changed)
	}
	if f.lag.Add(added) >= searchLag || len(changed) > 0 {
		select {
		case f.wake <- struct{}{}:
		default:
		}
	}
}

// run writes the index, until life ends.
func (f *finder) run(life context.Context) {
	defer close(f.done)
	f.catchUp(life, true)
	for {
		select {
		case <-f.wake:
			f.rest(life)
			f.catchUp(life, false)
		case <-life.Done():
			return
		}
	}
}

// rest waits until files do not come one after the other any more, so that their way has the processor to itself; not for ever.
func (f *finder) rest(life context.Context) {
	calm := time.NewTimer(searchCalm)
	defer calm.Stop()
	for f.lag.Load() < searchMost {
		select {
		case <-f.wake:
			calm.Reset(searchCalm)
		case <-calm.C:
			return
		case <-life.Done():
			return
		}
	}
}

// catchUp writes what is missing or was changed. What goes wrong is tried again with the next change.
func (f *finder) catchUp(ctx context.Context, first bool) {
	if f.given() {
		return
	}
	if err := f.catch(ctx, first); err != nil {
		f.doubt(err)
	}
}

func (f *finder) catch(ctx context.Context, first bool) error {
	f.lag.Store(0)
	var newest sql.NullInt64
	if err := f.read.QueryRowContext(ctx, "SELECT max(sequence) FROM transfers").Scan(&newest); err != nil {
		return nil //nolint:nilerr // the journal's own trouble
	}
	if f.db.Load() == nil && (newest.Int64 < searchLag || !f.open(ctx)) {
		return nil
	}
	mark, err := markOf(ctx, f.db.Load())
	if err != nil {
		return err
	}
	f.seen.Store(max(mark, f.seen.Load()))
	if first && mark > 0 {
		again, err := rows(ctx, f.read, scanSequence, selectDoubtful, mark, searchRecent)
		if err != nil {
			return nil //nolint:nilerr // likewise
		}
		f.again(again)
	}
	if err := f.writeAgain(ctx, mark); err != nil {
		return err
	}
	for newest.Int64-mark >= searchLag {
		if mark, err = f.writeOn(ctx, mark, newest.Int64); err != nil {
			return err
		}
	}
	return nil
}

// again notes sequences to be written anew.
func (f *finder) again(sequences []int64) {
	f.mu.Lock()
	f.changed = append(f.changed, sequences...)
	f.mu.Unlock()
}

// selectDoubtful are the indexed sequences that a change before a crash may not have come into the index for.
const selectDoubtful = `SELECT sequence FROM transfers WHERE phase <> 0 AND sequence <= ?1
  UNION SELECT sequence FROM transfers WHERE sequence BETWEEN ?1 - ?2 AND ?1`

// indexed is what the index takes of a transfer.
type indexed struct {
	sequence, created int64
	id, name, numbers string
	past              bool
}

func scanIndexed(r *sql.Rows) (e indexed, err error) {
	var numbers sql.NullString
	err = r.Scan(&e.sequence, &e.created, &e.id, &e.name, &numbers, &e.past)
	e.numbers = numbers.String
	return e, err
}

const selectIndexed = `SELECT t.sequence, t.created_at, t.id, t.name, n.numbers, t.bucket > 2
  FROM transfers t LEFT JOIN numbers n ON n.sequence = t.sequence WHERE `

// writeOn writes the transfers after the mark, and gives the new one.
func (f *finder) writeOn(ctx context.Context, mark, newest int64) (int64, error) {
	// Who adds a transfer below this from here on tells so: see committed. Whoever did before is read now.
	f.seen.Store(max(newest, f.seen.Load()))
	entries, err := rows(ctx, f.read, scanIndexed, selectIndexed+"t.sequence > ? AND t.sequence <= ? ORDER BY t.sequence LIMIT ?",
		mark, newest, searchBatch)
	if err != nil {
		return mark, err
	}
	if len(entries) == 0 {
		return newest, nil
	}
	last := entries[len(entries)-1]
	return last.sequence, f.put(ctx, nil, entries, &last)
}

// writeAgain writes what was changed after it was indexed. What lies above the mark is read when its turn comes.
func (f *finder) writeAgain(ctx context.Context, mark int64) error {
	f.mu.Lock()
	changed := f.changed
	f.changed = nil
	f.mu.Unlock()
	changed = slices.DeleteFunc(changed, func(n int64) bool { return n > mark })
	slices.Sort(changed)
	changed = slices.Compact(changed)
	for len(changed) > 0 {
		part := changed[:min(len(changed), searchBatch)]
		changed = changed[len(part):]
		entries, err := among(ctx, f.read, scanIndexed, selectIndexed+"t.sequence IN (SELECT value FROM json_each(?))", part)
		if err != nil {
			return err
		}
		if err := f.put(ctx, part, entries, nil); err != nil {
			return err
		}
	}
	return nil
}

// put makes one commit of the index.
func (f *finder) put(ctx context.Context, drop []int64, entries []indexed, mark *indexed) error {
	tx, err := f.db.Load().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	dropping, err := tx.PrepareContext(ctx, "DELETE FROM found WHERE rowid = ?")
	if err != nil {
		return err
	}
	defer func() { _ = dropping.Close() }() // nothing to lose
	adding, err := tx.PrepareContext(ctx, "INSERT INTO found (rowid, text) VALUES (?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = adding.Close() }()
	for _, n := range drop {
		if _, err := dropping.ExecContext(ctx, n); err != nil {
			return err
		}
	}
	days := make(map[int64][2]int64)
	for _, e := range entries {
		if !e.past {
			if _, err := adding.ExecContext(ctx, e.sequence, Fold(e.name)+"\n"+e.numbers); err != nil {
				return err
			}
		}
		day := e.created / oneDay
		of, known := days[day]
		if !known {
			of = [2]int64{e.sequence, e.sequence}
		}
		days[day] = [2]int64{min(of[0], e.sequence), max(of[1], e.sequence)}
	}
	for day, of := range days {
		if _, err := tx.ExecContext(ctx, `INSERT INTO days (day, first, last) VALUES (?, ?, ?)
		    ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)`, day, of[0], of[1]); err != nil {
			return err
		}
	}
	if mark != nil {
		if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO mark (one, sequence, id) VALUES (1, ?, ?)", mark.sequence, mark.id); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// markOf is the sequence up to which an index knows all transfers.
func markOf(ctx context.Context, index *sql.DB) (n int64, err error) {
	err = index.QueryRowContext(ctx, "SELECT sequence FROM mark").Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, unanswered(err)
}

// daysOf gives the sequences between which, both left out, all indexed transfers of some days lie.
func daysOf(ctx context.Context, index *sql.DB, since, until time.Time) (low, high int64, err error) {
	first, last := -endless, endless
	if !since.IsZero() {
		first = nanos(since) / oneDay
	}
	if !until.IsZero() {
		last = nanos(until) / oneDay
	}
	var from, to sql.NullInt64
	err = index.QueryRowContext(ctx, "SELECT min(first), max(last) FROM days WHERE day BETWEEN ? AND ?", first, last).Scan(&from, &to)
	if err != nil || !from.Valid {
		return 0, 0, unanswered(err)
	}
	return from.Int64 - 1, to.Int64 + 1, nil
}

// candidatesOf gives sequences of a span, the newest first, at most limit.
func candidatesOf(ctx context.Context, index *sql.DB, match string, s span, limit int) ([]int64, error) {
	found, err := rows(ctx, index, scanSequence,
		"SELECT rowid FROM found WHERE found MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid DESC LIMIT ?", match, s.low, s.high, limit)
	return found, unanswered(err)
}

func scanSequence(r *sql.Rows) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

// errSearch tells that the search index did not answer.
var errSearch = errors.New("the search index cannot be read")

func unanswered(err error) error {
	if err != nil {
		return errors.Join(errSearch, err)
	}
	return nil
}
