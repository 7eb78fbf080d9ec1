package sage

import (
	"errors"
	"time"
)

// What went wrong, for errors.Is. The numbers are the platform's codes [D] 2 to 4.
var (
	ErrDomainInvalid      = errors.New("domain not valid")                          // 2000
	ErrScopeInvalid       = errors.New("scope not valid")                           // 2010
	ErrKeyExpired         = errors.New("key expired")                               // 2100
	ErrKeyInvalid         = errors.New("key not valid")                             // 2105
	ErrKeyNotAllowed      = errors.New("key not allowed for this operation")        // 2110
	ErrKeyRevoked         = errors.New("key revoked")                               // 2115
	ErrKeyLocked          = errors.New("key locked for a time")                     // 2120
	ErrKeyLockedHard      = errors.New("key locked hard")                           // 2125
	ErrEmailTaken         = errors.New("e-mail already registered")                 // 2200
	ErrDeveloperUnknown   = errors.New("developer not known")                       // 2205
	ErrApplicationTaken   = errors.New("application name taken")                    // 2210
	ErrApplicationUnknown = errors.New("application not known")                     // 2215
	ErrApplicationFixed   = errors.New("application has a passcode, cannot change") // 2220
	ErrPasscodeUnknown    = errors.New("passcode not known")                        // 2300
	ErrPasscodeExpired    = errors.New("passcode expired")                          // 2305
	ErrPasscodeRevoked    = errors.New("passcode revoked")                          // 2310
	ErrNotConsented       = errors.New("passcode not consented yet")                // 2315
	ErrAlreadyConsented   = errors.New("passcode already consented")                // 2320
	ErrScopeBusy          = errors.New("an earlier file is being processed")        // 2400
	ErrQuarantined        = errors.New("an earlier file is in quarantine")          // 2405
	ErrFileNotFound       = errors.New("file not found")                            // 2410
	ErrWrongState         = errors.New("not possible in the file's present state")  // 2415
	ErrNotUploaded        = errors.New("file not uploaded yet, or empty")           // 2420
	ErrTooLarge           = errors.New("file too large for the platform")           // 2425
	ErrFormat             = errors.New("file format not allowed")                   // 2430
	ErrNothingThere       = errors.New("no file for this domain and scope")         // 2435
	ErrThrottled          = errors.New("too many requests")                         // status 429
	ErrServer             = errors.New("the platform failed")                       // status 5xx
	ErrUnauthorized       = errors.New("not authorised")                            // status 401 from the platform without a readable code
	ErrForeignHost        = errors.New("another host refused")                      // status 401 or 403 from a host that is not the platform's
	ErrNetwork            = errors.New("the network failed")                        // no whole answer came
	ErrTruncated          = errors.New("answer cut short")                          // a body shorter than announced
	ErrTooBig             = errors.New("answer larger than allowed")                // our own limit
	ErrMalformed          = errors.New("answer not understood")                     // a body that is not what the contract says
	ErrUnclear            = errors.New("answer lost after content went out")        // one-step uploads only
	ErrUnsafeURL          = errors.New("address refused")                           // plain http, or private behind a public platform
	ErrRedirect           = errors.New("redirect refused")                          // too many, or away with a secret
	ErrNoSuchCall         = errors.New("the platform profile names no such call")   // nothing was sent
	ErrNoPlatform         = errors.New("no platform address is known")              // neither given nor in the profile
	ErrKeyStore           = errors.New("the store of keys failed")                  // wraps the store's own error
)

// Error is a failed call.
type Error struct {
	Op         string // the operation's name in the profile
	Method     string
	URL        string // masked: fit for a log
	Status     int    // HTTP status, 0 if no answer came
	Code       int    // the platform's, 0 if none was readable
	Message    string // the platform's own words, bounded, without any secret we sent
	RetryAfter time.Duration
	Limit      int64 // with ErrTooLarge: the largest size taken, in bytes; 0 if not told
	Err        error // cause, where there is one

	kinds []error
}

// Error says what was being done, where, and what came of it.
func (e *Error) Error() string { return e.Op }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels.
func (e *Error) Is(target error) bool { return false }

// Action is what there is to do about an error.
type Action string

// The actions.
const (
	ActionRetry     Action = "retry"     // later, with backoff; a scheduled wait
	ActionWait      Action = "wait"      // for an earlier file of the scope
	ActionReconnect Action = "reconnect" // stop the connection; the user gets a new consent
	ActionUnlock    Action = "unlock"    // stop traffic; renewing the secret unlocks
	ActionSupport   Action = "support"   // stop all traffic; the user calls Sage
	ActionStopLane  Action = "stopLane"  // the lane stops with its cause; the file stays
	ActionRefuse    Action = "refuse"    // the file is refused, never retried as it is
	ActionTrack     Action = "track"     // read the file's state again
	ActionSendAgain Action = "sendAgain" // send the content again
	ActionRecreate  Action = "recreate"  // if its state says that content is awaited: create anew
	ActionAsk       Action = "ask"       // a person decides
	ActionNothing   Action = "nothing"   // nothing is wrong: not there yet
	ActionCorrect   Action = "correct"   // what was asked is wrong; the user corrects it
)

// Do tells what there is to do about an error of this package. [D] 3, 4
func Do(err error) Action { return ActionCorrect }

// Retryable tells whether the same call may succeed later by itself, and in one word why (or why not).
func Retryable(err error) (retry bool, reason string) { return false, "" }

// RetryAfter is the wait that the platform asked for, 0 if none.
func RetryAfter(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}
