package watcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"postroom/sage"
	"postroom/watcher/courier"
	"postroom/watcher/disk"
	"postroom/watcher/inbox"
	"postroom/watcher/journal"
)

// atOnce is how many results of one connection are fetched side by side.
const atOnce = 4

// results fetches the results of one connection's files, beside their lanes: a final word frees the lane, its result
// may come later.
type results struct {
	link   *link
	agenda *agenda
	names  *disk.Names
}

func newResults(l *link) *results {
	return &results{link: l, agenda: newAgenda(), names: disk.NewNames(l.e.fs)}
}

// await begins to look for the result of a file that has just ended. One whose address is known is fetched at once.
func (r *results) await(t *journal.Transfer) {
	first := time.Duration(0)
	if t.ResultURL == "" {
		first = r.pause(t)
	}
	r.agenda.add(t.ID, first)
}

// pause is the time until the next look for a result: as long as the file's end lies back, so that looks become ever
// rarer without anything having to be remembered of them.
func (r *results) pause(t *journal.Transfer) time.Duration {
	first, most := soonest*r.link.profile.TrackFirst, r.link.profile.TrackMost
	pause := min(max(r.link.e.now().Sub(t.EndedAt), first), max(most, first))
	return pause - time.Duration(r.link.e.options.Random()*float64(pause)/4)
}

// soonest is after how many of the profile's first pauses a result that did not come with the final word is looked for.
const soonest = 3

// run fetches what is due until ctx ends.
func (r *results) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce + 1)
	group.Go(func() error {
		for {
			id, err := r.agenda.next(ctx)
			if err != nil {
				return err
			}
			group.Go(func() error {
				r.attend(ctx, id)
				return nil
			})
		}
	})
	return group.Wait()
}

// attend looks for one result, and puts it on the agenda again if there is none yet.
func (r *results) attend(ctx context.Context, id string) {
	again, err := r.look(ctx, id)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		r.link.e.log.Warn("a result was not fetched", "transfer", id, "error", err)
		r.agenda.add(id, max(again, tryAgain))
	case again > 0:
		r.agenda.add(id, again)
	}
}

// look makes one look for a result and says after what time the next is due; 0 when the search has ended. It does not
// hold the transfer while it asks the platform: a person may have it meanwhile.
func (r *results) look(ctx context.Context, id string) (time.Duration, error) {
	e := r.link.e
	t, err := e.journal.Transfer(ctx, id)
	if err != nil || t.ResultState != journal.ResultAwaited {
		return 0, err
	}
	if r.link.company.stopped() != nil || r.link.company.lowRoom() != nil {
		return tryAgain, nil
	}
	if t.ResultURL == "" {
		found, again, err := r.find(ctx, &t)
		if !found || err != nil {
			return again, err
		}
	}
	return r.fetch(ctx, t)
}

// find asks tracking for the result's address.
func (r *results) find(ctx context.Context, t *journal.Transfer) (found bool, again time.Duration, err error) {
	leave, err := r.link.admit(ctx, nil)
	if err != nil {
		return false, 0, err
	}
	word, err := r.link.session.Track(r.link.e.traffic.watched(ctx, t), t.TrackingURL)
	failure := r.judge(ctx, err, leave)
	switch {
	case err == nil && word.ResultURL != "":
		t.ResultURL = word.ResultURL
		return true, 0, nil
	case err == nil, failure.Kind == courier.Vanished, failure.Kind == courier.Refusal, failure.Kind == courier.Foreign:
		again, err = r.later(ctx, t, true)
	default:
		again, err = r.later(ctx, t, false)
	}
	return false, again, err
}

func (r *results) judge(ctx context.Context, err error, leave func(courier.Failure)) courier.Failure {
	var f courier.Failure
	if err != nil {
		f = courier.Judge(ctx, err)
	}
	leave(f)
	return f
}

// later puts the next look off. Once the profile's time is over a definite answer that there is nothing ends the search;
// a network that is down does not.
func (r *results) later(ctx context.Context, t *journal.Transfer, definite bool) (time.Duration, error) {
	now, pause := r.link.e.now(), r.pause(t)
	over := t.EndedAt.Add(r.link.profile.ResultWait)
	if definite && !now.Before(over) {
		return 0, r.note(ctx, t.ID, func(t *journal.Transfer) []journal.Entry {
			t.ResultState, t.ResultURL = journal.ResultNotFound, ""
			return []journal.Entry{{At: now.UTC(), Kind: "resultMissing"}}
		})
	}
	if left := over.Sub(now); definite && left > 0 {
		pause = min(pause, left+time.Second) // so that the last look comes when the time is over
	}
	return pause, nil
}

// fetch lays a result down. Where it will lie is in the journal before.
func (r *results) fetch(ctx context.Context, t journal.Transfer) (time.Duration, error) {
	if t.ResultPath == "" {
		t.ResultPath = path.Join(inbox.Results, resultName(&t))
	}
	for {
		if err := r.note(ctx, t.ID, func(record *journal.Transfer) []journal.Entry {
			record.ResultURL, record.ResultPath = t.ResultURL, t.ResultPath
			return nil
		}); err != nil {
			return 0, err
		}
		laid, failure, err := r.lay(ctx, &t)
		switch {
		case err == nil:
			return 0, r.laid(ctx, t.ID, laid)
		case errors.Is(err, fs.ErrExist):
			name, err := r.names.Free(r.link.company.path(inbox.Results), resultName(&t))
			if err != nil {
				return 0, err
			}
			t.ResultPath = path.Join(inbox.Results, name)
			continue
		case errors.Is(err, sage.ErrTooBig):
			return 0, r.note(ctx, t.ID, func(t *journal.Transfer) []journal.Entry {
				t.ResultState, t.ResultPath = journal.ResultNotFound, ""
				return []journal.Entry{{At: r.link.e.now().UTC(), Kind: "resultTooBig"}}
			})
		}
		return r.missed(ctx, &t, failure, err)
	}
}

// missed puts a fetch off that failed. An address that answers with a refusal may have run out: tracking gives another.
func (r *results) missed(ctx context.Context, t *journal.Transfer, failure courier.Failure, err error) (time.Duration, error) {
	switch failure.Kind {
	case 0:
		return tryAgain, err // on our side
	case courier.Interrupted:
		return 0, err
	case courier.Vanished, courier.NotThere, courier.Foreign, courier.Refusal, courier.WrongState:
		if err := r.note(ctx, t.ID, func(t *journal.Transfer) []journal.Entry {
			t.ResultURL = ""
			return nil
		}); err != nil {
			return 0, err
		}
		return r.later(ctx, t, true)
	}
	return r.later(ctx, t, false)
}

// resultName is the result's name: it takes the stem of the file where that lies.
func resultName(t *journal.Transfer) string {
	name := t.Name
	if t.Path != "" {
		name = path.Base(t.Path)
	}
	return disk.Beside(name, inbox.ResultEnd)
}

// lay downloads a result and lays it down. The failure is the platform's part of the error.
func (r *results) lay(ctx context.Context, t *journal.Transfer) (laid inbox.Result, failure courier.Failure, err error) {
	laid, err = r.link.company.inbox.LayResult(ctx, inbox.ResultSource{
		Path: t.ResultPath, Scope: t.Scope, Contract: r.link.scope(t.Scope).ResultContract,
		Fetch: func(ctx context.Context, w io.Writer) error {
			leave, err := r.link.admit(ctx, nil)
			if err != nil {
				return err
			}
			_, err = r.link.session.Download(r.link.e.traffic.watched(ctx, t), t.ResultURL, w, 0)
			failure = r.judge(ctx, err, leave)
			return err
		},
	})
	laid.Problem = r.link.masked(laid.Problem)
	return laid, failure, err
}

// masked is what is wrong with a file from Sage, without the keys and secrets that the file may repeat.
func (l *link) masked(p *Problem) *Problem {
	if p == nil || l.keys == nil {
		return p
	}
	without := *p
	without.Args = make(map[string]string, len(p.Args))
	for name, value := range p.Args {
		without.Args[name] = l.keys.Mask(value)
	}
	return &without
}

// laid notes what a result says.
func (r *results) laid(ctx context.Context, id string, laid inbox.Result) error {
	return r.note(ctx, id, func(t *journal.Transfer) []journal.Entry {
		t.ResultState, t.ResultPath, t.RefusedRecords = journal.ResultLaid, laid.Path, laid.Refused
		if laid.Problem != nil {
			t.ResultState = journal.ResultMarked
		}
		if t.State == journal.Accepted {
			t.Problem = laid.Problem
			if laid.Refused > 0 {
				p := newProblem("partlyRefused", "refused", strconv.Itoa(laid.Refused), "records", strconv.Itoa(laid.Records))
				t.Problem = &p
			}
		}
		if taken := laid.Records - laid.Refused; t.State == journal.Refused && taken > 0 {
			p := newProblem(courier.PartlyTaken, "accepted", strconv.Itoa(taken), "records", strconv.Itoa(laid.Records), "status", t.RemoteStatus)
			t.Problem = &p
		}
		return []journal.Entry{{At: r.link.e.now().UTC(), Kind: "result", Args: map[string]string{
			"records": strconv.Itoa(laid.Records), "refused": strconv.Itoa(laid.Refused),
		}}}
	})
}

// note changes a transfer's record, in its turn.
func (r *results) note(ctx context.Context, id string, change func(*journal.Transfer) []journal.Entry) error {
	e := r.link.e
	_, give, err := e.custody.take(ctx, id)
	if err != nil {
		return err
	}
	defer give()
	t, err := e.journal.Transfer(ctx, id)
	if err != nil {
		return err
	}
	if t.ResultState != journal.ResultAwaited {
		return fmt.Errorf("the result of %s is not awaited any more: %w", id, ErrWrongState)
	}
	entries := change(&t)
	t.UpdatedAt = e.now().UTC()
	if err := (listening{e.journal, e.traffic}).Put(ctx, journal.Stepped{Transfer: t, Entries: entries}); err != nil {
		return err
	}
	e.tell(&t)
	return nil
}
