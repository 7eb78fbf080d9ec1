package watcher

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
	"postroom/sage/secrettest"
	"postroom/sage/vault"
)

const rigPlatform = "http://127.0.0.1:1"

// onboardingRig is a home, a platform and the network between them, all within a test's bubble.
type onboardingRig struct {
	t        *testing.T
	platform *sandbox.Sandbox
	net      *pipeNet
	home     string
	desk     string // where company folders go
	vault    vault.Vault
	log      *bytes.Buffer
	options  Options // for the engines that are opened
}

// newOnboardingRig must be called within a synctest bubble.
func newOnboardingRig(t *testing.T, o sandbox.Options) *onboardingRig {
	t.Helper()
	r := &onboardingRig{t: t, net: newPipeNet(), home: t.TempDir(), desk: t.TempDir(), vault: vault.Memory(), log: &bytes.Buffer{}}
	o.BaseURL, o.Callbacks = rigPlatform, r.net.transport()
	platform, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := platform.Close(); err != nil {
			t.Error(err)
		}
		r.net.transport().(*http.Transport).CloseIdleConnections()
	})
	r.platform = platform
	r.options = Options{
		Home: r.home, Vault: r.vault, Transport: platform.RoundTripper(), Listen: r.net.listen,
		Random: func() float64 { return 0 },
		Logger: slog.New(slog.NewTextHandler(&lockedWriter{to: r.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	return r
}

// open opens an engine on the home, as a command does.
func (r *onboardingRig) open() *Engine {
	r.t.Helper()
	e, err := Open(r.t.Context(), r.options)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = e.Close() })
	return e
}

// onboard opens an engine that also listens and goes on by itself; stop ends it as the end of a process would.
func (r *onboardingRig) onboard() (e *Engine, stop func()) {
	r.t.Helper()
	e = r.open()
	ctx, cancel := context.WithCancel(r.t.Context())
	var ended sync.WaitGroup
	ended.Go(func() { _ = e.Onboard(ctx) })
	stop = func() {
		cancel()
		ended.Wait()
	}
	r.t.Cleanup(stop)
	return e, stop
}

// input is what a person enters for a company whose key comes to this computer.
func (r *onboardingRig) input() DraftInput {
	return DraftInput{
		Platform: rigPlatform, Name: "Ann", Email: "ann@example.com", Firm: "Shop", Application: "Shop orders", Domain: "ecommerce",
		Company: "Acme / Söhne", Folder: r.desk, CallbackBase: "http://127.0.0.1:8484", CallbackListen: "127.0.0.1:8484",
	}
}

// registered is a draft that has its IDs and its token.
func (r *onboardingRig) registered(e *Engine, in DraftInput) Draft {
	r.t.Helper()
	d := must(e.NewDraft(r.t.Context(), in))(r.t)
	d = must(e.Register(r.t.Context(), d.ID))(r.t)
	mail := r.confirm(d.RegistrationURL)
	return must(e.SetIDs(r.t.Context(), d.ID, mail.DeveloperID, mail.ApplicationID))(r.t)
}

// confirm solves the captcha and opens the e-mail.
func (r *onboardingRig) confirm(registrationURL string) sandbox.Mail {
	r.t.Helper()
	if err := r.platform.SolveCaptcha(registrationURL); err != nil {
		r.t.Fatal(err)
	}
	mails := r.platform.Mailbox()
	return mails[len(mails)-1]
}

// waiting is a draft whose passcode is open.
func (r *onboardingRig) waiting(e *Engine, in DraftInput) Draft {
	r.t.Helper()
	return must(e.RequestPasscode(r.t.Context(), r.registered(e, in).ID))(r.t)
}

// connected is a company that went all the way.
func (r *onboardingRig) connected(e *Engine, in DraftInput) Draft {
	r.t.Helper()
	d := r.waiting(e, in)
	if err := r.platform.Grant(d.Passcode, in.Company); err != nil {
		r.t.Fatal(err)
	}
	settle()
	d = must(e.Draft(r.t.Context(), d.ID))(r.t)
	if d.Step != StepDone {
		r.t.Fatalf("not connected: %+v\n%s", d, r.log)
	}
	return d
}

// settle lets everything happen that is due within a few seconds.
func settle() {
	time.Sleep(3 * time.Second) // of the bubble
	synctest.Wait()
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// findSecret looks for a text, in every form that could give it away, in all files under the folders and in a log.
func findSecret(t *testing.T, secret string, log []byte, roots ...string) {
	t.Helper()
	hunt := secrettest.New(map[string]string{"a secret": secret})
	hunt.Check(t, "the log", log)
	for _, root := range roots {
		hunt.Folder(t, root, nil)
	}
}

// lockedWriter lets several goroutines write a log.
type lockedWriter struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// pipeNet is a network of net.Pipe: addresses are bound and dialled within the process.
type pipeNet struct {
	mu    sync.Mutex
	bound map[string]*pipeListener
	door  http.RoundTripper
}

func newPipeNet() *pipeNet {
	n := &pipeNet{bound: map[string]*pipeListener{}}
	n.door = &http.Transport{DialContext: n.dial, DisableKeepAlives: true}
	return n
}

func (n *pipeNet) transport() http.RoundTripper { return n.door }

func (n *pipeNet) listen(_ context.Context, address string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.bound[address] != nil {
		return nil, &net.OpError{Op: "listen", Net: "pipe", Err: os.ErrExist}
	}
	l := &pipeListener{net: n, address: address, conns: make(chan net.Conn), closed: make(chan struct{})}
	n.bound[address] = l
	return l, nil
}

func (n *pipeNet) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.bound[address]
	n.mu.Unlock()
	if l == nil {
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: os.ErrNotExist}
	}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type pipeListener struct {
	net     *pipeNet
	address string
	conns   chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return &pipeConn{conn, l.address}, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.net.mu.Lock()
		defer l.net.mu.Unlock()
		delete(l.net.bound, l.address)
	})
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr(l.address) }

// pipeConn tells an address, which the listener counts calls by.
type pipeConn struct {
	net.Conn
	address string
}

func (c *pipeConn) RemoteAddr() net.Addr { return pipeAddr("127.0.0.1:40000") }
func (c *pipeConn) LocalAddr() net.Addr  { return pipeAddr(c.address) }

type pipeAddr string

func (a pipeAddr) Network() string { return "pipe" }
func (a pipeAddr) String() string  { return string(a) }
