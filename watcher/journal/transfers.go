package journal

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

const transferColumns = `sequence, id, connection, company, domain, scope, name, size, sha256, identity, mod_time,
  records, created_at, state, origin, path, from_path, file_id, upload_url, tracking_url, result_url, creations, remote_status,
  progress, result_state, result_path, refused_records, problem, cause, flags, attempts, strikes, next_attempt, sent_at, ended_at,
  updated_at`

const selectTransfers = "SELECT " + transferColumns + " FROM transfers "

// Transfer gives one transfer.
func (j *Journal) Transfer(ctx context.Context, id string) (Transfer, error) {
	return one(ctx, j, scanTransfer, selectTransfers+"WHERE id = ?", id)
}

// Next gives what a lane has to do: what is in flight, due or not, before what is queued, ready and due at a moment;
// each in order, at most limit.
func (j *Journal) Next(ctx context.Context, connection, scope string, now time.Time, limit int) ([]Transfer, error) {
	flying, err := all(ctx, j, scanTransfer, selectFlying, connection, scope, limit)
	if err != nil || len(flying) == limit {
		return flying, err
	}
	ready, err := all(ctx, j, scanTransfer, selectReady, connection, scope, nanos(now), limit-len(flying))
	return append(flying, ready...), err
}

const (
	selectFlying = selectTransfers + `
	  WHERE connection = ? AND scope = ? AND phase = 2 AND phase <> 0 ORDER BY sequence LIMIT ?`
	selectReady = selectTransfers + `
	  WHERE connection = ? AND scope = ? AND phase = 1 AND phase <> 0 AND next_attempt <= ?
	  ORDER BY sequence LIMIT ?`
)

// Due tells when the first queued and ready transfer of a lane may be tried; zero when none waits.
func (j *Journal) Due(ctx context.Context, connection, scope string) (time.Time, error) {
	return one(ctx, j, func(r *sql.Rows) (time.Time, error) {
		var first sql.NullInt64
		err := r.Scan(&first)
		return moment(first.Int64), err
	}, `SELECT min(next_attempt) FROM transfers WHERE connection = ? AND scope = ? AND phase = 1 AND phase <> 0
	  AND next_attempt > 0`, connection, scope)
}

const (
	selectOpen = selectTransfers + `INDEXED BY transfers_open WHERE phase <> 0 AND sequence > ?1 ORDER BY sequence LIMIT ?2`
	// Two indexes, each of which has its part in order already. What is on its way is in the phases 1, 2 and 4.
	selectOpenOf = selectTransfers + `INDEXED BY transfers_heap WHERE bucket = 0 AND bucket < 2 AND company = ?1 AND sequence > ?2
	  UNION ALL ` + selectTransfers + `INDEXED BY transfers_owing WHERE phase IN (3, 5) AND company = ?1 AND sequence > ?2
	  ORDER BY sequence LIMIT ?3`
)

// Open gives every transfer of a company that is not closed, or with "" of all; in order of sequence, those after a
// sequence, at most limit.
func (j *Journal) Open(ctx context.Context, company string, after int64, limit int) ([]Transfer, error) {
	if company == "" {
		return all(ctx, j, scanTransfer, selectOpen, after, limit)
	}
	return all(ctx, j, scanTransfer, selectOpenOf, company, after, limit)
}

// Depth counts the transfers of a lane that are not closed, by phase.
func (j *Journal) Depth(ctx context.Context, connection, scope string) (map[Phase]int, error) {
	type count struct {
		phase Phase
		n     int
	}
	counts, err := all(ctx, j, func(r *sql.Rows) (c count, err error) {
		err = r.Scan(&c.phase, &c.n)
		return c, err
	}, "SELECT phase, count(*) FROM transfers WHERE phase <> 0 AND connection = ? AND scope = ? GROUP BY phase", connection, scope)
	depth := make(map[Phase]int, len(counts))
	for _, c := range counts {
		depth[c.phase] = c.n
	}
	return depth, err
}

// Heaps counts every company's transfers by bucket.
func (j *Journal) Heaps(ctx context.Context) (heaps map[string]map[Bucket]int, err error) {
	err = j.look(ctx, func(q querier) error {
		heaps, err = heapsOf(ctx, q)
		return err
	})
	return heaps, err
}

func heapsOf(ctx context.Context, q querier) (map[string]map[Bucket]int, error) {
	type count struct {
		company string
		bucket  Bucket
		n       int
	}
	counts, err := rows(ctx, q, func(r *sql.Rows) (c count, err error) {
		err = r.Scan(&c.company, &c.bucket, &c.n)
		return c, err
	}, "SELECT company, bucket, n FROM heaps")
	heaps := make(map[string]map[Bucket]int)
	for _, c := range counts {
		if heaps[c.company] == nil {
			heaps[c.company] = make(map[Bucket]int)
		}
		heaps[c.company][c.bucket] = c.n
	}
	return heaps, err
}

// Query selects transfers for a page of the history.
type Query struct {
	Company     string
	Scope       string
	States      []State
	Bucket      *Bucket
	Text        string    // part of the name; of History also of the number of one of its records
	Since       time.Time // created at or after; zero: from the beginning
	Until       time.Time // created before; zero: to the end
	Before      int64     // sequence: only older ones; 0 from the newest
	After       int64     // sequence: only newer ones, the oldest first
	OldestFirst bool
	Limit       int  // 0: all
	Count       bool // History is to count what fits
}

// Transfers gives a page, the newest first unless OldestFirst, forgotten ones too. It looks for as long as it takes: see
// History for what a person asks for.
func (j *Journal) Transfers(ctx context.Context, q Query) ([]Transfer, error) {
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		where = append(where, condition)
		args = append(args, values...)
	}
	if q.Company != "" {
		add("company = ?", q.Company)
	}
	if q.Scope != "" {
		add("scope = ?", q.Scope)
	}
	if len(q.States) > 0 {
		add("state IN (?" + strings.Repeat(", ?", len(q.States)-1) + ")")
		for _, s := range q.States {
			args = append(args, string(s))
		}
	}
	if q.Bucket != nil {
		add("bucket = ?", int(*q.Bucket))
		if *q.Bucket < Done {
			add("bucket < 2") // lets the small index of what is not done serve
		}
	}
	if q.Text != "" {
		add("instr(lower(name), lower(?)) > 0", q.Text)
	}
	if !q.Since.IsZero() {
		add("created_at >= ?", nanos(q.Since))
	}
	if !q.Until.IsZero() {
		add("created_at < ?", nanos(q.Until))
	}
	if q.Before > 0 {
		add("sequence < ?", q.Before)
	}
	if q.After > 0 {
		add("sequence > ?", q.After)
	}
	text := selectTransfers
	if len(where) > 0 {
		text += "WHERE " + strings.Join(where, " AND ")
	}
	text += " ORDER BY sequence"
	if !q.OldestFirst {
		text += " DESC"
	}
	if q.Limit > 0 {
		text += fmt.Sprintf(" LIMIT %d", q.Limit)
	}
	return all(ctx, j, scanTransfer, text, args...)
}

func scanTransfer(r *sql.Rows) (t Transfer, err error) {
	var modTime, created, next, sent, ended, updated int64
	var state, resultState string
	var progress sql.NullFloat64
	var problem, cause sql.NullString
	var bits int
	err = r.Scan(&t.Sequence, &t.ID, &t.Connection, &t.Company, &t.Domain, &t.Scope, &t.Name, &t.Size, &t.SHA256,
		&t.Identity, &modTime, &t.Records, &created, &state, &t.Origin, &t.Path, &t.From, &t.FileID, &t.UploadURL, &t.TrackingURL,
		&t.ResultURL, &t.Creations, &t.RemoteStatus, &progress, &resultState, &t.ResultPath, &t.RefusedRecords, &problem,
		&cause, &bits, &t.Attempts, &t.Strikes, &next, &sent, &ended, &updated)
	if err != nil {
		return t, err
	}
	t.State, t.ResultState = State(state), ResultState(resultState)
	t.ModTime, t.CreatedAt, t.NextAttempt = moment(modTime), moment(created), moment(next)
	t.SentAt, t.EndedAt, t.UpdatedAt = moment(sent), moment(ended), moment(updated)
	if progress.Valid {
		t.Progress = &progress.Float64
	}
	t.Doubt, t.Cleared = bits&flagDoubt != 0, bits&flagCleared != 0
	t.Unready, t.Dismissed = bits&flagUnready != 0, bits&flagDismissed != 0
	t.Barred, t.Forgotten = bits&flagBarred != 0, bits&flagForgotten != 0
	if t.Problem, err = decoded(problem); err != nil {
		return t, err
	}
	t.Cause, err = decoded(cause)
	return t, err
}
