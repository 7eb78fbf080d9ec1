package platform

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"postroom/watcher/simulation/gate"
)

// Transport is the network as a process reaches it.
func (p *Platform) Transport(process *gate.Process) http.RoundTripper {
	return transport{p, process}
}

type transport struct {
	platform *Platform
	process  *gate.Process
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	c := &call{platform: t.platform, process: t.process, r: r, key: t.platform.keyOf(r)}
	c.purpose = t.platform.purpose(r)
	c.path = r.URL.Path + " " + c.whose()
	t.platform.begins(c)
	defer c.r.Body.Close()
	resp, err := c.make()
	if dead := c.process.Done(c.effect("net." + r.Method)); dead != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, dead
	}
	return resp, err
}

// call is one request on the network.
type call struct {
	platform *Platform
	process  *gate.Process
	r        *http.Request
	key      string // that it carries
	purpose  purpose
	path     string          // of its effects
	broken   <-chan struct{} // closed when its connection is reset
	sent     []byte          // the body, of what replaces a key
	gave     string          // the new key that it was answered with
	initial  string          // the key that it replaces
	rest     time.Duration   // for how long its answer asks not to be called again; 0 for nothing that can be read
}

// purpose reads what a request is for out of its address. The sandbox's own addresses are opaque to a client.
func (p *Platform) purpose(r *http.Request) purpose {
	path := r.URL.Path
	operations := p.profile.Operations
	switch {
	case strings.HasPrefix(path, "/storage/upload/"):
		return upload
	case strings.HasPrefix(path, "/storage/tracking/"):
		return track
	case strings.HasPrefix(path, "/storage/result/"):
		return result
	case strings.HasPrefix(path, "/storage/list/"):
		return content
	}
	if _, ok := operations.LatestFile.Path.Match(path); ok {
		return latest
	}
	if _, ok := operations.CreateFile.Path.Match(path); ok {
		return create
	}
	for _, o := range []string{string(operations.RotateKey.Path), string(operations.RenewSecret.Path)} {
		if path == o {
			return rotate
		}
	}
	return other
}

// repeatable tells whether HTTP lets the network send the request again: its method is idempotent, or it says so itself.
func (c *call) repeatable() bool {
	header := c.platform.profile.Operations.CreateFile.IdempotencyHeader
	return c.r.Method == http.MethodGet || c.r.Method == http.MethodPut || header != "" && c.r.Header.Get(header) != ""
}

func (c *call) effect(operation string) gate.Effect {
	return gate.Effect{Operation: operation, Path: c.path}
}

// whose tells calls of different connections to one address apart, which are else the same effect. Keys and transfers'
// IDs come from the seed.
func (c *call) whose() string {
	id := fnv.New32a()
	_, _ = io.WriteString(id, c.key+c.r.Header.Get(c.platform.profile.Operations.CreateFile.IdempotencyHeader))
	if c.purpose == rotate && c.r.GetBody != nil {
		if body, err := c.r.GetBody(); err == nil {
			sent, _ := io.ReadAll(body) // of a request that is in memory
			c.initial = lookup(sent, c.platform.profile.Names.Rotation.InitialKey)
			_, _ = io.WriteString(id, c.initial)
		}
	}
	return fmt.Sprintf("#%08x", id.Sum32())
}

// pass waits for the gate, and then for nothing: a caller that has gone away meanwhile, or a connection that was reset,
// is an error, and no draw follows.
func (c *call) pass(operation string) error {
	if err := c.process.Pass(c.effect(operation)); err != nil {
		return err
	}
	if err := c.r.Context().Err(); err != nil {
		return err
	}
	select {
	case <-c.broken:
		return reset("read")
	default:
		return nil
	}
}

// wait lets time pass; forever with a negative d. What ends it is looked at only after the gate was passed once more,
// when all that happens at the same time has happened.
func (c *call) wait(d time.Duration) error {
	var ended <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		ended = timer.C
	}
	select {
	case <-ended:
	case <-c.r.Context().Done():
	case <-c.broken:
	case <-c.process.Dead():
	}
	return c.pass("net.wait")
}

// latency is the most that Slow has a request or an answer take.
const latency = 20 * time.Second

// make sends the request and brings its answer.
func (c *call) make() (*http.Response, error) {
	_, c.broken = c.platform.lines.now()
	if err := c.pass("net." + c.r.Method); err != nil {
		return nil, err
	}
	if !c.platform.serves(c.r.URL.Host) || c.r.URL.Scheme != c.platform.base.Scheme {
		return c.elsewhere()
	}
	c.platform.seen(c)
	slow := c.platform.chance(Slow)
	if slow {
		if err := c.wait(time.Duration(c.platform.gate.Intn(int(latency)))); err != nil {
			return nil, err
		}
	}
	outage, _ := c.platform.lines.now() // as it is now that the request is on its way
	fault := c.fate(outage)
	resp, err := c.suffer(fault)
	if err == nil && slow && c.platform.gate.Intn(2) == 0 {
		if err = c.wait(time.Duration(c.platform.gate.Intn(int(latency)))); err != nil {
			_ = resp.Body.Close()
			return nil, err
		}
	}
	if err == nil && harmless(fault) {
		c.platform.heard(c)
	}
	if err == nil {
		c.platform.putOff(c)
	}
	return resp, err
}

// harmless tells the faults after which a client has what the platform answered.
func harmless(k Kind) bool { return k == "" || k == Strange || k == WrongDate || k == RedirectHome }

// fate is what goes wrong with the request. An outage goes before all else, and a loop stays one.
func (c *call) fate(outage Kind) Kind {
	switch {
	case outage != "":
		c.platform.gate.Count(string(outage))
		return outage
	case c.r.URL.Query().Has("loop"):
		return RedirectLoop
	case c.purpose == result && c.platform.gone.Add(-1) >= 0:
		c.platform.gate.Count(string(ResultGone))
		return ResultGone
	}
	return c.draw()
}

// draw decides what goes wrong with the request; "" is nothing.
func (c *call) draw() Kind {
	for _, k := range netKinds {
		if k.fits(c) && c.platform.chance(k) {
			c.platform.gate.Note(c.process.Name(), "net."+c.r.Method+" "+c.path, string(k))
			return k
		}
	}
	return ""
}

// chance draws whether a kind happens now, and counts it.
func (p *Platform) chance(k Kind) bool {
	if !p.gate.Chance((*p.faults.Load())[k]) {
		return false
	}
	p.gate.Count(string(k))
	return true
}

// suffer makes the call with a fault, or without one.
func (c *call) suffer(k Kind) (*http.Response, error) {
	switch k {
	case Refused:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case NoName:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: c.r.URL.Hostname(), IsNotFound: true}}
	case BadTLS:
		return nil, x509.UnknownAuthorityError{}
	case ResetBefore:
		return nil, reset("write")
	case ResetMidway:
		if _, err := io.CopyN(io.Discard, c.r.Body, c.r.ContentLength/2); err != nil {
			return nil, err
		}
		return nil, reset("write")
	case BlackHole:
		return nil, orReset(c.wait(-1))
	}
	if resp := c.instead(k); resp != nil {
		return resp, nil
	}
	if k == Doubled {
		return c.twice()
	}
	resp, err := c.deliver(c.r)
	if err != nil {
		return nil, err
	}
	return c.spoil(k, resp)
}

// orReset is for a wait that only an error can end.
func orReset(err error) error {
	if err == nil {
		err = reset("read")
	}
	return err
}

func reset(operation string) error {
	return &net.OpError{Op: operation, Net: "tcp", Err: syscall.ECONNRESET}
}

// deliver hands the request to the platform. What it answers to is done from here on.
func (c *call) deliver(r *http.Request) (*http.Response, error) {
	var sent bytes.Buffer
	if c.purpose == rotate {
		r = r.WithContext(r.Context())
		r.Body = &made{Reader: io.TeeReader(r.Body, &sent)}
	}
	resp, err := c.platform.direct.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	c.sent = sent.Bytes()
	if err := c.platform.answered(c, resp); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	if c.purpose == content || c.purpose == result {
		resp.Body = &gated{ReadCloser: resp.Body, call: c}
	}
	return resp, nil
}

// largest is the largest request that a proxy would keep for sending it again, in bytes.
const largest = 8 << 20

// twice delivers the request two times, the second time in one go with nothing between.
func (c *call) twice() (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(c.r.Body, largest))
	if err != nil {
		return nil, err
	}
	again := func() *http.Request {
		r := c.r.Clone(c.r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		if len(body) == 0 {
			r.Body = http.NoBody
		}
		return r
	}
	first, err := c.deliver(again())
	if err != nil {
		return nil, err
	}
	second, err := c.excused(func() (*http.Response, error) { return c.deliver(again()) })
	if err != nil {
		return first, nil //nolint:nilerr // the network got one answer, and passes that on
	}
	if c.platform.gate.Intn(2) == 0 {
		first, second = second, first
	}
	_ = second.Body.Close()
	return first, nil
}

// gated is an answer's body whose every read passes the gate, so that anything may happen while a file comes in.
type gated struct {
	io.ReadCloser
	call *call
}

// Read implements io.Reader.
func (g *gated) Read(b []byte) (int, error) {
	if err := g.call.pass("net.read"); err != nil {
		return 0, err
	}
	n, err := g.ReadCloser.Read(b)
	if dead := g.call.process.Done(g.call.effect("net.read")); dead != nil {
		return 0, dead
	}
	return n, err
}

// errNoRoute is what a request to a host comes to that is not there.
var errNoRoute = errors.New("no route to host")
