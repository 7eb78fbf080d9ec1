package watcher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
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
	name    string      // of the candidate that is tried, in the vault
	held    *trialStore // its keys, while the trial lasts
	answer  error       // of the platform
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
	t.held = &trialStore{keys: sage.KeySet{Initial: key, Current: key, Secret: t.secret}}
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
		keys := sage.NewKeys(t.client, t.held, sage.KeysOptions{})
		_, err := t.client.Session(in.Domain, keys).Latest(ctx, scope, "")
		if errors.Is(err, sage.ErrNothingThere) {
			err = nil // no list yet, and the key was good for asking
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t.answer = platformProblem(t.client.BaseURL(), err)
		if refusedKey(err) && len(t.draft.Candidates) > 1 {
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
		if err := t.discard(ctx); err != nil {
			return err
		}
		t.draft.Outcome = ""
		if t.draft.Passcode != "" {
			t.draft.Outcome = OutcomeWaiting // until it runs out: the true key may still come
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

// connect makes the connection: first the keys, then the account that names them, then the draft is done.
func (t *trial) connect(ctx context.Context) (Account, error) {
	keys := t.held.present()
	if err := t.secrets.Set(ctx, t.draft.ID, vault.InitialKey, keys.Initial); err != nil {
		return Account{}, vaultProblem(err)
	}
	if err := t.secrets.Set(ctx, t.draft.ID, vault.CurrentKey, keys.Current); err != nil {
		return Account{}, vaultProblem(err)
	}
	account, err := t.engine.recordConnection(ctx, t.draft, t.client.BaseURL())
	if err != nil {
		return Account{}, err
	}
	t.draft.Step, t.draft.Outcome, t.draft.Connection = StepDone, OutcomeReceived, account.ID
	t.draft.Attempts, t.draft.RetryAt, t.draft.Passcode = 0, time.Time{}, ""
	for len(t.draft.Candidates) > 0 { // only now: the keys are safe where they belong
		t.name = t.draft.Candidates[0]
		if err := t.discard(ctx); err != nil {
			t.engine.log.Warn("a tried key was left in the vault", "error", err)
			break
		}
	}
	t.draft.Candidates = nil
	return account, nil
}

// discard drops the candidate that is tried.
func (t *trial) discard(ctx context.Context) error {
	if err := t.secrets.Set(ctx, t.name, vault.CandidateKey, sage.Secret{}); err != nil {
		return vaultProblem(err)
	}
	t.draft.Candidates = slices.DeleteFunc(t.draft.Candidates, func(name string) bool { return name == t.name })
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
		sage.ErrRedirect, sage.ErrForeignHost, sage.ErrUnsafeURL,
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

// trialStore holds a candidate's keys while it is tried. A key that was rotated meanwhile is kept nowhere else yet,
// which loses nothing: the candidate is in the vault and can be rotated again.
type trialStore struct {
	mu   sync.Mutex // guards keys
	keys sage.KeySet
}

func (s *trialStore) present() sage.KeySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys
}

// Load gives the keys.
func (s *trialStore) Load(context.Context) (sage.KeySet, error) { return s.present(), nil }

// SaveCurrent keeps a rotated key.
func (s *trialStore) SaveCurrent(_ context.Context, current, previous sage.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys.Current, s.keys.Previous = current, previous
	return nil
}

// SaveSecret is not for a trial.
func (s *trialStore) SaveSecret(context.Context, sage.Secret, sage.Secret) error {
	return fmt.Errorf("renewing the secret of a key that is tried: %w", ErrWrongState)
}
