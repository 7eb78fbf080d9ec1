package broken

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"postroom/watcher"
)

// The header that carries the key, and the one that names a transfer, of the built-in profile.
const (
	keyHeader        = "apikey"
	transferHeader   = "Idempotency-Key"
	mostBuffered     = 8 << 20
	mostHops         = 5
	notificationName = "downloadUrl"
)

// again reads a request's body and makes copies of the request.
func again(r *http.Request) (func() *http.Request, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(io.LimitReader(r.Body, mostBuffered))
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	return func() *http.Request {
		c := r.Clone(r.Context())
		c.Body = io.NopCloser(bytes.NewReader(body))
		c.ContentLength = int64(len(body))
		return c
	}, nil
}

func ofTheNetwork() []Bug {
	return []Bug{
		each("asks for a new key twice", func(o *watcher.Options) {
			onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPatch {
					return next.RoundTrip(r)
				}
				repeat, err := again(r) //nolint:contextcheck // the request's own goes with it
				if err != nil {
					return nil, err
				}
				if first, err := next.RoundTrip(repeat()); err == nil {
					_ = first.Body.Close()
				}
				return next.RoundTrip(repeat())
			})
		}),
		{"sends the key to every host", func() func(o *watcher.Options) {
			var last memory[string]
			return func(o *watcher.Options) {
				onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
					if key := r.Header.Get(keyHeader); key != "" {
						last.set("", key)
					} else if key, ok := last.get(""); ok {
						r.Header.Set(keyHeader, key)
					}
					return next.RoundTrip(r)
				})
			}
		}},
		each("sends content again without asking what became of it", func(o *watcher.Options) {
			onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPut {
					return next.RoundTrip(r)
				}
				repeat, err := again(r) //nolint:contextcheck // the request's own goes with it
				if err != nil {
					return nil, err
				}
				resp, err := next.RoundTrip(repeat())
				if err != nil && r.Context().Err() == nil {
					return next.RoundTrip(repeat())
				}
				return resp, err
			})
		}),
		each("sends something else than it hashed", func(o *watcher.Options) {
			onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPut && r.Body != nil {
					r.Body = altered{r.Body}
				}
				return next.RoundTrip(r)
			})
		}),
		each("takes an answer that was cut for a whole one", func(o *watcher.Options) {
			onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(r)
				if err == nil {
					resp.Body, resp.ContentLength = whole{resp.Body}, -1
				}
				return resp, err
			})
		}),
		each("follows redirects anywhere, with the key", func(o *watcher.Options) {
			onNetwork(o, follow)
		}),
		each("names every file the same to the platform", func(o *watcher.Options) {
			onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				if r.Header.Get(transferHeader) != "" {
					r.Header.Set(transferHeader, "transfer")
				}
				return next.RoundTrip(r)
			})
		}),
		believesOldNews(),
		each("ignores what it is asked to wait", func(o *watcher.Options) {
			onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(r)
				if err == nil {
					resp.Header.Del("Retry-After")
				}
				return resp, err
			})
		}),
		forgetsLists(),
		each("trusts the address in a notification", func(o *watcher.Options) {
			listen, transport := o.Listen, o.Transport
			if listen == nil {
				return
			}
			o.Listen = func(ctx context.Context, address string) (net.Listener, error) {
				l, err := listen(ctx, address)
				if err != nil {
					return nil, err
				}
				return trusting{l, transport}, nil
			}
		}),
	}
}

// altered is a content with another digit than it has, as after an edit between two readings.
type altered struct{ io.ReadCloser }

// Read implements io.Reader.
func (a altered) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	for i, c := range b[:n] {
		if c >= '1' && c <= '8' {
			b[i]++
			break
		}
	}
	return n, err
}

// whole is a body that ends well however it ends.
type whole struct{ io.ReadCloser }

// Read implements io.Reader.
func (w whole) Read(b []byte) (int, error) {
	n, err := w.ReadCloser.Read(b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// follow makes a request wherever it is redirected to.
func follow(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return next.RoundTrip(r)
	}
	for range mostHops {
		resp, err := next.RoundTrip(r)
		if err != nil || resp.StatusCode/100 != 3 || resp.Header.Get("Location") == "" {
			return resp, err
		}
		_ = resp.Body.Close()
		to, err := r.URL.Parse(resp.Header.Get("Location"))
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.URL, r.Host = to, to.Host
	}
	return next.RoundTrip(r)
}

// believesOldNews answers every look at a file with the first final word that any file got.
func believesOldNews() Bug {
	return Bug{"believes what was said of another file", func() func(o *watcher.Options) {
		var words memory[[]byte]
		return func(o *watcher.Options) {
			onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(r)
				if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(r.URL.Path, "/tracking/") {
					return resp, err
				}
				body, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil {
					return nil, err
				}
				if bytes.Contains(body, []byte("accepted")) {
					words.keep("", body)
				}
				if old, ok := words.get(""); ok {
					body = old
				}
				resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
				return resp, nil
			})
		}
	}}
}

// forgetsLists takes the first list that there was of a scope for the newest one for ever.
func forgetsLists() Bug {
	return Bug{"does not look for a list that it knows", func() func(o *watcher.Options) {
		var known memory[bool]
		return func(o *watcher.Options) {
			onNetwork(o, func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				if !strings.HasSuffix(r.URL.Path, "/latest") {
					return next.RoundTrip(r)
				}
				list := r.URL.Path + " " + r.Header.Get("If-None-Match")
				if _, ok := known.get(list); ok && r.Header.Get("If-None-Match") != "" {
					return &http.Response{
						Status: "304 Not Modified", StatusCode: http.StatusNotModified, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
						Header: http.Header{}, Body: http.NoBody, Request: r,
					}, nil
				}
				resp, err := next.RoundTrip(r)
				if err == nil && resp.StatusCode == http.StatusNotModified {
					known.set(list, true)
				}
				return resp, err
			})
		}
	}}
}

// trusting is a listener that fetches what a call says is there to be fetched.
type trusting struct {
	net.Listener
	network http.RoundTripper
}

// Accept implements net.Listener.
func (t trusting) Accept() (net.Conn, error) {
	c, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &overheard{Conn: c, network: t.network}, nil
}

// overheard is a connection that is read along with.
type overheard struct {
	net.Conn
	network http.RoundTripper
	heard   []byte
}

// Read implements net.Conn.
func (c *overheard) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.heard = append(c.heard, b[:n]...)
	_, body, ok := bytes.Cut(c.heard, []byte("\r\n\r\n"))
	var fields map[string]any
	if !ok || json.Unmarshal(body, &fields) != nil {
		return n, err
	}
	c.heard = nil
	if address, ok := fields[notificationName].(string); ok {
		if u, parsed := url.Parse(address); parsed == nil {
			c.fetch(u)
		}
	}
	return n, err
}

func (c *overheard) fetch(u *url.URL) {
	r := (&http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{}}).WithContext(context.Background())
	if resp, err := c.network.RoundTrip(r); err == nil {
		_ = resp.Body.Close()
	}
}
