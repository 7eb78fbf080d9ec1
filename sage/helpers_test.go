package sage

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const platform = "https://platform.test"

// inMemory is a network without sockets: it hands requests to a handler by host, and works in a synctest bubble.
type inMemory map[string]http.HandlerFunc

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	defer closeBody(r)
	handler := m[r.URL.Host]
	if handler == nil {
		return nil, errors.New("no such host: " + r.URL.Host)
	}
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	served := make(chan any, 1)
	go func() {
		defer func() { served <- recover() }()
		handler(w, r)
	}()
	select {
	case p := <-served:
		if p != nil {
			return nil, io.ErrUnexpectedEOF // what http.ErrAbortHandler is on a real wire
		}
	case <-r.Context().Done():
		<-served
		return nil, r.Context().Err()
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// over makes a client of the platform whose calls a handler answers.
func over(t *testing.T, handler http.HandlerFunc, change ...func(*Options)) *Client {
	t.Helper()
	options := Options{BaseURL: platform, Transport: inMemory{"platform.test": handler}, Now: time.Now}
	for _, c := range change {
		c(&options)
	}
	c, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// served makes a client of a real server on loopback.
func served(t testing.TB, handler http.Handler, change ...func(*Options)) (*Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	options := Options{BaseURL: server.URL}
	for _, c := range change {
		c(&options)
	}
	c, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, server
}

// with makes a profile with one thing changed.
func with(change func(*Profile)) func(*Options) {
	return func(o *Options) {
		o.Profile = DefaultProfile()
		change(o.Profile)
	}
}

// memory is a KeyStore that keeps what it was told, remembers the order, and can be made to fail.
type memory struct {
	mu     sync.Mutex
	set    KeySet
	writes []string                 // "current K2 before K1", "secret s pending p"
	fail   func(write string) error // nil: never
}

func (m *memory) Load(ctx context.Context) (KeySet, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.set, ctx.Err()
}

func (m *memory) SaveCurrent(ctx context.Context, current, previous Secret) error {
	return m.write(ctx, "current "+current.Reveal()+" before "+previous.Reveal(), func() {
		m.set.Current, m.set.Previous, m.set.Unproven = current, previous, false
	})
}

func (m *memory) SaveSecret(ctx context.Context, secret, pending Secret) error {
	return m.write(ctx, "secret "+secret.Reveal()+" pending "+pending.Reveal(), func() { m.set.Secret, m.set.Pending = secret, pending })
}

func (m *memory) write(ctx context.Context, what string, effect func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		if err := m.fail(what); err != nil {
			return err
		}
	}
	m.writes = append(m.writes, what)
	effect()
	return nil
}

func (m *memory) now() KeySet {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.set
}

// connected is the store of a connection that was just made.
func connected() *memory {
	return &memory{set: KeySet{Initial: NewSecret("key-initial"), Current: NewSecret("key-initial"), Secret: NewSecret("secret-one")}}
}

// session makes a session with the keys of a new connection.
func session(c *Client) *Session {
	return c.Session("ecommerce", NewKeys(c, connected(), KeysOptions{}))
}

// content is a Body of a text.
func content(text string) Body {
	return Body{Size: int64(len(text)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// says answers with a status and a body.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// inTurn answers each call with the next handler; the last one answers all that follow.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		next := handlers[0]
		if len(handlers) > 1 {
			handlers = handlers[1:]
		}
		mu.Unlock()
		next(w, r)
	}
}

// record keeps what a handler was asked.
type record struct {
	mu    sync.Mutex
	calls []seen
}

// seen is one request as a platform saw it.
type seen struct {
	method, host, path, query string
	header                    http.Header
	body                      string
}

func (c *record) of(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.calls = append(c.calls, seen{r.Method, r.Host, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Clone(), string(body)})
		c.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r)
	}
}

func (c *record) all() []seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// one gives the only call that was made.
func (c *record) one(t *testing.T) seen {
	t.Helper()
	calls := c.all()
	if len(calls) != 1 {
		t.Fatalf("%d calls were made, want 1: %+v", len(calls), calls)
	}
	return calls[0]
}

func wantError(t *testing.T, err, want error) *Error {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
	e, _ := errors.AsType[*Error](err)
	return e
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
