package gui

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"

	"postroom/assets"
	"postroom/gui/headline"
	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// speaker turns what the engine says into what a person reads.
type speaker struct {
	*assets.Words
	now func() time.Time
}

// sign is an icon and its colour.
type sign struct {
	icon string
	tone fyne.ThemeColorName
}

// signs are the shapes of a transfer's states; a partly refused one is told apart in signOf.
var signs = map[journal.State]sign{
	journal.Queued:     {"status-waiting", widgets.ColorWaiting},
	journal.Held:       {"status-attention", widgets.ColorAttention},
	journal.Claimed:    {"status-up", widgets.ColorAccent},
	journal.Created:    {"status-up", widgets.ColorAccent},
	journal.Sent:       {"status-up", widgets.ColorAccent},
	journal.Validating: {"status-up", widgets.ColorAccent},
	journal.Processing: {"status-up", widgets.ColorAccent},
	journal.Accepted:   {"status-done", widgets.ColorGood},
	journal.Refused:    {"status-problem", widgets.ColorProblem},
	journal.Unchecked:  {"status-problem", widgets.ColorProblem},
	journal.Unknown:    {"status-unsure", widgets.ColorAttention},
	journal.Cancelled:  {"status-left", widgets.ColorMuted},
}

func signOf(t watcher.Transfer) sign {
	if t.State == journal.Accepted && t.RefusedRecords > 0 {
		return signs[journal.Refused]
	}
	if s, ok := signs[t.State]; ok && !stuck(t) {
		return s
	}
	return sign{"status-waiting", widgets.ColorWaiting}
}

// stuck tells whether a transfer on its way waits for something that has a name: Sage 50, the network, another file.
func stuck(t watcher.Transfer) bool {
	return t.Waits != nil && !t.State.Final() && t.State != journal.Held && t.State != journal.Unknown
}

// needsPerson tells whether a transfer is counted as needing the person: it can still be put aside.
func needsPerson(t watcher.Transfer) bool {
	return t.State == journal.Held || t.State == journal.Unknown || slices.Contains(t.Actions, watcher.ActionDismiss)
}

// well tells whether a row may stand below a headline that says all is well.
func well(t watcher.Transfer) bool {
	return t.State == journal.Cancelled || t.State == journal.Accepted && t.RefusedRecords == 0
}

// legible is a file's name as it may be shown: on one line, and without marks that make one ending read as another.
func legible(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(name, string(unicode.ReplacementChar)))
}

// transferRow is a transfer as a row of the list: the one function that turns a transfer into its sentence.
func (s speaker) transferRow(t watcher.Transfer) widgets.RowContent {
	look := signOf(t)
	row := widgets.RowContent{Icon: look.icon, Tone: look.tone, Title: legible(t.Name), Line: s.sentence(t)}
	if t.Progress != nil && !stuck(t) && (t.State == journal.Validating || t.State == journal.Processing) {
		row.Figure, row.Percent = s.Percent(*t.Progress), *t.Progress
	}
	switch {
	case needsPerson(t):
		row.Action = s.Say("window.whatToDo")
	case t.State.Final():
		row.Time = s.When(ended(t), s.now())
	default:
		row.Time = s.Since(t.CreatedAt, s.now())
	}
	return row
}

func ended(t watcher.Transfer) time.Time {
	if t.EndedAt.IsZero() {
		return t.UpdatedAt
	}
	return t.EndedAt
}

// sentence is what happened to a transfer, without the full stop that a row has no room for.
func (s speaker) sentence(t watcher.Transfer) string {
	if stuck(t) {
		return s.short(*t.Waits)
	}
	switch t.State {
	case journal.Held:
		if t.Problem != nil {
			return s.short(*t.Problem)
		}
	case journal.Accepted:
		switch {
		case t.RefusedRecords > 0 && t.Records > 0:
			return s.Say("window.row.partly", map[string]any{"refused": t.RefusedRecords, "records": s.records(t.Scope, t.Records)})
		case t.RefusedRecords > 0:
			return s.Say("window.row.partly.some", map[string]any{"records": s.records(t.Scope, t.RefusedRecords)})
		case t.Records > 0:
			return s.Say("window.row.accepted.records", map[string]any{"records": s.records(t.Scope, t.Records)})
		}
	case journal.Unchecked:
		if line := argument(t.Problem, "line"); line != "" {
			return s.Say("window.row.unchecked.line", map[string]any{"line": line})
		}
	}
	return s.Say("window.row." + string(t.State))
}

// short says a problem in a row, which has room for a few words: in its own short sentence where there is one.
func (s speaker) short(p watcher.Problem) string {
	key := "window.row.problem." + p.Code
	if !s.Has(key) {
		what, _ := s.Problem(p.Code, p.Args)
		return bare(what)
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

// bare is a sentence without its full stop. Several sentences keep theirs.
func bare(sentence string) string {
	short := strings.TrimSuffix(sentence, ".")
	if strings.Contains(short, ". ") || strings.HasSuffix(short, ".") {
		return sentence
	}
	return short
}

// records counts records in the words of their scope: "40 orders".
func (s speaker) records(scope string, n int) string {
	key := "window.records." + scope
	if !s.Has(key) {
		key = "window.records"
	}
	return s.Say(key, map[string]any{assets.CountArg: n})
}

// scope names a kind of record as a person does: "Orders".
func (s speaker) scope(scope string) string {
	if key := "window.scope." + scope; s.Has(key) {
		return s.Say(key)
	}
	return scope
}

// listRow is a list from Sage as a row.
func (s speaker) listRow(l watcher.List) widgets.RowContent {
	row := widgets.RowContent{
		Icon: "status-down", Tone: widgets.ColorGood,
		Title: s.scope(l.Scope), Line: s.listSentence(l), Time: s.When(l.ReceivedAt, s.now()),
	}
	if l.Problem != nil {
		row.Icon, row.Tone = "status-attention", widgets.ColorAttention
	}
	return row
}

func (s speaker) listSentence(l watcher.List) string {
	if l.Problem != nil {
		return s.Say("window.list", map[string]any{"changes": s.short(*l.Problem)})
	}
	if l.First {
		return s.Say("window.list.first", map[string]any{"records": s.records(l.Scope, l.Records)})
	}
	var changes []string
	for _, c := range []struct {
		key string
		n   int
	}{{"window.list.added", l.Added}, {"window.list.changed", l.Changed}, {"window.list.removed", l.Removed}} {
		if c.n > 0 {
			changes = append(changes, s.Say(c.key, map[string]any{assets.CountArg: c.n}))
		}
	}
	if len(changes) == 0 {
		return s.Say("window.list.same")
	}
	return s.Say("window.list", map[string]any{"changes": strings.Join(changes, ", ")})
}

// looseRow is a file in the Outbox that is not carried, as a row.
func (s speaker) looseRow(f watcher.LooseFile) widgets.RowContent {
	return widgets.RowContent{
		Icon: "status-waiting", Tone: widgets.ColorWaiting,
		Title: legible(f.Name), Line: s.short(f.Problem), Time: s.Since(f.Since, s.now()),
	}
}

// headlineSign is the icon and colour that agree with the headline.
func headlineSign(state assets.TrayState) sign {
	switch state {
	case assets.TrayBusy:
		return sign{"status-up", widgets.ColorText}
	case assets.TrayNeedsYou:
		return sign{"status-problem", widgets.ColorProblem}
	case assets.TrayPaused:
		return sign{"status-paused", widgets.ColorAttention}
	case assets.TrayOffline:
		return sign{"status-attention", widgets.ColorAttention}
	}
	return sign{"status-done", widgets.ColorGood}
}

// headline is the sentence over the list of a company. Where it would say that all is well and a row below is not (one
// the person has put aside), it says no more than that nothing waits; files that wait for the person in another company
// are told with its name.
func (s speaker) headline(o watcher.Overview, company string, rows []item) (sign, string) {
	line := headline.Of(o)
	look, said := headlineSign(line.State), line.Say(s.Words)
	switch {
	case len(o.Companies) == 0 && line.State == assets.TrayGood:
		look = sign{"", widgets.ColorText}
	case line.State == assets.TrayGood && slices.ContainsFunc(rows, func(i item) bool { return !i.well() }):
		said = s.Say("window.nothingWaits")
	case said == s.Say("headline.needsYou", map[string]any{assets.CountArg: needing(o)}):
		if other := onlyOther(o, company); other != "" {
			said = s.Say("headline.trouble", map[string]any{"company": other, "what": said})
		}
	}
	return look, said
}

func needing(o watcher.Overview) int {
	n := 0
	for _, c := range o.Companies {
		n += c.Counts.NeedsYou
	}
	return n
}

// onlyOther is the one company with files that wait for the person, if it is not the one that is shown.
func onlyOther(o watcher.Overview, shown string) string {
	other := ""
	for _, c := range o.Companies {
		switch {
		case c.Counts.NeedsYou == 0:
		case c.Name == shown || other != "":
			return ""
		default:
			other = c.Name
		}
	}
	return other
}

// companySign is the shape beside a company's name.
func companySign(c watcher.Company, paused bool) sign {
	bad, offline := c.Problem != nil, false
	for _, connection := range c.Connections {
		if headline.NeedsPerson(connection.Key.State) {
			bad = true
		} else if connection.Problem != nil {
			offline = true
		}
		for _, lane := range connection.Lanes {
			offline = offline || lane.Problem != nil
		}
	}
	switch {
	case bad:
		return sign{"company-attention", widgets.ColorAttention}
	case c.Counts.NeedsYou > 0:
		return sign{"company-problem", widgets.ColorProblem}
	case paused:
		return sign{"company-paused", widgets.ColorWaiting}
	case offline:
		return sign{"company-offline", widgets.ColorWaiting}
	case c.Counts.OnTheirWay > 0:
		return sign{"company-busy", widgets.ColorAccent}
	}
	return sign{"company-good", widgets.ColorGood}
}

// keyRank orders the states of a key from well to worst, to tell a company's by one word.
var keyRank = []watcher.KeyState{
	watcher.KeyGood, watcher.KeyUnknown, watcher.KeyExpired,
	watcher.KeyLocked, watcher.KeyRevoked, watcher.KeyInvalid, watcher.KeyLockedHard,
}

// connectionLine is the sidebar's "Connection: working" for a company.
func (s speaker) connectionLine(c watcher.Company) string {
	worst, offline := watcher.KeyGood, false
	for _, connection := range c.Connections {
		if slices.Index(keyRank, connection.Key.State) > slices.Index(keyRank, worst) {
			worst = connection.Key.State
		}
		offline = offline || connection.Problem != nil
	}
	word := string(worst)
	if worst == watcher.KeyGood && offline {
		word = "offline"
	}
	return s.Say("window.connection", map[string]any{"state": s.Say("window.connection." + word)})
}

// failure says why something the person asked for did not happen.
func (s speaker) failure(err error) string {
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

// isGone tells whether the engine no longer knows what it was asked for.
func isGone(err error) bool { return errors.Is(err, watcher.ErrNotFound) }

// moment is when a step of a journey was: to the second today, by day and minute before.
func (s speaker) moment(t time.Time) string {
	if said := s.DateTime(t, s.now()); said != s.Time(t) {
		return said
	}
	return s.Clock(t)
}
