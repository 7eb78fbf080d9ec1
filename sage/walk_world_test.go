package sage_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
)

// world is a client and a sandbox that need not have the same profile, and everything that passed between them.
type world struct {
	client  *sage.Client
	sandbox *sandbox.Sandbox
	options sandbox.Options
	session *sage.Session
	keys    *keyring
	ears    *ears

	mu        sync.Mutex // guards what follows
	exchanges []sage.Exchange
	requests  []*http.Request // without their bodies
	changed   []string        // status words in the order in which they came
}

const (
	walkBase  = "http://127.0.0.1:1"
	walkPace  = 3 * time.Second
	walkLimit = 60 << 10 // bytes of a file
)

// newWorld is to be called in a synctest bubble, and closed there.
func newWorld(t *testing.T, client, platform *sage.Profile, change ...func(*sandbox.Options)) *world {
	t.Helper()
	w := &world{keys: &keyring{}, ears: listenBy(t, client)}
	w.options = sandbox.Options{
		Profile: platform, BaseURL: walkBase, Pace: walkPace, IDAtOnce: true, Callbacks: w.ears,
		Limits: sandbox.Limits{MaxFile: walkLimit, KeyTTL: 24 * time.Hour},
	}
	for _, c := range change {
		c(&w.options)
	}
	var err error
	if w.sandbox, err = sandbox.New(w.options); err != nil {
		t.Fatal(err)
	}
	base := ""
	if client.BaseURL == "" {
		base = w.options.BaseURL
	}
	w.client, err = sage.New(sage.Options{BaseURL: base, Profile: client, Transport: recorder{w, w.sandbox.RoundTripper()}, OnExchange: w.note})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) close(t *testing.T) {
	t.Helper()
	if err := w.sandbox.Close(); err != nil {
		t.Error(err)
	}
}

func (w *world) note(x sage.Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.exchanges = append(w.exchanges, x)
}

// statuses are the HTTP statuses that an operation's successes were answered with.
func (w *world) statuses(op string) map[int]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := map[int]bool{}
	for _, x := range w.exchanges {
		if x.Op == op && x.Status < 300 {
			found[x.Status] = true
		}
	}
	return found
}

// recorder notes the requests that go to the sandbox.
type recorder struct {
	w    *world
	next http.RoundTripper
}

func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	noted := req.Clone(context.Background())
	noted.Body = nil
	r.w.mu.Lock()
	r.w.requests = append(r.w.requests, noted)
	r.w.mu.Unlock()
	return r.next.RoundTrip(req)
}

// keyring is a store of keys in memory.
type keyring struct {
	mu  sync.Mutex
	set sage.KeySet
}

func (k *keyring) Load(context.Context) (sage.KeySet, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.set, nil
}

func (k *keyring) SaveCurrent(_ context.Context, current, previous sage.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set.Current, k.set.Previous = current, previous
	return nil
}

func (k *keyring) SaveSecret(_ context.Context, secret, pending sage.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set.Secret, k.set.Pending = secret, pending
	return nil
}

// body is content that can be read again.
func body(data []byte) sage.Body {
	return sage.Body{Size: int64(len(data)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// that fails with what was expected.
func that(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// steps runs steps until one fails.
func steps(all ...func() error) error {
	for _, step := range all {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
