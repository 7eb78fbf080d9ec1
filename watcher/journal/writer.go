package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
)

// batchLimit is how many changes may share a commit, so that nobody waits for a whole folder's.
const batchLimit = 2048

// request is one Put, all of whose changes become durable, or none; or one look, where the writer holds the only
// connection.
type request struct {
	changes []Change
	look    func(querier) error
	answer  chan error
}

// Put makes the changes durable, all or none, and returns when they are. Once handed over a request is carried out
// whatever becomes of ctx, so that nobody goes on in doubt; ctx only ends the wait for a place in the queue.
func (j *Journal) Put(ctx context.Context, changes ...Change) error {
	if len(changes) == 0 {
		return nil
	}
	if err := j.ask(ctx, request{changes: changes}); err != nil {
		return fmt.Errorf("write to the journal: %w", j.noticed(err))
	}
	return nil
}

// ask hands a request to the writer and waits for its answer.
func (j *Journal) ask(ctx context.Context, r request) error {
	r.answer = make(chan error, 1)
	select {
	case j.requests <- r:
		return <-r.answer
	case <-j.quit:
		return ErrClosed
	case <-j.done: // read-only
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// writeOn is the writer: it takes whatever waits, commits it at once, answers, until the journal is closed.
func (j *Journal) writeOn(s *statements) {
	defer close(j.done)
	defer s.close()
	var batch []request
	for {
		select {
		case first := <-j.requests:
			batch = j.gather(s, append(batch[:0], first))
			j.commit(s, batch)
			clear(batch)
		case <-j.quit:
			return
		}
	}
}

// gather takes what waits behind the first request. Looks are answered on the way: they see what is committed. Before it
// turns to the disk it lets those who can go on do so once: after a commit many have been answered at the same moment, and
// the first to come back would otherwise have a commit to itself while all others wait for the next. Where nobody else
// has anything to do that costs nothing.
func (j *Journal) gather(s *statements, batch []request) []request {
	changes, yielded := 0, false
	for r := batch[0]; ; {
		if r.look != nil {
			r.answer <- r.look(s.looks)
			batch = batch[:len(batch)-1]
		} else {
			changes += len(r.changes)
		}
		if changes >= batchLimit {
			return batch
		}
		var ok bool
		if r, ok = j.waiting(); !ok && !yielded {
			yielded = true
			runtime.Gosched()
			r, ok = j.waiting()
		}
		if !ok {
			return batch
		}
		batch = append(batch, r)
	}
}

// waiting takes a request that somebody waits to hand over.
func (j *Journal) waiting() (request, bool) {
	select {
	case r := <-j.requests:
		return r, true
	default:
		return request{}, false
	}
}

// commit makes a batch durable. Where it fails as a whole each request is tried alone, so that one that cannot be
// carried out spoils no other.
func (j *Journal) commit(s *statements, batch []request) {
	if len(batch) == 0 {
		return
	}
	err := j.transact(s, batch)
	if err != nil && len(batch) > 1 {
		for i := range batch {
			batch[i].answer <- j.transact(s, batch[i:i+1])
		}
		return
	}
	for i := range batch {
		batch[i].answer <- err
	}
}

func (j *Journal) transact(s *statements, batch []request) error {
	if err := s.begin(); err != nil {
		return sorted(err)
	}
	for _, r := range batch {
		for _, c := range r.changes {
			if err := s.apply(c); err != nil {
				return errors.Join(sorted(err), s.rollback())
			}
		}
	}
	if err := s.commit(); err != nil {
		return errors.Join(sorted(err), s.rollback())
	}
	j.commits.Add(1)
	if j.finder != nil {
		j.finder.committed(batch)
	}
	return nil
}

// statements are the writer's prepared statements on its one connection.
type statements struct {
	conn  *sql.Conn
	list  []*sql.Stmt
	looks *prepared // of those who look while the writer holds the only connection

	beginning, committing, rolling *sql.Stmt

	add, rewrite                        *sql.Stmt
	step                                [3]*sql.Stmt // for more and more of what may change
	putList, putWatermark, putLink      *sql.Stmt
	addRenewal, putSetting, dropSetting *sql.Stmt
	putNumbers, dropNumbers             *sql.Stmt
	forget, erase, dropOrphans          *sql.Stmt
	putExchanges, dropExchanges         *sql.Stmt
	eraseWatermarks, eraseLinks         *sql.Stmt
	eraseRenewals, eraseLists           *sql.Stmt
}

func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &statements{conn: conn, looks: &prepared{conn: conn, queries: make(map[string]*sql.Stmt)}}
	for _, want := range []struct {
		statement **sql.Stmt
		text      string
	}{
		{&s.beginning, "BEGIN IMMEDIATE"},
		{&s.committing, "COMMIT"},
		{&s.rolling, "ROLLBACK"},
		{&s.add, addTransfer},
		{&s.step[0], stepWithinPhase},
		{&s.step[1], stepWithinBucket},
		{&s.step[2], stepAnywhere},
		{&s.rewrite, rewriteTransfer},
		{&s.putList, putList},
		{&s.putWatermark, putWatermark},
		{&s.putLink, putLink},
		{&s.addRenewal, addRenewal},
		{&s.putSetting, putSetting},
		{&s.dropSetting, dropSetting},
		{&s.putNumbers, putNumbers},
		{&s.dropNumbers, dropNumbers},
		{&s.putExchanges, putExchanges},
		{&s.dropExchanges, dropExchanges},
		{&s.forget, forgetTransfers},
		{&s.erase, eraseTransfers},
		{&s.dropOrphans, dropOrphans},
		{&s.eraseWatermarks, eraseWatermarks},
		{&s.eraseLinks, eraseLinks},
		{&s.eraseRenewals, eraseRenewals},
		{&s.eraseLists, eraseLists},
	} {
		*want.statement, err = conn.PrepareContext(ctx, want.text) //nolint:sqlclosecheck // closed by close
		if err != nil {
			s.close()
			return nil, fmt.Errorf("prepare %q: %w", want.text, err)
		}
		s.list = append(s.list, *want.statement)
	}
	return s, nil
}

func (s *statements) close() {
	s.looks.close()
	for _, statement := range s.list {
		_ = statement.Close() // nothing to lose: every transaction has ended
	}
	_ = s.conn.Close()
}

// The transaction is begun by statement and not by database/sql, whose Tx would prepare each statement anew.
func (s *statements) begin() error    { return exec(s.beginning) }
func (s *statements) commit() error   { return exec(s.committing) }
func (s *statements) rollback() error { return exec(s.rolling) }

// exec runs without a caller's context: what is being written is not given up half-way.
func exec(statement *sql.Stmt, args ...any) error {
	_, err := statement.ExecContext(context.Background(), args...)
	return err
}
