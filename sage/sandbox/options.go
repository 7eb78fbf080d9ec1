package sandbox

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	"postroom/sage"
)

// Options are what a sandbox is opened with. The zero value is a sandbox in memory that answers at once.
type Options struct {
	// Profile holds the paths, names and domains, shared with the client. Nil is the default profile.
	Profile *sage.Profile

	// Dir keeps the state and every file's content, so that both survive a restart. It is made when missing; only
	// this user can read it. "" keeps all in memory.
	Dir string

	// BaseURL begins every URL that is handed out, and is where the API is expected: "http://127.0.0.1:8080". A path
	// in it is stripped from requests. It may be told later, see SetBaseURL. "" is DefaultBaseURL.
	BaseURL string

	// UploadBaseURL, when set, is another host that contents are uploaded to. The key must not be sent there.
	UploadBaseURL string

	Limits  Limits
	Dialect Dialect

	// Pace is how long each phase of a file's way through the platform and through Sage 50 takes: validation, waiting
	// to be fetched, processing. Zero does it all before the upload is answered.
	Pace time.Duration

	// ResultDelay is how long after its final word a file's result can first be downloaded. Zero is at once.
	ResultDelay time.Duration

	// Unchecked accepts every content without looking into it, and makes no result: for measuring a client.
	Unchecked bool

	// IDAtOnce answers the registration of a further application with its applicationId in place of a registrationUrl.
	IDAtOnce bool

	// Now is the platform's clock. Nil is time.Now.
	Now func() time.Time

	// Callbacks carries the calls to approvalUrl and notificationUrl. Nil is a transport of its own.
	Callbacks http.RoundTripper

	// Logger hears what happens. Nil is silence. Nothing secret is written to it.
	Logger *slog.Logger

	// Rand is where IDs, passcodes and keys come from. Nil is crypto/rand; a simulation gives a seeded source. It is
	// read by one goroutine at a time.
	Rand io.Reader
}

// DefaultBaseURL is what URLs begin with until somebody says where the sandbox can be reached.
const DefaultBaseURL = "http://127.0.0.1"

// Limits are the figures that are not documented [A]. A field left zero has the default that stands beside it.
type Limits struct {
	PasscodeTTL     time.Duration // 15 minutes
	KeyTTL          time.Duration // 24 hours
	KeyLock         time.Duration // 1 hour: how long LockKey locks
	MaxFile         int64         // 5 MB, in bytes
	CallbackTries   int           // 8
	CallbackBackoff time.Duration // 1 second before the second try, doubled for each one after it
	CallbackTimeout time.Duration // 10 seconds for one try
}

// Dialect chooses among the forms that sage-api.md allows an answer to have and that the profile does not name. The
// zero value is the form it writes down first.
type Dialect struct {
	TextCodes      bool         // error codes as "2100" in place of 2100
	UpperCaseNames bool         // "APIKEY" in answers and callbacks in place of "apikey"
	ExpiresForm    ExpiresForm  // of a passcode
	ProgressForm   ProgressForm // of tracking
	SilentExpiry   bool         // an expired key answers 401 without a readable code
	StrictOldKey   bool         // a key replaced by rotation answers 401/2105 in place of 401/2100
}

// ExpiresForm is a form of a passcode's expiry.
type ExpiresForm string

// The forms of an expiry [A].
const (
	ExpiresRFC3339 ExpiresForm = ""
	ExpiresEpoch   ExpiresForm = "epoch"        // seconds since 1970
	ExpiresMillis  ExpiresForm = "milliseconds" // since 1970
	ExpiresSeconds ExpiresForm = "seconds"      // from now
)

// ProgressForm is a form of tracking's progress.
type ProgressForm string

// The forms of progress [A].
const (
	ProgressNumber  ProgressForm = ""
	ProgressText    ProgressForm = "text"    // "42"
	ProgressPercent ProgressForm = "percent" // "42%"
	ProgressNone    ProgressForm = "none"    // left out
)

func (l Limits) withDefaults() Limits {
	l.PasscodeTTL = or(l.PasscodeTTL, 15*time.Minute)
	l.KeyTTL = or(l.KeyTTL, 24*time.Hour)
	l.KeyLock = or(l.KeyLock, time.Hour)
	l.MaxFile = or(l.MaxFile, 5<<20)
	l.CallbackTries = or(l.CallbackTries, 8)
	l.CallbackBackoff = or(l.CallbackBackoff, time.Second)
	l.CallbackTimeout = or(l.CallbackTimeout, 10*time.Second)
	return l
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
