package gui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"postroom/assets"
	"postroom/gui/headline"
	"postroom/gui/widgets"
	"postroom/watcher"
)

// connectionPage tells how a company is connected to Sage, and offers what fits: a new key, a new secret, a new
// consent.
type connectionPage struct {
	h       *Host
	company string
	chosen  string // which connection is shown, where the company has several
	closed  bool

	connection watcher.Connection
	renewals   []watcher.Renewal
	waiting    []watcher.Transfer // to Sage, the oldest first
	sheet      *widgets.Sheet

	content *fyne.Container
	column  *fyne.Container
	note    *widgets.Note
	buttons []*widgets.Button
}

// ConnectionPage shows the connection of a company.
func ConnectionPage(h *Host, company string) Page {
	p := &connectionPage{h: h, company: company, column: widgets.Column(widgets.GapGroup)}
	p.content = widgets.Inset(40, 24, 40, widgets.GapEdge, widgets.Scroll(widgets.Inset(0, 0, 0, widgets.GapGroup, p.column)))
	p.note = widgets.NewNote(widgets.ColorProblem, "", "")
	p.note.Hide()
	p.load()
	return p
}

func (p *connectionPage) Content() fyne.CanvasObject { return p.content }

func (p *connectionPage) Close() { p.closed = true }

func (p *connectionPage) Escape() bool { return false }

func (p *connectionPage) Changed(events []watcher.Event) {
	for _, e := range events {
		switch e.Kind {
		case watcher.EventAll, watcher.EventConnection, watcher.EventTransfer:
			p.load()
			return
		}
	}
}

// load asks the engine for what the page shows.
func (p *connectionPage) load() {
	var found []watcher.Connection
	var renewals []watcher.Renewal
	var waiting watcher.Page
	chosen := p.chosen
	p.h.Work(func(ctx context.Context) error {
		all, err := p.h.Engine().Connections(ctx)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.Company == p.company {
				found = append(found, c)
			}
		}
		if len(found) == 0 {
			return nil
		}
		if chosen = chosenOf(found, chosen); chosen != "" {
			if renewals, err = p.h.Engine().Renewals(ctx, chosen); err != nil {
				return err
			}
		}
		waiting, err = p.h.Engine().Transfers(ctx, watcher.Query{Company: p.company, Filter: watcher.FilterWaiting, Limit: 1000})
		return err
	}, func(err error) {
		switch {
		case p.closed:
		case err != nil:
			p.tell(err)
		case len(found) == 0:
			p.h.ShowFiles("") // disconnected meanwhile
		default:
			p.chosen, p.renewals = chosen, renewals
			p.show(found, waiting.Transfers)
		}
	})
}

// chosenOf is the connection that is shown: the one that was, else the first.
func chosenOf(found []watcher.Connection, chosen string) string {
	for _, c := range found {
		if c.ID == chosen {
			return chosen
		}
	}
	return found[0].ID
}

func (p *connectionPage) show(all []watcher.Connection, waiting []watcher.Transfer) {
	p.waiting = p.waiting[:0]
	for _, c := range all {
		if c.ID == p.chosen {
			p.connection = c
		}
	}
	for _, t := range waiting {
		if t.Connection == p.chosen {
			p.waiting = append(p.waiting, t)
		}
	}
	s := p.h.w.speaker
	look := s.health(p.connection)
	title := widgets.NewParagraph(look.title, widgets.Headline.In(look.tone))
	p.column.Objects = []fyne.CanvasObject{
		widgets.Line(12, widgets.NewIcon(look.icon, look.tone), widgets.Grow(title)),
		widgets.NewParagraph(look.text, widgets.Body),
	}
	if len(all) > 1 {
		p.column.Add(p.domains(all))
	}
	p.column.Add(p.actions(look))
	p.column.Add(p.note)
	p.column.Add(p.facts())
	p.column.Add(widgets.Inset(0, widgets.GapPart, 0, 0, widgets.NewText(s.Say("connection.renewals"), widgets.Section)))
	p.column.Add(p.timeline())
	disconnect := widgets.NewPlainButton(s.Say("connection.disconnect"), p.askDisconnect)
	p.column.Add(widgets.Line(0, widgets.Spring(), disconnect))
	p.content.Refresh()
}

// domains chooses among the connections of a company that has several.
func (p *connectionPage) domains(all []watcher.Connection) fyne.CanvasObject {
	var names []string
	at := 0
	for i, c := range all {
		names = append(names, p.h.w.speaker.domain(c.Domain))
		if c.ID == p.chosen {
			at = i
		}
	}
	pills := widgets.NewFilters(nil, names...)
	pills.Choose(at)
	pills.OnChosen = func(i int) {
		p.chosen = all[i].ID
		p.load()
	}
	return widgets.Line(0, pills, widgets.Spring())
}

// actions are the buttons that fit the state; the first is the one to press.
func (p *connectionPage) actions(look health) fyne.CanvasObject {
	s := p.h.w.speaker
	do := map[string]func(){
		"renew":     p.rotate,
		"unlock":    p.unlock,
		"reconnect": p.reconnect,
		"copy":      p.copyDetails,
	}
	line := widgets.Flow(widgets.GapPart)
	p.buttons = nil
	for i, name := range look.actions {
		b := widgets.NewButton(s.Say("connection.action."+name), do[name])
		if i == 0 && look.urgent {
			b.SetKind(widgets.Filled)
		}
		p.buttons = append(p.buttons, b)
		line.Add(b)
	}
	return line
}

// command runs one of the buttons; all wait meanwhile.
func (p *connectionPage) command(do func(ctx context.Context) error) {
	for _, b := range p.buttons {
		b.Disable()
	}
	p.h.Work(do, func(err error) {
		if p.closed {
			return
		}
		for _, b := range p.buttons {
			b.Enable()
		}
		p.tell(err)
		p.load()
	})
}

// tell says above the facts what went wrong, or takes it away.
func (p *connectionPage) tell(err error) {
	if err == nil {
		p.note.Hide()
	} else {
		p.note.Set(widgets.ColorProblem, "", p.h.Explain(err))
		p.note.Show()
	}
	p.content.Refresh()
}

func (p *connectionPage) rotate() {
	company, domain := p.connection.Company, p.connection.Domain
	p.command(func(ctx context.Context) error { return p.h.Engine().Rotate(ctx, company, domain) })
}

func (p *connectionPage) unlock() {
	id := p.connection.ID
	p.command(func(ctx context.Context) error { return p.h.Engine().RenewSecret(ctx, id) })
}

func (p *connectionPage) reconnect() {
	id := p.connection.ID
	var draft watcher.Draft
	p.h.Work(func(ctx context.Context) (err error) {
		draft, err = p.h.Engine().Reconnect(ctx, id)
		return err
	}, func(err error) {
		if p.closed {
			return
		}
		if err != nil {
			p.tell(err)
			return
		}
		p.h.OpenWizard(draft.ID)
	})
}

func (p *connectionPage) copyDetails() {
	p.h.Copy(p.h.w.speaker.connectionDetails(p.connection, p.renewals))
}

func (p *connectionPage) askDisconnect() {
	s, id := p.h.w.speaker, p.connection.ID
	company := map[string]any{"company": p.company}
	p.sheet = p.h.Ask(widgets.Question{
		Title: s.Say("connection.disconnect.title", company),
		Text:  s.Say("connection.disconnect.text", company),
		Choices: []widgets.Choice{
			{Text: s.Say("connection.disconnect.yes"), Do: func(bool) {
				p.command(func(ctx context.Context) error { return p.h.Engine().Disconnect(ctx, id) })
			}},
			{Text: s.Say("connection.disconnect.no"), Kind: widgets.Filled, Do: func(bool) {}},
		},
	})
}

// facts are the three rows: the key, where it is kept, and what waits.
func (p *connectionPage) facts() fyne.CanvasObject {
	s, c := p.h.w.speaker, p.connection
	rows := []widgets.RowContent{
		{Title: s.Say("connection.key"), Line: s.keyAge(c.Key), Time: s.renewedBy(p.renewals)},
		{Title: s.Say("connection.kept"), Line: s.keptIn(c.Key.KeptIn)},
		{Title: s.Say("connection.waiting"), Line: s.waitingFiles(p.waiting)},
	}
	if !c.Key.CheckedAt.IsZero() {
		rows[1].Time = s.Say("connection.checked", map[string]any{"when": s.Since(c.Key.CheckedAt, s.now())})
	}
	if len(p.waiting) > 0 {
		rows[2].Action = s.Say("connection.show")
	}
	list := widgets.Column(0)
	for i, content := range rows {
		content.Last = i == len(rows)-1
		row := widgets.NewStaticRow(content)
		row.OnAction = func() { p.h.ShowWaiting(p.company) }
		list.Add(row)
	}
	return widgets.NewListCard(list)
}

// timeline is the list of renewals, at most the last twenty.
func (p *connectionPage) timeline() fyne.CanvasObject {
	const most = 20
	s := p.h.w.speaker
	shown := p.renewals[:min(len(p.renewals), most)]
	list := widgets.Column(0)
	for i, r := range shown {
		content := s.renewal(r)
		content.Last = i == len(shown)-1
		list.Add(widgets.NewStaticRow(content))
	}
	return widgets.NewListCard(list)
}

// health is a connection's state in words, with the buttons that fit it.
type health struct {
	sign
	title, text string
	actions     []string
	urgent      bool // the first button is the thing to do
}

// healths are the looks of the key's states that need more than a word.
var healths = map[watcher.KeyState]health{
	watcher.KeyGood:       {sign: sign{"status-done", widgets.ColorGood}, actions: []string{"renew", "reconnect"}},
	watcher.KeyExpired:    {sign: sign{"status-waiting", widgets.ColorWaiting}, actions: []string{"renew", "reconnect"}},
	watcher.KeyUnknown:    {sign: sign{"status-waiting", widgets.ColorWaiting}, actions: []string{"renew", "reconnect"}},
	watcher.KeyLocked:     {sign: sign{"status-attention", widgets.ColorAttention}, actions: []string{"unlock", "reconnect", "copy"}, urgent: true},
	watcher.KeyLockedHard: {sign: sign{"status-problem", widgets.ColorProblem}, actions: []string{"copy", "reconnect"}, urgent: true},
	watcher.KeyRevoked:    {sign: sign{"status-problem", widgets.ColorProblem}, actions: []string{"reconnect", "copy"}, urgent: true},
	watcher.KeyInvalid:    {sign: sign{"status-problem", widgets.ColorProblem}, actions: []string{"reconnect", "copy"}, urgent: true},
}

// health says how a connection is: what happened, what Postroom does meanwhile, what the person does.
func (s speaker) health(c watcher.Connection) health {
	h, ok := healths[c.Key.State]
	if !ok {
		h = healths[watcher.KeyUnknown]
	}
	args := map[string]any{"company": c.Company}
	state := string(c.Key.State)
	if c.Problem != nil && !headline.NeedsPerson(c.Key.State) {
		what, do := s.Problem(c.Problem.Code, c.Problem.Args)
		h.sign = sign{"status-waiting", widgets.ColorWaiting}
		h.title, h.text = what, do
		return h
	}
	h.title = s.Say("connection.is."+state, args)
	h.text = s.Say("connection.is."+state+".text", args)
	if c.Key.State == watcher.KeyGood {
		h.text = s.workingSince(c.Key)
	}
	return h
}

// workingSince says when the access was renewed last.
func (s speaker) workingSince(k watcher.Key) string {
	switch {
	case !k.RenewedAt.IsZero():
		return s.Say("connection.is.good.renewed", map[string]any{"span": s.Span(s.now().Sub(k.RenewedAt))})
	case !k.ConnectedAt.IsZero():
		return s.Say("connection.is.good.connected", map[string]any{"span": s.Span(s.now().Sub(k.ConnectedAt))})
	}
	return s.Say("connection.is.good.text")
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
	if k.State != watcher.KeyGood && k.State != watcher.KeyUnknown && !k.Since.IsZero() {
		parts = append(parts, s.Say("connection.key."+string(k.State), map[string]any{"when": s.DateTime(k.Since, s.now())}))
	}
	return strings.Join(parts, ", ")
}

// renewedBy says who renewed the access last: Postroom does it by itself, unless the person asked.
func (s speaker) renewedBy(renewals []watcher.Renewal) string {
	for _, r := range renewals {
		if r.Kind == "renewed" {
			return s.Say("connection.by." + r.Args["by"])
		}
	}
	return ""
}

func (s speaker) keptIn(kind string) string {
	if key := "connection.kept." + kind; s.Has(key) {
		return s.Say(key)
	}
	return s.Say("connection.kept.unknown")
}

func (s speaker) waitingFiles(waiting []watcher.Transfer) string {
	if len(waiting) == 0 {
		return s.Say("connection.waiting.none")
	}
	oldest := waiting[0].CreatedAt
	for _, t := range waiting {
		if t.CreatedAt.Before(oldest) {
			oldest = t.CreatedAt
		}
	}
	return s.Say("connection.waiting.files", map[string]any{assets.CountArg: len(waiting), "when": s.DateTime(oldest, s.now())})
}

// renewalSigns are the shapes of the timeline's lines that are not good news.
var renewalSigns = map[string]sign{
	"renewFailed": {"status-attention", widgets.ColorAttention},
	"locked":      {"status-attention", widgets.ColorAttention},
	"lockedHard":  {"status-problem", widgets.ColorProblem},
	"revoked":     {"status-problem", widgets.ColorProblem},
	"invalid":     {"status-problem", widgets.ColorProblem},
}

func (s speaker) renewal(r watcher.Renewal) widgets.RowContent {
	look, ok := renewalSigns[r.Kind]
	if !ok {
		look = sign{"status-done", widgets.ColorGood}
	}
	args := make(map[string]any, len(r.Args))
	for name, value := range r.Args {
		args[name] = value
	}
	row := widgets.RowContent{
		Icon: look.icon, Tone: look.tone, Title: s.Say("connection.renewal."+r.Kind, args), Time: s.DateTime(r.At, s.now()),
	}
	switch detail := "connection.renewal." + r.Kind + ".text"; {
	case r.Args["problem"] != "":
		row.Line, _ = s.Problem(r.Args["problem"], r.Args)
	case s.Has(detail + "." + r.Args["by"]):
		row.Line = s.Say(detail+"."+r.Args["by"], args)
	case s.Has(detail):
		row.Line = s.Say(detail, args)
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

// connectionDetails is what is copied for support: no key, no whole ID.
func (s speaker) connectionDetails(c watcher.Connection, renewals []watcher.Renewal) string {
	var b strings.Builder
	line := func(name, value string) { b.WriteString(name + ": " + value + "\n") }
	line("company", c.Company)
	line("domain", c.Domain)
	line("platform", c.Platform)
	line("connection", c.ID)
	line("key", string(c.Key.State)+" since "+c.Key.Since.UTC().Format(time.RFC3339))
	if c.Problem != nil {
		line("problem", (&watcher.ProblemError{Problem: *c.Problem}).Error())
	}
	for _, r := range renewals[:min(len(renewals), 20)] {
		line(r.At.UTC().Format(time.RFC3339), (&watcher.ProblemError{Problem: watcher.Problem{Code: r.Kind, Args: r.Args}}).Error())
	}
	return b.String()
}
