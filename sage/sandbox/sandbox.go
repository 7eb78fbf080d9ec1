package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"postroom/sage"
	"postroom/sage/contract"
)

// Sandbox is one platform. Its methods may be called by several goroutines at once.
type Sandbox struct {
	profile   *sage.Profile
	limits    Limits
	dialect   Dialect
	options   Options
	now       func() time.Time
	log       *slog.Logger
	checker   *contract.Checker
	routes    []route
	store     *store
	journal   *journal // nil without a directory
	clerk     *clerk
	callbacks http.RoundTripper
	faults    faults
	notes     violations
	pages     http.Handler

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // goroutines that outlive a request

	mu     sync.Mutex // guards what follows; never held over a file, a callback or a check of content
	world  world
	base   *url.URL
	upload *url.URL // where contents go; another host than base when Options.UploadBaseURL says so
	closed bool
}

// New opens a sandbox. With Options.Dir it continues where the last one on that directory stopped: files on their
// way move on, callbacks that were not delivered are tried again.
func New(o Options) (*Sandbox, error) {
	if o.Profile == nil {
		o.Profile = sage.DefaultProfile()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	s := &Sandbox{
		profile: o.Profile, limits: o.Limits.withDefaults(), dialect: o.Dialect, options: o,
		now: o.Now, log: o.Logger, callbacks: o.Callbacks, world: newWorld(),
	}
	s.world.rand = o.Rand
	var err error
	if s.checker, err = contract.New(); err != nil {
		return nil, fmt.Errorf("sandbox: compiling the contracts: %w", err)
	}
	s.routes = routesOf(o.Profile)
	if err := s.setBases(or(o.BaseURL, DefaultBaseURL), o.UploadBaseURL); err != nil {
		return nil, err
	}
	s.pages = newPages(s)
	if s.callbacks == nil {
		s.callbacks = http.DefaultTransport.(*http.Transport).Clone()
	}
	if err := s.open(o.Dir); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.clerk = newClerk()
	s.work.Go(func() { s.clerk.run(s.ctx) })
	s.resume()
	return s, nil
}

// open reads the state of an earlier sandbox, or begins one.
func (s *Sandbox) open(dir string) error {
	if dir == "" {
		s.store = newStore("")
		return s.world.begin()
	}
	j, entries, err := openJournal(dir)
	if err != nil {
		return err
	}
	s.journal, s.store = j, newStore(dir)
	if err := s.world.load(entries); err != nil {
		return errors.Join(fmt.Errorf("sandbox: reading the state in %s: %w", dir, err), j.close())
	}
	if s.world.master == nil {
		if err := s.world.begin(); err != nil {
			return errors.Join(err, j.close())
		}
	}
	// The log is written anew with the last word on each thing alone, and contents that nothing names go.
	if err := j.compact(s.world.entries()); err != nil {
		return errors.Join(err, j.close())
	}
	return s.store.sweep(s.world.contents())
}

// Close stops everything that goes on by itself and waits for it. Requests after it are answered with 503.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	already := s.closed
	s.closed = true
	s.mu.Unlock()
	if already {
		return nil
	}
	s.cancel()
	s.work.Wait()
	if t, ok := s.callbacks.(interface{ CloseIdleConnections() }); ok && s.options.Callbacks == nil {
		t.CloseIdleConnections()
	}
	var err error
	if s.journal != nil {
		err = s.journal.close()
	}
	return errors.Join(err, s.store.close())
}

// BaseURL is what handed-out URLs begin with.
func (s *Sandbox) BaseURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base.String()
}

// SetBaseURL tells where the sandbox can be reached, once its listener has a port. URLs handed out earlier keep
// their host.
func (s *Sandbox) SetBaseURL(base string) error {
	return s.setBases(base, s.options.UploadBaseURL)
}

func (s *Sandbox) setBases(base, upload string) error {
	b, err := parseBase(base)
	if err != nil {
		return err
	}
	u := b
	if upload != "" {
		if u, err = parseBase(upload); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.upload = b, u
	return nil
}

func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil {
		return nil, fmt.Errorf("sandbox: base URL: %w", err)
	}
	if u.Scheme == "" || u.Host == "" || u.RawQuery != "" {
		return nil, fmt.Errorf("sandbox: base URL %q needs a scheme and a host, and no query", text)
	}
	return u, nil
}

// tx is one change of the world. It is made under the lock; what follows from it outside (the log, callbacks,
// the next phase of a file) is collected and happens after the lock is gone.
type tx struct {
	*world
	s       *Sandbox
	now     time.Time
	entries []entry
	after   []func()
}

// save notes that a thing has changed.
func (t *tx) save(kind entryKind, id string, value any) {
	if t.s.journal != nil {
		t.entries = append(t.entries, t.entry(kind, id, value))
	}
}

// then makes something happen after the lock is gone and the change is written.
func (t *tx) then(effect func()) { t.after = append(t.after, effect) }

// do makes one change. What it changed is written to the log when do returns.
func (s *Sandbox) do(change func(*tx) error) error {
	t := &tx{s: s, world: &s.world, now: s.now().UTC()}
	err := s.locked(func() error { return change(t) })
	if len(t.entries) > 0 {
		if werr := s.journal.append(t.entries); werr != nil {
			s.log.Error("The sandbox cannot write its state", "error", werr)
			err = errors.Join(err, werr)
		}
	}
	for _, effect := range t.after {
		effect()
	}
	return err
}

// look reads the world without changing it.
func (s *Sandbox) look(read func(w *world, now time.Time)) {
	now := s.now().UTC()
	_ = s.locked(func() error { read(&s.world, now); return nil })
}

func (s *Sandbox) locked(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

// later runs f on the clerk's goroutine after a delay, unless the sandbox is closed before.
func (s *Sandbox) later(d time.Duration, f func()) { s.clerk.in(d, f) }

// spawn runs f on a goroutine that Close waits for. After Close it does nothing.
func (s *Sandbox) spawn(f func(context.Context)) {
	_ = s.locked(func() error {
		if !s.closed {
			s.work.Go(func() { f(s.ctx) })
		}
		return nil
	})
}

// random reads n bytes from the sandbox's source. It is called under the lock.
func (w *world) random(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(w.rand, b); err != nil {
		panic("sandbox: its source of randomness failed: " + err.Error())
	}
	return b
}
