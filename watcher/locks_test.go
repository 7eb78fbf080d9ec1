package watcher

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// blindLock is the system's lock on a share whose other computers do not see it.
type blindLock struct{ path string }

func (l blindLock) TryLock() (bool, error) { return true, makeLockFile(l.path) }

func (blindLock) Close() error { return nil }

// noLock is a share that knows no locks.
type noLock struct{}

func (noLock) TryLock() (bool, error) { return false, errors.ErrUnsupported }

func (noLock) Close() error { return nil }

// shares are drives on which two computers do not see each other's locks.
var shares = map[string]FileLocks{
	"locks are not seen":   {Remote: func(string) bool { return true }, system: func(path string) systemLock { return blindLock{path} }},
	"there are no locks":   {system: func(string) systemLock { return noLock{} }},
	"no lock, and it says": {Remote: func(string) bool { return true }, system: func(string) systemLock { return noLock{} }},
}

// office is a computer with a clock of its own.
type office struct {
	holder Holder
	ahead  time.Duration
}

func (o office) now() Holder {
	h := o.holder
	h.Alive = time.Now().Add(o.ahead).UTC()
	return h
}

var (
	ann = office{Holder{User: "ann", Computer: "desk", Home: "/home/ann", Process: 7}, 0}
	bob = office{Holder{User: "bob", Computer: "laptop", Home: "/home/bob", Process: 7}, -400 * 24 * time.Hour}
)

// onEachShare runs a test in a bubble on every kind of share.
func onEachShare(t *testing.T, test func(t *testing.T, locks FileLocks, path string)) {
	t.Helper()
	for name, locks := range shares {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, locks, filepath.Join(t.TempDir(), outboxLock)) })
		})
	}
}

// beats gives signs of life until stop, which gives the error that ended them.
func beats(lock Lock, o office) (stop func() error) {
	end := make(chan struct{})
	var beating sync.WaitGroup
	var err error
	beating.Go(func() {
		for err == nil && wait(context.Background(), heartbeat, end) == nil {
			select {
			case <-end:
				return
			default:
				err = lock.Alive(o.now())
			}
		}
	})
	return func() error {
		close(end)
		beating.Wait()
		return err
	}
}

func TestAShareHoldsForOneOfTwoComputersWhateverTheirClocksSay(t *testing.T) {
	onEachShare(t, func(t *testing.T, locks FileLocks, path string) {
		first, err := locks.Lock(t.Context(), path, bob.now())
		if err != nil {
			t.Fatal(err)
		}
		stop := beats(first, bob)
		_, err = locks.Lock(t.Context(), path, ann.now())
		if held, is := errors.AsType[*HeldError](err); !is || held.Holder.User != "bob" || held.Holder.Computer != "laptop" {
			t.Errorf("got %v", err)
		}
		if err := stop(); err != nil {
			t.Errorf("bob lost it: %v", err)
		}
		if err := first.Release(); err != nil {
			t.Error(err)
		}
		began := time.Now()
		next, err := locks.Lock(t.Context(), path, ann.now())
		if err != nil || time.Since(began) > together {
			t.Fatalf("a lock that was given back is not free: %v after %v", err, time.Since(began))
		}
		if err := next.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestALockThatACrashLeftOnAShareIsTakenOver(t *testing.T) {
	onEachShare(t, func(t *testing.T, locks FileLocks, path string) {
		dead, err := locks.Lock(t.Context(), path, bob.now())
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		lock, err := locks.Lock(t.Context(), path, ann.now())
		if err != nil || time.Since(began) < strangers {
			t.Fatalf("%v after %v", err, time.Since(began))
		}
		// It was asleep, not dead: it must not go on, and not take ann's name away.
		if err := dead.Alive(bob.now()); !errors.Is(err, ErrBusy) {
			t.Errorf("the one who slept goes on: %v", err)
		}
		if err := dead.Release(); err != nil {
			t.Error(err)
		}
		if err := lock.Alive(ann.now()); err != nil {
			t.Errorf("ann lost it: %v", err)
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestOfTwoComputersAtTheSameMomentOneTakesTheLock(t *testing.T) {
	onEachShare(t, func(t *testing.T, locks FileLocks, path string) {
		var both sync.WaitGroup
		taken, errs := make([]Lock, 2), make([]error, 2)
		stops := make([]func() error, 2)
		for i, o := range []office{ann, bob} {
			both.Go(func() {
				if taken[i], errs[i] = locks.Lock(t.Context(), path, o.now()); errs[i] == nil {
					stops[i] = beats(taken[i], o)
				}
			})
		}
		both.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%v, %v", errs[0], errs[1])
		}
		for i, err := range errs {
			if err != nil && !errors.Is(err, ErrBusy) {
				t.Error(err)
			}
			if err == nil {
				if err := errors.Join(stops[i](), taken[i].Release()); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func TestAnAgentThatCrashedStartsAgainAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), outboxLock)
	if err := makeLockFile(path); err != nil {
		t.Fatal(err)
	}
	if err := writeNote(path, note{Holder: ann.now(), Token: "of a life before", Beat: 40}); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		lock, err := FileLocks{}.Lock(t.Context(), path, ann.now())
		if err != nil || time.Since(began) > 0 {
			t.Fatalf("%v after %v", err, time.Since(began))
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestANoteThatCannotBeUnderstoodKeepsNobodyOut(t *testing.T) {
	for _, text := range []string{"", "\n", "\n{", "\nnonsense", "\n{\"alive\":3}"} {
		path := filepath.Join(t.TempDir(), outboxLock)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		lock, err := FileLocks{}.Lock(t.Context(), path, ann.now())
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err := lock.Alive(ann.now()); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
	}
}
