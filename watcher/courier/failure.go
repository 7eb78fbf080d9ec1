package courier

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/journal"
)

// Failure is why a step had no effect, or none that is known.
type Failure struct {
	Kind    FailureKind
	Problem journal.Problem // for a person
	After   time.Duration   // the platform asks not to be asked again before
	Shared  bool            // holds for everything the connection does: its gate waits, not the file
	Err     error           // for the log
}

// FailureKind is what a failure means to a file's journey.
type FailureKind int

// The kinds of failure.
const (
	Later       FailureKind = iota + 1 // the network or the platform failed, the answer may be lost
	Key                                // the connection's key or its vault: nothing goes until that is mended
	Busy                               // an earlier file of the scope has to end first
	Stopped                            // not the file's fault; only a person can mend it
	Refusal                            // final, as the file is
	Vanished                           // the platform does not know the file (any more)
	WrongState                         // not possible in the file's present state
	NotThere                           // the content has not arrived
	Foreign                            // a host that is not the platform's refused
	Lost                               // one-step: nobody can tell whether the content arrived
	Unreadable                         // the file here cannot be read or moved
	Interrupted                        // the step was given up from here; nothing is known and nothing is to be noted
)

// platformKinds says what the platform's errors mean. The first that an error is decides.
var platformKinds = []struct {
	is     error
	kind   FailureKind
	code   string
	shared bool
}{
	{sage.ErrUnclear, Lost, "answerLost", false},
	{vault.ErrLocked, Key, "vaultLocked", true},
	{vault.ErrTimeout, Key, "vaultSilent", true},
	{vault.ErrNoKeyring, Key, "vaultGone", true},
	{vault.ErrDamaged, Key, "vaultDamaged", true},
	{vault.ErrReadBack, Key, "vaultForgets", true},
	{vault.ErrTooLong, Key, "vaultTooLong", true},
	{sage.ErrKeyStore, Key, "vaultFailed", true},
	{sage.ErrKeyExpired, Key, "connectionExpired", true},
	{sage.ErrKeyInvalid, Key, "connectionInvalid", true},
	{sage.ErrKeyRevoked, Key, "connectionRevoked", true},
	{sage.ErrKeyLocked, Key, "connectionLocked", true},
	{sage.ErrKeyLockedHard, Key, "connectionLockedHard", true},
	{sage.ErrUnauthorized, Key, "connectionExpired", true},
	{sage.ErrScopeBusy, Busy, "scopeBusy", false},
	{sage.ErrQuarantined, Busy, "scopeQuarantined", false},
	{sage.ErrDomainInvalid, Stopped, "domainInvalid", false},
	{sage.ErrScopeInvalid, Stopped, "scopeInvalid", false},
	{sage.ErrKeyNotAllowed, Stopped, "scopeNotAllowed", false},
	{sage.ErrUnsafeURL, Stopped, "addressUnsafe", false},
	{sage.ErrRedirect, Stopped, "addressUnsafe", false},
	{sage.ErrNoSuchCall, Stopped, "profileLacks", false},
	{sage.ErrNoPlatform, Stopped, "profileLacks", false},
	{sage.ErrTooLarge, Refusal, "fileTooLarge", false},
	{sage.ErrFormat, Refusal, "fileFormat", false},
	{sage.ErrFileNotFound, Vanished, "fileVanished", false},
	{sage.ErrWrongState, WrongState, "fileWrongState", false},
	{sage.ErrNotUploaded, NotThere, "fileNotThere", false},
	{sage.ErrForeignHost, Foreign, "hostRefused", false},
	{sage.ErrThrottled, Later, "platformThrottles", true},
	{sage.ErrServer, Later, "platformTrouble", false},
	{sage.ErrTruncated, Later, "platformStrange", false},
	{sage.ErrTooBig, Later, "platformStrange", false},
	{sage.ErrMalformed, Later, "platformStrange", false},
	{sage.ErrNetwork, Later, "networkDown", true},
	{context.DeadlineExceeded, Later, "networkDown", true},
}

// unexplained is a refusal by a code that the contract does not know, or by none.
const unexplained = "fileTurnedDown"

// Judge says what an error of a call to the platform means.
func Judge(ctx context.Context, err error) Failure {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, ctx.Err())) {
		return Failure{Kind: Interrupted, Err: err}
	}
	f := Failure{Kind: Refusal, Problem: journal.Problem{Code: unexplained}, After: sage.RetryAfter(err), Err: err}
	if retry, _ := sage.Retryable(err); retry {
		f.Kind, f.Problem.Code = Later, "platformTrouble"
	}
	if local, ok := errors.AsType[*localError](err); ok {
		return local.failure(f)
	}
	for _, known := range platformKinds {
		if errors.Is(err, known.is) {
			f.Kind, f.Problem.Code, f.Shared = known.kind, known.code, known.shared
			break
		}
	}
	e, ok := errors.AsType[*sage.Error](err)
	if !ok {
		return f
	}
	if e.Status == http.StatusServiceUnavailable && e.RetryAfter > 0 {
		f.Shared = true // the platform closes its door for everybody
	}
	f.Problem.Args = told(e)
	return f
}

// told are the arguments of a refusal's sentence.
func told(e *sage.Error) map[string]string {
	args := map[string]string{"host": hostOf(e.URL)}
	set := func(name, value string) {
		if value != "" && value != "0" {
			args[name] = value
		}
	}
	set("status", strconv.Itoa(e.Status))
	set("code", strconv.Itoa(e.Code))
	set("message", e.Message)
	if e.Limit > 0 {
		set("limit", strconv.FormatFloat(math.Round(float64(e.Limit)/1e5)/10, 'f', -1, 64)) // MB
	}
	return args
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// localError is a failure of a file of ours during a step.
type localError struct {
	code   string
	name   string
	folder string // that is in the way, or ""
	kind   FailureKind
	err    error
}

func (e *localError) Error() string { return e.err.Error() }

func (e *localError) Unwrap() error { return e.err }

func (e *localError) failure(f Failure) Failure {
	f.Kind, f.After, f.Shared = e.kind, 0, false
	f.Problem = journal.Problem{Code: e.code, Args: map[string]string{"name": e.name}}
	if e.folder != "" {
		f.Problem.Args["folder"] = e.folder
	}
	return f
}
