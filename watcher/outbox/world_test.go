package outbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// checker is the real one: compiling the schemas once is enough.
var checker = sync.OnceValue(func() *contract.Checker {
	c, err := contract.New()
	if err != nil {
		panic(err)
	}
	return c
})

// bell is the Events of a test: what it does not ring is not heard.
type bell struct {
	mu    sync.Mutex
	hears map[string]func(Notice)
	fail  error
}

func (b *bell) Watch(folder string, hear func(Notice)) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return nil, b.fail
	}
	if b.hears == nil {
		b.hears = make(map[string]func(Notice))
	}
	b.hears[folder] = hear
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.hears, folder)
	}, nil
}

func (b *bell) ring(full string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if hear := b.hears[filepath.Dir(full)]; hear != nil {
		hear(Notice{Name: filepath.Base(full)})
	}
}

// lose tells every watch that notices were lost, one after the other.
func (b *bell) lose() {
	b.mu.Lock()
	hears := maps.Clone(b.hears)
	b.mu.Unlock()
	for _, folder := range slices.Sorted(maps.Keys(hears)) {
		hears[folder](Notice{Lost: true})
		synctest.Wait()
	}
}

// world is a company's folder with a Watcher on it, inside a bubble whose time passes as the test says. The wall
// clock of the Watcher goes with the bubble's, from the real time on, so that time stamps of real files make sense.
type world struct {
	t       *testing.T
	dir     string
	wall    time.Time
	began   time.Time
	bell    *bell
	options Options
	watcher *Watcher
	stop    func()

	mu     sync.Mutex // guards what follows
	held   bool       // what the file system says of every file
	remote bool
	slept  time.Duration // by which the wall clock went on alone
	fail   error         // of Deliver
	fault  func(op disktest.Op, name string) error
	found  []Finding
	looks  map[string]int // by operation and name
}

// inWorld runs a test in a bubble of its own.
func inWorld(t *testing.T, test func(w *world)) {
	wall := time.Now().Add(123456789)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, dir: dir, wall: wall, began: time.Now(), bell: &bell{}, looks: make(map[string]int)}
		w.options = Options{
			FS:      heldFS{disktest.Faults{FS: disk.OS(), Before: w.before}, w},
			Events:  w.bell,
			Checker: checker(),
			Folder:  dir,
			Scopes:  []Scope{{Name: "orders"}, {Name: "customers"}},
			Ignore:  DefaultIgnore(),
			Deliver: w.deliver,
			Now:     w.now,
		}
		for _, folder := range []string{"Outbox/.sending", "Outbox/Held", "Outbox/orders", "Outbox/customers"} {
			if err := disk.OS().MkdirAll(w.full(folder)); err != nil {
				t.Fatal(err)
			}
		}
		test(w)
		if w.stop != nil {
			w.stop()
		}
	})
}

// heldFS answers Held and Remote as the test says.
type heldFS struct {
	disktest.Faults
	w *world
}

func (h heldFS) Held(string) bool {
	h.w.mu.Lock()
	defer h.w.mu.Unlock()
	return h.w.held
}

func (h heldFS) Remote(string) bool {
	h.w.mu.Lock()
	defer h.w.mu.Unlock()
	return h.w.remote
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wall.Add(w.slept + time.Since(w.began))
}

// set changes what the world answers.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *world) before(op disktest.Op, name string) error {
	rel, err := filepath.Rel(w.dir, name)
	if err != nil {
		return err
	}
	var fault func(disktest.Op, string) error
	w.set(func() {
		w.looks[string(op)+" "+filepath.ToSlash(rel)]++
		fault = w.fault
	})
	if fault != nil {
		return fault(op, filepath.ToSlash(rel))
	}
	return nil
}

func (w *world) deliver(_ context.Context, found []Finding) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return w.fail
	}
	w.found = append(w.found, found...)
	return nil
}

func (w *world) start() {
	w.t.Helper()
	watcher, err := New(w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	w.watcher = watcher
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- watcher.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			w.t.Errorf("Run ended with %v", err)
		}
	}
	synctest.Wait()
}

func (w *world) full(path string) string { return filepath.Join(w.dir, filepath.FromSlash(path)) }

// write writes a file in place, as of now, and rings.
func (w *world) write(path, content string) {
	w.t.Helper()
	w.put(path, content, 0)
	w.bell.ring(w.full(path))
	synctest.Wait()
}

// put writes a file that was last changed some time ago. Nothing rings.
func (w *world) put(path, content string, age time.Duration) {
	w.t.Helper()
	if err := os.WriteFile(w.full(path), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	then := w.now().Add(-age)
	if err := os.Chtimes(w.full(path), then, then); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) remove(path string) {
	w.t.Helper()
	if err := os.RemoveAll(w.full(path)); err != nil {
		w.t.Fatal(err)
	}
	w.bell.ring(w.full(path))
	synctest.Wait()
}

func (w *world) rename(from, to string) {
	w.t.Helper()
	if err := os.Rename(w.full(from), w.full(to)); err != nil {
		w.t.Fatal(err)
	}
	w.bell.ring(w.full(from))
	w.bell.ring(w.full(to))
	synctest.Wait()
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// take gives what has been told since the last time.
func (w *world) take() []Finding {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := w.found
	w.found = nil
	return found
}

// tells checks what has been told since the last time, as "kind path" or "kind path code", in order.
func (w *world) tells(want ...string) []Finding {
	w.t.Helper()
	found := w.take()
	var got []string
	for _, f := range found {
		line := fmt.Sprint(f.Kind, " ", strings.TrimPrefix(f.Path, "Outbox/"))
		if f.Problem != nil {
			line += " " + f.Problem.Code
		}
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		w.t.Fatalf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return found
}

// shows checks what is loose, as "path code".
func (w *world) shows(want ...string) {
	w.t.Helper()
	w.pass(showEvery)
	var got []string
	for _, l := range w.watcher.Loose() {
		got = append(got, strings.TrimPrefix(l.Path, "Outbox/")+" "+l.Problem.Code)
	}
	if !slices.Equal(got, want) {
		w.t.Fatalf("shows %q, want %q", got, want)
	}
}

// looksBegin counts anew.
func (w *world) looksBegin() { w.set(func() { w.looks = make(map[string]int) }) }

// counted is how often the operations were done that begin as given, of those kinds and in those folders.
func (w *world) counted(prefix string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	total := 0
	for key, n := range w.looks {
		if strings.HasPrefix(key, prefix) {
			total += n
		}
	}
	return total
}

// looked is how often an operation was done since the last time it was asked.
func (w *world) looked(op disktest.Op, path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := string(op) + " " + path
	n := w.looks[key]
	delete(w.looks, key)
	return n
}
