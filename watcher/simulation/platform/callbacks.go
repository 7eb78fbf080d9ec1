package platform

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"postroom/watcher/simulation/gate"
)

// listeners are the addresses at which computers wait for the platform's calls.
type listeners struct {
	mu   sync.Mutex // guards open
	open map[string]*listener
}

// Listen is the door through which a process binds the addresses for the platform's calls. An address is free again
// once its listener is closed or its process is dead. Callbacks are delivered to the address that their URL's host and
// port name.
func (p *Platform) Listen(process *gate.Process) func(ctx context.Context, address string) (net.Listener, error) {
	return func(ctx context.Context, address string) (net.Listener, error) {
		e := gate.Effect{Operation: "net.listen", Path: address}
		if err := process.Pass(e); err != nil {
			return nil, err
		}
		l, err := p.listeners.bind(process, address)
		if dead := process.Done(e); dead != nil {
			return nil, dead
		}
		return l, err
	}
}

func (s *listeners) bind(process *gate.Process, address string) (net.Listener, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.open[address]; other != nil && other.alive() {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: syscall.EADDRINUSE}
	}
	if s.open == nil {
		s.open = map[string]*listener{}
	}
	l := &listener{process: process, address: address, arriving: make(chan net.Conn), closed: make(chan struct{})}
	s.open[address] = l
	return l, nil
}

func (s *listeners) at(address string) *listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[address]
}

// listener is a net.Listener without a network.
type listener struct {
	process  *gate.Process
	address  string
	arriving chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

// Accept waits for a call.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.arriving:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listening.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is the address it was bound to.
func (l *listener) Addr() net.Addr { return addr(l.address) }

func (l *listener) alive() bool {
	select {
	case <-l.closed:
		return false
	case <-l.process.Dead():
		return false
	default:
		return true
	}
}

type addr string

func (addr) Network() string  { return "tcp" }
func (a addr) String() string { return string(a) }

// conn is one end of a connection, with the addresses that a real one has.
type conn struct{ net.Conn }

func (conn) LocalAddr() net.Addr  { return addr("127.0.0.1:8700") }
func (conn) RemoteAddr() net.Addr { return addr("203.0.113.7:44300") }

// caller carries the platform's calls to whoever listens.
type caller struct{ p *Platform }

// callDelay is the most that a call comes late.
const callDelay = 5 * time.Minute

// RoundTrip implements http.RoundTripper.
func (c caller) RoundTrip(r *http.Request) (*http.Response, error) {
	p := c.p
	e := gate.Effect{Operation: "net.call", Path: r.URL.Path}
	if err := p.process.Pass(e); err != nil {
		return nil, err
	}
	defer func() { _ = p.process.Done(e) }()
	if c.chance(CallLost, e) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if c.chance(CallLate, e) {
		if err := c.late(e, time.Duration(p.gate.Intn(int(callDelay)))); err != nil {
			return nil, err
		}
	}
	if c.chance(CallForged, e) {
		_, _ = c.deliver(r, forged(body)) // what is made of it shows later
	}
	doubled := c.chance(CallDoubled, e)
	resp, err := c.deliver(r, body)
	if err == nil && doubled {
		return nil, reset("read")
	}
	return resp, err
}

// chance draws whether a kind happens to a call.
func (c caller) chance(k Kind, e gate.Effect) bool {
	happens := c.p.chance(k)
	if happens {
		c.p.gate.Note(c.p.process.Name(), e.Operation+" "+e.Path, string(k))
	}
	return happens
}

// late lets time pass. The sandbox's own patience ends before, so it will call again, but a call that is on its way
// arrives.
func (c caller) late(e gate.Effect, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.p.process.Dead():
	}
	return c.p.process.Pass(e)
}

// forged makes of a call one that names a stranger's file at a stranger's address. A key is never in it.
func forged(body []byte) []byte {
	fields := map[string]any{}
	if json.Unmarshal(body, &fields) != nil {
		return body
	}
	fields["fileId"], fields["downloadUrl"] = "forged", forger+"/list.json"
	if _, ok := fields["apikey"]; ok {
		fields["apikey"] = "forged-key-0123456789"
	}
	changed, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return changed
}

// deliver makes one call to whoever listens at the address of its URL. A process that dies over it answers nothing.
func (c caller) deliver(r *http.Request, body []byte) (*http.Response, error) {
	l := c.p.listeners.at(r.URL.Host)
	if l == nil || !l.alive() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	ours, theirs := net.Pipe()
	defer ours.Close()
	select {
	case l.arriving <- conn{theirs}:
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case <-l.process.Dead():
		return nil, reset("dial")
	}
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-l.process.Dead():
			_ = ours.Close()
		case <-over:
		}
	}()
	sent := r.Clone(context.WithoutCancel(r.Context()))
	sent.Body, sent.ContentLength, sent.Close = io.NopCloser(bytes.NewReader(body)), int64(len(body)), true
	if err := ours.SetDeadline(time.Now().Add(callTimeout)); err != nil {
		return nil, err
	}
	if err := sent.Write(ours); err != nil {
		return nil, fmt.Errorf("platform: calling %s: %w", r.URL.Host, err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(ours), sent)
	if err != nil {
		return nil, fmt.Errorf("platform: calling %s: %w", r.URL.Host, err)
	}
	answer, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("platform: calling %s: %w", r.URL.Host, err)
	}
	select {
	case <-l.process.Dead(): // over the call: whether its answer was quicker than its end must not be left to chance
		return nil, reset("read")
	default:
	}
	resp.Body = &made{Reader: bytes.NewReader(answer)}
	return resp, nil
}

// callTimeout is how long the platform waits for an answer.
const callTimeout = 3 * time.Minute
