package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// querier is a pool of connections, or the writer's own.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// look runs a query where queries run.
func (j *Journal) look(ctx context.Context, f func(querier) error) error {
	var err error
	if j.read != nil {
		err = f(j.read)
	} else {
		err = j.ask(ctx, request{look: f})
	}
	if err != nil {
		return fmt.Errorf("read the journal: %w", j.noticed(sorted(err)))
	}
	return nil
}

// prepared is a connection on which each query is prepared once. One goroutine at a time uses it.
type prepared struct {
	conn    *sql.Conn
	queries map[string]*sql.Stmt
}

// QueryContext runs a query.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	statement := p.queries[query]
	if statement == nil {
		if len(p.queries) >= mostPrepared {
			p.close()
		}
		var err error
		if statement, err = p.conn.PrepareContext(context.WithoutCancel(ctx), query); err != nil { //nolint:sqlclosecheck // closed by close
			return nil, err
		}
		p.queries[query] = statement
	}
	return statement.QueryContext(ctx, args...)
}

// mostPrepared bounds what is kept: a person's search makes queries of many forms.
const mostPrepared = 64

func (p *prepared) close() {
	for _, statement := range p.queries {
		_ = statement.Close() // nothing to lose
	}
	clear(p.queries)
}

// all reads every row of a query.
func all[T any](ctx context.Context, j *Journal, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	var found []T
	err := j.look(ctx, func(q querier) (err error) {
		found, err = rows(ctx, q, scan, query, args...)
		return err
	})
	return found, err
}

func rows[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) (found []T, err error) {
	result, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	for result.Next() {
		v, err := scan(result)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, result.Err()
}

// among reads the rows of a query over some sequences, given as its first parameter.
func among[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, sequences []int64) ([]T, error) {
	wanted, err := json.Marshal(sequences)
	if err != nil {
		return nil, err
	}
	return rows(ctx, q, scan, query, string(wanted))
}

// one reads the first row of a query, ErrNotFound when there is none.
func one[T any](ctx context.Context, j *Journal, scan func(*sql.Rows) (T, error), query string, args ...any) (T, error) {
	found, err := all(ctx, j, scan, query, args...)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

// Settings gives every value of the engine's own.
func (j *Journal) Settings(ctx context.Context) (map[string]string, error) {
	pairs, err := all(ctx, j, func(r *sql.Rows) (p [2]string, err error) {
		err = r.Scan(&p[0], &p[1])
		return p, err
	}, "SELECT key, value FROM settings")
	values := make(map[string]string, len(pairs))
	for _, p := range pairs {
		values[p[0]] = p[1]
	}
	return values, err
}

// Links gives what is known of every connection.
func (j *Journal) Links(ctx context.Context) ([]Link, error) {
	return all(ctx, j, scanLink, selectLinks)
}

const selectLinks = "SELECT connection, key_state, since, renewed_at, checked_at, seen_at FROM links ORDER BY connection"

func scanLink(r *sql.Rows) (l Link, err error) {
	var since, renewed, checked, seen int64
	err = r.Scan(&l.Connection, &l.KeyState, &since, &renewed, &checked, &seen)
	l.Since, l.RenewedAt, l.CheckedAt, l.SeenAt = moment(since), moment(renewed), moment(checked), moment(seen)
	return l, err
}

// Renewals gives a connection's timeline, the newest line first, at most limit.
func (j *Journal) Renewals(ctx context.Context, connection string, limit int) ([]Entry, error) {
	return all(ctx, j, scanEntry, "SELECT at, kind, args FROM renewals WHERE connection = ? ORDER BY n DESC LIMIT ?",
		connection, limit)
}

// Timeline gives a transfer's timeline, the oldest line first.
func (j *Journal) Timeline(ctx context.Context, sequence int64) ([]Entry, error) {
	text, err := one(ctx, j, func(r *sql.Rows) (text string, err error) {
		err = r.Scan(&text)
		return text, err
	}, "SELECT timeline FROM transfers WHERE sequence = ?", sequence)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for written := range strings.Lines(text) {
		var l line
		if err := json.Unmarshal([]byte(written), &l); err != nil {
			return entries, fmt.Errorf("read the journal: timeline %d: %w", sequence, err)
		}
		entries = append(entries, Entry{At: moment(l.At), Kind: l.Kind, Args: l.Args})
	}
	return entries, nil
}

func scanEntry(r *sql.Rows) (e Entry, err error) {
	var at int64
	var args sql.NullString
	if err := r.Scan(&at, &e.Kind, &args); err != nil {
		return e, err
	}
	e.At = moment(at)
	if args.Valid {
		err = json.Unmarshal([]byte(args.String), &e.Args)
	}
	return e, err
}

// Watermark gives how far the polling of a list is; a list never looked for has a zero one.
func (j *Journal) Watermark(ctx context.Context, connection, scope string) (Watermark, error) {
	w, err := one(ctx, j, func(r *sql.Rows) (w Watermark, err error) {
		var stamp, checked int64
		err = r.Scan(&w.FileID, &stamp, &w.ETag, &checked)
		w.Timestamp, w.CheckedAt = moment(stamp), moment(checked)
		return w, err
	}, "SELECT file_id, timestamp, etag, checked_at FROM watermarks WHERE connection = ? AND scope = ?", connection, scope)
	w.Connection, w.Scope = connection, scope
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return w, err
}

const listColumns = `id, connection, company, scope, file_id, timestamp, path, changes, received_at, records, added,
  changed, removed, first, problem`

// Lists gives the lists received, the newest first: of one company, or of all with "". At most limit, 0 means all.
func (j *Journal) Lists(ctx context.Context, company string, limit int) ([]List, error) {
	if limit == 0 {
		limit = -1
	}
	if company == "" {
		return all(ctx, j, scanList, "SELECT "+listColumns+" FROM lists ORDER BY id DESC LIMIT ?", limit)
	}
	return all(ctx, j, scanList, "SELECT "+listColumns+" FROM lists WHERE company = ? ORDER BY id DESC LIMIT ?", company, limit)
}

// List gives one list.
func (j *Journal) List(ctx context.Context, id string) (List, error) {
	return one(ctx, j, scanList, "SELECT "+listColumns+" FROM lists WHERE id = ?", id)
}

// NewestList gives the list received last of a connection's scope; one with an empty ID when there is none.
func (j *Journal) NewestList(ctx context.Context, connection, company, scope string) (List, error) {
	l, err := one(ctx, j, scanList, "SELECT "+listColumns+` FROM lists
	  WHERE company = ? AND connection = ? AND scope = ? ORDER BY id DESC LIMIT 1`, company, connection, scope)
	if errors.Is(err, ErrNotFound) {
		return List{}, nil
	}
	return l, err
}

func scanList(r *sql.Rows) (l List, err error) {
	var stamp, received int64
	var problem sql.NullString
	err = r.Scan(&l.ID, &l.Connection, &l.Company, &l.Scope, &l.FileID, &stamp, &l.Path, &l.Changes, &received, &l.Records,
		&l.Added, &l.Changed, &l.Removed, &l.First, &problem)
	if err != nil {
		return l, err
	}
	l.Timestamp, l.ReceivedAt = moment(stamp), moment(received)
	l.Problem, err = decoded(problem)
	return l, err
}

func decoded(text sql.NullString) (*Problem, error) {
	if !text.Valid {
		return nil, nil
	}
	p := &Problem{}
	if err := json.Unmarshal([]byte(text.String), p); err != nil {
		return nil, fmt.Errorf("decode problem: %w", err)
	}
	return p, nil
}

// AcceptedSince counts transfers accepted at or after a moment.
func (j *Journal) AcceptedSince(ctx context.Context, since time.Time) (int, error) {
	return one(ctx, j, scanInt, "SELECT count(*) FROM transfers WHERE state = 'accepted' AND ended_at >= ?", nanos(since))
}

func scanInt(r *sql.Rows) (n int, err error) {
	err = r.Scan(&n)
	return n, err
}
