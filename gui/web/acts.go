package web

import (
	"context"
	"slices"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// act is what a button does.
type act func(context.Context, Engine, visit) error

// acts are the buttons over the list; those about sending are about the company that is shown, or about all.
var acts = map[string]act{
	"check": func(ctx context.Context, e Engine, _ visit) error { return e.CheckNow(ctx) },
	"pause": func(ctx context.Context, e Engine, v visit) error {
		if company := v.PostFormValue("company"); company != "" {
			return e.PauseCompany(ctx, company)
		}
		return e.Pause(ctx)
	},
	"resume": func(ctx context.Context, e Engine, v visit) error {
		if company := v.PostFormValue("company"); company != "" {
			return e.ResumeCompany(ctx, company)
		}
		return e.Resume(ctx)
	},
}

// fileActs are the buttons of a file. Whether one is possible is the engine's to say.
var fileActs = map[string]act{
	"retry":   func(ctx context.Context, e Engine, v visit) error { return e.Retry(ctx, v.PathValue("id")) },
	"cancel":  func(ctx context.Context, e Engine, v visit) error { return e.Cancel(ctx, v.PathValue("id")) },
	"dismiss": func(ctx context.Context, e Engine, v visit) error { return e.Dismiss(ctx, v.PathValue("id")) },
	"leave": func(ctx context.Context, e Engine, v visit) error {
		return e.Resolve(ctx, v.PathValue("id"), false, "")
	},
	"send": func(ctx context.Context, e Engine, v visit) error {
		t, err := e.Transfer(ctx, v.PathValue("id"))
		if err != nil {
			return err
		}
		if !plainlySent(t.Transfer) {
			return watcher.ErrWrongState // it could come to Sage twice: that is asked for by command, with a question
		}
		return e.Resolve(ctx, t.ID, true, "")
	},
	"hold": func(ctx context.Context, e Engine, v visit) error { return e.Hold(ctx, v.PathValue("id")) },
	"release": func(ctx context.Context, e Engine, v visit) error {
		t, err := e.Transfer(ctx, v.PathValue("id"))
		if err != nil {
			return err
		}
		if !slices.Contains(t.Actions, watcher.ActionRelease) {
			return watcher.ErrWrongState
		}
		return e.Resolve(ctx, t.ID, true, "")
	},
	"correct": func(ctx context.Context, e Engine, v visit) error {
		_, err := e.SendCorrected(ctx, v.PathValue("id"))
		return err
	},
}

// listActs are the two answers for a list in doubt.
var listActs = map[string]act{
	"gone": func(ctx context.Context, e Engine, v visit) error { return e.ResolveList(ctx, v.PathValue("id"), true) },
	"incomplete": func(ctx context.Context, e Engine, v visit) error {
		return e.ResolveList(ctx, v.PathValue("id"), false)
	},
}

// button is one of a file's buttons.
type button struct {
	Name, Text string
	Filled     bool
}

// buttons are those that fit a file, the one most likely wanted first. What could double an order is not among them.
func (v visit) buttons(t watcher.Transfer) []button {
	var all []button
	add := func(fits bool, name, key string) {
		if fits {
			all = append(all, button{Name: name, Text: v.words.Say(key)})
		}
	}
	can := func(a watcher.Action) bool { return slices.Contains(t.Actions, a) }
	add(can(watcher.ActionCorrect), "correct", "window.correct")
	add(can(watcher.ActionRetry) && !can(watcher.ActionCorrect), "retry", "window.retry")
	add(can(watcher.ActionRelease), "release", "window.release")
	add(plainlySent(t), "send", "window.send")
	add(can(watcher.ActionLeave), "leave", "window.leave")
	if len(all) > 0 {
		all[0].Filled = true
	}
	add(can(watcher.ActionHold), "hold", "window.hold")
	add(can(watcher.ActionCancel), "cancel", "window.takeBack")
	add(can(watcher.ActionDismiss), "dismiss", "window.dismiss")
	return all
}

// plainlySent tells whether the answer "send it" can be given without a further question: Sage has nothing of the file, and
// what it is is clear.
func plainlySent(t watcher.Transfer) bool {
	return t.State == journal.Held && t.Scope != "" && slices.Contains(t.Actions, watcher.ActionSend)
}

// listButtons are those that fit a list. Which answer fits one in doubt only the person knows, so that neither stands out.
func (v visit) listButtons(l watcher.List) []button {
	if !l.Asks {
		return nil
	}
	return []button{{Name: "gone", Text: v.words.Say("window.list.gone")}, {Name: "incomplete", Text: v.words.Say("window.list.incomplete")}}
}
