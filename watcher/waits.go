package watcher

import (
	"context"
	"errors"
	"slices"
	"time"

	"postroom/watcher/courier"
	"postroom/watcher/journal"
)

// waiting tells why transfers wait and for what, with names: computed when it is asked for, from what the lanes are doing
// at that moment, so that it is never written down and never stale. What may come of it is the table of causes.go.
type waiting struct {
	e       *Engine
	ctx     context.Context //nolint:containedctx // of the one query that it serves
	running bool
	folders map[string]string
	adopted map[string]*company
	low     map[string]*Cause
	ahead   map[string]*Ahead    // by ID: hundreds of files may wait for one
	seen    map[string]time.Time // by company
}

func (e *Engine) waits(ctx context.Context) *waiting {
	e.mu.Lock()
	running := e.run != nil
	e.mu.Unlock()
	return &waiting{
		e: e, ctx: ctx, running: running, folders: make(map[string]string), adopted: make(map[string]*company),
		low: make(map[string]*Cause), ahead: make(map[string]*Ahead), seen: make(map[string]time.Time),
	}
}

func (w *waiting) folder(company string) string {
	folder, known := w.folders[company]
	if !known {
		folder = w.e.folderOf(company)
		w.folders[company] = folder
	}
	return folder
}

// company is an adopted one, nil when it is none.
func (w *waiting) company(name string) *company {
	c, known := w.adopted[name]
	if !known {
		c = w.e.companyOf(name)
		w.adopted[name] = c
	}
	return c
}

// cause is why a transfer does not go on just now, or how it failed; nil when it is through, or is being worked on.
func (w *waiting) cause(t *journal.Transfer) *Cause {
	switch {
	case t.KeptBack():
		return w.decided(t, t.UpdatedAt, EndsRelease)
	case t.State == journal.Held, t.State == journal.Unknown:
		return w.decided(t, t.UpdatedAt, EndsAnswer)
	case t.State == journal.Refused, t.State == journal.Unchecked, t.State == journal.Accepted && t.RefusedRecords > 0:
		return w.decided(t, t.EndedAt, EndsCorrected)
	case t.State.Final():
		return nil
	case !w.running && w.e.options.Agent:
		return causeOf(newProblem("notAdopted"), time.Time{}, time.Time{}) // it is about to run, or to end
	case !w.running:
		return causeOf(newProblem("agentOff"), time.Time{}, time.Time{})
	}
	for _, look := range []func(*journal.Transfer) *Cause{w.here, w.way, w.own, w.queue} {
		if cause := look(t); cause != nil {
			if cause.Code == "sageOff" {
				cause.SeenAt = w.sageSeen(t.Company)
			}
			return cause
		}
	}
	if atSage(t) {
		return causeOf(newProblem("atSage", "status", t.RemoteStatus), t.SentAt, t.NextAttempt)
	}
	return nil
}

// decided is the cause of what has failed or waits for an answer: its Problem says why.
func (w *waiting) decided(t *journal.Transfer, since time.Time, by Ending) *Cause {
	p := newProblem("fileRefused")
	if t.Problem != nil {
		p = *t.Problem
	}
	return &Cause{Problem: p, Since: since, EndedBy: by}
}

// here is what concerns the company's folder.
func (w *waiting) here(t *journal.Transfer) *Cause {
	c := w.company(t.Company)
	if c == nil {
		return nil
	}
	if cause := c.stoppedBy(); cause != nil {
		return cause
	}
	if watch := c.watch(); watch != nil && t.State == journal.Queued {
		if p := watch.Problem(); p != nil {
			return causeOf(*p, time.Time{}, time.Time{})
		}
	}
	return nil
}

// way is what concerns everything that the connection says.
func (w *waiting) way(t *journal.Transfer) *Cause {
	l := w.e.linkOf(t.Connection)
	switch {
	case l != nil:
		return l.cause()
	case w.folder(t.Company) == "":
		return causeOf(newProblem("connectionGone"), time.Time{}, time.Time{})
	}
	return causeOf(newProblem("notAdopted"), time.Time{}, time.Time{})
}

// own is what concerns this file.
func (w *waiting) own(t *journal.Transfer) *Cause {
	sending := t.State == journal.Queued || t.State == journal.Claimed || t.State == journal.Created
	since, paused := w.e.pausedSince(t.Company)
	switch {
	case sending && paused:
		return causeOf(newProblem("paused"), since, time.Time{})
	case t.State == journal.Queued && t.Unready:
		return causeOf(newProblem("fileEdited", "name", t.Name), t.UpdatedAt, time.Time{})
	case t.Cause != nil:
		return w.e.warned(causeOf(w.e.withOpener(*t.Cause, absolute(w.folder(t.Company), t.Lies())), w.since(t), t.NextAttempt))
	}
	return nil
}

// since is when a transfer's present cause began: its timeline tells every turn.
func (w *waiting) since(t *journal.Transfer) time.Time {
	return w.turned(t, func(e *journal.Entry) bool {
		return e.Kind == "status" || e.Kind == "waiting" && t.Cause != nil && e.Args["problem"] == t.Cause.Code
	})
}

// turned is when the last entry that fits was added to a transfer's timeline.
func (w *waiting) turned(t *journal.Transfer, fits func(*journal.Entry) bool) time.Time {
	entries, err := w.e.journal.Timeline(w.ctx, t.Sequence)
	if err != nil {
		w.e.log.Debug("since when a file waits could not be read", "transfer", t.ID, "error", err)
	}
	for _, entry := range slices.Backward(entries) {
		if fits(&entry) {
			return entry.At
		}
	}
	return t.UpdatedAt
}

// sageSeen is the last sign of a company's Sage 50 that has come here: a file that it has worked on, or a list that it made.
// Zero when none ever came.
func (w *waiting) sageSeen(company string) time.Time {
	seen, known := w.seen[company]
	if known {
		return seen
	}
	worked, err := w.e.journal.Transfers(w.ctx, journal.Query{Company: company, States: []journal.State{journal.Accepted}, Limit: 1})
	if err == nil && len(worked) > 0 {
		seen = worked[0].EndedAt
	}
	lists, listsErr := w.e.journal.Lists(w.ctx, company, 1)
	if listsErr == nil && len(lists) > 0 && lists[0].Timestamp.After(seen) && !lists[0].Timestamp.After(w.e.now()) {
		seen = lists[0].Timestamp
	}
	if err := errors.Join(err, listsErr); err != nil {
		w.e.log.Debug("when Sage 50 was last seen could not be read", "company", company, "error", err)
	}
	w.seen[company] = seen
	return seen
}

// queue is what keeps a file in Outbox that could go otherwise.
func (w *waiting) queue(t *journal.Transfer) *Cause {
	if t.State != journal.Queued {
		return nil
	}
	if c := w.company(t.Company); c != nil {
		low, known := w.low[t.Company]
		if !known {
			low = c.lowSince()
			w.low[t.Company] = low
		}
		if low != nil {
			return low
		}
	}
	return w.behind(t)
}

// behind is the file that is before this one in its lane.
func (w *waiting) behind(t *journal.Transfer) *Cause {
	lane := w.e.laneOf(t)
	if lane == nil {
		return nil
	}
	id, name := lane.inHand()
	if id == "" || id == t.ID {
		return nil
	}
	cause := causeOf(newProblem("behind", "name", name, "id", id), t.CreatedAt, time.Time{})
	cause.Ahead = w.first(id)
	return cause
}

// first is the file that a lane has in hand, and what keeps it; nil when it has just left.
func (w *waiting) first(id string) *Ahead {
	if ahead, known := w.ahead[id]; known {
		return ahead
	}
	w.ahead[id] = nil // nothing waits for itself
	t, err := w.e.journal.Transfer(w.ctx, id)
	if err != nil || t.State.Final() {
		return nil
	}
	ahead := &Ahead{ID: id, Name: t.Name, State: t.State}
	ahead.Since = w.turned(&t, func(e *journal.Entry) bool {
		return e.Kind == "status" || e.Kind == "sent" || e.Kind == "created" || e.Kind == "checked"
	})
	if cause := w.cause(&t); cause != nil && cause.Code != "atSage" && cause.Code != "behind" {
		ahead.Cause = ofFile(cause, &t)
	}
	w.ahead[id] = ahead
	return ahead
}

// atSage tells that the platform has the file and that there is nothing to do but look.
func atSage(t *journal.Transfer) bool {
	return t.State == journal.Sent || t.State == journal.Validating || t.State == journal.Processing
}

// waits tells whether a cause is a wait that a row shows: not one that Problem tells of already, nor that all goes well.
func waits(t *journal.Transfer, cause *Cause) *Problem {
	if cause == nil || cause.Code == "atSage" || t.State.Final() || t.State == journal.Held && !t.KeptBack() || t.State == journal.Unknown {
		return nil
	}
	return &cause.Problem
}

// problemIn is a cause without its circumstances; nil for none.
func problemIn(cause *Cause) *Problem {
	if cause == nil {
		return nil
	}
	return &cause.Problem
}

// show is a transfer as others see it.
func (e *Engine) show(t *journal.Transfer, w *waiting) Transfer {
	folder := w.folder(t.Company)
	cause := w.cause(t)
	if cause != nil {
		cause = ofFile(cause, t)
	}
	return Transfer{
		ID: t.ID, Connection: t.Connection, Company: t.Company, Domain: t.Domain, Scope: t.Scope, Name: t.Name, State: t.State,
		RemoteStatus: t.RemoteStatus, Progress: t.Progress, Size: t.Size, SHA256: t.SHA256, Path: absolute(folder, t.Lies()),
		ResultPath: absolute(folder, shownResult(t)), Records: t.Records, RefusedRecords: t.RefusedRecords, Problem: named(t.Problem, t),
		Waits: waits(t, cause), Cause: cause, CreatedAt: t.CreatedAt, SentAt: t.SentAt, EndedAt: t.EndedAt, UpdatedAt: t.UpdatedAt,
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

// ofFile is a cause whose sentence may speak of the file.
func ofFile(cause *Cause, t *journal.Transfer) *Cause {
	own := *cause
	own.Problem = *named(&cause.Problem, t)
	return &own
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
		{ActionHold, courier.Allows(t, courier.Hold)},
		{ActionRelease, t.KeptBack()},
		{ActionSend, courier.Allows(t, courier.Release) && !t.KeptBack()},
		{ActionLeave, courier.Allows(t, courier.Leave) && !t.KeptBack()},
		{ActionCorrect, correctable(t)},
		{ActionDismiss, courier.Allows(t, courier.Dismiss)},
	} {
		if a.fits {
			fitting = append(fitting, a.action)
		}
	}
	return fitting
}

// sendsAgain tells whether a file may be sent a second time. One that was accepted in part never is, as a whole: its accepted
// records would be doubled. One that was refused and of which records were taken all the same is, because a person may know
// better, and only when that is asked for by this name.
func sendsAgain(t *journal.Transfer) bool {
	switch {
	case t.Lies() == "":
		return false
	case t.State == journal.Accepted, t.State == journal.Unknown:
		return t.RefusedRecords == 0
	}
	return t.State == journal.Refused && courier.Doubles(t)
}
