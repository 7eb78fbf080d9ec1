package watcher

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

// errDead is what every effect of a dead process comes to.
var errDead = errors.New("the process is dead")

// life counts the effects of a process and ends it at one of them: before it happens, or after it happened and before
// anybody hears of it. What a dead process still tries has no effect.
type life struct {
	mu    sync.Mutex // guards the rest; not held over an effect
	left  int        // effects until the end; negative: it lives on
	after bool       // the last effect happens
	dead  bool
	end   func() // called once, at the end
	n     int    // effects so far
	last  string // the effect at which it ended
}

// effect lets one effect happen, or not.
func (l *life) effect(name string, do func() error) error {
	l.mu.Lock()
	if l.dead {
		l.mu.Unlock()
		return errDead
	}
	l.n++
	dies := l.left == 0
	l.left--
	if dies {
		l.dead, l.last = true, name
	}
	l.mu.Unlock()
	if !dies {
		return do()
	}
	if l.after {
		_ = do()
	}
	l.end()
	return errDead
}

// mortalFS, mortalJournal and mortalNet are the doors of a process that ends.
type mortalFS struct {
	disk.FS
	life *life
}

func (m mortalFS) Create(name string) (f disk.File, err error) {
	err = m.life.effect("create "+name, func() error {
		f, err = m.FS.Create(name)
		return err
	})
	if err != nil && f != nil {
		f.Close()
		return nil, err
	}
	if f == nil {
		return nil, err
	}
	return mortalFile{f, m.life, name}, nil
}

func (m mortalFS) Open(name string) (disk.File, error) {
	if m.life.gone() {
		return nil, errDead
	}
	return m.FS.Open(name)
}

func (m mortalFS) Lstat(name string) (disk.Info, error) {
	if m.life.gone() {
		return disk.Info{}, errDead
	}
	return m.FS.Lstat(name)
}

func (m mortalFS) ReadDir(name string) ([]disk.Entry, error) {
	if m.life.gone() {
		return nil, errDead
	}
	return m.FS.ReadDir(name)
}

func (l *life) gone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

func (m mortalFS) Mkdir(name string) error {
	return m.life.effect("mkdir "+name, func() error { return m.FS.Mkdir(name) })
}

func (m mortalFS) MkdirAll(name string) error {
	return m.life.effect("mkdirAll "+name, func() error { return m.FS.MkdirAll(name) })
}

func (m mortalFS) Rename(from, to string) error {
	return m.life.effect("rename "+from+" "+to, func() error { return m.FS.Rename(from, to) })
}

func (m mortalFS) Move(from, to string) error {
	return m.life.effect("move "+from+" "+to, func() error { return m.FS.Move(from, to) })
}

func (m mortalFS) Remove(name string) error {
	return m.life.effect("remove "+name, func() error { return m.FS.Remove(name) })
}

func (m mortalFS) SyncDir(name string) error {
	return m.life.effect("syncDir "+name, func() error { return m.FS.SyncDir(name) })
}

type mortalFile struct {
	disk.File
	life *life
	name string
}

func (m mortalFile) Write(b []byte) (n int, err error) {
	err = m.life.effect("write "+m.name, func() error {
		n, err = m.File.Write(b)
		return err
	})
	return n, err
}

func (m mortalFile) Sync() error {
	return m.life.effect("sync "+m.name, m.File.Sync)
}

type mortalJournal struct {
	Journal
	life *life
}

func (m mortalJournal) Put(ctx context.Context, changes ...journal.Change) error {
	err := m.life.effect(fmt.Sprintf("put %T", changes[0]), func() error { return m.Journal.Put(ctx, changes...) })
	if errors.Is(err, errDead) {
		return journal.ErrClosed
	}
	return err
}

type mortalNet struct {
	under http.RoundTripper
	life  *life
}

func (m mortalNet) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	err = m.life.effect(r.Method+" "+r.URL.Path, func() error {
		resp, err = m.under.RoundTrip(r)
		return err
	})
	if err != nil {
		if resp != nil {
			resp.Body.Close()
		}
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	return resp, nil
}

// mortal puts a life before all doors of a rig.
func (r *rig) mortal(l *life) (restore func()) {
	options := r.options
	r.options.FS = mortalFS{options.fill().FS, l}
	r.options.Transport = mortalNet{options.Transport, l}
	r.options.Journal = func(ctx context.Context) (Journal, error) {
		j, err := journal.Open(ctx, r.home+"/"+journalFile, journal.Options{})
		if err != nil {
			return nil, err
		}
		return mortalJournal{j, l}, nil
	}
	return func() { r.options = options }
}

// liveAndDie runs an engine until its life ends or the time is over, and lets go of it as the system would.
func (r *rig) liveAndDie(l *life, d time.Duration) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	l.end = cancel
	restore := r.mortal(l)
	defer restore()
	e, err := Open(ctx, r.options)
	if err != nil {
		return // it ended while it was opened
	}
	var ended sync.WaitGroup
	ended.Go(func() { _ = e.Run(ctx) })
	select {
	case <-ctx.Done():
	case <-time.After(d):
		cancel()
	}
	ended.Wait()
	l.mu.Lock()
	l.dead = true
	l.mu.Unlock()
	_ = e.Close()
}

// crashEverywhere runs a story with a crash at its n-th effect, before and after it, for every n, and then lets another
// process bring it to its end.
func crashEverywhere(t *testing.T, o sandbox.Options, prepare func(*rig) [][]byte, d time.Duration) {
	t.Helper()
	for _, after := range []bool{false, true} {
		for n := 0; ; n++ {
			over := false
			name := fmt.Sprintf("n=%d,after=%v", n, after)
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, o)
					r.connect(acme)
					dropped := prepare(r)
					l := &life{left: n, after: after}
					r.liveAndDie(l, d)
					over = !l.gone() || l.last == ""
					r.start()
					r.drain()
					r.invariants(acme, dropped, true)
					if t.Failed() {
						t.Logf("the crash was at %s\n%s\n%s", l.last, r.files(acme), r.log)
					}
				})
			})
			if over || t.Failed() {
				t.Logf("%d effects", n)
				break
			}
		}
	}
}

func TestACrashAtAnyEffectOfAJourneyLosesAndDoublesNothing(t *testing.T) {
	crashEverywhere(t, sandbox.Options{}, func(r *rig) [][]byte {
		content := orders(1, 2)
		r.drop(acme, "Outbox/orders/a.json", content)
		return [][]byte{content}
	}, time.Minute)
}

// The end of the first file shares a commit with the claim of the second.
func TestACrashAtAnyEffectOfTwoFilesInOneLaneLosesAndDoublesNothing(t *testing.T) {
	crashEverywhere(t, sandbox.Options{}, func(r *rig) [][]byte {
		first, second := orders(1, 1), orders(2, 1)
		r.drop(acme, "Outbox/orders/a.json", first)
		r.drop(acme, "Outbox/orders/b.json", second)
		return [][]byte{first, second}
	}, time.Minute)
}

func TestACrashAtAnyEffectOfARefusedFilesJourneyLosesNothing(t *testing.T) {
	crashEverywhere(t, sandbox.Options{}, func(r *rig) [][]byte {
		if err := r.platform.EndNext(sandbox.Failed); err != nil {
			r.t.Fatal(err)
		}
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		return [][]byte{content}
	}, time.Minute)
}

func TestACrashAtAnyEffectOfABadFilesWayLosesNothing(t *testing.T) {
	crashEverywhere(t, sandbox.Options{}, func(r *rig) [][]byte {
		content := []byte(`[{"id":"1"`)
		r.drop(acme, "Outbox/orders/cut.json", content)
		return [][]byte{content}
	}, 2*time.Minute)
}

func TestACrashAtAnyEffectOfAListsArrivalLeavesItWhole(t *testing.T) {
	crashEverywhere(t, sandbox.Options{}, func(r *rig) [][]byte {
		for _, n := range []int{3, 5} {
			if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(n)); err != nil {
				r.t.Fatal(err)
			}
		}
		return nil
	}, time.Minute)
}
