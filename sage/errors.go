package sage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What went wrong, for errors.Is. Those with a number stand for the platform's code of that number [D].
var (
	ErrDomainInvalid      = errors.New("domain not valid")                         // 2000
	ErrScopeInvalid       = errors.New("scope not valid")                          // 2010
	ErrKeyExpired         = errors.New("key expired")                              // 2100
	ErrKeyInvalid         = errors.New("key not valid")                            // 2105
	ErrKeyNotAllowed      = errors.New("key not allowed for this operation")       // 2110
	ErrKeyRevoked         = errors.New("key revoked")                              // 2115
	ErrKeyLocked          = errors.New("key locked for a time")                    // 2120
	ErrKeyLockedHard      = errors.New("key locked hard")                          // 2125
	ErrEmailTaken         = errors.New("e-mail already registered")                // 2200
	ErrDeveloperUnknown   = errors.New("developer not known")                      // 2205
	ErrApplicationTaken   = errors.New("application name taken")                   // 2210
	ErrApplicationUnknown = errors.New("application not known")                    // 2215
	ErrApplicationFixed   = errors.New("application can no longer be changed")     // 2220
	ErrPasscodeUnknown    = errors.New("passcode not known")                       // 2300
	ErrPasscodeExpired    = errors.New("passcode expired")                         // 2305
	ErrPasscodeRevoked    = errors.New("passcode revoked")                         // 2310
	ErrNotConsented       = errors.New("passcode not consented yet")               // 2315
	ErrAlreadyConsented   = errors.New("passcode already consented")               // 2320
	ErrScopeBusy          = errors.New("an earlier file is being processed")       // 2400
	ErrQuarantined        = errors.New("an earlier file is in quarantine")         // 2405
	ErrFileNotFound       = errors.New("file not found")                           // 2410
	ErrWrongState         = errors.New("not possible in the file's present state") // 2415
	ErrNotUploaded        = errors.New("file not uploaded yet, or empty")          // 2420
	ErrTooLarge           = errors.New("file too large for the platform")          // 2425
	ErrFormat             = errors.New("file format not allowed")                  // 2430
	ErrNothingThere       = errors.New("no file for this domain and scope")        // 2435
)

// What went wrong where the platform's code does not tell it.
var (
	ErrThrottled    = errors.New("too many requests")                       // status 429
	ErrServer       = errors.New("the platform failed")                     // status 5xx
	ErrUnauthorized = errors.New("not authorised, and no code says why")    // status 401 of the platform's own host
	ErrForeignHost  = errors.New("another host refused")                    // 401, 403 or a 4xx without a code, of a host that is not the platform's
	ErrNetwork      = errors.New("the network failed")                      // no whole answer came; the cause is wrapped
	ErrTruncated    = errors.New("answer cut short")                        // a body shorter than announced
	ErrTooBig       = errors.New("answer larger than allowed")              // our own limit
	ErrMalformed    = errors.New("answer not understood")                   // not what the contract says
	ErrContent      = errors.New("the content could not be read")           // ours, on its way out; the reader's own error is wrapped
	ErrUnclear      = errors.New("answer lost after content went out")      // uploads in one step only
	ErrUnsafeURL    = errors.New("address refused")                         // plain http, or private behind a public platform
	ErrRedirect     = errors.New("redirect refused")                        // too many, or away with a secret
	ErrNoSuchCall   = errors.New("the platform profile names no such call") // nothing was sent
	ErrNoPlatform   = errors.New("no platform address is known")            // neither given nor in the profile
	ErrKeyStore     = errors.New("the store of keys failed")                // the store's own error is wrapped
)

// Action is what there is to do about an error.
type Action string

// The actions.
const (
	ActionRetry     Action = "retry"     // the same later, with backoff
	ActionWait      Action = "wait"      // the same later: an earlier file of the scope has to end first
	ActionReconnect Action = "reconnect" // stop the connection; the user gets a new consent
	ActionUnlock    Action = "unlock"    // stop traffic; renewing the secret unlocks
	ActionSupport   Action = "support"   // stop all traffic; the user calls Sage
	ActionStopLane  Action = "stopLane"  // the lane stops with its cause; the file stays
	ActionRefuse    Action = "refuse"    // the file is refused, never sent again as it is
	ActionTrack     Action = "track"     // read the file's state again
	ActionSend      Action = "send"      // send the content again
	ActionRecreate  Action = "recreate"  // if tracking says that content is awaited: create anew
	ActionAsk       Action = "ask"       // a person decides
	ActionNothing   Action = "nothing"   // nothing is wrong: it is not there yet
	ActionCorrect   Action = "correct"   // what was asked for is wrong; the user corrects it
)

// rule is one line of the contract's error tables. [D] 2, 3, 4
type rule struct {
	code   int
	status int // as documented; not needed for a match
	is     error
	action Action
}

var rules = []rule{
	{2000, 400, ErrDomainInvalid, ActionStopLane},
	{2010, 400, ErrScopeInvalid, ActionStopLane},
	{2100, 401, ErrKeyExpired, ActionRetry}, // seen by callers only when the rotated key is expired too
	{2105, 401, ErrKeyInvalid, ActionReconnect},
	{2110, 403, ErrKeyNotAllowed, ActionStopLane},
	{2115, 401, ErrKeyRevoked, ActionReconnect},
	{2120, 401, ErrKeyLocked, ActionUnlock},
	{2125, 401, ErrKeyLockedHard, ActionSupport},
	{2200, 400, ErrEmailTaken, ActionCorrect},
	{2205, 404, ErrDeveloperUnknown, ActionCorrect},
	{2210, 400, ErrApplicationTaken, ActionCorrect},
	{2215, 404, ErrApplicationUnknown, ActionCorrect},
	{2220, 400, ErrApplicationFixed, ActionCorrect},
	{2300, 404, ErrPasscodeUnknown, ActionReconnect},
	{2305, 400, ErrPasscodeExpired, ActionReconnect},
	{2310, 400, ErrPasscodeRevoked, ActionReconnect},
	{2315, 400, ErrNotConsented, ActionNothing},
	{2320, 400, ErrAlreadyConsented, ActionReconnect},
	{2400, 423, ErrScopeBusy, ActionWait},
	{2405, 423, ErrQuarantined, ActionWait},
	{2410, 404, ErrFileNotFound, ActionAsk},
	{2415, 400, ErrWrongState, ActionTrack},
	{2420, 410, ErrNotUploaded, ActionSend},
	{2425, 413, ErrTooLarge, ActionRefuse},
	{2430, 400, ErrFormat, ActionRefuse},
	{2435, 404, ErrNothingThere, ActionNothing},
}

// kinds are the errors without a code of the platform. The first that an error is decides.
var kinds = []struct {
	is     error
	action Action
	retry  bool
	reason string
}{
	{ErrUnclear, ActionAsk, false, "unclear"},
	{context.Canceled, ActionRetry, false, "cancelled"},
	{ErrContent, ActionCorrect, false, "content"},
	{ErrUnsafeURL, ActionCorrect, false, "unsafe address"},
	{ErrRedirect, ActionCorrect, false, "redirect"},
	{ErrForeignHost, ActionRecreate, false, "another host refused"},
	{ErrNoSuchCall, ActionCorrect, false, "no such call"},
	{ErrNoPlatform, ActionCorrect, false, "no platform"},
	{ErrThrottled, ActionRetry, true, "throttled"},
	{ErrServer, ActionRetry, true, "server"},
	{ErrUnauthorized, ActionRetry, true, "not authorised, no code"},
	{ErrKeyStore, ActionRetry, true, "key store"},
	{ErrTruncated, ActionRetry, true, "truncated"},
	{ErrTooBig, ActionRetry, true, "too big"},
	{ErrMalformed, ActionRetry, true, "not understood"},
	{ErrNetwork, ActionRetry, true, "network"},
	{context.DeadlineExceeded, ActionRetry, true, "deadline"},
}

// Do tells what there is to do about an error of this package. [D] 3, 4
func Do(err error) Action {
	action, _, _ := judge(err)
	return action
}

// Retryable tells whether the same call may succeed later by itself, with backoff, and in a few words why (or why
// not). A file's journey asks Do, which knows more.
func Retryable(err error) (retry bool, reason string) {
	_, retry, reason = judge(err)
	return retry, reason
}

func judge(err error) (action Action, retry bool, reason string) {
	if err == nil {
		return ActionNothing, false, "no error"
	}
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return k.action, k.retry, k.reason
		}
	}
	for _, r := range rules {
		if errors.Is(err, r.is) {
			return r.action, r.action == ActionRetry || r.action == ActionWait, r.is.Error()
		}
	}
	if e, ok := errors.AsType[*Error](err); ok && e.later() {
		return ActionRetry, true, "asked to try again"
	} else if ok && e.Status == http.StatusNotFound && e.Code == 0 {
		return ActionRetry, true, "not found, no code" // every error of the platform has a code [D]: this is a gateway's
	}
	return ActionCorrect, false, "refused"
}

// RetryAfter is the wait that the platform asked for, 0 if none.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// Error is a failed call. It holds nothing that may not be logged.
type Error struct {
	Op         string // the operation's name in the profile
	Method     string
	URL        string // masked
	Status     int    // HTTP status, 0 if no answer came
	Code       int    // the platform's, 0 if none was readable
	Message    string // the platform's own words, bounded, without any secret that we sent
	RetryAfter time.Duration
	Limit      int64 // with ErrTooLarge: the largest size taken, in bytes; 0 if not told
	Foreign    bool  // the answer came from a host that is not the platform's
	Err        error // cause, where there is one

	kind  error // a sentinel that neither status nor code tells
	began bool  // content had begun to go out
}

// Error says what was being done, where, and what came of it.
func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s: %s %s", e.Op, e.Method, e.URL)
	switch {
	case e.Status != 0 && e.Code != 0:
		fmt.Fprintf(&s, ": status %d, code %d", e.Status, e.Code)
	case e.Status != 0:
		fmt.Fprintf(&s, ": status %d", e.Status)
	}
	if what := e.what(); what != nil && !errors.Is(e.Err, what) {
		fmt.Fprintf(&s, ": %v", what)
	}
	if e.Message != "" {
		fmt.Fprintf(&s, " (%s)", e.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&s, ": %v", e.Err)
	}
	return s.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinel that says what went wrong.
func (e *Error) Is(target error) bool {
	return target != nil && (target == e.kind || target == e.what())
}

// what is the one sentinel that an error stands for, nil if there is none.
func (e *Error) what() error {
	if e.kind != nil {
		return e.kind
	}
	refused := e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
	if e.Foreign && (refused || e.unnamed()) {
		return ErrForeignHost // whatever key code it claims
	}
	if e.Status >= 500 && e.Status <= 599 {
		return ErrServer // whatever code it claims: a failing server's word ends nothing
	}
	if i := slices.IndexFunc(rules, func(r rule) bool { return r.code == e.Code }); i >= 0 {
		return rules[i].is
	}
	return e.byStatus()
}

// unnamed tells a refusal without a code that stands for no other sentinel: a storage host's way to say that an
// address is no longer good.
func (e *Error) unnamed() bool {
	return e.Status >= 400 && e.Status <= 499 && e.Code == 0 && !e.later() && e.byStatus() == nil
}

// later tells a status that asks to try again.
func (e *Error) later() bool {
	return e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooEarly
}

// byStatus reads a status where no code is known. Of the statuses that the contract gives one meaning only, that
// meaning is taken; a bare 404 says too little to be one.
func (e *Error) byStatus() error {
	switch {
	case e.Status == http.StatusTooManyRequests:
		return ErrThrottled
	case e.Status == http.StatusRequestEntityTooLarge:
		return ErrTooLarge
	case e.Foreign || e.Code != 0:
		return nil
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrKeyNotAllowed
	case http.StatusLocked:
		return ErrScopeBusy
	case http.StatusGone:
		return ErrNotUploaded
	}
	return nil
}

// expired tells whether an error is answered by a rotation: the platform's own 401 with code 2100, or without any
// readable code. [D] 3
func expired(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusUnauthorized && (e.Is(ErrKeyExpired) || e.Is(ErrUnauthorized))
}
