package gui

import (
	"maps"
	"slices"
	"strings"
	"time"

	"postroom/assets"
	"postroom/gui/headline"
	"postroom/gui/widgets"
	"postroom/gui/wording"
	"postroom/watcher"
)

// What a person may do with a connection.
const (
	actionRenew     = "renew"     // a new key now
	actionUnlock    = "unlock"    // a new secret
	actionReconnect = "reconnect" // a new consent
	actionCopy      = "copy"      // the details, for support
)

// The lines of a connection's timeline; see watcher.Renewal. Those of a key's state have the state's own name.
const (
	renewalConnected = "connected"
	renewalRenewed   = "renewed"
	renewalFailed    = "renewFailed"
)

// health is a connection's state in words, with the buttons that fit it.
type health struct {
	sign
	title, text string
	actions     []string
	urgent      bool // the first button is the thing to do
}

// healths are the looks of the key's states.
var healths = map[watcher.KeyState]health{
	watcher.KeyGood:       {sign: sign{"status-done", widgets.ColorGood}, actions: []string{actionRenew, actionReconnect}},
	watcher.KeyExpired:    {sign: sign{"status-waiting", widgets.ColorWaiting}, actions: []string{actionRenew, actionReconnect}},
	watcher.KeyUnknown:    {sign: sign{"status-waiting", widgets.ColorWaiting}, actions: []string{actionRenew, actionReconnect}},
	watcher.KeyLocked:     {sign: sign{"status-attention", widgets.ColorAttention}, actions: []string{actionUnlock, actionReconnect, actionCopy}, urgent: true},
	watcher.KeyLockedHard: {sign: sign{"status-problem", widgets.ColorProblem}, actions: []string{actionCopy, actionReconnect}, urgent: true},
	watcher.KeyRevoked:    {sign: sign{"status-problem", widgets.ColorProblem}, actions: []string{actionReconnect, actionCopy}, urgent: true},
	watcher.KeyInvalid:    {sign: sign{"status-problem", widgets.ColorProblem}, actions: []string{actionReconnect, actionCopy}, urgent: true},
}

// health says how a connection is: what happened, what Postroom does meanwhile, what the person does.
func (s speaker) health(c watcher.Connection, renewals []watcher.Renewal) health {
	state := c.Key.State
	h, ok := healths[state]
	if !ok {
		h, state = healths[watcher.KeyUnknown], watcher.KeyUnknown
	}
	if c.Practice { // its consent was played, not asked for
		h.actions = slices.DeleteFunc(slices.Clone(h.actions), func(a string) bool { return a == actionReconnect })
		h.urgent = h.urgent && len(h.actions) > 0
	}
	if c.Problem != nil && !headline.NeedsPerson(c.Key.State) {
		h.sign = sign{"status-waiting", widgets.ColorWaiting}
		h.title, h.text = s.Problem(c.Problem.Code, c.Problem.Args)
		return h
	}
	args := map[string]any{"company": c.Company}
	h.title = s.Say("connection.is."+string(state), args)
	h.text = s.Say("connection.is."+string(state)+".text", args)
	if state == watcher.KeyGood {
		h.text = s.workingSince(c.Key, renewals)
	}
	return h
}

// workingSince says when the access was renewed last.
func (s speaker) workingSince(k watcher.Key, renewals []watcher.Renewal) string {
	switch {
	case !k.RenewedAt.IsZero():
		key := "connection.is.good.renewed"
		if detail := key + "." + renewedBy(renewals); s.Has(detail) {
			key = detail
		}
		return s.Say(key, map[string]any{"ago": s.Ago(s.now().Sub(k.RenewedAt))})
	case !k.ConnectedAt.IsZero():
		return s.Say("connection.is.good.connected", map[string]any{"ago": s.Ago(s.now().Sub(k.ConnectedAt))})
	}
	return s.Say("connection.is.good.text")
}

// renewedBy says who renewed the access last: "itself", "person", or "" for nobody yet.
func renewedBy(renewals []watcher.Renewal) string {
	for _, r := range renewals {
		if r.Kind == renewalRenewed {
			return r.Args["by"]
		}
	}
	return ""
}

// facts are the three rows: the key, where it is kept, and what waits.
func (s speaker) facts(a connectionAnswer) []widgets.RowContent {
	k := a.chosen.Key
	rows := []widgets.RowContent{
		{Title: s.Say("connection.key"), Line: s.keyAge(k)},
		{Title: s.Say("connection.kept"), Line: s.keptIn(k.KeptIn)},
		{Title: s.Say("connection.waiting"), Line: s.waitingFiles(a)},
	}
	if by := "connection.by." + renewedBy(a.renewals); s.Has(by) {
		rows[0].Time = s.Say(by)
	}
	if !k.CheckedAt.IsZero() {
		rows[1].Time = s.checked(k.CheckedAt)
	}
	if len(a.waiting) > 0 {
		rows[2].Action = s.Say("connection.show")
	}
	return rows
}

// checked says how long ago the key was seen to work or not to.
func (s speaker) checked(t time.Time) string {
	ago := s.now().Sub(t)
	if ago < time.Minute {
		return s.Say("connection.checked.now")
	}
	return s.Say("connection.checked", map[string]any{"ago": s.Ago(ago)})
}

func (s speaker) keyAge(k watcher.Key) string {
	born := k.RenewedAt
	if born.IsZero() {
		born = k.ConnectedAt
	}
	var parts []string
	if !born.IsZero() {
		parts = append(parts, s.Say("connection.key.age", map[string]any{"span": s.Span(s.now().Sub(born))}))
	}
	if key := "connection.key." + string(k.State); !k.Since.IsZero() && s.Has(key) {
		parts = append(parts, s.Say(key, map[string]any{"when": s.DateTime(k.Since, s.now())}))
	}
	return strings.Join(parts, ", ")
}

// keptIn names the place where the keys are, as the system calls it.
func (s speaker) keptIn(kind string) string {
	if kind == "keyring" {
		return s.Say(keyringName)
	}
	if key := "connection.kept." + kind; s.Has(key) {
		return s.Say(key)
	}
	return s.Say("connection.kept.unknown")
}

func (s speaker) waitingFiles(a connectionAnswer) string {
	if len(a.waiting) == 0 {
		return s.Say("connection.waiting.none")
	}
	oldest, scope := a.waiting[0].CreatedAt, a.waiting[0].Scope
	for _, t := range a.waiting {
		if t.CreatedAt.Before(oldest) {
			oldest = t.CreatedAt
		}
		if t.Scope != scope {
			scope = ""
		}
	}
	count := len(a.waiting)
	if all := queued(a.chosen); all > count {
		count = all // only so many were looked at
	}
	key := "connection.waiting.files." + scope
	if !s.Has(key) {
		key = "connection.waiting.files"
	}
	return s.Say(key, map[string]any{assets.CountArg: count, "when": s.DateTime(oldest, s.now())})
}

func queued(c watcher.Connection) int {
	n := 0
	for _, lane := range c.Lanes {
		n += lane.Waiting
	}
	return n
}

// mostRenewals is how many lines of the timeline are shown.
const mostRenewals = 20

// renewalRows is the timeline of renewals, the newest first.
func (s speaker) renewalRows(a connectionAnswer) []widgets.RowContent {
	var rows []widgets.RowContent
	for _, r := range a.renewals[:min(len(a.renewals), mostRenewals)] {
		rows = append(rows, s.renewal(r, a.chosen.Domain))
	}
	return rows
}

// renewalSigns are the shapes of the timeline's lines that are not good news.
var renewalSigns = map[string]sign{
	renewalFailed:                 {"status-attention", widgets.ColorAttention},
	string(watcher.KeyLocked):     {"status-attention", widgets.ColorAttention},
	string(watcher.KeyLockedHard): {"status-problem", widgets.ColorProblem},
	string(watcher.KeyRevoked):    {"status-problem", widgets.ColorProblem},
	string(watcher.KeyInvalid):    {"status-problem", widgets.ColorProblem},
}

func (s speaker) renewal(r watcher.Renewal, domain string) widgets.RowContent {
	look, ok := renewalSigns[r.Kind]
	if !ok {
		look = sign{"status-done", widgets.ColorGood}
	}
	row := widgets.RowContent{
		Icon: look.icon, Tone: look.tone, Title: r.Kind, Time: s.DateTime(r.At, s.now()),
	}
	if key := "connection.renewal." + r.Kind; s.Has(key) { // one of a later version has no words yet
		row.Title = s.Say(key)
	}
	switch detail := "connection.renewal." + r.Kind + ".text"; {
	case r.Args["problem"] != "":
		what, _ := s.Problem(r.Args["problem"], r.Args)
		row.Line = wording.Bare(what)
	case s.Has(detail + "." + r.Args["by"]):
		row.Line = s.Say(detail + "." + r.Args["by"])
	case r.Kind == renewalConnected && s.Has(detail+"."+domain):
		row.Line = s.Say(detail + "." + domain)
	case s.Has(detail):
		row.Line = s.Say(detail)
	}
	return row
}

// domain is what a connection is for.
func (s speaker) domain(domain string) string {
	if key := "connection.domain." + domain; s.Has(key) {
		return s.Say(key)
	}
	return domain
}

// connectionDetails is what is copied for support, in the words of the programs and in no language: no key, no whole ID.
func (s speaker) connectionDetails(c watcher.Connection, renewals []watcher.Renewal) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	event := func(kind string, args map[string]string) string {
		text := kind
		for _, name := range slices.Sorted(maps.Keys(args)) {
			text += " " + name + "=" + args[name]
		}
		return text
	}
	line("company", c.Company)
	line("domain", c.Domain)
	line("platform", c.Platform)
	line("connection", c.ID)
	line("key", string(c.Key.State))
	line("since", stamp(c.Key.Since))
	line("checked", stamp(c.Key.CheckedAt))
	line("last word from the platform", stamp(c.SeenAt))
	if c.Problem != nil {
		line("problem", event(c.Problem.Code, c.Problem.Args))
	}
	for _, r := range renewals[:min(len(renewals), mostRenewals)] {
		line(stamp(r.At), event(r.Kind, r.Args))
	}
	return b.String()
}
