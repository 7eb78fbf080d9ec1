package sage

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// What the own transport is made of, besides the profile's time limits.
const (
	bufferSize   = 64 << 10 // bytes, reading and writing
	headerLimit  = 64 << 10 // bytes of an answer's header
	idleLifetime = 90 * time.Second
	idlePerHost  = 16 // lanes that run side by side keep their connections
	continueWait = time.Second
)

// transport is the one way out: the platform's own host and proxies on one pool of connections, hosts that the
// platform names on another whose every dial is checked.
type transport struct {
	guard   guard
	proxy   func(*http.Request) (*url.URL, error)
	trusted *http.Transport
	checked *http.Transport
}

func newTransport(g guard, limits Timeouts, proxy func(*http.Request) (*url.URL, error)) *transport {
	if proxy == nil {
		proxy = SystemProxy()
	}
	t := &transport{guard: g, proxy: quietly(proxy)}
	t.trusted = t.pool(limits, nil)
	t.trusted.Proxy = t.proxy
	t.checked = t.pool(limits, g.checkDial)
	return t
}

// pool makes one, whose every dial is checked if check is not nil.
func (t *transport) pool(limits Timeouts, check func(address string) error) *http.Transport {
	dialer := &net.Dialer{Timeout: limits.Dial, KeepAliveConfig: probes}
	dialer.ControlContext = func(_ context.Context, _, address string, raw syscall.RawConn) error {
		if check != nil {
			if err := check(address); err != nil {
				return err
			}
		}
		return lively(raw)
	}
	pings := pings
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    limits.TLS,
		ExpectContinueTimeout:  continueWait,
		IdleConnTimeout:        idleLifetime,
		MaxIdleConnsPerHost:    idlePerHost,
		MaxIdleConns:           4 * idlePerHost,
		MaxResponseHeaderBytes: headerLimit,
		ReadBufferSize:         bufferSize,
		WriteBufferSize:        bufferSize,
		DisableCompression:     true, // lengths are checked, and lists are kept as they came
		ForceAttemptHTTP2:      true,
		HTTP2:                  &pings,
	}
}

// RoundTrip picks the pool. Through a proxy it is the proxy that dials; then an address can be checked by its name
// only, which the client has done.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.guard.own(r.URL) {
		return t.trusted.RoundTrip(r)
	}
	proxy, err := t.proxy(r)
	if err != nil {
		closeBody(r)
		return nil, err
	}
	if proxy != nil {
		return t.trusted.RoundTrip(r)
	}
	return t.checked.RoundTrip(r)
}

// CloseIdleConnections ends what is kept open.
func (t *transport) CloseIdleConnections() {
	t.trusted.CloseIdleConnections()
	t.checked.CloseIdleConnections()
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}
