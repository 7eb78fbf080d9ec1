package simulation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
	"postroom/watcher/simulation/gate"
)

// databases numbers the memdbs of this process: each run has one of its own.
var databases atomic.Int64

// record is a database that outlives the engine's lives, and what was committed to it.
type record struct {
	gate   *gate.Gate
	dsn    string
	anchor *sql.DB
	heard  func(was, is *journal.Transfer) // of every transfer that was committed; was is nil for a new one

	mu        sync.Mutex // guards the rest
	faults    faults
	transfers map[string]*journal.Transfer
	order     []string        // their IDs, as they came
	lists     map[string]bool // where versions of lists lie that are written down, with their company
}

func newRecord(g *gate.Gate) (*record, error) {
	r := &record{gate: g, dsn: fmt.Sprintf("file:/simulation%d?vfs=memdb", databases.Add(1)), transfers: make(map[string]*journal.Transfer), lists: make(map[string]bool)}
	anchor, err := sql.Open("sqlite", r.dsn)
	if err != nil {
		return nil, err
	}
	anchor.SetMaxOpenConns(1)
	r.anchor = anchor
	return r, anchor.Ping()
}

// setFaults says what goes wrong from now on: "journal.full" finds no room for a commit, "journal.readFails" fails a query.
func (r *record) setFaults(f faults) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = f
}

// hit draws whether an effect comes to a fault.
func (r *record) hit(kind string, e gate.Effect) bool {
	r.mu.Lock()
	oneIn := r.faults[kind]
	r.mu.Unlock()
	if !r.gate.Chance(oneIn) {
		return false
	}
	r.gate.Count(kind)
	r.gate.Note("journal", e.Operation+" "+e.Path, kind)
	return true
}

func (r *record) close() error { return r.anchor.Close() }

// open is the engine's door for one life.
func (r *record) open(ctx context.Context, p *gate.Process) (watcher.Journal, error) {
	e := gate.Effect{Operation: "journal.open"}
	if err := p.Pass(e); err != nil {
		return nil, err
	}
	j, err := journal.Open(ctx, "", journal.Options{DSN: r.dsn})
	if err == nil {
		if err = p.Done(e); err != nil {
			_ = j.Close()
		}
	}
	if err != nil {
		return nil, err
	}
	return &mortalJournal{Journal: j, record: r, process: p}, nil
}

// mortalJournal is the journal as one life of the engine sees it.
type mortalJournal struct {
	watcher.Journal
	record  *record
	process *gate.Process
}

// Put commits at the gate.
func (m *mortalJournal) Put(ctx context.Context, changes ...journal.Change) error {
	e := gate.Effect{Operation: "journal.put", Path: about(changes)}
	if err := m.process.Pass(e); err != nil {
		return ended(err)
	}
	if m.record.hit("journal.full", e) {
		return fmt.Errorf("write to the journal: %w", journal.ErrFull)
	}
	if err := m.Journal.Put(context.WithoutCancel(ctx), changes...); err != nil {
		return err
	}
	m.record.committed(changes)
	return ended(m.process.Done(e))
}

// ended is what a call on the journal of a process comes to that is dead.
func ended(err error) error {
	if errors.Is(err, gate.ErrDead) {
		return errors.Join(journal.ErrClosed, err)
	}
	return err
}

// about names what a commit is about, for the trace.
func about(changes []journal.Change) string {
	text := ""
	for _, c := range changes {
		switch c := c.(type) {
		case journal.Added:
			text += "add " + c.Transfer.ID + " " + c.Transfer.Name + " " + string(c.Transfer.State) + ";"
		case journal.Stepped:
			text += "step " + c.Transfer.ID + " " + string(c.Transfer.State) + " " + c.Transfer.Lies() + ">" + c.Transfer.Path + ";"
		case journal.Rewritten:
			text += "rewrite " + c.Transfer.ID + " " + string(c.Transfer.State) + " " + c.Transfer.Lies() + ">" + c.Transfer.Path + ";"
		case journal.Listed:
			text += "list " + c.List.Scope + " " + c.List.Path + ";"
		case journal.Marked:
			text += "mark " + c.Watermark.Connection + " " + c.Watermark.Scope + ";"
		case journal.Linked:
			text += "link " + c.Link.Connection + " " + c.Link.KeyState + ";"
		case journal.Renewed:
			text += "renewed " + c.Connection + " " + c.Entry.Kind + ";"
		case journal.Setting:
			text += "setting " + c.Key + ";"
		}
	}
	return text
}

// committed takes over what is durable now.
func (r *record) committed(changes []journal.Change) {
	for _, c := range changes {
		switch c := c.(type) {
		case journal.Added:
			r.keep(c.Transfer)
		case journal.Rewritten:
			r.keep(c.Transfer)
		case journal.Stepped:
			r.keep(c.Transfer)
		case journal.Listed:
			r.mu.Lock()
			r.lists[filepath.Join(c.List.Company, c.List.Path)] = true
			r.mu.Unlock()
		}
	}
}

// listed tells whether a version of a company's list is written down.
func (r *record) listed(company, path string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lists[filepath.Join(company, path)]
}

func (r *record) keep(t journal.Transfer) {
	r.mu.Lock()
	was := r.transfers[t.ID]
	if was == nil {
		r.order = append(r.order, t.ID)
	}
	r.transfers[t.ID] = &t
	r.mu.Unlock()
	if r.heard != nil {
		r.heard(was, &t)
	}
}

// all gives every committed transfer, in the order of their coming.
func (r *record) all() []journal.Transfer {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := make([]journal.Transfer, 0, len(r.order))
	for _, id := range r.order {
		found = append(found, *r.transfers[id])
	}
	slices.SortStableFunc(found, func(a, b journal.Transfer) int { return int(a.Sequence - b.Sequence) })
	return found
}

// read lets a query through.
func read[T any](m *mortalJournal, what string, query func() (T, error)) (T, error) {
	e := gate.Effect{Operation: "journal.read", Path: what}
	var found T
	if err := m.process.Pass(e); err != nil {
		return found, ended(err)
	}
	if m.record.hit("journal.readFails", e) {
		return found, errors.New("read the journal: input/output error")
	}
	found, err := query()
	if dead := m.process.Done(e); dead != nil {
		err = ended(dead)
	}
	return found, err
}

func (m *mortalJournal) Transfer(ctx context.Context, id string) (journal.Transfer, error) {
	return read(m, "transfer "+id, func() (journal.Transfer, error) { return m.Journal.Transfer(ctx, id) })
}

func (m *mortalJournal) Transfers(ctx context.Context, q journal.Query) ([]journal.Transfer, error) {
	return read(m, "transfers", func() ([]journal.Transfer, error) { return m.Journal.Transfers(ctx, q) })
}

func (m *mortalJournal) Next(ctx context.Context, connection, scope string, now time.Time, limit int) ([]journal.Transfer, error) {
	return read(m, "next "+connection+" "+scope, func() ([]journal.Transfer, error) {
		return m.Journal.Next(ctx, connection, scope, now, limit)
	})
}

func (m *mortalJournal) Due(ctx context.Context, connection, scope string) (time.Time, error) {
	return read(m, "due "+connection+" "+scope, func() (time.Time, error) { return m.Journal.Due(ctx, connection, scope) })
}

func (m *mortalJournal) Open(ctx context.Context, company string, after int64, limit int) ([]journal.Transfer, error) {
	return read(m, "open "+company, func() ([]journal.Transfer, error) { return m.Journal.Open(ctx, company, after, limit) })
}

func (m *mortalJournal) Same(ctx context.Context, company string, since time.Time, sha256 ...string) ([]journal.Transfer, error) {
	return read(m, "same "+company+" "+strings.Join(sha256, " "), func() ([]journal.Transfer, error) {
		return m.Journal.Same(ctx, company, since, sha256...)
	})
}

func (m *mortalJournal) Watermark(ctx context.Context, connection, scope string) (journal.Watermark, error) {
	return read(m, "watermark "+connection+" "+scope, func() (journal.Watermark, error) { return m.Journal.Watermark(ctx, connection, scope) })
}

func (m *mortalJournal) NewestList(ctx context.Context, connection, company, scope string) (journal.List, error) {
	return read(m, "newest "+connection+" "+scope, func() (journal.List, error) { return m.Journal.NewestList(ctx, connection, company, scope) })
}

func (m *mortalJournal) Links(ctx context.Context) ([]journal.Link, error) {
	return read(m, "links", func() ([]journal.Link, error) { return m.Journal.Links(ctx) })
}

func (m *mortalJournal) Settings(ctx context.Context) (map[string]string, error) {
	return read(m, "settings", func() (map[string]string, error) { return m.Journal.Settings(ctx) })
}
