package wording

import (
	"errors"
	"strings"
	"time"

	"postroom/watcher"
)

// Failure says why something the person asked for did not happen.
func (s Speaker) Failure(err error) string {
	if told, ok := errors.AsType[*watcher.ProblemError](err); ok {
		what, do := s.Problem(told.Problem.Code, told.Problem.Args)
		return strings.TrimSpace(what + " " + do)
	}
	switch {
	case errors.Is(err, watcher.ErrNotFound):
		return s.Say("window.failed.notFound")
	case errors.Is(err, watcher.ErrWrongState):
		return s.Say("window.failed.wrongState")
	case errors.Is(err, watcher.ErrVaultLocked):
		return s.Say("window.failed.vaultLocked")
	}
	return s.Say("window.failed", map[string]any{"reason": err.Error()})
}

// IsGone tells whether the engine no longer knows what it was asked for.
func IsGone(err error) bool { return errors.Is(err, watcher.ErrNotFound) }

// Moment is when a step of a journey was: to the second today, by day and minute before.
func (s Speaker) Moment(t time.Time) string {
	if said := s.DateTime(t, s.Now()); said != s.Time(t) {
		return said
	}
	return s.Clock(t)
}
