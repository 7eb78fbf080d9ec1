package sage

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options are what a Client is made with. Only an address is needed, here or in the profile.
type Options struct {
	BaseURL   string                                // the platform's address; "" takes the profile's
	Profile   *Profile                              // nil: the default one
	Transport http.RoundTripper                     // nil: an own one, with TLS 1.2 at least and limits in time
	Proxy     func(*http.Request) (*url.URL, error) // for the own transport; nil: SystemProxy
	Now       func() time.Time                      // wall time; nil: time.Now
	Logger    *slog.Logger                          // nil: none
	UserAgent string                                // "" says "Postroom"

	// OnExchange hears of every exchange with the platform after it ended, redirects one by one. It must not block.
	OnExchange func(Exchange)
}

// Exchange is one request and its answer, for a person's details and a support bundle: no secret, no whole ID.
type Exchange struct {
	At       time.Time
	Op       string // the operation's name in the profile
	Method   string
	URL      string // masked
	Status   int    // 0: no answer came
	Code     int    // the platform's, 0: none
	Failure  string // why no whole answer came, or what the platform says
	Duration time.Duration
}

// watched is the key of a context whose exchanges somebody hears of.
type watched struct{}

// Watched has hear told of every exchange that is made with the context, after it ended and as OnExchange is: for whoever
// wants to know which calls were made for one thing. It must not block.
func Watched(ctx context.Context, hear func(Exchange)) context.Context {
	return context.WithValue(ctx, watched{}, hear)
}

// Client speaks to one platform. It is safe for concurrent use and keeps no state but open connections.
type Client struct {
	profile    *Profile
	base       *url.URL // without a slash at its end
	guard      guard
	transport  http.RoundTripper
	now        func() time.Time
	log        *slog.Logger
	userAgent  string
	onExchange func(Exchange)
}

// New makes a client. ErrNoPlatform: no address is known. ErrUnsafeURL: plain http that is not loopback, refused
// before anything is sent.
func New(options Options) (*Client, error) {
	c := &Client{
		profile: options.Profile, transport: options.Transport, now: options.Now, log: options.Logger,
		userAgent: options.UserAgent, onExchange: options.OnExchange,
	}
	if c.profile == nil {
		c.profile = DefaultProfile()
	}
	address := options.BaseURL
	if address == "" {
		address = c.profile.BaseURL
	}
	if address == "" {
		return nil, ErrNoPlatform
	}
	base, err := parseBase(strings.TrimSpace(address))
	if err != nil {
		return nil, err
	}
	c.base, c.guard = base, newGuard(base)
	if c.transport == nil {
		c.transport = newTransport(c.guard, c.profile.Timeouts, options.Proxy)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.userAgent == "" {
		c.userAgent = "Postroom"
	}
	return c, nil
}

// Profile is what the client was made with. It must not be changed.
func (c *Client) Profile() *Profile { return c.profile }

// BaseURL is the platform's address without a slash at its end.
func (c *Client) BaseURL() string { return c.base.String() }

// Close ends connections that are kept open for further calls.
func (c *Client) Close() { c.shun() }

// address is a call's address below the base.
func (c *Client) address(path Template, holes map[string]string) (*url.URL, error) {
	escaped, err := path.Expand(holes)
	if err != nil {
		return nil, err
	}
	return url.Parse(c.base.String() + escaped)
}

// mostAddress bounds an address that the platform hands out, in bytes.
const mostAddress = 8 << 10

// follow reads an address that the platform handed out, relative ones against the base, and refuses what must not be
// followed. It is opaque otherwise.
func (c *Client) follow(address string) (*url.URL, error) {
	base := *c.base
	base.Path += "/"
	if base.RawPath != "" {
		base.RawPath += "/"
	}
	u, err := base.Parse(strings.TrimSpace(address))
	if err != nil || len(address) > mostAddress {
		return nil, errors.New("an address that cannot be read") // its own error repeats it
	}
	u.Fragment, u.RawFragment = "", ""
	return u, c.guard.check(u)
}
