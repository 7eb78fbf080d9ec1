package wording

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"postroom/assets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// signs are the shapes of a transfer's states; a partly refused one is told apart in SignOf.
var signs = map[journal.State]Sign{
	journal.Queued:     {"status-waiting", ToneWaiting},
	journal.Held:       {"status-attention", ToneAttention},
	journal.Claimed:    {"status-up", ToneAccent},
	journal.Created:    {"status-up", ToneAccent},
	journal.Sent:       {"status-up", ToneAccent},
	journal.Validating: {"status-up", ToneAccent},
	journal.Processing: {"status-up", ToneAccent},
	journal.Accepted:   {"status-done", ToneGood},
	journal.Refused:    {"status-problem", ToneProblem},
	journal.Unchecked:  {"status-problem", ToneProblem},
	journal.Unknown:    {"status-unsure", ToneAttention},
	journal.Cancelled:  {"status-left", ToneMuted},
}

// SignOf is the shape of a transfer.
func SignOf(t watcher.Transfer) Sign {
	if t.State == journal.Accepted && t.RefusedRecords > 0 {
		return signs[journal.Refused]
	}
	if s, ok := signs[t.State]; ok && !Stuck(t) && !t.KeptBack() {
		return s
	}
	return Sign{"status-waiting", ToneWaiting}
}

// Stuck tells whether a transfer on its way waits for something that has a name: Sage 50, the network, another file.
func Stuck(t watcher.Transfer) bool {
	return t.Waits != nil && !t.State.Final() && t.State != journal.Held && t.State != journal.Unknown
}

// NeedsPerson tells whether a transfer is counted as needing the person: it can still be put aside.
func NeedsPerson(t watcher.Transfer) bool {
	return t.State == journal.Held && !t.KeptBack() || t.State == journal.Unknown || slices.Contains(t.Actions, watcher.ActionDismiss)
}

// Well tells whether a row may stand below a headline that says all is well.
func Well(t watcher.Transfer) bool {
	return t.State == journal.Cancelled || t.State == journal.Accepted && t.RefusedRecords == 0
}

// Legible is a file's name as it may be shown: on one line, and without marks that make one ending read as another.
func Legible(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(name, string(unicode.ReplacementChar)))
}

// TransferRow is a transfer as a row of the list: the one function that turns a transfer into its sentence.
func (s Speaker) TransferRow(t watcher.Transfer) Row {
	look := SignOf(t)
	row := Row{Sign: look, Title: Legible(t.Name), Line: s.Sentence(t)}
	if t.Progress != nil && !Stuck(t) && (t.State == journal.Validating || t.State == journal.Processing) {
		row.Figure, row.Percent = s.Percent(*t.Progress), *t.Progress
	}
	switch {
	case NeedsPerson(t):
		row.Action = s.Say("window.whatToDo")
	case t.State.Final():
		row.Time = s.When(Ended(t), s.Now())
	default:
		row.Time = s.Since(t.CreatedAt, s.Now())
	}
	return row
}

// Ended is when a transfer ended.
func Ended(t watcher.Transfer) time.Time {
	if t.EndedAt.IsZero() {
		return t.UpdatedAt
	}
	return t.EndedAt
}

// Sentence is what happened to a transfer, without the full stop that a row has no room for.
func (s Speaker) Sentence(t watcher.Transfer) string {
	if Stuck(t) {
		return s.Short(*t.Waits)
	}
	switch t.State {
	case journal.Held:
		if t.Problem != nil {
			return s.Short(*t.Problem)
		}
	case journal.Accepted:
		switch {
		case t.RefusedRecords > 0 && t.Records > 0:
			return s.Say("window.row.partly", map[string]any{"refused": t.RefusedRecords, "records": s.Records(t.Scope, t.Records)})
		case t.RefusedRecords > 0:
			return s.Say("window.row.partly.some", map[string]any{"records": s.Records(t.Scope, t.RefusedRecords)})
		case t.Records > 0:
			return s.Say("window.row.accepted.records", map[string]any{"records": s.Records(t.Scope, t.Records)})
		}
	case journal.Unchecked:
		if line := argument(t.Problem, "line"); line != "" {
			return s.Say("window.row.unchecked.line", map[string]any{"line": line})
		}
	}
	return s.Say("window.row." + string(t.State))
}

// Short says a problem in a row, which has room for a few words: in its own short sentence where there is one.
func (s Speaker) Short(p watcher.Problem) string {
	key := "window.row.problem." + p.Code
	if !s.Has(key) {
		what, _ := s.Problem(p.Code, p.Args)
		return Bare(what)
	}
	args := make(map[string]any, len(p.Args))
	for name, value := range p.Args {
		args[name] = value
	}
	return s.Say(key, args)
}

func argument(p *watcher.Problem, name string) string {
	if p == nil {
		return ""
	}
	return p.Args[name]
}

// Bare is a sentence without its full stop. Several sentences keep theirs.
func Bare(sentence string) string {
	short := strings.TrimSuffix(sentence, ".")
	if strings.Contains(short, ". ") || strings.HasSuffix(short, ".") {
		return sentence
	}
	return short
}

// Records counts records in the words of their scope: "40 orders".
func (s Speaker) Records(scope string, n int) string {
	key := "window.records." + scope
	if !s.Has(key) {
		key = "window.records"
	}
	return s.Say(key, map[string]any{assets.CountArg: n})
}

// Scope names a kind of record as a person does: "Orders".
func (s Speaker) Scope(scope string) string {
	if key := "window.scope." + scope; s.Has(key) {
		return s.Say(key)
	}
	return scope
}

// ListRow is a list from Sage as a row.
func (s Speaker) ListRow(l watcher.List) Row {
	row := Row{
		Sign:  Sign{"status-down", ToneGood},
		Title: s.Scope(l.Scope), Line: s.ListSentence(l), Time: s.When(l.ReceivedAt, s.Now()),
	}
	if l.Problem != nil {
		row.Sign = Sign{"status-attention", ToneAttention}
	}
	if l.Asks {
		row.Action, row.Time = s.Say("window.whatToDo"), ""
	}
	return row
}

func (s Speaker) ListSentence(l watcher.List) string {
	if l.Problem != nil {
		return s.Say("window.list", map[string]any{"changes": s.Short(*l.Problem)})
	}
	if l.First {
		return s.Say("window.list.first", map[string]any{"records": s.Records(l.Scope, l.Records)})
	}
	changes := s.counted(changeCounts(l))
	if changes == "" {
		return s.Say("window.list.same")
	}
	return s.Say("window.list", map[string]any{"changes": changes})
}

// LooseRow is a file in the Outbox that is not carried, as a row.
func (s Speaker) LooseRow(f watcher.LooseFile) Row {
	return Row{
		Sign:  Sign{"status-waiting", ToneWaiting},
		Title: Legible(f.Name), Line: s.Short(f.Problem), Time: s.Since(f.Since, s.Now()),
	}
}
