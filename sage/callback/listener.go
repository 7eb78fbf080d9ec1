package callback

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"postroom/sage"
)

// The paths a token stands behind: /approval/<token> and /notification/<token>, at whatever the listener is
// mounted under.
const (
	ApprovalPath     = "/approval/"
	NotificationPath = "/notification/"
)

const (
	maxBody     = 64 << 10         // bytes
	bodyTimeout = 10 * time.Second // for the whole body to arrive
	maxAtOnce   = 16               // keys that are being stored at once
	retryAfter  = "5"              // seconds
)

// Registration is whom a call is for: what the application was registered with.
type Registration struct {
	ID    string // the engine's own name for it: a draft, a connection
	Token string // what stands in the path; empty where Path is used
	Path  string // of an application that was registered elsewhere, matched exactly: "/hooks/sage"
}

// Approval is a delivered key with what came along, which may be nothing [A], section 2.4.
type Approval struct {
	Key           sage.Secret
	Passcode      string
	ApplicationID sage.ID
	Domain        string
	Company       string
	Expires       time.Time // zero when it is not told or cannot be read
}

// Notification is the hint that a newer file is there [A], section 5. It may be lost, doubled, late or forged, and
// every field may be empty.
type Notification struct {
	ApplicationID sage.ID
	Domain        string
	Scope         string
	FileID        string
	Timestamp     time.Time
	DownloadURL   string // never to be followed: ask the platform
}

// Options are what a Listener works with. Tokens, OnApproval and OnNotification are required.
type Options struct {
	// Tokens finds the registration of a token. It is asked for every call, forged ones too, so it must be
	// cheap; Match compares in constant time.
	Tokens func(token string) (Registration, bool)
	// Paths finds the registration of a whole path, of an application that was registered elsewhere; nil when
	// there is none.
	Paths func(path string) (Registration, bool)
	// Callbacks gives the platform's calls as the profile of a registration describes them; several where
	// applications share a path. Their names are read beside the usual ones, which are those of the default
	// profile. It is asked once a call's token is known. After an error the usual names have to do, and a call
	// without a key by them is asked for again. nil: the usual names only.
	Callbacks func(r Registration) ([]sage.Callbacks, error)
	// OnApproval stores a delivered key. The platform is answered when it returns: 2xx, or 503 after an error, so
	// that a key that could not be stored may be delivered again. The context does not end with the call.
	OnApproval func(ctx context.Context, r Registration, a Approval) error
	// OnNotification passes a hint on. It must not wait.
	OnNotification func(ctx context.Context, r Registration, n Notification)

	Limit rate.Limit       // calls a second and address; 0 is 5
	Burst int              // calls at once and address; 0 is 60
	Now   func() time.Time // nil is time.Now
}

// Listener answers the platform's calls.
type Listener struct {
	opts   Options
	usual  sage.Callbacks
	forged *limits       // per address
	known  *limits       // per registration and address
	slots  chan struct{} // holds a token per key that is being stored
}

// New makes a Listener.
func New(opts Options) (*Listener, error) {
	if opts.Tokens == nil || opts.OnApproval == nil || opts.OnNotification == nil {
		return nil, errors.New("callback: Tokens, OnApproval and OnNotification are required")
	}
	if opts.Limit == 0 {
		opts.Limit = 5
	}
	if opts.Burst == 0 {
		opts.Burst = 60
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Listener{
		opts:   opts,
		usual:  sage.DefaultProfile().Callbacks,
		forged: newLimits(opts.Limit, opts.Burst),
		known:  newLimits(opts.Limit, opts.Burst),
		slots:  make(chan struct{}, maxAtOnce),
	}, nil
}

// Match finds the registration with a token, taking as long for a wrong one as for a right one.
func Match(registrations []Registration, token string) (Registration, bool) {
	want := sha256.Sum256([]byte(token))
	found := -1
	for i, r := range registrations {
		have := sha256.Sum256([]byte(r.Token))
		if subtle.ConstantTimeCompare(have[:], want[:]) == 1 && r.Token != "" {
			found = i
		}
	}
	if found < 0 {
		return Registration{}, false
	}
	return registrations[found], true
}

// call is what a path asks for.
type call int

const (
	unknown call = iota
	approval
	notification
	either // a custom path says nothing of what it is for
)

// ServeHTTP answers 2xx to whatever is well formed and has a known token, 404 to all else; 429 to who calls too
// often, 503 when a key could not be read or stored just now.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	registration, kind := l.find(r.URL.Path)
	if kind == unknown {
		if !l.forged.allow(address(r.RemoteAddr), l.opts.Now()) {
			tooMany(w)
			return
		}
		answer(w, http.StatusNotFound)
		return
	}
	if !l.known.allow(registration.ID+" "+address(r.RemoteAddr), l.opts.Now()) {
		tooMany(w)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut:
	default:
		w.Header().Set("Allow", "GET, POST, PUT")
		answer(w, http.StatusMethodNotAllowed)
		return
	}
	// A slow sender is cut off. Where the server cannot (httptest's recorder), its own limits have to do.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
	l.take(w, r, registration, kind)
}

// find says whose path it is and what for.
func (l *Listener) find(path string) (Registration, call) {
	if l.opts.Paths != nil {
		if registration, ok := l.opts.Paths(path); ok {
			return registration, either
		}
	}
	for _, at := range []struct {
		path string
		kind call
	}{{ApprovalPath, approval}, {NotificationPath, notification}} {
		i := strings.LastIndex(path, at.path)
		if i < 0 {
			continue
		}
		token := strings.TrimSuffix(path[i+len(at.path):], "/")
		if token == "" || strings.Contains(token, "/") {
			continue
		}
		if registration, ok := l.opts.Tokens(token); ok {
			return registration, at.kind
		}
	}
	return Registration{}, unknown
}

// take reads what a call with a known token brings and hands it on.
func (l *Listener) take(w http.ResponseWriter, r *http.Request, registration Registration, kind call) {
	names, unread := l.names(registration)
	values, err := read(w, r, inQuery(names, kind))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		answer(w, http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		answer(w, http.StatusBadRequest)
		return
	}
	ctx := context.WithoutCancel(r.Context())
	keyless := values.text(names.Approval.Key) == ""
	switch {
	case kind != notification && keyless && unread != nil: // it may have one by a name that is not known just now
		later(w)
	case kind == notification || kind == either && keyless:
		l.opts.OnNotification(ctx, registration, values.notification(names.Notification))
		answer(w, http.StatusOK)
	default:
		l.deliver(ctx, w, registration, values.approval(names.Approval, l.opts.Now()))
	}
}

// deliver answers by whether the key is stored.
func (l *Listener) deliver(ctx context.Context, w http.ResponseWriter, r Registration, a Approval) {
	switch {
	case a.Key.IsZero():
		answer(w, http.StatusBadRequest)
	case !l.store(ctx, r, a):
		later(w)
	default:
		answer(w, http.StatusOK)
	}
}

// store hands a key on, unless too many are being stored already.
func (l *Listener) store(ctx context.Context, r Registration, a Approval) bool {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
		return l.opts.OnApproval(ctx, r, a) == nil
	default:
		return false
	}
}

func later(w http.ResponseWriter) {
	w.Header().Set("Retry-After", retryAfter)
	answer(w, http.StatusServiceUnavailable)
}

func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", retryAfter)
	answer(w, http.StatusTooManyRequests)
}

// answer is the status and its own words: nothing of the call is repeated.
func answer(w http.ResponseWriter, status int) { http.Error(w, http.StatusText(status), status) }
