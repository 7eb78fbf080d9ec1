package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"strings"
)

// salvaged is what could be read of a damaged journal and makes sense.
type salvaged struct {
	transfers []Added
	lists     []List
	links     []Link
	renewals  []Renewed
	settings  []Setting
}

// salvage reads whatever can be read. The file is a copy, and may be changed.
func salvage(ctx context.Context, path string) *salvaged {
	found := &salvaged{}
	if err := mendHeader(path); err != nil {
		return found
	}
	db := single(dsn(path, "_pragma=cell_size_check(1)", "_pragma=trusted_schema(0)"))
	defer func() { _ = guarded(db.Close) }()
	for _, read := range []func(context.Context, *sql.DB) error{
		found.readTransfers, found.readLists, found.readLinks, found.readRenewals, found.readSettings,
	} {
		_ = guarded(func() error { return read(ctx, db) }) // what cannot be read is not there
	}
	return found
}

// soundHeader begins a journal's file: SQLite's name, pages of 4096 bytes, with a write-ahead log, nothing reserved.
var soundHeader = []byte("SQLite format 3\x00\x10\x00\x02\x02\x00\x40\x20\x20")

// mendHeader gives a file its beginning back. Where that alone is damaged the rest can be read.
func mendHeader(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	begins := make([]byte, len(soundHeader))
	if _, err := io.ReadFull(f, begins); err != nil || bytes.Equal(begins, soundHeader) {
		return unlessShort(err)
	}
	_, err = f.WriteAt(soundHeader, 0)
	return errors.Join(err, f.Sync())
}

// readTransfers reads from both ends as far as that goes, and what lies between them one by one.
func (s *salvaged) readTransfers(ctx context.Context, db *sql.DB) error {
	seen, named := make(map[int64]bool), make(map[string]bool)
	take := func(r *sql.Rows) (int64, error) {
		t, err := scanTransfer(r)
		if err != nil || !sane(&t) {
			return t.Sequence, nil //nolint:nilerr // this one is lost
		}
		if !seen[t.Sequence] && !named[t.ID] {
			seen[t.Sequence], named[t.ID] = true, true
			s.transfers = append(s.transfers, Added{Transfer: t})
		}
		return t.Sequence, nil
	}
	first, err := furthest(ctx, db, take, selectTransfers+"ORDER BY sequence")
	if err != nil {
		last, _ := furthest(ctx, db, take, selectTransfers+"ORDER BY sequence DESC")
		for n, tries := first+1, 0; n < last && tries < mostProbes; n, tries = n+1, tries+1 {
			_, _ = furthest(ctx, db, take, selectTransfers+"WHERE sequence = ?", n)
		}
	}
	for i := range s.transfers {
		s.transfers[i].Entries = timeline(ctx, db, s.transfers[i].Transfer.Sequence)
		s.transfers[i].Numbers = numbers(ctx, db, s.transfers[i].Transfer.Sequence)
	}
	return nil
}

// mostProbes bounds the search for single records in the gap that damage has torn.
const mostProbes = 500_000

// furthest goes through rows until one cannot be read, and gives the last sequence it came to.
func furthest(ctx context.Context, db *sql.DB, take func(*sql.Rows) (int64, error), query string, args ...any) (last int64, err error) {
	err = guarded(func() error {
		result, err := db.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer func() { _ = result.Close() }() // what cannot be read is not there
		for result.Next() {
			if last, err = take(result); err != nil {
				return err
			}
		}
		return result.Err()
	})
	return last, err
}

// timeline gives the lines of a transfer's that can be read.
func timeline(ctx context.Context, db *sql.DB, sequence int64) (entries []Entry) {
	var text string
	if guarded(func() error {
		return db.QueryRowContext(ctx, "SELECT timeline FROM transfers WHERE sequence = ?", sequence).Scan(&text)
	}) != nil {
		return nil
	}
	for written := range strings.Lines(text) {
		var l line
		if json.Unmarshal([]byte(written), &l) == nil {
			entries = append(entries, Entry{At: moment(l.At), Kind: l.Kind, Args: l.Args})
		}
	}
	return entries
}

// numbers gives those of a transfer's records, if they can be read.
func numbers(ctx context.Context, db *sql.DB, sequence int64) []string {
	var text string
	if guarded(func() error {
		return db.QueryRowContext(ctx, "SELECT numbers FROM numbers WHERE sequence = ?", sequence).Scan(&text)
	}) != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// tolerant reads the rows that can be read and scanned, up to the first that cannot be read.
func tolerant[T any](ctx context.Context, db *sql.DB, scan func(*sql.Rows) (T, error), query string) (found []T) {
	_, _ = furthest(ctx, db, func(r *sql.Rows) (int64, error) {
		if v, err := scan(r); err == nil {
			found = append(found, v)
		}
		return 0, nil
	}, query)
	return found
}

func (s *salvaged) readLists(ctx context.Context, db *sql.DB) error {
	for _, l := range tolerant(ctx, db, scanList, "SELECT "+listColumns+" FROM lists ORDER BY id") {
		if l.ID != "" && l.Records >= 0 {
			s.lists = append(s.lists, l)
		}
	}
	return nil
}

func (s *salvaged) readLinks(ctx context.Context, db *sql.DB) error {
	s.links = tolerant(ctx, db, scanLink, selectLinks)
	return nil
}

func (s *salvaged) readRenewals(ctx context.Context, db *sql.DB) error {
	s.renewals = tolerant(ctx, db, func(r *sql.Rows) (n Renewed, err error) {
		var at int64
		var args sql.NullString
		if err := r.Scan(&n.Connection, &at, &n.Entry.Kind, &args); err != nil {
			return n, err
		}
		n.Entry.At = moment(at)
		if args.Valid {
			err = json.Unmarshal([]byte(args.String), &n.Entry.Args)
		}
		return n, err
	}, "SELECT connection, at, kind, args FROM renewals ORDER BY n")
	return nil
}

func (s *salvaged) readSettings(ctx context.Context, db *sql.DB) error {
	s.settings = tolerant(ctx, db, func(r *sql.Rows) (v Setting, err error) {
		err = r.Scan(&v.Key, &v.Value)
		return v, err
	}, "SELECT key, value FROM settings")
	return nil
}

// changes puts everything into a new journal, in pieces.
func (s *salvaged) changes() iter.Seq[[]Change] {
	return func(yield func([]Change) bool) {
		var piece []Change
		add := func(c Change) bool {
			if piece = append(piece, c); len(piece) < batchLimit {
				return true
			}
			full := piece
			piece = nil
			return yield(full)
		}
		for _, all := range []iter.Seq[Change]{each(s.transfers), eachOf(s.lists, listed), eachOf(s.links, linked), each(s.renewals), each(s.settings)} {
			for c := range all {
				if !add(c) {
					return
				}
			}
		}
		if len(piece) > 0 {
			yield(piece)
		}
	}
}

func listed(l List) Change { return Listed{List: l} }

func linked(l Link) Change { return Linked{Link: l} }

func each[T Change](values []T) iter.Seq[Change] {
	return eachOf(values, func(v T) Change { return v })
}

func eachOf[T any](values []T, change func(T) Change) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for _, v := range values {
			if !yield(change(v)) {
				return
			}
		}
	}
}
