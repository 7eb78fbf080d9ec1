package watcher

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"postroom/sage"
	"postroom/watcher/courier"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// Retry tries a file again that the platform has nothing of, or tries one sooner that waits for its time.
func (e *Engine) Retry(ctx context.Context, id string) error {
	return e.answer(ctx, id, courier.Retry, "")
}

// Cancel takes a file back of which nothing has gone out yet.
func (e *Engine) Cancel(ctx context.Context, id string) error {
	return e.answer(ctx, id, courier.Cancel, "")
}

// Dismiss says that a person has seen what became of a file.
func (e *Engine) Dismiss(ctx context.Context, id string) error {
	return e.answer(ctx, id, courier.Dismiss, "")
}

// Resolve answers for a file that is held, or whose fate is not clear. Scope says what it is where that was not clear.
func (e *Engine) Resolve(ctx context.Context, id string, send bool, scope string) error {
	if !send {
		return e.answer(ctx, id, courier.Leave, "")
	}
	return e.answer(ctx, id, courier.Release, scope)
}

// Hold keeps a queued file back until a person releases it: Resolve, to be sent. Its lane goes on with the next.
func (e *Engine) Hold(ctx context.Context, id string) error {
	return e.answer(ctx, id, courier.Hold, "")
}

// RetryAll tries every file of a company again, or of all with "", that was refused or failed the check and of which the
// platform has nothing: one that could double is passed by. It tells how many there were.
func (e *Engine) RetryAll(ctx context.Context, company string) (int, error) {
	ask := journal.Query{Company: company, States: []journal.State{journal.Refused, journal.Unchecked}, Limit: mostLimit}
	needs := journal.NeedsYou
	ask.Bucket = &needs
	tried := 0
	for {
		page, err := e.journal.Transfers(ctx, ask)
		if err != nil {
			return tried, err
		}
		for i := range page {
			if !courier.Allows(&page[i], courier.Retry) {
				continue
			}
			switch err := e.Retry(ctx, page[i].ID); {
			case err == nil:
				tried++
			case errors.Is(err, ErrWrongState): // it has gone on meanwhile
			default:
				return tried, fmt.Errorf("trying %s again: %w", page[i].Name, err)
			}
		}
		if len(page) < ask.Limit {
			return tried, nil
		}
		ask.Before = page[len(page)-1].Sequence
	}
}

// answer carries out what a person asks for a transfer: durable first, then the file is moved.
func (e *Engine) answer(ctx context.Context, id string, ask courier.Ask, scope string) error {
	release, err := e.mayChange(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, give, err := e.custody.take(ctx, id)
	if err != nil {
		return err
	}
	defer give()
	was, err := e.settled(ctx, id)
	if err != nil {
		return err
	}
	if err := e.checkScope(&was, ask, scope); err != nil {
		return err
	}
	t, entries, err := courier.Answer(was, ask, scope, e.now())
	if err != nil && ask == courier.Retry && was.State == journal.Refused && courier.Doubles(&was) {
		return wouldDouble(&was)
	}
	if err != nil {
		return refuse(ErrWrongState, "tooLate", "name", was.Name, "state", string(was.State))
	}
	return e.carryOut(ctx, was, t, entries)
}

// wouldDouble says why a refused file is not tried again: Sage has taken records of it, or may have.
func wouldDouble(t *journal.Transfer) error {
	if t.Problem == nil || t.Problem.Code != courier.PartlyTaken {
		return refuse(ErrWrongState, "resultAwaited", "name", t.Name)
	}
	return refuse(ErrWrongState, "wouldDouble", "name", t.Name, "accepted", t.Problem.Args["accepted"], "records", t.Problem.Args["records"])
}

// transfer reads one, or says in words that there is none.
func (e *Engine) transfer(ctx context.Context, id string) (journal.Transfer, error) {
	t, err := e.journal.Transfer(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return t, refuse(ErrNotFound, "transferGone")
	}
	return t, err
}

// settled reads a transfer and makes the move first that it owes: what a person asks may want another one, and where the
// file lies must be certain then. A move that was made and could not be noted is noted by that.
func (e *Engine) settled(ctx context.Context, id string) (journal.Transfer, error) {
	t, err := e.transfer(ctx, id)
	if err != nil || t.From == "" || t.State.InFlight() {
		return t, err
	}
	porter, c, err := e.porterOf(t.Company)
	if err != nil {
		return t, err
	}
	from := t.From
	if t, err = porter.Settle(ctx, t); err != nil {
		return t, fmt.Errorf("moving %s first: %w", t.Name, err)
	}
	if c != nil {
		c.leaves(from, &t)
	}
	return t, nil
}

// mayChange lets a command change transfers, which needs the home where no agent has it.
func (e *Engine) mayChange(ctx context.Context) (release func(), err error) {
	if e.options.Agent {
		return func() {}, nil
	}
	lock, err := e.options.Locks.Lock(ctx, filepath.Join(e.options.Home, homeLock), e.holder())
	if held, is := errors.AsType[*HeldError](err); is {
		return nil, refuse(ErrBusy, "homeHeld", "user", held.Holder.User, "computer", held.Holder.Computer)
	}
	if err != nil {
		return nil, err
	}
	return func() {
		if err := lock.Release(); err != nil {
			e.log.Warn("the lock of the home was not given back", "error", err)
		}
	}, nil
}

// checkScope asks for a scope where none is known, and takes only one that the company has.
func (e *Engine) checkScope(t *journal.Transfer, ask courier.Ask, scope string) error {
	if ask != courier.Release || t.State != journal.Held || t.Scope != "" {
		return nil
	}
	scopes, err := e.outgoing(t.Company)
	if err != nil {
		return err
	}
	if !slices.Contains(scopes, scope) {
		return refuse(ErrInvalid, "scopeNeeded", "name", t.Name, "scopes", strings.Join(scopes, ", "))
	}
	return nil
}

// outgoing are the scopes of a company whose files go to Sage, by name.
func (e *Engine) outgoing(company string) ([]string, error) {
	accounts, err := e.readAccounts()
	if err != nil && !errors.Is(err, errDamaged) {
		return nil, err
	}
	var scopes []string
	for _, a := range accounts {
		if a.Company != company {
			continue
		}
		profile, err := e.profile(a.Profile)
		if err != nil {
			return nil, err
		}
		for name, scope := range profile.Domains[a.Domain].Scopes {
			if scope.Direction == sage.Outgoing {
				scopes = append(scopes, name)
			}
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// carryOut makes an answer durable, then sees to the file.
func (e *Engine) carryOut(ctx context.Context, was, t journal.Transfer, entries []journal.Entry) error {
	porter, c, err := e.porterOf(t.Company)
	if err != nil {
		return err
	}
	if c != nil && t.Scope != "" && t.State == journal.Queued {
		c.assign(&t, t.Scope) // it may not have been clear whose it is, or its connection may be another by now
	}
	if t, err = porter.Resolve(was, t); err != nil {
		return err
	}
	if err := e.journal.Put(ctx, journal.Rewritten{Transfer: t, Entries: entries}); err != nil {
		porter.GiveBack(t)
		return err
	}
	if c == nil {
		_, err = porter.Settle(ctx, t)
		e.tell(&t)
		return err
	}
	if was.Path != t.Path {
		c.forget(was.Path, t.ID)
	}
	c.touchLanes(&was, &t)
	c.settled(&t)
	return nil
}

// porterOf is what moves a company's files, and the company itself while it is adopted.
func (e *Engine) porterOf(name string) (*courier.Porter, *company, error) {
	if c := e.companyOf(name); c != nil {
		return c.porter, c, nil
	}
	folder := e.folderOf(name)
	if folder == "" {
		return nil, nil, refuse(ErrNotFound, "companyUnknown", "company", name)
	}
	fsys := disk.Within(e.fs, folder)
	return courier.NewPorter(fsys, folder, disk.NewNames(fsys), e.journal, e.note), nil, nil
}

// CheckNow looks at every Outbox, tries whatever waits for its time, and looks for new lists.
func (e *Engine) CheckNow(context.Context) error {
	for _, c := range e.allCompanies() {
		wake(c.woken)
		c.keeper.hurry()
		if w := c.watch(); w != nil {
			w.Sweep()
		}
	}
	for _, l := range e.allLinks() {
		l.hurry()
	}
	return nil
}

// StatusPage opens the status page for a browser on this computer. Only an agent has one.
func (e *Engine) StatusPage(ctx context.Context) (StatusPage, error) {
	if e.options.StatusPage == nil {
		return StatusPage{}, refuse(ErrWrongState, "statusPageNone")
	}
	return e.options.StatusPage(ctx)
}

// Raise has the window come to the front, with files that a second start was given.
func (e *Engine) Raise(_ context.Context, paths []string) error {
	e.emit(Event{Kind: EventRaise, Paths: paths})
	return nil
}

// Show has the window come to the front and show something.
func (e *Engine) Show(_ context.Context, what Target) error {
	e.emit(Event{Kind: EventRaise, Show: what})
	return nil
}

// FirstFrame is told by the window when a person can see it.
func (e *Engine) FirstFrame(context.Context) error {
	e.log.Info("the window can be seen")
	return nil
}
