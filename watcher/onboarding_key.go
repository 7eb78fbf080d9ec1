package watcher

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"postroom/sage"
	"postroom/sage/callback"
	"postroom/sage/vault"
)

// maxCandidates bounds how many delivered keys wait to be tried: a doubled call brings the same again, and a forged
// one must not push out the true one.
const maxCandidates = 3

// PasteKey takes the key that somebody else received. It is stored, and then tried like one that was delivered.
func (e *Engine) PasteKey(ctx context.Context, id, key string) (Draft, error) {
	key = strings.Trim(strings.TrimSpace(key), `"'`)
	return e.change(ctx, id, func(ctx context.Context, d *draftRecord) error {
		switch {
		case d.Step == StepDone:
			return refuse(ErrWrongState, "draftDone")
		case d.Mark == "" || d.Passcode == "":
			return refuse(ErrInvalid, "keyTooEarly")
		case !idForm.MatchString(key) && !longKey(key):
			return refuse(ErrInvalid, "keyInvalid")
		}
		return e.keepCandidate(ctx, d, sage.NewSecret(key))
	})
}

// longKey takes keys beyond the length of an ID, as signed tokens are.
func longKey(key string) bool {
	return len(key) <= vault.MaxSecret && len(key) > 0 && !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// keepCandidate stores a delivered key before anything else is done with it: it is given out once.
func (e *Engine) keepCandidate(ctx context.Context, d *draftRecord, key sage.Secret) error {
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return err
	}
	for _, name := range d.Candidates {
		if kept, err := secrets.Get(ctx, name, vault.CandidateKey); err == nil && kept.Equal(key) {
			return nil // delivered twice
		}
	}
	if len(d.Candidates) >= maxCandidates {
		return refuse(ErrBusy, "keysTooMany")
	}
	name := d.freeCandidate()
	err = vault.Keys(secrets, name).SaveCurrent(ctx, key, sage.Secret{}) // also over what a crash may have left there
	if err == nil {
		err = secrets.Set(ctx, name, vault.CandidateKey, key)
	}
	if err != nil {
		return vaultProblem(err)
	}
	d.KeptIn = secrets.Kind()
	d.Candidates = append(d.Candidates, name)
	d.Outcome, d.Step = OutcomeReceived, StepTest
	d.Checks, d.Attempts, d.Stuck = nil, 0, false
	d.RetryAt = e.now().UTC()
	return nil
}

// candidateNames are the names in the vault for a draft's candidates. None is the draft's own, under which the vault
// keeps the connection that it becomes.
func candidateNames(draft string) []string {
	names := make([]string, maxCandidates)
	for i := range names {
		names[i] = draft + "-" + strconv.Itoa(i+1)
	}
	return names
}

// freeCandidate is a name in the vault that no candidate has; there is one while there are fewer than maxCandidates.
func (d *draftRecord) freeCandidate() string {
	names := slices.DeleteFunc(candidateNames(d.ID), func(name string) bool { return slices.Contains(d.Candidates, name) })
	return names[0]
}

// approved is the delivery of a key at an address of ours. An error has it delivered again; an approval that fits no
// open passcode is told in the overview and never guessed at.
func (e *Engine) approved(ctx context.Context, at callback.Registration, approval callback.Approval) error {
	book := e.onboarding.callbacks.Load()
	entries := book.reachedBy(at)
	drafts, err := e.readDrafts()
	if err != nil && len(drafts) == 0 {
		return err
	}
	id, fits := fitting(approval, entries, book.Registrations, drafts, e.now())
	if !fits && e.hasKey(ctx, approval.Key, entries) {
		return nil // delivered twice, and used long ago
	}
	if !fits {
		e.log.Warn("an approval fits no open passcode", "application", approval.ApplicationID, "domain", approval.Domain)
		e.report(newProblem("approvalUnexpected"))
		return nil
	}
	_, err = e.change(ctx, id, func(ctx context.Context, d *draftRecord) error {
		if d.Step == StepDone {
			return nil // the same call once more, after all was done
		}
		d.Via = slices.Sorted(maps.Keys(entries))
		return e.keepCandidate(ctx, d, approval.Key)
	})
	if err != nil {
		return fmt.Errorf("keeping a delivered key: %w", err)
	}
	return nil
}

// hasKey reports whether a key is the first one of a connection whose application these addresses belong to.
func (e *Engine) hasKey(ctx context.Context, key sage.Secret, entries map[string]callbackEntry) bool {
	secrets, err := e.unlocked(ctx)
	if err != nil {
		return false
	}
	accounts, err := e.readAccounts()
	e.complain("connections", err)
	for _, account := range accounts {
		for _, entry := range entries {
			if entry.Mark != account.ApplicationMark {
				continue
			}
			if first, err := secrets.Get(ctx, account.vaultName(), vault.InitialKey); err == nil && first.Equal(key) {
				return true
			}
		}
	}
	return false
}

// Test tries the delivered key with a real call, and makes the connection when it works. What the network prevents is
// tried again by itself; the key waits in the vault. Nothing of an earlier consent is overwritten.
func (e *Engine) Test(ctx context.Context, id string) (Draft, error) {
	var made *Account
	var via []string
	draft, err := e.change(ctx, id, func(ctx context.Context, d *draftRecord) (err error) {
		if d.Step == StepDone {
			return nil
		}
		made, err = e.try(ctx, d)
		via = d.Via
		return err
	})
	if err == nil && made != nil {
		e.connected(ctx, *made, via)
	}
	return draft, err
}

// try makes a connection of the draft, or ends a draft that is one already.
func (e *Engine) try(ctx context.Context, d *draftRecord) (*Account, error) {
	t := &trial{engine: e, draft: d}
	defer t.close()
	d.Attempts++
	account, err := e.madeBy(d.ID)
	if err == nil && account == nil {
		account, err = t.run(ctx)
	}
	if err == nil {
		err = e.finish(ctx, d, account.ID)
	}
	if err != nil {
		t.putOff(err)
		return nil, err
	}
	return account, nil
}

// run goes through the checks, and keeps each as it is known so that a window shows them one by one.
func (t *trial) run(ctx context.Context) (*Account, error) {
	if len(t.draft.Candidates) == 0 {
		return nil, refuse(ErrWrongState, "keyMissing")
	}
	t.draft.Step, t.draft.Checks = StepTest, nil
	steps := []struct {
		code string
		do   func(context.Context) error
	}{
		{"vault", t.openVault},
		{"reach", t.reach},
		{"key", t.key},
		{"folder", t.folder},
	}
	for _, step := range steps {
		if err := t.engine.check(ctx, t.draft, step.code, step.do); err != nil {
			return nil, err
		}
	}
	return t.connect(ctx)
}

// check runs one step and keeps its tick.
func (e *Engine) check(ctx context.Context, d *draftRecord, code string, do func(context.Context) error) error {
	d.Checks = append(d.Checks, Check{Code: code, State: "running"})
	if err := e.saveDraft(d); err != nil {
		return err
	}
	tick := &d.Checks[len(d.Checks)-1]
	err := do(ctx)
	if err == nil {
		tick.State = "passed"
		return e.saveDraft(d)
	}
	tick.State = "failed"
	if told, ok := errors.AsType[*ProblemError](err); ok {
		tick.Problem = &told.Problem
	} else {
		p := newProblem("testFailed")
		tick.Problem = &p
		err = &ProblemError{Problem: p, Cause: err}
	}
	return err
}

// tidyTime is how long may be cleared up after a connection was made, also when nobody waits for it any more: a command
// ends as soon as it sees the connection.
const tidyTime = 5 * time.Second

// connected is what follows a new connection, outside the draft's turn.
func (e *Engine) connected(ctx context.Context, account Account, via []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	e.log.Info("connected", "company", account.Company, "domain", account.Domain, "connection", account.ID)
	e.emit(Event{Kind: EventConnection, ID: account.ID, Company: account.Company})
	wake(e.onboarding.changed)
	e.withdraw("approvalUnexpected")
	if err := e.prove(ctx, via, account.ApplicationMark); err != nil {
		e.log.Warn("where the key came to was not remembered", "error", err)
	}
	if err := e.dropRegistered(ctx, via); err != nil {
		e.log.Warn("the draft of the registration was not cleared away", "error", err)
	}
}

// dropRegistered clears away the draft of `register` whose application another draft has now connected: the key that
// worked came to its address.
func (e *Engine) dropRegistered(ctx context.Context, via []string) error {
	for _, id := range via {
		entry := e.onboarding.callbacks.Load().Registrations[id]
		if entry.Draft == "" {
			continue
		}
		other, err := e.readDraft(entry.Draft)
		if errors.Is(err, ErrNotFound) || err == nil && other.Step != StepEmail {
			continue
		}
		if err != nil {
			return err
		}
		if err := e.DropDraft(ctx, other.ID); err != nil {
			return err
		}
	}
	return nil
}
