package sandbox

import (
	"errors"
	"fmt"
	"net/http"
)

// The platform's codes [D], sage-api.md sections 2 to 5.
const (
	codeDomain          = 2000
	codeScope           = 2010
	codeKeyExpired      = 2100
	codeKeyInvalid      = 2105
	codeKeyNotAllowed   = 2110
	codeKeyRevoked      = 2115
	codeKeyLocked       = 2120
	codeKeyLockedHard   = 2125
	codeEmailTaken      = 2200
	codeNoDeveloper     = 2205
	codeNameTaken       = 2210
	codeNoApplication   = 2215
	codeAppFixed        = 2220
	codeNoPasscode      = 2300
	codePasscodeExpired = 2305
	codePasscodeRevoked = 2310
	codeNotConsented    = 2315
	codeConsented       = 2320
	codeBusy            = 2400
	codeQuarantine      = 2405
	codeNoFile          = 2410
	codeWrongState      = 2415
	codeNotUploaded     = 2420
	codeTooLarge        = 2425
	codeFormat          = 2430
	codeNothingThere    = 2435
)

// Codes of our own [A], for what the documented ones do not cover: every error body has one [D].
const (
	codeMalformed = 1000 // the request cannot be read
	codeNoPath    = 1404
	codeThrottled = 1429
	codeServer    = 1500
)

// Refusal is an error of the platform, as a request is answered with it and as a Go control returns it.
type Refusal struct {
	HTTP    int // status
	Code    int
	Message string
	Limit   int64 // bytes, with 2425
}

// Error names both codes.
func (r *Refusal) Error() string { return fmt.Sprintf("sandbox: %d/%d: %s", r.HTTP, r.Code, r.Message) }

// Code is the platform's code in an error of the Go controls, 0 when it has none.
func Code(err error) int {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Code
	}
	return 0
}

func refuse(status, code int, message string) *Refusal {
	return &Refusal{HTTP: status, Code: code, Message: message}
}

// What the platform refuses, with the statuses of sage-api.md.
var (
	errDomain          = refuse(http.StatusBadRequest, codeDomain, "The domain is not valid.")
	errScope           = refuse(http.StatusBadRequest, codeScope, "The scope is not valid for this domain.")
	errKeyExpired      = refuse(http.StatusUnauthorized, codeKeyExpired, "The API key has expired.")
	errKeyInvalid      = refuse(http.StatusUnauthorized, codeKeyInvalid, "The API key is not valid.")
	errKeyNotAllowed   = refuse(http.StatusForbidden, codeKeyNotAllowed, "The API key is not allowed for this operation.")
	errKeyRevoked      = refuse(http.StatusUnauthorized, codeKeyRevoked, "The API key was revoked.")
	errKeyLocked       = refuse(http.StatusUnauthorized, codeKeyLocked, "The API key is locked. Renewing the secret unlocks it.")
	errKeyLockedHard   = refuse(http.StatusUnauthorized, codeKeyLockedHard, "The API key is locked. Call Sage support.")
	errEmailTaken      = refuse(http.StatusBadRequest, codeEmailTaken, "The e-mail address is registered already.")
	errNoDeveloper     = refuse(http.StatusNotFound, codeNoDeveloper, "There is no such developer.")
	errNameTaken       = refuse(http.StatusBadRequest, codeNameTaken, "The application's name is taken.")
	errNoApplication   = refuse(http.StatusNotFound, codeNoApplication, "There is no such application.")
	errAppFixed        = refuse(http.StatusBadRequest, codeAppFixed, "An application that has had a passcode cannot be changed.")
	errNoPasscode      = refuse(http.StatusNotFound, codeNoPasscode, "There is no such passcode.")
	errPasscodeExpired = refuse(http.StatusBadRequest, codePasscodeExpired, "The passcode has expired.")
	errPasscodeRevoked = refuse(http.StatusBadRequest, codePasscodeRevoked, "The passcode was revoked: there is a newer one.")
	errNotConsented    = refuse(http.StatusBadRequest, codeNotConsented, "Consent was not given yet.")
	errConsented       = refuse(http.StatusBadRequest, codeConsented, "Consent was given already.")
	errBusy            = refuse(http.StatusLocked, codeBusy, "An earlier file of this scope is being processed.")
	errQuarantine      = refuse(http.StatusLocked, codeQuarantine, "An earlier file of this scope is in quarantine.")
	errNoFile          = refuse(http.StatusNotFound, codeNoFile, "There is no such file.")
	errWrongState      = refuse(http.StatusBadRequest, codeWrongState, "That is not possible in the file's current state.")
	errNotUploaded     = refuse(http.StatusGone, codeNotUploaded, "The file was not uploaded yet, or is empty.")
	errFormat          = refuse(http.StatusBadRequest, codeFormat, "The format is not allowed.")
	errNothingThere    = refuse(http.StatusNotFound, codeNothingThere, "There is no file for this domain and scope.")
	errNoPath          = refuse(http.StatusNotFound, codeNoPath, "There is nothing at this address.")
	errNotThat         = refuse(http.StatusMethodNotAllowed, codeNoPath, "The method is not allowed here.")
)

func errMalformed(why string) *Refusal { return refuse(http.StatusBadRequest, codeMalformed, why) }

func errTooLargeFor(limit int64) *Refusal {
	r := refuse(http.StatusRequestEntityTooLarge, codeTooLarge, fmt.Sprintf("The file is larger than %d bytes.", limit))
	r.Limit = limit
	return r
}

// answer is the refusal as a request is answered with it.
func (r *Refusal) answer() answer { return answer{status: r.HTTP, refusal: r} }
