package terminal

import (
	"context"
	"errors"
	"strings"

	"postroom/assets"
	"postroom/watcher"
)

// The exit statuses.
const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
)

// usageError is a command that was given wrongly. Its text is for the person and complete.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// toldError is a failure whose sentence is complete, with the error behind it for those who decide on it.
type toldError struct {
	text  string
	cause error
}

func (e toldError) Error() string { return e.text }
func (e toldError) Unwrap() error { return e.cause }

// statusOf is the exit status that an error ends the program with.
func statusOf(err error) int {
	if err == nil {
		return statusDone
	}
	if _, usage := errors.AsType[usageError](err); usage {
		return statusUsage
	}
	return statusFailed
}

// explain says an error as a person reads it: what happened and what to do next.
func explain(w *assets.Words, err error) string {
	if told, ok := errors.AsType[toldError](err); ok {
		return told.text
	}
	if problem, ok := errors.AsType[*watcher.ProblemError](err); ok {
		what, do := w.Problem(problem.Problem.Code, problem.Problem.Args)
		return strings.TrimSpace(what + " " + do)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return w.Say("cmd.interrupted")
	case errors.Is(err, context.DeadlineExceeded):
		return w.Say("cmd.tooSlow")
	}
	return err.Error()
}
