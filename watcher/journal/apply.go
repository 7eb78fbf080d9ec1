package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The parameters of all four statements are those of parameters; which of them a statement uses is its own matter.

const addTransfer = `INSERT INTO transfers (
  sequence, id, phase, bucket, state, origin, path, from_path, file_id, upload_url, tracking_url, result_url, creations,
  remote_status, progress, result_state, result_path, refused_records, problem, cause, flags, attempts, strikes, next_attempt,
  sent_at, ended_at, updated_at, timeline, connection, company, domain, scope, name, size, sha256, identity, mod_time, records,
  created_at
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25,
  ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39)`

const steppedColumns = `
  state = ?5, origin = ?6, path = ?7, from_path = ?8, file_id = ?9, upload_url = ?10, tracking_url = ?11, result_url = ?12,
  creations = ?13, remote_status = ?14, progress = ?15, result_state = ?16, result_path = ?17, refused_records = ?18,
  problem = ?19, cause = ?20, flags = ?21, attempts = ?22, strikes = ?23, next_attempt = ?24, sent_at = ?25, ended_at = ?26,
  updated_at = ?27, timeline = CASE WHEN length(timeline) < 65536 THEN timeline || ?28 ELSE timeline END`

// A step leaves alone what identifies the transfer, and where it can its phase and its bucket too: SQLite writes every index
// anew whose columns are named, changed or not, and each is a page more in the log. The next of the three is for a step that
// the one before does not fit.
const (
	stepWithinPhase  = `UPDATE transfers SET` + steppedColumns + ` WHERE sequence = ?1 AND id = ?2 AND phase = ?3 AND bucket = ?4`
	stepWithinBucket = `UPDATE transfers SET phase = ?3,` + steppedColumns + ` WHERE sequence = ?1 AND id = ?2 AND bucket = ?4`
	stepAnywhere     = `UPDATE transfers SET phase = ?3, bucket = ?4,` + steppedColumns + ` WHERE sequence = ?1 AND id = ?2`
)

const rewriteTransfer = `UPDATE transfers SET phase = ?3, bucket = ?4, connection = ?29, company = ?30, domain = ?31, scope = ?32,
  name = ?33, size = ?34, sha256 = ?35, identity = ?36, mod_time = ?37, records = ?38, created_at = ?39,` + steppedColumns + `
  WHERE sequence = ?1 AND id = ?2`

// What is in a file is bounded, and a file without numbers has no row.
const (
	putNumbers  = `INSERT OR REPLACE INTO numbers (sequence, numbers) VALUES (?, ?)`
	dropNumbers = `DELETE FROM numbers WHERE sequence IN (SELECT value FROM json_each(?1))`
)

// flagForgotten is the 32 below.
const (
	forgetTransfers = `UPDATE transfers SET bucket = 3, flags = flags | 32, from_path = '', origin = '', file_id = '', upload_url = '',
	  tracking_url = '', result_url = '', result_path = '', remote_status = '', problem = NULL, cause = NULL, timeline = ''
	  WHERE sequence IN (SELECT value FROM json_each(?1)) AND phase = 0 AND bucket = 2`
	eraseTransfers = `DELETE FROM transfers WHERE sequence IN (SELECT value FROM json_each(?1)) AND phase = 0 AND bucket IN (2, 3)
	  AND sequence < (SELECT max(sequence) FROM transfers)`
	dropOrphans = `DELETE FROM numbers WHERE sequence IN (SELECT value FROM json_each(?1))
	  AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.sequence = numbers.sequence AND t.bucket < 3)`
)

const putList = `INSERT OR REPLACE INTO lists (
  id, connection, company, scope, file_id, timestamp, path, changes, received_at, records, added, changed, removed, first,
  problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const putWatermark = `INSERT OR REPLACE INTO watermarks (connection, scope, file_id, timestamp, etag, checked_at)
  VALUES (?, ?, ?, ?, ?, ?)`

const putLink = `INSERT OR REPLACE INTO links (connection, key_state, since, renewed_at, checked_at, seen_at)
  VALUES (?, ?, ?, ?, ?, ?)`

const addRenewal = `INSERT INTO renewals (connection, at, kind, args) VALUES (?, ?, ?, ?)`

const putSetting = `INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)`

// What a connection that is gone leaves.
const (
	eraseWatermarks = `DELETE FROM watermarks WHERE connection IN (SELECT value FROM json_each(?1))`
	eraseLinks      = `DELETE FROM links WHERE connection IN (SELECT value FROM json_each(?1))`
	eraseRenewals   = `DELETE FROM renewals WHERE connection IN (SELECT value FROM json_each(?1))`
	eraseLists      = `DELETE FROM lists WHERE company = ?1`
)

const dropSetting = `DELETE FROM settings WHERE key = ?`

// apply carries one change out inside the running transaction.
func (s *statements) apply(c Change) error {
	switch c := c.(type) {
	case Added:
		if err := exec(s.add, parameters(&c.Transfer, c.Entries)...); err != nil {
			return fmt.Errorf("add transfer %s: %w", c.Transfer.ID, err)
		}
		return s.number(c.Transfer.Sequence, c.Numbers, false)
	case Stepped:
		return change(&c.Transfer, c.Entries, s.stepsFor(&c.Transfer)...)
	case Rewritten:
		if err := change(&c.Transfer, c.Entries, s.rewrite); err != nil || c.Numbers == nil {
			return err
		}
		return s.number(c.Transfer.Sequence, c.Numbers, true)
	case Forgotten:
		return forEach(c.Sequences, s.forget, s.dropOrphans, s.dropExchanges)
	case Erased:
		return forEach(c.Sequences, s.erase, s.dropOrphans)
	case Exchanged:
		return exec(s.putExchanges, c.Sequence, exchangeLines(c.Exchanges))
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
	case Severed:
		return forEach(c.Connections, s.eraseWatermarks, s.eraseLinks, s.eraseRenewals)
	case Unlisted:
		return exec(s.eraseLists, c.Company)
	case Setting:
		if c.Value == "" {
			return exec(s.dropSetting, c.Key)
		}
		return exec(s.putSetting, c.Key, c.Value)
	}
	return fmt.Errorf("no such change: %T", c)
}

// number keeps the numbers of a file's records; before says that there may be other ones.
func (s *statements) number(sequence int64, numbers []string, before bool) error {
	text := folded(numbers)
	switch {
	case text != "":
		return exec(s.putNumbers, sequence, text)
	case before:
		return exec(s.dropNumbers, fmt.Sprintf("[%d]", sequence))
	}
	return nil
}

// forEach runs statements for some sequences or connections, one after the other.
func forEach[ID int64 | string](ids []ID, statements ...*sql.Stmt) error {
	wanted, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if err := exec(statement, string(wanted)); err != nil {
			return err
		}
	}
	return nil
}

// stepsFor gives the statements for a step, the cheapest that may fit first.
func (s *statements) stepsFor(t *Transfer) []*sql.Stmt {
	switch {
	case t.State == Claimed:
		return s.step[1:]
	case t.State.InFlight():
		return s.step[:]
	}
	return s.step[2:]
}

// change changes exactly one transfer, by the first statement that fits; none at all would be a caller's mistake that must
// not pass for a durable step.
func change(t *Transfer, entries []Entry, statements ...*sql.Stmt) error {
	args := parameters(t, entries)
	for _, statement := range statements {
		result, err := statement.ExecContext(context.Background(), args...)
		if err != nil {
			return fmt.Errorf("change transfer %s: %w", t.ID, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 1 {
			return err
		}
	}
	return fmt.Errorf("change transfer %s: %w", t.ID, ErrNotFound)
}

// parameters are those of the statements for transfers.
func parameters(t *Transfer, entries []Entry) []any {
	var progress any
	if t.Progress != nil {
		progress = *t.Progress
	}
	return []any{
		t.Sequence, t.ID, int(t.Phase()), int(t.Bucket()),
		string(t.State), t.Origin, t.Path, t.From, t.FileID, t.UploadURL, t.TrackingURL, t.ResultURL,
		t.Creations, t.RemoteStatus, progress, string(t.ResultState), t.ResultPath, t.RefusedRecords,
		encoded(t.Problem), encoded(t.Cause), flags(t), t.Attempts, t.Strikes, nanos(t.NextAttempt), nanos(t.SentAt), nanos(t.EndedAt),
		nanos(t.UpdatedAt), lines(entries),
		t.Connection, t.Company, t.Domain, t.Scope, t.Name, t.Size, t.SHA256, t.Identity, nanos(t.ModTime), t.Records, nanos(t.CreatedAt),
	}
}

// The bits of the column flags.
const (
	flagDoubt = 1 << iota
	flagCleared
	flagUnready
	flagDismissed
	flagBarred
	flagForgotten
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
		{t.Forgotten, flagForgotten},
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
