package wording

import (
	"strconv"
	"strings"

	"postroom/assets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// Explain says what a person does about a transfer, or what it waits for. It is empty where there is nothing to say.
func (s Speaker) Explain(t watcher.Transfer) Advice {
	whatToDo := s.Say("window.whatToDo.lead")
	switch {
	case t.State == journal.Accepted && t.RefusedRecords > 0:
		args := map[string]any{assets.CountArg: t.RefusedRecords, "accepted": max(t.Records-t.RefusedRecords, 0)}
		key := "window.advice.partly"
		if t.Records == 0 {
			key = "window.advice.partly.some"
		}
		return Advice{ToneAttention, whatToDo, s.Say(key, args)}
	case t.KeptBack():
		return Advice{ToneMuted, s.Say("window.whyItWaits.lead"), s.Why(t)}
	case t.Problem != nil && t.State != journal.Cancelled:
		what, do := s.Problem(t.Problem.Code, t.Problem.Args)
		return Advice{ToneAttention, whatToDo, strings.TrimSpace(what + " " + do)}
	case t.State == journal.Unknown, t.State == journal.Refused, t.State == journal.Unchecked, t.State == journal.Held:
		return Advice{ToneAttention, whatToDo, s.Say("window.advice." + string(t.State))}
	case t.Waits != nil && !t.State.Final():
		return Advice{ToneMuted, s.Say("window.whyItWaits.lead"), s.Why(t)}
	}
	return Advice{}
}

// ExplainList says what is odd about a list, if something is.
func (s Speaker) ExplainList(l watcher.List) Advice {
	if l.Problem == nil {
		return Advice{}
	}
	what, do := s.Problem(l.Problem.Code, l.Problem.Args)
	if l.Asks {
		do = s.Say("window.list.asks", map[string]any{assets.CountArg: l.Missing})
	}
	return Advice{ToneAttention, s.Say("window.whatToDo.lead"), strings.TrimSpace(what + " " + do)}
}

// timelineSigns are the shapes of the timeline's entries that are not simply done.
var timelineSigns = map[string]Sign{
	"refused":      {"status-problem", ToneProblem},
	"unchecked":    {"status-problem", ToneProblem},
	"unknown":      {"status-unsure", ToneAttention},
	"held":         {"status-attention", ToneAttention},
	"keptBack":     {"status-waiting", ToneWaiting},
	"resent":       {"status-attention", ToneAttention},
	"waiting":      {"status-waiting", ToneWaiting},
	"createdAgain": {"status-waiting", ToneWaiting},
	"cancelled":    {"status-left", ToneMuted},
	"removed":      {"status-left", ToneMuted},
	"left":         {"status-left", ToneMuted},
}

// TimelineEntry is one step of a transfer's journey in words. Its sentence may speak of the file's name and size, of
// its records in the words of their scope, and of a problem as the catalogue has it.
func (s Speaker) TimelineEntry(t watcher.Transfer, e watcher.TimelineEntry) (Sign, string) {
	look, ok := timelineSigns[e.Kind]
	if !ok {
		look = Sign{"status-done", ToneGood}
	}
	args := map[string]any{"name": t.Name, "size": s.Size(t.Size)}
	for name, value := range e.Args {
		args[name] = value
	}
	if n, err := strconv.Atoi(e.Args["records"]); err == nil {
		args["records"] = s.Records(t.Scope, n)
	}
	if code := e.Args["problem"]; code != "" {
		args["problem"], _ = s.Problem(code, e.Args)
	}
	key := "timeline." + e.Kind
	switch {
	case e.Kind == "status" && s.Has(key+"."+e.Args["status"]):
		key += "." + e.Args["status"]
	case e.Kind == "result" && e.Args["records"] == "0":
		key += ".plain"
	case e.Kind == "result" && e.Args["refused"] != "0":
		key, look = key+".refused", signs[journal.Refused]
	}
	if !s.Has(key) {
		return look, e.Kind
	}
	return look, strings.TrimSpace(s.Say(key, args))
}

// ForAuthor is what is copied for whoever made a file: what is wrong and where, in words that can be mailed.
func (s Speaker) ForAuthor(d watcher.Detail) string {
	var b strings.Builder
	b.WriteString(s.Say("window.copy.author", map[string]any{"name": d.Name, "company": d.Company}))
	b.WriteString("\n\n")
	if d.Problem != nil {
		what, _ := s.Problem(d.Problem.Code, d.Problem.Args)
		b.WriteString(what + "\n")
	}
	for _, row := range s.OutcomeLines(d.Outcomes) {
		if row.Tone != ToneGood {
			b.WriteString("- " + row.First + ": " + strings.TrimSpace(row.Second+". "+row.Third) + "\n")
		}
	}
	return b.String()
}

// Details is what is copied for whoever looks after the computer. It holds no content and no key.
func (s Speaker) Details(d watcher.Detail) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	const stamp = "2006-01-02 15:04:05Z07:00"
	line("file", d.Name)
	line("company", d.Company)
	line("domain/scope", d.Domain+"/"+d.Scope)
	line("transfer", d.ID)
	line("state", string(d.State))
	line("platform's word", d.RemoteStatus)
	line("size", s.Size(d.Size))
	line("sha256", d.SHA256)
	line("path", d.Path)
	line("result", d.ResultPath)
	if d.Problem != nil {
		line("problem", (&watcher.ProblemError{Problem: *d.Problem}).Error())
	}
	if d.Waits != nil {
		line("waits", (&watcher.ProblemError{Problem: *d.Waits}).Error())
	}
	for _, x := range d.Exchanges {
		line(x.At.UTC().Format(stamp), Exchanged(x))
	}
	for _, e := range d.Timeline {
		line(e.At.UTC().Format(stamp), (&watcher.ProblemError{Problem: watcher.Problem{Code: e.Kind, Args: e.Args}}).Error())
	}
	return b.String()
}
