package onboarding

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// saveAfter is how long after the last key what was typed is kept, so that closing the program loses nothing.
const saveAfter = 400 * time.Millisecond

// form is the fields of a page, most of which fill a draft's input.
type form struct {
	w     *Wizard
	rest  watcher.DraftInput // what no field shows
	parts map[string]*part   // by the name the engine has for them
	proxy string             // as it is kept; "" until the page has a field for it
	timer *time.Timer
}

// part is one field of a form.
type part struct {
	field *widgets.Field
	of    func(*watcher.DraftInput) *string // what it fills; nil for what is no part of the input
	off   bool                              // not of the way the person chose: what it fills is left empty
	show  func()                            // brings the field onto the screen; may be nil
}

func (w *Wizard) newForm(in watcher.DraftInput) *form {
	return &form{w: w, rest: in, parts: map[string]*part{}}
}

// field makes an entry that fills a part of the input.
func (f *form) field(name string, of func(*watcher.DraftInput) *string) *widgets.Field {
	field := widgets.NewField(f.w.say("field."+name), f.w.hint("field."+name+".hint"))
	field.SetText(*of(&f.rest))
	f.add(name, field).of = of
	return field
}

// add makes an entry one of the form's.
func (f *form) add(name string, field *widgets.Field) *part {
	p := &part{field: field}
	f.parts[name] = p
	field.Entry.OnChanged = func(string) { f.changed(p) }
	field.Entry.OnSubmitted = func(string) { f.w.goOn() }
	return p
}

// hint is a sentence that need not be there.
func (w *Wizard) hint(key string) string {
	if !w.Words.Has("wizard." + key) {
		return ""
	}
	return w.say(key)
}

// input is what the person entered.
func (f *form) input() watcher.DraftInput {
	in := f.rest
	for _, p := range f.parts {
		switch {
		case p.of == nil:
		case p.off:
			*p.of(&in) = ""
		default:
			*p.of(&in) = p.field.Text()
		}
	}
	return in
}

// changed takes back what was wrong with a field and keeps what was typed once the person pauses.
func (f *form) changed(p *part) {
	if p.field.Problem() != "" {
		p.field.SetProblem("")
		f.w.page.relayout()
	}
	if p.of != nil {
		f.keepSoon()
	}
}

func (f *form) keepSoon() {
	f.stop()
	f.timer = time.AfterFunc(saveAfter, func() {
		f.w.UI(func() {
			if f.timer != nil && !f.w.closed {
				f.leave()
			}
		})
	})
}

// stop forgets that something is to be kept: it is sent with what follows.
func (f *form) stop() {
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
}

// leave keeps what was typed and is not kept yet.
func (f *form) leave() {
	if f.timer != nil {
		f.stop()
		f.keep(f.input(), map[string]bool{})
	}
}

// keep has the engine keep what was typed so far. What is half typed may not be valid yet: then all but that is kept.
func (f *form) keep(in watcher.DraftInput, without map[string]bool) {
	w := f.w
	id, step := w.draft.ID, w.shown
	if id == "" || w.busy > 0 {
		return
	}
	var d watcher.Draft
	w.send(func(ctx context.Context) (err error) {
		d, err = w.Engine.UpdateDraft(ctx, id, step, in)
		return err
	}, func(err error) {
		if w.draft.ID != id || w.shown != step {
			return
		}
		if err == nil {
			w.follow(d)
			return
		}
		told, ok := errors.AsType[*watcher.ProblemError](err)
		if !ok || !errors.Is(err, watcher.ErrInvalid) {
			return
		}
		if name := f.about(told.Problem); name != "" && f.parts[name].of != nil && !without[name] {
			of := f.parts[name].of
			kept := w.draft.Input
			*of(&in) = *of(&kept)
			without[name] = true
			f.keep(in, without)
		}
	})
}

// back gives the way to an earlier step, with what was typed. What is not valid yet must not hold the person up.
func (f *form) back(step watcher.DraftStep) func() {
	return func() {
		f.stop()
		w := f.w
		id, in, kept := w.draft.ID, f.input(), w.draft.Input
		w.call(func(ctx context.Context) (watcher.Draft, error) {
			d, err := w.Engine.UpdateDraft(ctx, id, step, in)
			if errors.Is(err, watcher.ErrInvalid) {
				d, err = w.Engine.UpdateDraft(ctx, id, step, kept)
			}
			return d, err
		}, nil)
	}
}

// require marks the fields that are empty, and tells whether there is none.
func (f *form) require(names ...string) bool {
	whole := true
	for _, name := range names {
		if p := f.parts[name]; strings.TrimSpace(p.field.Text()) == "" {
			f.mark(p, f.w.say("missing"), whole)
			whole = false
		}
	}
	return whole
}

// mark says what is wrong with a field, and with focus puts the keyboard there.
func (f *form) mark(p *part, problem string, focus bool) {
	if p.show != nil {
		p.show()
	}
	p.field.SetProblem(problem)
	f.w.page.relayout()
	if focus {
		f.w.Focus(p.field.Entry)
	}
}

// blame says a problem at the field it is about; false for one that is about none of them.
func (f *form) blame(problem watcher.Problem) bool {
	name := f.about(problem)
	if name == "" {
		return false
	}
	p := f.parts[name]
	if problem.Code == "inputMissing" {
		f.mark(p, f.w.say("missing"), true)
		return true
	}
	args := maps.Clone(problem.Args)
	if args["field"] != "" {
		args["field"] = p.field.Label()
	}
	what, do := f.w.Words.Problem(problem.Code, args)
	f.mark(p, strings.TrimSpace(what+" "+do), true)
	return true
}

// blamed names the field that a problem is about, by the problem's code.
var blamed = map[string]string{
	"emailInvalid":         "email",
	"emailTaken":           "email",
	"applicationTaken":     "application",
	"callbackPath":         "callbackPath",
	"settingListen":        "callbackListen",
	"settingProxy":         "proxy",
	"companyElsewhere":     "company",
	"companyOtherPlatform": "company",
	"folderRelative":       "folder",
	"folderTaken":          "folder",
	"folderNested":         "folder",
	"folderInHome":         "folder",
	"folderFailed":         "folder",
	"folderForbidden":      "folder",
	"folderIsFile":         "folder",
	"platformUnsafe":       "platform",
	"platformMissing":      "platform",
	"profileGone":          "profilePath",
	"profileInvalid":       "profilePath",
	"profileUnreadable":    "profilePath",
	"idsMissing":           "mail",
	"idsInvalid":           "developerId",
	"developerUnknown":     "developerId",
	"applicationUnknown":   "applicationId",
}

// about is the name of the field that a problem is about, "" for none of this form's.
func (f *form) about(problem watcher.Problem) string {
	name := blamed[problem.Code]
	switch problem.Code {
	case "inputMissing", "inputTooLong", "draftFixed":
		name = problem.Args["field"]
	case "developerUnknown":
		if p := f.parts["registered"]; p != nil && p.field.Text() != "" {
			name = "registered"
		}
	case "callbackUnsafe":
		if f.parts["callbackBase"] != nil {
			name = f.address()
		}
	}
	for known := range f.parts {
		if strings.EqualFold(known, name) { // the engine names some of them as its own fields are written
			return known
		}
	}
	return ""
}
