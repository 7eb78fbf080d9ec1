package watcher

import (
	"context"
	"errors"

	"postroom/watcher/journal"
)

// A list from Sage that is empty, or less than half of the one before, is in doubt: what it lacks may be gone from Sage, or
// the list may be incomplete. A person says which. Until then, and after "incomplete", nothing in it is told as removed, and
// the next list is compared with the last one that nobody doubts.

// listIncomplete is the code of a list of which a person, or a later list, has said that it lacks records.
const listIncomplete = "listIncomplete"

// asks tells whether a list waits for a person's word on what it lacks.
func asks(l *journal.List) bool {
	return l.Removed > 0 && l.Problem != nil && (l.Problem.Code == "listShrunken" || l.Problem.Code == "listEmpty")
}

// doubted tells whether a list is none to compare the next one with.
func doubted(l *journal.List) bool {
	return asks(l) || l.Problem != nil && (l.Problem.Code == listIncomplete || l.Problem.Code == "listUnreadable")
}

// lacks is how many records a list lacks of which nobody has said that they are gone from Sage.
func lacks(l *journal.List) int {
	if doubted(l) {
		return l.Removed
	}
	return 0
}

// ResolveList answers for a list in doubt: what it lacks is gone from Sage, or the list is incomplete. Only the newest list
// of its kind can be answered for: a later one has said it by itself.
func (e *Engine) ResolveList(ctx context.Context, id string, gone bool) error {
	release, err := e.mayChange(ctx)
	if err != nil {
		return err
	}
	defer release()
	l, err := e.journal.List(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return refuse(ErrNotFound, "listGone")
	}
	if err != nil {
		return err
	}
	newest, err := e.journal.NewestList(ctx, l.Connection, l.Company, l.Scope)
	if err != nil {
		return err
	}
	if !asks(&l) || newest.ID != l.ID {
		return refuse(ErrWrongState, "listSettled")
	}
	answer := &journal.Problem{Code: listIncomplete, Args: l.Problem.Args}
	if gone {
		answer = nil
	}
	l.Problem = answer
	if err := e.journal.Put(ctx, journal.Listed{List: l}); err != nil {
		return err
	}
	e.emit(Event{Kind: EventList, ID: l.ID, Company: l.Company})
	return nil
}
