package control

import (
	"context"
	"errors"
	"net/http"

	"postroom/watcher"
)

// failure is an error on the wire. Kind keeps errors.Is true on the other side, Problem keeps the sentence a person
// reads; Message is for errors without a sentence.
type failure struct {
	Kind    string           `json:"kind,omitempty"`
	Problem *watcher.Problem `json:"problem,omitempty"`
	Message string           `json:"message,omitempty"`
}

// kinds are the errors that keep their identity over the socket, in the order they are looked for.
var kinds = []struct {
	name   string
	err    error
	status int
}{
	{"notFound", watcher.ErrNotFound, http.StatusNotFound},
	{"wrongState", watcher.ErrWrongState, http.StatusConflict},
	{"invalid", watcher.ErrInvalid, http.StatusUnprocessableEntity},
	{"vaultLocked", watcher.ErrVaultLocked, http.StatusLocked},
	{"busy", watcher.ErrBusy, http.StatusConflict},
	{"canceled", context.Canceled, http.StatusServiceUnavailable},
	{"deadline", context.DeadlineExceeded, http.StatusGatewayTimeout},
}

// toFailure puts an engine's error on the wire.
func toFailure(err error) (failure, int) {
	f, status := failure{Message: err.Error()}, http.StatusInternalServerError
	for _, kind := range kinds {
		if errors.Is(err, kind.err) {
			f.Kind, status = kind.name, kind.status
			break
		}
	}
	if told, ok := errors.AsType[*watcher.ProblemError](err); ok {
		f.Problem, f.Message = &told.Problem, ""
	}
	return f, status
}

// err is the error that the other side had, as far as anyone decides on it.
func (f failure) err() error {
	var kind error
	for _, known := range kinds {
		if known.name == f.Kind {
			kind = known.err
		}
	}
	if f.Problem != nil {
		return &watcher.ProblemError{Problem: *f.Problem, Kind: kind}
	}
	return remoteError{message: f.Message, kind: kind}
}

// remoteError is what the agent said, with the kind it had there.
type remoteError struct {
	message string
	kind    error
}

func (e remoteError) Error() string { return e.message }
func (e remoteError) Unwrap() error { return e.kind }
