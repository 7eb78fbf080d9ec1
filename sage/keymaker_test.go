package sage

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// keyMaker is the part of a platform that deals with keys: one connection's, with every way to lose an answer.
type keyMaker struct {
	mu       sync.Mutex
	initial  string
	key      string // the only one that is good
	secret   string
	expired  bool          // the key is expired
	locked   bool          // the key is locked for a time
	deadCode int           // what a key that was replaced is called
	latency  time.Duration // of each call
	made     int           // keys
	patches  int           // rotations asked for
	renewals int           // renewals asked for
	bad      []string      // what no client should ever have done
	fault    func(op string) fault
}

// fault is what goes wrong with a call.
type fault int

const (
	noFault    fault = iota
	lostBefore       // the call never arrives
	lostAfter        // it is carried out, its answer is lost
	serverFault
)

func newKeyMaker() *keyMaker {
	return &keyMaker{initial: "key-initial", key: "key-initial", secret: "secret-one", deadCode: 2105}
}

func (m *keyMaker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op := "call"
	switch {
	case strings.HasSuffix(r.URL.Path, "/apikey"):
		op = "rotate"
	case strings.HasSuffix(r.URL.Path, "/apikey/secret"):
		op = "renew"
	}
	body, _ := io.ReadAll(r.Body)
	select {
	case <-time.After(m.latency):
	case <-r.Context().Done():
	}
	wrong := noFault
	if m.fault != nil {
		wrong = m.fault(op)
	}
	switch wrong {
	case lostBefore:
		panic(http.ErrAbortHandler)
	case serverFault:
		says(503, ``)(w, r)
		return
	}
	status, answer := m.do(op, r.Header.Get("apikey"), body)
	if wrong == lostAfter {
		panic(http.ErrAbortHandler)
	}
	says(status, answer)(w, r)
}

func (m *keyMaker) do(op, key string, body []byte) (status int, answer string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	refuse := func(status, code int) (int, string) { return status, fmt.Sprintf(`{"code":%d}`, code) }
	var sent struct{ InitialApikey, Secret, NewSecret string }
	_ = json.Unmarshal(body, &sent)
	if op != "call" && sent.InitialApikey != m.initial {
		m.bad = append(m.bad, op+" without the initial key")
		return refuse(401, 2105)
	}
	switch op {
	case "rotate":
		m.patches++
		switch {
		case m.locked:
			return refuse(401, 2120)
		case sent.Secret != m.secret:
			return refuse(401, 2105)
		}
		m.made++
		m.key, m.expired = fmt.Sprintf("key-%d", m.made), false
		return 200, fmt.Sprintf(`{"apikey":%q}`, m.key)
	case "renew":
		m.renewals++
		if sent.Secret != m.secret {
			return refuse(401, 2105)
		}
		m.secret, m.locked = sent.NewSecret, false
		return 200, `{}`
	}
	switch {
	case m.locked:
		return refuse(401, 2120)
	case key != m.key:
		return refuse(401, m.deadCode)
	case m.expired:
		return refuse(401, 2100)
	}
	return 200, `{"status":"validating"}`
}

func (m *keyMaker) expire() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expired = true
}

// counts gives how many rotations and renewals were asked for.
func (m *keyMaker) counts() (patches, renewals int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.patches, m.renewals
}

// process is one process that uses a connection.
func (m *keyMaker) process(t *testing.T, store KeyStore, opts KeysOptions) *Session {
	t.Helper()
	c := over(t, m.ServeHTTP)
	return c.Session("ecommerce", NewKeys(c, store, opts))
}

func works(t *testing.T, s *Session) {
	t.Helper()
	if _, err := s.Track(t.Context(), "/t"); err != nil {
		t.Fatalf("the connection does not work: %v", err)
	}
}

// processLock is a lock across processes.
type processLock chan struct{}

func newProcessLock() processLock { return make(processLock, 1) }

func (l processLock) take(ctx context.Context) (func(), error) {
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
