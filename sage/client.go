package sage

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Options are what a Client is made with. Only an address is needed, here or in the profile.
type Options struct {
	BaseURL   string                                // the platform's address; "" takes the profile's
	Profile   *Profile                              // nil: the default one
	Transport http.RoundTripper                     // nil: an own one, with TLS 1.2 at least and limits in time
	Proxy     func(*http.Request) (*url.URL, error) // for the own transport; nil: as the system's environment says
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
	Duration time.Duration
}

// Client speaks to one platform. It is safe for concurrent use and keeps no state but open connections.
type Client struct {
	profile *Profile
}

// New makes a client. Plain http is refused unless it is loopback, before anything is sent.
func New(options Options) (*Client, error) { return nil, errors.ErrUnsupported }

// Profile is what the client was made with. It must not be changed.
func (c *Client) Profile() *Profile { return c.profile }

// BaseURL is the platform's address without a trailing slash.
func (c *Client) BaseURL() string { return "" }

// Close ends idle connections.
func (c *Client) Close() {}
