package terminal_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postroom/sage/sandbox"
)

// wire lies between a computer and the platform, and can be cut.
type wire struct {
	t       *testing.T
	to      string // the platform's address
	address string // where the computer finds it

	mu      sync.Mutex    // guards the rest
	swallow bool          // what is sent vanishes, and nothing comes
	slow    time.Duration // pause before each piece
	l       net.Listener  // nil while nobody listens
	joints  map[*joint]struct{}
	wires   sync.WaitGroup
}

// joint is one connection over the wire.
type joint struct {
	near, far net.Conn
	lost      atomic.Bool // it has been swallowed up: nobody ever hears of it again, also when the wire is whole
}

func (j *joint) close() {
	j.near.Close()
	j.far.Close()
}

// newPlatformOverWire is a platform at the far end of a wire.
func newPlatformOverWire(t *testing.T, o sandbox.Options, heard *witness) (*platform, *wire) {
	t.Helper()
	p := newPlatformBehind(t, o, heard.before)
	w := &wire{t: t, to: strings.TrimPrefix(p.url, "http://"), joints: make(map[*joint]struct{})}
	w.listen("127.0.0.1:0")
	t.Cleanup(func() {
		w.unplug()
		w.wires.Wait()
	})
	p.url = "http://" + w.address
	if err := p.SetBaseURL(p.url); err != nil {
		t.Fatal(err)
	}
	return p, w
}

func (w *wire) listen(address string) {
	w.t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.l, w.address = l, l.Addr().String()
	w.mu.Unlock()
	w.wires.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			w.wires.Go(func() { w.carry(near) })
		}
	})
}

// carry joins two ends until one of them closes.
func (w *wire) carry(near net.Conn) {
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		near.Close()
		return
	}
	j := &joint{near: near, far: far}
	w.mu.Lock()
	w.joints[j] = struct{}{}
	unplugged := w.l == nil
	j.lost.Store(w.swallow)
	w.mu.Unlock()
	if unplugged {
		j.close()
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			w.copy(way[1], way[0], j)
			j.close()
		})
	}
	both.Wait()
	w.mu.Lock()
	delete(w.joints, j)
	w.mu.Unlock()
}

func (w *wire) copy(to, from net.Conn, j *joint) {
	piece := make([]byte, 16<<10)
	for {
		n, err := from.Read(piece)
		if err != nil {
			return
		}
		if j.lost.Load() {
			continue
		}
		w.mu.Lock()
		slow := w.slow
		w.mu.Unlock()
		if slow > 0 {
			<-time.After(slow) // the distance itself
		}
		if _, err := to.Write(piece[:n]); err != nil {
			return
		}
	}
}

// unplug closes the port and ends what goes through: connections are refused.
func (w *wire) unplug() {
	w.mu.Lock()
	l := w.l
	w.l = nil
	w.mu.Unlock()
	if l != nil {
		l.Close()
	}
	w.cut()
}

// cut ends every connection there is; new ones can be made.
func (w *wire) cut() {
	w.mu.Lock()
	joints := maps.Clone(w.joints)
	w.mu.Unlock()
	for j := range joints {
		j.close()
	}
}

// plug makes the wire whole again. Connections that were swallowed up stay so, as after a change of the network.
func (w *wire) plug() {
	w.t.Helper()
	w.mu.Lock()
	w.swallow, w.slow = false, 0
	unplugged := w.l == nil
	w.mu.Unlock()
	if unplugged {
		w.listen(w.address)
	}
}

// blackHole makes everything that is sent vanish, without a word.
func (w *wire) blackHole() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.swallow = true
	for j := range w.joints {
		j.lost.Store(true)
	}
}

// delay makes each piece come late.
func (w *wire) delay(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slow = d
}

// witness stands before the platform and remembers what was secret in all that was said.
type witness struct {
	mu     sync.Mutex // guards what follows
	secret map[string]string
}

func newWitness() *witness { return &witness{secret: make(map[string]string)} }

// note remembers a secret and what it is.
func (w *witness) note(secret, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(secret) >= 8 {
		w.secret[secret] = what
	}
}

// secrets are all that were heard, with what they are.
func (w *witness) secrets() map[string]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.secret)
}

func (w *witness) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		w.note(r.Header.Get("apikey"), "a key")
		if r.Method == http.MethodPut || strings.HasPrefix(r.URL.Path, "/storage/") { // contents
			next.ServeHTTP(answer, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		copied := &copiedAnswer{ResponseWriter: answer}
		defer func() {
			w.learn(body)
			w.learn(copied.body.Bytes())
		}()
		next.ServeHTTP(copied, r)
	})
}

// learn keeps what is secret in a message.
func (w *witness) learn(text []byte) {
	var said struct{ APIKey, InitialAPIKey, Secret, NewSecret string }
	_ = json.Unmarshal(text, &said) // what is no JSON has none
	w.note(said.APIKey, "a key")
	w.note(said.InitialAPIKey, "the initial key")
	w.note(said.Secret, "a secret")
	w.note(said.NewSecret, "a new secret")
}

// copiedAnswer keeps what is answered.
type copiedAnswer struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (a *copiedAnswer) Write(p []byte) (int, error) {
	a.body.Write(p)
	return a.ResponseWriter.Write(p)
}

// Unwrap lets the platform reach what else the answer can do.
func (a *copiedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
