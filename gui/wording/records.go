package wording

import (
	"strconv"
	"strings"

	"postroom/assets"
	"postroom/watcher"
)

// OutcomeLines are a result's records as rows of a table.
func (s Speaker) OutcomeLines(outcomes []watcher.RecordOutcome) []Line {
	rows := make([]Line, 0, len(outcomes))
	for _, o := range outcomes {
		row := Line{
			First: o.ID, Second: s.Say("window.outcome.accepted"), Third: o.Reason, Tone: ToneGood,
		}
		if !o.Accepted {
			row.Second, row.Tone = s.Say("window.outcome.refused"), ToneProblem
		}
		if row.Third == "" && o.SageID != "" {
			row.Third = s.Say("window.outcome.sageID", map[string]any{"id": o.SageID})
		}
		rows = append(rows, row)
	}
	return rows
}

// OutcomeCounts tells how many records a result is about: "37 accepted, 3 refused"; "" where there is none.
func (s Speaker) OutcomeCounts(r *watcher.ResultCounts) string {
	if r == nil {
		return ""
	}
	return s.counted([]count{{"window.outcomes.accepted", r.Records - r.Refused}, {"window.outcomes.refused", r.Refused}})
}

// ChangeCounts tells how many records of a list have changed: "12 new, 3 changed"; "" where none has, or it is the first.
func (s Speaker) ChangeCounts(l watcher.List) string {
	if l.First {
		return ""
	}
	return s.counted(changeCounts(l))
}

// count is a number of things and the key of its words.
type count struct {
	key string
	n   int
}

func changeCounts(l watcher.List) []count {
	return []count{
		{"window.list.added", l.Added}, {"window.list.changed", l.Changed}, {"window.list.removed", l.Removed}, {"window.list.missing", l.Missing},
	}
}

// counted says those of some counts that are not zero, after each other.
func (s Speaker) counted(counts []count) string {
	var said []string
	for _, c := range counts {
		if c.n > 0 {
			said = append(said, s.Say(c.key, map[string]any{assets.CountArg: c.n}))
		}
	}
	return strings.Join(said, ", ")
}

// changeTones are the colours of what has become of a record.
var changeTones = map[string]Tone{"added": ToneGood, "changed": ToneAccent, "removed": ToneAttention, "missing": ToneAttention}

// ChangeLines are a list's changes as rows of a table: a record in one, and each of its properties that have changed in one
// below it.
func (s Speaker) ChangeLines(changes []watcher.RecordChange) []Line {
	rows := make([]Line, 0, len(changes))
	for _, c := range changes {
		row := Line{First: c.ID, Second: s.Say("window.change." + c.Kind), Third: c.Label, Tone: changeTones[c.Kind]}
		if len(c.Values) == 0 && len(c.Fields) > 0 {
			names := make([]string, 0, len(c.Fields))
			for _, name := range c.Fields {
				names = append(names, s.Property(name))
			}
			row.Third = strings.TrimSpace(row.Third + " (" + strings.Join(names, ", ") + ")")
		}
		rows = append(rows, row)
		for _, v := range c.Values {
			if v.Name == stamped && len(c.Values) > 1 {
				continue // it goes with any change
			}
			rows = append(rows, Line{Third: s.valueChange(v), Joined: true})
		}
	}
	return rows
}

// stamped is the property that says when a record was changed last.
const stamped = "timestamp"

// valueChange is what a property was and is: "Net price: 10.50 → 11.00".
func (s Speaker) valueChange(v watcher.ValueChange) string {
	args := map[string]any{"property": s.Property(v.Name), "from": v.From, "to": v.To}
	switch {
	case v.From == watcher.Composite || v.To == watcher.Composite:
		return s.Say("window.change.group", args)
	case v.From == "" && v.To == "":
		return s.Say("window.change.empty", args)
	case v.From == "":
		return s.Say("window.change.given", args)
	case v.To == "":
		return s.Say("window.change.taken", args)
	}
	return s.Say("window.change.value", args)
}

// Property names a property of a record as a person does: "Net price". One that is not known keeps its own name.
func (s Speaker) Property(name string) string {
	if key := "window.property." + name; s.Has(key) {
		return s.Say(key)
	}
	return name
}

// Matching are the lines that hold a text, in whatever case; a record with all of its lines where one of them does.
func Matching(lines []Line, text string) []Line {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return lines
	}
	var found []Line
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && lines[to].Joined {
			to++
		}
		for _, l := range lines[from:to] {
			if strings.Contains(strings.ToLower(l.First+"\n"+l.Second+"\n"+l.Third), text) {
				found = append(found, lines[from:to]...)
				break
			}
		}
		from = to
	}
	return found
}

// ExchangeLines are the exchanges with the platform as rows of a table, the newest first: when, what came of it, which call.
func (s Speaker) ExchangeLines(exchanges []watcher.Exchange) []Line {
	rows := make([]Line, 0, len(exchanges))
	for i := len(exchanges) - 1; i >= 0; i-- {
		x := exchanges[i]
		row := Line{First: s.Moment(x.At), Second: s.Say("window.exchange.none"), Third: x.Method + " " + Legible(x.Address), Tone: ToneProblem}
		if x.Status != 0 {
			row.Second = strconv.Itoa(x.Status)
		}
		if x.Status >= 200 && x.Status < 400 {
			row.Tone = ToneGood
		}
		more := []string{s.Say("window.exchange.took", map[string]any{"milliseconds": x.Milliseconds})}
		if x.Code != 0 {
			more = append(more, s.Say("window.exchange.code", map[string]any{"code": strconv.Itoa(x.Code)}))
		}
		if x.Failure != "" {
			more = append(more, Legible(x.Failure))
		}
		row.Third += " · " + strings.Join(more, " · ")
		rows = append(rows, row)
	}
	return rows
}

// Exchanged is one exchange for whoever looks after the computer.
func Exchanged(x watcher.Exchange) string {
	text := x.Method + " " + x.Address + " " + strconv.Itoa(x.Status) + " in " + strconv.FormatInt(x.Milliseconds, 10) + " ms"
	if x.Code != 0 {
		text += ", code " + strconv.Itoa(x.Code)
	}
	if x.Failure != "" {
		text += ", " + x.Failure
	}
	return text
}
