package watcher

import (
	"postroom/watcher/courier"
	"postroom/watcher/journal"
)

// waiting tells why transfers wait and for what, with names: computed when it is asked for, from what the lanes are doing
// at that moment, so that it is never written down and never stale.
type waiting struct {
	e       *Engine
	paused  bool
	folders map[string]string
	low     map[string]*Problem
}

func (e *Engine) waits() *waiting {
	return &waiting{e: e, paused: e.paused(), folders: make(map[string]string), low: make(map[string]*Problem)}
}

func (w *waiting) folder(company string) string {
	folder, known := w.folders[company]
	if !known {
		folder = w.e.folderOf(company)
		w.folders[company] = folder
	}
	return folder
}

// of is why a transfer waits just now; nil when it has ended, waits for a person, or is being worked on.
func (w *waiting) of(t *journal.Transfer) *Problem {
	if t.State.Final() || t.State == journal.Held || t.State == journal.Unknown {
		return nil
	}
	c := w.e.companyOf(t.Company)
	if c != nil {
		if p := c.stopped(); p != nil {
			return p
		}
	}
	l := w.e.linkOf(t.Connection)
	if l != nil {
		if p, _ := l.stopped(); p != nil {
			return p
		}
	}
	sending := t.State == journal.Queued || t.State == journal.Claimed || t.State == journal.Created
	switch {
	case sending && w.paused:
		p := newProblem("paused")
		return &p
	case t.State == journal.Queued && t.Unready:
		p := newProblem("fileEdited", "name", t.Name)
		return &p
	case t.Cause != nil:
		return t.Cause
	case t.State != journal.Queued:
		return nil
	}
	if c != nil {
		low, known := w.low[t.Company]
		if !known {
			low = c.lowRoom()
			w.low[t.Company] = low
		}
		if low != nil {
			return low
		}
	}
	return w.behind(l, t)
}

// behind is the file that is before this one in its lane.
func (w *waiting) behind(l *link, t *journal.Transfer) *Problem {
	if l == nil {
		return nil
	}
	lane := l.lane(t.Scope)
	if lane == nil {
		return nil
	}
	id, name := lane.inHand()
	if id == "" || id == t.ID {
		return nil
	}
	p := newProblem("behind", "name", name)
	return &p
}

// show is a transfer as others see it.
func (e *Engine) show(t *journal.Transfer, w *waiting) Transfer {
	folder := w.folder(t.Company)
	return Transfer{
		ID: t.ID, Connection: t.Connection, Company: t.Company, Domain: t.Domain, Scope: t.Scope, Name: t.Name, State: t.State,
		RemoteStatus: t.RemoteStatus, Progress: t.Progress, Size: t.Size, SHA256: t.SHA256, Path: absolute(folder, t.Lies()),
		ResultPath: absolute(folder, shownResult(t)), Records: t.Records, RefusedRecords: t.RefusedRecords, Problem: named(t.Problem, t),
		Waits: named(w.of(t), t), CreatedAt: t.CreatedAt, SentAt: t.SentAt, EndedAt: t.EndedAt, UpdatedAt: t.UpdatedAt,
		NextAttempt: t.NextAttempt, Actions: actions(t),
	}
}

// shownResult is where a result lies, once it does.
func shownResult(t *journal.Transfer) string {
	if t.ResultState == journal.ResultLaid || t.ResultState == journal.ResultMarked {
		return t.ResultPath
	}
	return ""
}

// named lets a problem's sentence speak of the file and of how many of its records it is about.
func named(p *Problem, t *journal.Transfer) *Problem {
	if p == nil {
		return nil
	}
	args := withName(p.Args, t.Name)
	if t.Scope != "" && args["scope"] == "" {
		args["scope"] = t.Scope
	}
	return &Problem{Code: p.Code, Args: args}
}

// actions are what a person may ask for a transfer: only what fits its state.
func actions(t *journal.Transfer) []Action {
	fitting := []Action{}
	for _, a := range []struct {
		action Action
		fits   bool
	}{
		{ActionRetry, courier.Allows(t, courier.Retry)},
		{ActionSendAgain, sendsAgain(t)},
		{ActionCancel, courier.Allows(t, courier.Cancel)},
		{ActionSend, courier.Allows(t, courier.Release)},
		{ActionLeave, courier.Allows(t, courier.Leave)},
		{ActionDismiss, courier.Allows(t, courier.Dismiss)},
	} {
		if a.fits {
			fitting = append(fitting, a.action)
		}
	}
	return fitting
}

// sendsAgain tells whether a file may be sent a second time. One that was refused in part never is, as a whole: its
// accepted records would be doubled.
func sendsAgain(t *journal.Transfer) bool {
	if t.Lies() == "" || t.RefusedRecords > 0 {
		return false
	}
	return t.State == journal.Accepted || t.State == journal.Unknown
}
