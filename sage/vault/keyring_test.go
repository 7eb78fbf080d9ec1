package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"postroom/sage"
)

// fakeStore is a keyring in memory, of which single calls can be made to hang, fail or lie.
type fakeStore struct {
	mu    sync.Mutex // guards what follows
	items map[string]string
	calls int
	hook  func(call, account string) error // runs before a call, outside the mutex
	twist func(secret string) string       // changes what is stored
	late  error                            // what a call says that has stored something; once
}

func newFake() *fakeStore { return &fakeStore{items: map[string]string{}} }

func (f *fakeStore) before(call, account string) error {
	f.mu.Lock()
	f.calls++
	hook := f.hook
	f.mu.Unlock()
	if hook == nil {
		return nil
	}
	return hook(call, account)
}

func (f *fakeStore) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *fakeStore) setHook(hook func(call, account string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

func (f *fakeStore) Get(service, account string) (string, error) {
	if err := f.before("get", account); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	value, ok := f.items[service+"|"+account]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return value, nil
}

func (f *fakeStore) Set(service, account, secret string) error {
	if err := f.before("set", account); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.twist != nil {
		secret = f.twist(secret)
	}
	f.items[service+"|"+account] = secret
	err := f.late
	f.late = nil
	return err
}

func (f *fakeStore) Delete(service, account string) error {
	if err := f.before("delete", account); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.items[service+"|"+account]; !ok {
		return keyring.ErrNotFound
	}
	delete(f.items, service+"|"+account)
	return nil
}

func secret(value string) sage.Secret { return sage.NewSecret(value) }

func TestEachItemIsAnEntryOfItsOwn(t *testing.T) {
	fake := newFake()
	v := Keyring(KeyringOptions{Store: fake})
	for _, item := range Items() {
		if err := v.Set(t.Context(), "acme", item, secret(string(item)+"!")); err != nil {
			t.Fatal(err)
		}
	}
	if len(fake.items) != len(Items()) || fake.items["Postroom|acme/initial-key"] != "initial-key!" {
		t.Error(fake.items)
	}
}

func TestAReadBackThatDiffersIsAnError(t *testing.T) {
	for name, twist := range map[string]func(string) string{
		"cut off":     func(s string) string { return s[:1] },
		"another one": func(string) string { return "something else" },
	} {
		fake := newFake()
		fake.twist = twist
		v := Keyring(KeyringOptions{Store: fake})
		err := v.Set(t.Context(), "acme", CurrentKey, secret("the-key"))
		if !errors.Is(err, ErrReadBack) || strings.Contains(err.Error(), "the-key") {
			t.Errorf("%s: %v", name, err)
		}
	}
	fake := newFake()
	fake.setHook(func(call, _ string) error {
		if call == "get" {
			return keyring.ErrNotFound
		}
		return nil
	})
	v := Keyring(KeyringOptions{Store: fake})
	if err := v.Set(t.Context(), "acme", CurrentKey, secret("the-key")); !errors.Is(err, ErrReadBack) {
		t.Errorf("forgotten: %v", err)
	}
}

func TestAValueThatWasSpoiltGivesWayToTheOldOne(t *testing.T) {
	for name, fails := range map[string]error{"it says so": errors.New("input/output error"), "it does not say so": nil} {
		fake := newFake()
		v := Keyring(KeyringOptions{Store: fake})
		if err := v.Set(t.Context(), "acme", CurrentKey, secret("old-key")); err != nil {
			t.Fatal(err)
		}
		fake.twist = func(s string) string {
			fake.twist = nil
			return s[:1]
		}
		fake.late = fails
		if err := v.Set(t.Context(), "acme", CurrentKey, secret("new-key")); !errors.Is(err, ErrReadBack) {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := v.Get(t.Context(), "acme", CurrentKey); err != nil || got.Reveal() != "old-key" {
			t.Errorf("%s: the keyring holds something else than the old key: %v", name, err)
		}
	}
}

func TestAValueThatCannotBePutRightIsRemoved(t *testing.T) {
	fake := newFake()
	v := Keyring(KeyringOptions{Store: fake})
	if err := v.Set(t.Context(), "acme", CurrentKey, secret("old-key")); err != nil {
		t.Fatal(err)
	}
	fake.twist = func(s string) string { return s[:1] }
	if err := v.Set(t.Context(), "acme", CurrentKey, secret("new-key")); !errors.Is(err, ErrReadBack) {
		t.Error(err)
	}
	if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrNotFound) {
		t.Errorf("half of a key is still there: %v", err)
	}
}

func TestAProofThatCannotBePutRightStaysADoubt(t *testing.T) {
	fake := newFake()
	store := Keys(Keyring(KeyringOptions{Store: fake}), "acme")
	if err := store.SaveCurrent(t.Context(), secret("old-key"), sage.Secret{}); err != nil {
		t.Fatal(err)
	}
	fake.twist = func(s string) string { return s[:1] }
	if err := store.SaveCurrent(t.Context(), secret("new-key"), secret("old-key")); !errors.Is(err, ErrReadBack) {
		t.Error(err)
	}
	if set, err := store.Load(t.Context()); err != nil || !set.Unproven || set.Current.Reveal() != "old-key" {
		t.Errorf("unproven is %v, %v", set.Unproven, err)
	}
}

func TestWhatWasStoredIsStoredWhateverTheKeyringSays(t *testing.T) {
	fake := newFake()
	v := Keyring(KeyringOptions{Store: fake})
	fake.late = errors.New("input/output error")
	if err := v.Set(t.Context(), "acme", CurrentKey, secret("the-key")); err != nil {
		t.Error(err)
	}
}

func TestWhatTheKeyringHoldsAlreadyIsNotWrittenAgain(t *testing.T) {
	fake := newFake()
	v := Keyring(KeyringOptions{Store: fake})
	if err := v.Set(t.Context(), "acme", Secret, secret("the-secret")); err != nil {
		t.Fatal(err)
	}
	fake.setHook(func(call, _ string) error {
		if call == "set" {
			t.Error("it was written again")
		}
		return nil
	})
	if err := v.Set(t.Context(), "acme", Secret, secret("the-secret")); err != nil {
		t.Error(err)
	}
}

func TestAnErrorOfTheKeyringNeverRepeatsTheSecret(t *testing.T) {
	fake := newFake()
	fake.setHook(func(call, _ string) error { return errors.New("cannot store the-key here") })
	v := Keyring(KeyringOptions{Store: fake})
	err := v.Set(t.Context(), "acme", CurrentKey, secret("the-key"))
	if err == nil || strings.Contains(fmt.Sprintf("%+v %#v", err, err), "the-key") {
		t.Error(err)
	}
}

func TestACallThatHangsIsAbandonedAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, answer := newFake(), make(chan struct{})
		v := Keyring(KeyringOptions{Store: fake})
		fake.setHook(func(_, _ string) error { <-answer; return nil })
		began := time.Now()
		_, err := v.Get(t.Context(), "acme", CurrentKey)
		if !errors.Is(err, ErrTimeout) || time.Since(began) != keyringTimeout {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		// The keyring's owner is asked once: the next call waits for the first to end.
		if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrTimeout) || fake.count() != 1 {
			t.Errorf("%d calls: %v", fake.count(), err)
		}
		fake.setHook(nil)
		close(answer)
		if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrNotFound) {
			t.Errorf("after the keyring answered: %v", err)
		}
	})
}

func TestACallEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, answer := newFake(), make(chan struct{})
		v := Keyring(KeyringOptions{Store: fake})
		fake.setHook(func(_, _ string) error { <-answer; return nil })
		stop := errors.New("the program stops")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		if _, err := v.Get(ctx, "acme", CurrentKey); !errors.Is(err, stop) {
			t.Error(err)
		}
		if _, err := v.Get(ctx, "acme", CurrentKey); !errors.Is(err, stop) {
			t.Error(err)
		}
		close(answer)
	})
}

func TestACallThatHangsForEverDoesNotHoldUpTheOthersForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, never := newFake(), make(chan struct{})
		v := Keyring(KeyringOptions{Store: fake})
		hang := func(_, _ string) error { <-never; return nil }
		for range keyringHung {
			fake.setHook(hang)
			if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrTimeout) {
				t.Fatal(err)
			}
			fake.setHook(nil)
			time.Sleep(keyringGrace * keyringTimeout)
		}
		before := fake.count()
		if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrTimeout) || fake.count() != before {
			t.Errorf("with %d calls hanging another one was begun: %v", keyringHung, err)
		}
		close(never)
		synctest.Wait()
		if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestAWriteThatEndsLateDoesNotReplaceANewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, answer := newFake(), make(chan struct{})
		v := Keyring(KeyringOptions{Store: fake})
		fake.setHook(func(call, _ string) error {
			if call == "set" {
				<-answer
			}
			return nil
		})
		if err := v.Set(t.Context(), "acme", CurrentKey, secret("old")); !errors.Is(err, ErrTimeout) {
			t.Fatal(err)
		}
		fake.setHook(nil)
		time.Sleep(keyringGrace * keyringTimeout)
		if err := v.Set(t.Context(), "acme", CurrentKey, secret("new")); err != nil {
			t.Fatal(err)
		}
		close(answer) // the owner of the keyring comes back from lunch
		synctest.Wait()
		if got, err := v.Get(t.Context(), "acme", CurrentKey); err != nil || got.Reveal() != "new" {
			t.Errorf("%q, %v", got.Reveal(), err)
		}
	})
}

func TestALateWriteDoesNotBringBackWhatWasRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, answer := newFake(), make(chan struct{})
		v := Keyring(KeyringOptions{Store: fake})
		fake.setHook(func(_, _ string) error { <-answer; return nil })
		if err := v.Set(t.Context(), "acme", CurrentKey, secret("old")); !errors.Is(err, ErrTimeout) {
			t.Fatal(err)
		}
		fake.setHook(nil)
		time.Sleep(keyringGrace * keyringTimeout)
		if err := v.Delete(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
		close(answer)
		synctest.Wait()
		if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestAPanicOfTheKeyringsLibraryIsAnError(t *testing.T) {
	fake := newFake()
	fake.setHook(func(_, _ string) error { panic("the bus went away") })
	v := Keyring(KeyringOptions{Store: fake})
	if _, err := v.Get(t.Context(), "acme", CurrentKey); err == nil || errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestRemovingGoesOnPastWhatIsNotThere(t *testing.T) {
	fake := newFake()
	v := Keyring(KeyringOptions{Store: fake})
	for _, item := range []Item{DeveloperID, InitialKey, CandidateKey} {
		if err := v.Set(t.Context(), "acme", item, secret("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Set(t.Context(), "other", CurrentKey, secret("x")); err != nil {
		t.Fatal(err)
	}
	if err := v.Delete(t.Context(), "acme"); err != nil || len(fake.items) != 1 {
		t.Error(err, fake.items)
	}
	fake.setHook(func(_, _ string) error { return errors.New("refused") })
	if err := v.Delete(t.Context(), "other"); err == nil {
		t.Error("what could not be removed is no error")
	}
}
