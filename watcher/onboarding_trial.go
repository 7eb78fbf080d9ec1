package watcher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
)

const (
	firstRetrial = 5 * time.Second // after a trial that the network prevented, doubling
	lastRetrial  = 5 * time.Minute
)

// trial is one run through the checks of a draft, in its turn.
type trial struct {
	engine  *Engine
	draft   *draftRecord
	secrets vault.Vault
	secret  sage.Secret
	client  *sage.Client
	profile *sage.Profile
	name    string        // of the candidate that is tried, in the vault
	keys    sage.KeyStore // its keys there
	answer  error         // of the platform
}

func (t *trial) close() {
	if t.client != nil {
		t.client.Close()
	}
}

// openVault reads what the trial needs.
func (t *trial) openVault(ctx context.Context) error {
	secrets, err := t.engine.unlocked(ctx)
	if err != nil {
		return err
	}
	t.secrets = secrets
	if t.secret, err = secrets.Get(ctx, t.draft.ID, vault.Secret); err != nil {
		return vaultProblem(err)
	}
	return t.next(ctx)
}

// next loads the first candidate.
func (t *trial) next(ctx context.Context) error {
	t.name = t.draft.Candidates[0]
	key, err := t.secrets.Get(ctx, t.name, vault.CandidateKey)
	if err != nil {
		return vaultProblem(err)
	}
	t.keys = &candidateKeys{KeyStore: vault.Keys(t.secrets, t.name), delivered: key, secret: t.secret}
	return nil
}

// reach makes the call, with each candidate until one is not refused. Any answer shows that the platform is reached.
func (t *trial) reach(ctx context.Context) (err error) {
	in := t.draft.Input
	if t.client, t.profile, err = t.engine.client(in.ProfilePath, in.Platform); err != nil {
		return err
	}
	scope, err := trialScope(t.profile, in.Domain)
	if err != nil {
		return err
	}
	for {
		keys := sage.NewKeys(t.client, t.keys, sage.KeysOptions{}) // the draft's turn is held across processes
		_, err := t.client.Session(in.Domain, keys).Latest(ctx, scope, "")
		if errors.Is(err, sage.ErrNothingThere) {
			err = nil // no list yet, and the key was good for asking
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t.answer = platformProblem(t.client.BaseURL(), err)
		if refusedKey(err) && !prevented(err) && len(t.draft.Candidates) > 1 {
			if err := t.discard(ctx); err != nil {
				return err
			}
			if err := t.next(ctx); err != nil {
				return err
			}
			continue
		}
		break
	}
	if prevented(t.answer) {
		return t.answer
	}
	return nil
}

// key says what the platform thought of the key. One it does not know is not kept.
func (t *trial) key(ctx context.Context) error {
	if t.answer == nil {
		return nil
	}
	if told, ok := errors.AsType[*ProblemError](t.answer); ok && refusedKey(told.Cause) {
		t.draft.Outcome = ""
		if t.draft.Passcode != "" {
			t.draft.Outcome = OutcomeWaiting // until it runs out: the true key may still come
		}
		if err := t.discard(ctx); err != nil {
			return err
		}
	}
	return t.answer
}

// folder makes the company's folder.
func (t *trial) folder(context.Context) error {
	folder, err := t.engine.folderFor(t.draft)
	if err != nil {
		return err
	}
	if err := t.engine.makePlace(folder, t.profile.Domains[t.draft.Input.Domain]); err != nil {
		return placeProblem(folder, err)
	}
	return nil
}

// connect makes the connection: first the keys, then the account that names them. The candidate's own keys stay until
// the draft is done, so that a crash in between leaves what the next trial needs.
func (t *trial) connect(ctx context.Context) (*Account, error) {
	keys, err := t.keys.Load(ctx)
	if err == nil {
		err = vault.Keys(t.secrets, t.draft.ID).SaveCurrent(ctx, keys.Current, keys.Previous)
	}
	if err == nil {
		err = t.secrets.Set(ctx, t.draft.ID, vault.InitialKey, keys.Initial)
	}
	if err != nil {
		return nil, vaultProblem(err)
	}
	account, err := t.engine.recordConnection(ctx, t.draft, t.client.BaseURL())
	if err != nil {
		return nil, err
	}
	return &account, nil
}

// madeBy is the connection that a draft has become, nil for none. The draft need not say so yet: the program may have
// ended in between.
func (e *Engine) madeBy(draft string) (*Account, error) {
	records, err := e.placedRecords()
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		if record.vaultName() == draft {
			return &record.Account, nil
		}
	}
	return nil, nil // none
}

// finish ends a draft that has become a connection. Its candidates are needed no longer then; what of them is left in the
// vault, a crash's leavings too, goes now or with the draft.
func (e *Engine) finish(ctx context.Context, d *draftRecord, connection string) error {
	done := *d
	done.Step, done.Outcome, done.Connection = StepDone, OutcomeReceived, connection
	done.Attempts, done.RetryAt, done.Passcode, done.Stuck = 0, time.Time{}, "", false
	if err := e.saveDraft(&done); err != nil {
		return err
	}
	*d = done
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	secrets, err := e.unlocked(ctx)
	for _, name := range candidateNames(d.ID) {
		if err == nil {
			err = secrets.Delete(ctx, name)
		}
	}
	if err != nil {
		e.log.Warn("tried keys were left in the vault", "error", err)
		return nil
	}
	d.Candidates = nil
	return nil
}

// discard drops the candidate that is tried: from the draft first, which must not name what is not there.
func (t *trial) discard(ctx context.Context) error {
	t.draft.Candidates = slices.DeleteFunc(t.draft.Candidates, func(name string) bool { return name == t.name })
	if err := t.engine.saveDraft(t.draft); err != nil {
		return err
	}
	if err := t.secrets.Delete(ctx, t.name); err != nil {
		t.engine.log.Warn("a refused key was left in the vault", "error", err)
	}
	return nil
}

// putOff says when the trial is worth another go, or that a person has to do something first.
func (t *trial) putOff(err error) {
	d := t.draft
	d.Stuck = len(d.Candidates) == 0 || !passes(err)
	d.RetryAt = time.Time{}
	if d.Stuck {
		return
	}
	wait := firstRetrial << min(d.Attempts-1, 10)
	wait = max(min(wait, lastRetrial), sage.RetryAfter(err))
	wait += time.Duration(t.engine.options.Random() * float64(wait) / 4)
	d.RetryAt = t.engine.now().UTC().Add(wait)
}

// refusedKey reports that the platform does not take the key, and never will.
func refusedKey(err error) bool {
	for _, refusal := range []error{sage.ErrKeyInvalid, sage.ErrKeyRevoked, sage.ErrKeyExpired, sage.ErrUnauthorized} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// prevented reports that no answer about the key came.
func prevented(err error) bool {
	for _, hindrance := range []error{
		sage.ErrNetwork, sage.ErrServer, sage.ErrThrottled, sage.ErrTruncated, sage.ErrMalformed, sage.ErrTooBig,
		sage.ErrRedirect, sage.ErrForeignHost, sage.ErrUnsafeURL, sage.ErrKeyStore,
	} {
		if errors.Is(err, hindrance) {
			return true
		}
	}
	return false
}

// passes reports that what stopped the trial goes away by itself, or by what a person does elsewhere: unlocking a
// keyring, mending a folder, a lock that ends.
func passes(err error) bool {
	for _, stays := range []error{sage.ErrDomainInvalid, sage.ErrScopeInvalid, sage.ErrKeyNotAllowed, ErrInvalid} {
		if errors.Is(err, stays) {
			return false
		}
	}
	return true
}

// trialScope is the scope whose newest list the trial asks for.
func trialScope(profile *sage.Profile, domain string) (string, error) {
	scopes := profile.Domains[domain].Scopes
	names := make([]string, 0, len(scopes))
	for name := range scopes {
		names = append(names, name)
	}
	if len(names) == 0 {
		return "", refuse(ErrInvalid, "domainUnknown", "domain", domain)
	}
	slices.SortFunc(names, func(a, b string) int {
		incomingFirst := func(name string) int {
			if scopes[name].Direction == sage.Incoming {
				return 0
			}
			return 1
		}
		if order := incomingFirst(a) - incomingFirst(b); order != 0 {
			return order
		}
		if a < b {
			return -1
		}
		return 1
	})
	return names[0], nil
}

// candidateKeys keeps the keys of a candidate in the vault while it is tried. A trial may rotate the key, and then the
// delivered one is good for rotations alone: that a rotation was begun, and the key that it gave, must outlive the
// program as those of a connection do.
type candidateKeys struct {
	sage.KeyStore
	delivered sage.Secret
	secret    sage.Secret // of the draft
}

// Load gives the keys. The delivered one is the initial key, as it will be the connection's.
func (c *candidateKeys) Load(ctx context.Context) (sage.KeySet, error) {
	set, err := c.KeyStore.Load(ctx)
	if err != nil {
		return sage.KeySet{}, err
	}
	set.Initial, set.Secret, set.Pending = c.delivered, c.secret, sage.Secret{}
	return set, nil
}

// SaveSecret is not for a trial.
func (c *candidateKeys) SaveSecret(context.Context, sage.Secret, sage.Secret) error {
	return fmt.Errorf("renewing the secret of a key that is tried: %w", ErrWrongState)
}
