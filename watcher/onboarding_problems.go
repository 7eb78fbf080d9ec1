package watcher

import (
	"errors"
	"net/url"
	"strconv"

	"postroom/sage"
	"postroom/sage/vault"
)

// platformSays are the platform's refusals that have a sentence of their own.
var platformSays = []struct {
	err  error
	code string
	kind error
}{
	{sage.ErrUnsafeURL, "platformUnsafe", ErrInvalid},
	{sage.ErrNoPlatform, "platformMissing", ErrInvalid},
	{sage.ErrEmailTaken, "emailTaken", nil},
	{sage.ErrApplicationTaken, "applicationTaken", nil},
	{sage.ErrApplicationFixed, "applicationFixed", nil},
	{sage.ErrDeveloperUnknown, "developerUnknown", nil},
	{sage.ErrApplicationUnknown, "applicationUnknown", nil},
	{sage.ErrDomainInvalid, "domainRefused", nil},
	{sage.ErrScopeInvalid, "domainRefused", nil},
	{sage.ErrKeyLocked, "candidateLocked", nil},
	{sage.ErrKeyLockedHard, "candidateLockedHard", nil},
	{sage.ErrKeyNotAllowed, "candidateOtherDomain", nil},
	{sage.ErrKeyInvalid, "candidateRefused", nil},
	{sage.ErrKeyRevoked, "candidateRefused", nil},
	{sage.ErrKeyExpired, "candidateRefused", nil},
	{sage.ErrUnauthorized, "candidateRefused", nil},
	{sage.ErrThrottled, "platformBusy", nil},
	{sage.ErrServer, "platformBusy", nil},
	{sage.ErrNetwork, "platformUnreachable", nil},
	{sage.ErrTruncated, "platformUnreachable", nil},
	{sage.ErrMalformed, "platformNotUnderstood", nil},
	{sage.ErrTooBig, "platformNotUnderstood", nil},
	{sage.ErrRedirect, "platformNotUnderstood", nil},
	{sage.ErrForeignHost, "platformNotUnderstood", nil},
}

// platformProblem says in a sentence why a call to the platform failed. Other errors pass as they are.
func platformProblem(platform string, err error) error {
	if err == nil {
		return nil
	}
	if _, told := errors.AsType[*ProblemError](err); told {
		return err
	}
	if errors.Is(err, sage.ErrKeyStore) {
		return vaultProblem(err)
	}
	host := platform
	if u, parseErr := url.Parse(platform); parseErr == nil && u.Host != "" {
		host = u.Host
	}
	for _, says := range platformSays {
		if errors.Is(err, says.err) {
			told := refuse(says.kind, says.code, "host", host)
			told.Cause = err
			return told
		}
	}
	if refusal, ok := errors.AsType[*sage.Error](err); ok {
		told := refuse(nil, "platformRefused", "host", host, "status", strconv.Itoa(refusal.Status), "code", strconv.Itoa(refusal.Code))
		told.Cause = err
		return told
	}
	return err
}

// vaultProblem says in a sentence why the vault could not be used.
func vaultProblem(err error) error {
	code, kind := "vaultFailed", error(nil)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, vault.ErrLocked):
		code, kind = "vaultLocked", ErrVaultLocked
	case errors.Is(err, vault.ErrTimeout):
		code = "vaultSilent"
	case errors.Is(err, vault.ErrNoKeyring):
		code = "vaultGone"
	case errors.Is(err, vault.ErrPassphrase):
		code, kind = "passphraseWrong", ErrInvalid
	case errors.Is(err, vault.ErrDamaged):
		code = "vaultDamaged"
	case errors.Is(err, vault.ErrReadBack):
		code = "vaultForgets"
	case errors.Is(err, vault.ErrTooLong):
		code = "vaultTooLong"
	}
	told := refuse(kind, code)
	told.Cause = err
	return told
}
