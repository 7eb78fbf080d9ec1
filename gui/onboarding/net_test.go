package onboarding

import (
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
)

// wire is the network between the engine and the platform, in both directions and within the process.
type wire struct {
	platform http.RoundTripper

	mu    sync.Mutex // guards what follows
	down  bool       // nothing gets through
	calls []string   // to the platform: method and path
	bound map[string]chan net.Conn
}

// RoundTrip is the way to the platform.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.calls = append(w.calls, r.Method+" "+r.URL.Path)
	down := w.down
	w.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ENETUNREACH}
	}
	return w.platform.RoundTrip(r)
}

func (w *wire) cut(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

// asked counts the calls whose path ends in a certain way.
func (w *wire) asked(ending string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, call := range w.calls {
		if strings.HasSuffix(call, ending) {
			n++
		}
	}
	return n
}

// listen binds an address of the process.
func (w *wire) listen(_ context.Context, address string) (net.Listener, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bound[address] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: syscall.EADDRINUSE}
	}
	l := &listener{wire: w, address: address, conns: make(chan net.Conn), closed: make(chan struct{})}
	w.bound[address] = l.conns
	return l, nil
}

// callbacks is the way from the platform to what is bound.
func (w *wire) callbacks() http.RoundTripper {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		w.mu.Lock()
		conns := w.bound[address]
		w.mu.Unlock()
		if conns == nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
		ours, theirs := net.Pipe()
		select {
		case conns <- theirs:
			return ours, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
}

type listener struct {
	wire    *wire
	address string
	conns   chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return named{conn}, nil
	case <-l.closed:
		return nil, os.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.wire.mu.Lock()
		defer l.wire.mu.Unlock()
		delete(l.wire.bound, l.address)
	})
	return nil
}

func (l *listener) Addr() net.Addr { return here("127.0.0.1:0") }

// named is a connection with an address, which the listener counts calls by.
type named struct{ net.Conn }

func (named) RemoteAddr() net.Addr { return here("127.0.0.1:40000") }

type here string

func (here) Network() string  { return "tcp" }
func (h here) String() string { return string(h) }
