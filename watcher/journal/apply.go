package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const addTransfer = `INSERT INTO transfers (
  sequence, id, connection, company, domain, scope, name, size, sha256, identity, mod_time, records, created_at,
  state, phase, bucket, origin, path, from_path, file_id, upload_url, tracking_url, result_url, creations, remote_status, progress,
  result_state, result_path, refused_records, problem, cause, flags, attempts, strikes, next_attempt, sent_at, ended_at, updated_at,
  timeline
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const steppedColumns = `
  state = ?, phase = ?, bucket = ?, origin = ?, path = ?, from_path = ?, file_id = ?, upload_url = ?, tracking_url = ?,
  result_url = ?, creations = ?, remote_status = ?, progress = ?, result_state = ?, result_path = ?, refused_records = ?,
  problem = ?, cause = ?, flags = ?, attempts = ?, strikes = ?, next_attempt = ?, sent_at = ?, ended_at = ?, updated_at = ?,
  timeline = CASE WHEN length(timeline) < 65536 THEN timeline || ? ELSE timeline END`

// A step leaves alone what identifies the transfer: SQLite then has four indexes less to look after.
const stepTransfer = `UPDATE transfers SET` + steppedColumns + ` WHERE sequence = ? AND id = ?`

const rewriteTransfer = `UPDATE transfers SET
  connection = ?, company = ?, domain = ?, scope = ?, name = ?, size = ?, sha256 = ?, identity = ?,
  mod_time = ?, records = ?, created_at = ?,` + steppedColumns + ` WHERE sequence = ? AND id = ?`

const putList = `INSERT OR REPLACE INTO lists (
  id, connection, company, scope, file_id, timestamp, path, changes, received_at, records, added, changed, removed, first,
  problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const putWatermark = `INSERT OR REPLACE INTO watermarks (connection, scope, file_id, timestamp, etag, checked_at)
  VALUES (?, ?, ?, ?, ?, ?)`

const putLink = `INSERT OR REPLACE INTO links (connection, key_state, since, renewed_at, checked_at, seen_at)
  VALUES (?, ?, ?, ?, ?, ?)`

const addRenewal = `INSERT INTO renewals (connection, at, kind, args) VALUES (?, ?, ?, ?)`

const putSetting = `INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)`

const dropSetting = `DELETE FROM settings WHERE key = ?`

// apply carries one change out inside the running transaction.
func (s *statements) apply(c Change) error {
	switch c := c.(type) {
	case Added:
		t := &c.Transfer
		args := append([]any{t.Sequence, t.ID}, identifying(t)...)
		if err := exec(s.add, append(args, stepping(t, c.Entries)...)...); err != nil {
			return fmt.Errorf("add transfer %s: %w", t.ID, err)
		}
		return nil
	case Stepped:
		return s.one(s.step, &c.Transfer, stepping(&c.Transfer, c.Entries))
	case Rewritten:
		return s.one(s.rewrite, &c.Transfer, append(identifying(&c.Transfer), stepping(&c.Transfer, c.Entries)...))
	case Listed:
		l := &c.List
		return exec(s.putList, l.ID, l.Connection, l.Company, l.Scope, l.FileID, nanos(l.Timestamp), l.Path, l.Changes,
			nanos(l.ReceivedAt), l.Records, l.Added, l.Changed, l.Removed, l.First, encoded(l.Problem))
	case Marked:
		w := &c.Watermark
		return exec(s.putWatermark, w.Connection, w.Scope, w.FileID, nanos(w.Timestamp), w.ETag, nanos(w.CheckedAt))
	case Linked:
		l := &c.Link
		return exec(s.putLink, l.Connection, l.KeyState, nanos(l.Since), nanos(l.RenewedAt), nanos(l.CheckedAt), nanos(l.SeenAt))
	case Renewed:
		return exec(s.addRenewal, c.Connection, nanos(c.Entry.At), c.Entry.Kind, arguments(c.Entry.Args))
	case Setting:
		if c.Value == "" {
			return exec(s.dropSetting, c.Key)
		}
		return exec(s.putSetting, c.Key, c.Value)
	}
	return fmt.Errorf("no such change: %T", c)
}

// one changes exactly one transfer; none at all would be a caller's mistake that must not pass for a durable step.
func (s *statements) one(statement *sql.Stmt, t *Transfer, args []any) error {
	result, err := statement.ExecContext(context.Background(), append(args, t.Sequence, t.ID)...)
	if err != nil {
		return fmt.Errorf("change transfer %s: %w", t.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("change transfer %s: %w", t.ID, ErrNotFound)
	}
	return nil
}

func identifying(t *Transfer) []any {
	return []any{
		t.Connection, t.Company, t.Domain, t.Scope, t.Name, t.Size, t.SHA256, t.Identity, nanos(t.ModTime),
		t.Records, nanos(t.CreatedAt),
	}
}

func stepping(t *Transfer, entries []Entry) []any {
	var progress any
	if t.Progress != nil {
		progress = *t.Progress
	}
	return []any{
		string(t.State), int(t.Phase()), int(t.Bucket()), t.Origin, t.Path, t.From, t.FileID, t.UploadURL, t.TrackingURL,
		t.ResultURL, t.Creations, t.RemoteStatus, progress, string(t.ResultState), t.ResultPath, t.RefusedRecords,
		encoded(t.Problem), encoded(t.Cause), flags(t), t.Attempts, t.Strikes, nanos(t.NextAttempt), nanos(t.SentAt), nanos(t.EndedAt),
		nanos(t.UpdatedAt), lines(entries),
	}
}

// The bits of the column flags.
const (
	flagDoubt = 1 << iota
	flagCleared
	flagUnready
	flagDismissed
	flagBarred
)

func flags(t *Transfer) (bits int) {
	for _, f := range []struct {
		set bool
		bit int
	}{
		{t.Doubt, flagDoubt},
		{t.Cleared, flagCleared},
		{t.Unready, flagUnready},
		{t.Dismissed, flagDismissed},
		{t.Barred, flagBarred},
	} {
		if f.set {
			bits |= f.bit
		}
	}
	return bits
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

func encoded(p *Problem) any {
	if p == nil {
		return nil
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic("journal: strings that do not encode: " + err.Error())
	}
	return string(text)
}

// line is an entry as it is kept.
type line struct {
	At   int64             `json:"at"` // nanoseconds since 1970
	Kind string            `json:"kind"`
	Args map[string]string `json:"args,omitempty"`
}

// lines is what entries add to a timeline.
func lines(entries []Entry) string {
	var text strings.Builder
	for _, e := range entries {
		written, err := json.Marshal(line{nanos(e.At), e.Kind, e.Args})
		if err != nil {
			panic("journal: strings that do not encode: " + err.Error())
		}
		text.Write(written)
		text.WriteByte('\n')
	}
	return text.String()
}

func arguments(args map[string]string) any {
	if len(args) == 0 {
		return nil
	}
	text, err := json.Marshal(args)
	if err != nil {
		panic("journal: strings that do not encode: " + err.Error())
	}
	return string(text)
}
