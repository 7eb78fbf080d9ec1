package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher/disk"
)

// strictly is a platform that does not know a key any more once it was rotated [A]: what would tell a lost rotation from
// a mere expiry is then up to us.
var strictly = sandbox.Options{Dialect: sandbox.Dialect{StrictOldKey: true}}

// mortalVault is the vault of a process that ends. Several items are not stored in one step, as in a keyring.
type mortalVault struct {
	vault.Vault
	life *life
}

func (m mortalVault) Get(ctx context.Context, connection string, item vault.Item) (sage.Secret, error) {
	if m.life.gone() {
		return sage.Secret{}, errDead
	}
	return m.Vault.Get(ctx, connection, item)
}

func (m mortalVault) Set(ctx context.Context, connection string, item vault.Item, value sage.Secret) error {
	return m.life.effect("set "+string(item), func() error { return m.Vault.Set(ctx, connection, item, value) })
}

func (m mortalVault) Delete(ctx context.Context, connection string) error {
	return m.life.effect("delete "+connection, func() error { return m.Vault.Delete(ctx, connection) })
}

// wholeFS is mortalFS for state files, which come into being as a whole: with the rename.
type wholeFS struct{ mortalFS }

func (w wholeFS) Create(name string) (disk.File, error) {
	if w.life.gone() {
		return nil, errDead
	}
	return w.FS.Create(name)
}

func (w wholeFS) MkdirAll(name string) error {
	if w.life.gone() {
		return errDead
	}
	return w.FS.MkdirAll(name)
}

func (w wholeFS) SyncDir(name string) error {
	if w.life.gone() {
		return errDead
	}
	return w.FS.SyncDir(name)
}

// delivered is a draft whose keys wait to be tried: those that are forged, then the true one, which may have expired.
func (r *onboardingRig) delivered(expired bool, forged ...string) (id string, key sage.Secret) {
	r.t.Helper()
	e := r.open()
	d := r.waiting(e, r.pasted())
	err := r.platform.Grant(d.Passcode, "Acme")
	if expired {
		err = errors.Join(err, r.platform.ExpireKey("Acme", ""))
	}
	if err != nil {
		r.t.Fatal(err)
	}
	key = must(r.platform.InitialKey("Acme", "ecommerce"))(r.t)
	for _, one := range append(forged, key.Reveal()) {
		must(e.PasteKey(r.t.Context(), d.ID, one))(r.t)
	}
	if err := e.Close(); err != nil {
		r.t.Fatal(err)
	}
	return d.ID, key
}

// tryAndDie tries a draft's keys in a process that ends.
func (r *onboardingRig) tryAndDie(l *life, id string) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	l.end = cancel
	options := r.options
	options.FS = wholeFS{mortalFS{r.options.fill().FS, l}}
	options.Transport = mortalNet{r.options.Transport, l}
	options.Vault = mortalVault{r.vault, l}
	e, err := Open(ctx, options)
	if err != nil {
		return // it ended while it was opened
	}
	_, _ = e.Test(ctx, id)
	l.mu.Lock()
	l.dead = true
	l.mu.Unlock()
	_ = e.Close()
}

// goesOn lets another process take the draft up by itself.
func (r *onboardingRig) goesOn() {
	r.t.Helper()
	_, stop := r.onboard()
	defer stop()
	time.Sleep(lastRetrial + time.Minute)
	synctest.Wait()
}

// holdsKey holds that the draft has become a connection which works, with the delivered key as its initial one, and that
// nothing else of the trial is left.
func (r *onboardingRig) holdsKey(id string, key sage.Secret) {
	t, ctx := r.t, r.t.Context()
	t.Helper()
	e := r.open()
	d := must(e.Draft(ctx, id))(t)
	accounts := must(e.readAccounts())(t)
	if d.Step != StepDone || d.Problem != nil || len(accounts) != 1 || d.Connection != accounts[0].ID {
		t.Fatalf("it ends as %+v, with %d connections", d, len(accounts))
	}
	if initial, err := r.vault.Get(ctx, id, vault.InitialKey); err != nil || !initial.Equal(key) {
		t.Errorf("the initial key is not the delivered one: %v", err)
	}
	way := must(e.dial(ctx, accounts[0]))(t)
	defer way.client.Close()
	if _, err := way.session.Latest(ctx, "customers", ""); !errors.Is(err, sage.ErrNothingThere) {
		t.Errorf("the connection's key: %v", err)
	}
	if err := errors.Join(way.keys.Rotate(ctx), e.DropDraft(ctx, id)); err != nil {
		t.Error(err)
	}
	if initial, err := r.vault.Get(ctx, id, vault.InitialKey); err != nil || !initial.Equal(key) {
		t.Errorf("the initial key after the draft is gone: %v", err)
	}
	for _, name := range candidateNames(id) {
		for _, item := range vault.Items() {
			if _, err := r.vault.Get(ctx, name, item); !errors.Is(err, vault.ErrNotFound) {
				t.Errorf("%s of %s is left in the vault: %v", item, name, err)
			}
		}
	}
	if violations := r.platform.Violations(); len(violations) > 0 {
		t.Error(violations)
	}
}

func TestACrashAtAnyEffectOfATrialLosesNoKey(t *testing.T) {
	for name, story := range map[string]struct {
		expired bool
		forged  []string
	}{
		"a good key":                        {},
		"an expired key":                    {expired: true},
		"an expired key behind forged ones": {expired: true, forged: []string{"forged-key-0001", "forged-key-0002"}},
	} {
		for _, after := range []bool{false, true} {
			for n, over := 0, false; !over && !t.Failed(); n++ {
				t.Run(fmt.Sprintf("%s, n=%d, after=%v", name, n, after), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						r := newOnboardingRig(t, strictly)
						id, key := r.delivered(story.expired, story.forged...)
						l := &life{left: n, after: after}
						r.tryAndDie(l, id)
						over = l.last == ""
						defer func() {
							if t.Failed() {
								t.Logf("the crash was at %s\n%s", l.last, r.log)
							}
						}()
						r.goesOn()
						r.holdsKey(id, key)
					})
				})
			}
		}
	}
}

// flaky is a vault one of whose writes fails.
type flaky struct {
	vault.Vault
	left int
}

var errFlaky = errors.New("the keyring went away")

func (f *flaky) Set(ctx context.Context, connection string, item vault.Item, value sage.Secret) error {
	if f.left--; f.left == -1 {
		return errFlaky
	}
	return f.Vault.Set(ctx, connection, item, value)
}

func TestAVaultThatFailsDuringATrialLosesNoKey(t *testing.T) {
	for n, over := 0, false; !over && !t.Failed(); n++ {
		synctest.Test(t, func(t *testing.T) {
			r := newOnboardingRig(t, strictly)
			id, key := r.delivered(true, "forged-key-0001")
			flaky := &flaky{Vault: r.vault, left: n}
			r.options.Vault = flaky
			r.goesOn()
			over = flaky.left >= 0
			r.options.Vault = r.vault
			r.holdsKey(id, key)
		})
	}
}

func TestARotationsLostAnswerIsMadeUpForAtTheNextTrial(t *testing.T) {
	for _, kind := range []sandbox.FaultKind{sandbox.FaultDropRequest, sandbox.FaultDropAnswer} {
		synctest.Test(t, func(t *testing.T) {
			r := newOnboardingRig(t, strictly)
			id, key := r.delivered(true)
			r.platform.AddFault(sandbox.Fault{Op: sandbox.OpRotate, Kind: kind, Times: 1})
			r.goesOn()
			r.holdsKey(id, key)
		})
	}
}

// halfDone is a draft that has become a connection, whose key was rotated since, and that does not say so: the program
// ended in between.
func (r *onboardingRig) halfDone(e *Engine) (id string, key sage.Secret) {
	t, ctx := r.t, r.t.Context()
	t.Helper()
	id, key = r.delivered(true)
	path := filepath.Join(r.home, "drafts", id+".json")
	before := must(os.ReadFile(path))(t)
	must(e.Test(ctx, id))(t)
	current := must(r.vault.Get(ctx, id, vault.CurrentKey))(t)
	candidate := candidateNames(id)[0]
	err := errors.Join(
		os.WriteFile(path, before, 0o600),
		r.vault.Set(ctx, candidate, vault.CandidateKey, key), r.vault.Set(ctx, candidate, vault.CurrentKey, current),
		e.Rotate(ctx, r.input().Company, ""),
	)
	if err != nil {
		t.Fatal(err)
	}
	return id, key
}

func TestADraftThatIsAConnectionAlreadyIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, strictly)
		e := r.open()
		id, key := r.halfDone(e)
		before := must(r.vault.Get(t.Context(), id, vault.CurrentKey))(t)
		must(e.Test(t.Context(), id))(t)
		if after := must(r.vault.Get(t.Context(), id, vault.CurrentKey))(t); !after.Equal(before) {
			t.Error("an older key took the place of the connection's")
		}
		r.holdsKey(id, key)
	})
}

func TestADroppedDraftThatIsAConnectionAlreadyKeepsItsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, strictly)
		e := r.open()
		id, key := r.halfDone(e)
		if err := e.DropDraft(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if initial, err := r.vault.Get(t.Context(), id, vault.InitialKey); err != nil || !initial.Equal(key) {
			t.Errorf("the initial key: %v", err)
		}
		if err := e.Rotate(t.Context(), r.input().Company, ""); err != nil {
			t.Errorf("the connection: %v", err)
		}
		if _, err := r.vault.Get(t.Context(), candidateNames(id)[0], vault.CandidateKey); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("the candidate is left: %v", err)
		}
	})
}

func TestATrialOverwritesNoInitialKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, strictly)
		id, key := r.delivered(true)
		first := sage.NewSecret("another-key-0815")
		if err := r.vault.Set(t.Context(), id, vault.InitialKey, first); err != nil {
			t.Fatal(err)
		}
		e := r.open()
		for range 2 {
			if _, err := e.Test(t.Context(), id); !errors.Is(err, vault.ErrInitialKey) {
				t.Errorf("over another one: %v", err)
			}
		}
		if kept := must(r.vault.Get(t.Context(), id, vault.InitialKey))(t); !kept.Equal(first) {
			t.Error("it is overwritten")
		}
		candidate := candidateNames(id)[0]
		if kept := must(r.vault.Get(t.Context(), candidate, vault.CandidateKey))(t); !kept.Equal(key) {
			t.Error("the delivered key is gone")
		}
		if current := must(r.vault.Get(t.Context(), candidate, vault.CurrentKey))(t); current.Equal(key) {
			t.Error("the key that its rotation gave is gone")
		}
		if accounts := must(e.readAccounts())(t); len(accounts) != 0 {
			t.Errorf("connected: %+v", accounts)
		}
	})
}
