package watcher

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// The kinds of failure that a caller decides on. They keep their identity over the control socket, so that
// errors.Is answers the same in the window as it does in the engine.
var (
	ErrNotFound    = errors.New("not found")                         // no such transfer, list, connection, company or draft
	ErrWrongState  = errors.New("not possible in its present state") // what was asked does not fit what is true just now
	ErrInvalid     = errors.New("not valid")                         // what was entered cannot be used
	ErrVaultLocked = errors.New("the vault is locked")               // the encrypted vault file waits for its passphrase
	ErrBusy        = errors.New("held by another")                   // another process, or another draft, has it
)

// ProblemError is an error that a person is told: the catalogue has sentences for its Problem. Whatever the
// engine's calls refuse with a reason comes as one of these.
type ProblemError struct {
	Problem Problem
	Kind    error // one of the kinds above, or nil
	Cause   error // what lies under it, or nil; stays in this process
}

// Error names the code and its arguments, for logs; a person reads the catalogue's sentence instead.
func (e *ProblemError) Error() string {
	var text strings.Builder
	text.WriteString(e.Problem.Code)
	for _, name := range slices.Sorted(maps.Keys(e.Problem.Args)) {
		text.WriteString(" " + name + "=" + e.Problem.Args[name])
	}
	switch {
	case e.Cause != nil:
		text.WriteString(": " + e.Cause.Error())
	case e.Kind != nil:
		text.WriteString(": " + e.Kind.Error())
	}
	return text.String()
}

// Unwrap makes both the kind and the cause visible to errors.Is and errors.As.
func (e *ProblemError) Unwrap() []error {
	var under []error
	if e.Kind != nil {
		under = append(under, e.Kind)
	}
	if e.Cause != nil {
		under = append(under, e.Cause)
	}
	return under
}

// refuse makes a ProblemError without a cause; args come in pairs of name and value.
func refuse(kind error, code string, args ...string) *ProblemError {
	return &ProblemError{Problem: newProblem(code, args...), Kind: kind}
}

// newProblem makes a Problem; args come in pairs of name and value.
func newProblem(code string, args ...string) Problem {
	p := Problem{Code: code}
	if len(args) > 0 {
		p.Args = make(map[string]string, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			p.Args[args[i]] = args[i+1]
		}
	}
	return p
}
