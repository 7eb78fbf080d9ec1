package gui

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// connectionAgain is how often the page looks anew while nothing happens, so that its times move on.
const connectionAgain = time.Minute

// connectionPage tells how a company is connected to Sage, and offers what fits: a new key, a new secret, a new
// consent. It keeps its parts while their words change: nothing jumps, and the keyboard stays where it is.
type connectionPage struct {
	h       *Host
	company string
	chosen  string // which connection is shown, where the company has several
	closed  bool
	loading bool
	stale   bool // something happened while it was loading
	busy    bool // a button's call is under way
	again   *time.Timer
	sheet   *widgets.Sheet

	look       health
	names      []string // of the domains that are offered
	connection watcher.Connection
	renewals   []watcher.Renewal

	content  *fyne.Container
	icon     *widgets.Icon
	title    *widgets.Paragraph
	text     *widgets.Paragraph
	domains  *fyne.Container
	actions  *fyne.Container
	buttons  []*widgets.Button
	note     *widgets.Note
	unlock   *Unlock
	facts    *rowList
	timeline *rowList
	standing *toldNote // paused, or to be forgotten
	pause    *widgets.Button
	part     *widgets.Button // ends this one of several connections
	foot     *fyne.Container
}

// ConnectionPage shows the connection of a company.
func ConnectionPage(h *Host, company string) Page {
	say := h.Words().Say
	p := &connectionPage{h: h, company: company}
	p.icon = widgets.NewIcon("", widgets.ColorMuted)
	p.title = widgets.NewParagraph("", widgets.Headline)
	p.text = widgets.NewParagraph("", widgets.Body)
	p.domains, p.actions = container.NewStack(), widgets.Flow(widgets.GapPart)
	p.note = widgets.NewNote(widgets.ColorProblem, "", "")
	p.unlock = NewUnlock(h.Engine(), h.Words(), h.WorkWithKeys, p.load, p.relayout)
	p.facts, p.timeline = newRowList(), newRowList()
	p.facts.action = func(int) { h.ShowWaiting(p.company) }
	p.domains.Hide()
	p.note.Hide()
	p.standing = newToldNote(say("company.keep"), p.keepCompany)
	p.standing.Hide()
	p.pause = widgets.NewPlainButton(say("company.pause"), p.pauseOrResume)
	p.part = widgets.NewPlainButton(say("connection.disconnect"), p.askDisconnect)
	p.part.Hide()
	p.foot = widgets.Line(widgets.GapPart, p.pause, widgets.Spring(), p.part, widgets.NewPlainButton(say("company.forget"), p.askForget))
	column := widgets.Column(widgets.GapGroup,
		widgets.Led(widgets.IconSize+12, p.icon, p.title),
		p.text, p.standing, p.domains, p.actions, p.note, p.unlock.Content(), p.facts.card,
		widgets.Inset(0, 9, 0, 1, widgets.NewText(say("connection.renewals"), widgets.Section)),
		p.timeline.card,
	)
	p.content = container.New(sidePage{}, sideScroll(column), p.foot)
	p.content.Hide() // until there is something to say
	p.load()
	return p
}

// Content is the page; it is empty until the first answer.
func (p *connectionPage) Content() fyne.CanvasObject { return container.NewStack(p.content) }

func (p *connectionPage) Escape() bool { return false }

func (p *connectionPage) Close() {
	p.closed = true
	if p.again != nil {
		p.again.Stop()
	}
	if p.sheet != nil {
		p.sheet.Escape()
	}
}

func (p *connectionPage) Changed(events []watcher.Event) {
	if slices.ContainsFunc(events, func(e watcher.Event) bool {
		return e.Kind == watcher.EventAll || e.Kind == watcher.EventConnection || e.Kind == watcher.EventTransfer && e.Company == p.company
	}) {
		p.load()
	}
}

// unsent are the states of files that Sage has not been given.
var unsent = []journal.State{journal.Queued, journal.Claimed, journal.Created}

// answer is what the engine says of a company's connections.
type connectionAnswer struct {
	found    []watcher.Connection
	chosen   watcher.Connection
	renewals []watcher.Renewal
	waiting  []watcher.Transfer // of the chosen one
}

// load asks the engine for what the page shows: one question at a time, however much happens.
func (p *connectionPage) load() {
	if p.loading {
		p.stale = true
		return
	}
	p.loading, p.stale = true, false
	var a connectionAnswer
	company, chosen := p.company, p.chosen
	p.h.Work(func(ctx context.Context) (err error) {
		a, err = askConnection(ctx, p.h.Engine(), company, chosen)
		return err
	}, func(err error) {
		p.loading = false
		switch {
		case p.closed:
			return
		case p.stale:
			p.load()
			return
		case err != nil:
			p.tell(err)
		case len(a.found) == 0:
			p.h.ShowFiles("") // disconnected meanwhile
			return
		default:
			p.follow(a)
		}
		p.later()
	})
}

func askConnection(ctx context.Context, engine Engine, company, chosen string) (a connectionAnswer, err error) {
	all, err := engine.Connections(ctx)
	for _, c := range all {
		if c.Company == company {
			a.found = append(a.found, c)
		}
	}
	if err != nil || len(a.found) == 0 {
		return a, err
	}
	a.chosen = a.found[max(slices.IndexFunc(a.found, func(c watcher.Connection) bool { return c.ID == chosen }), 0)]
	if a.renewals, err = engine.Renewals(ctx, a.chosen.ID); err != nil {
		return a, err
	}
	page, err := engine.Transfers(ctx, watcher.Query{Company: company, States: unsent, Limit: 1000})
	a.waiting = slices.DeleteFunc(page.Transfers, func(t watcher.Transfer) bool { return t.Connection != a.chosen.ID })
	return a, err
}

// later looks anew after a while.
func (p *connectionPage) later() {
	if p.again != nil {
		p.again.Stop()
	}
	p.again = time.AfterFunc(connectionAgain, func() {
		p.h.Do(func() {
			if !p.closed {
				p.load()
			}
		})
	})
}

// follow shows what the engine said.
func (p *connectionPage) follow(a connectionAnswer) {
	p.chosen, p.connection, p.renewals = a.chosen.ID, a.chosen, a.renewals
	s := p.h.w.speaker
	before := p.look
	p.look = s.health(a.chosen, a.renewals)
	p.icon.Set(p.look.icon, p.look.tone)
	if p.look.title != before.title || p.look.tone != before.tone {
		p.title.Set(p.look.title, widgets.Headline.In(p.look.tone))
	}
	if p.look.text != before.text {
		p.text.Set(p.look.text, widgets.Body)
		visible(p.text, p.look.text != "")
	}
	if !slices.Equal(p.look.actions, before.actions) || p.look.urgent != before.urgent {
		p.showActions()
	}
	p.showDomains(a)
	p.showStanding()
	visible(p.part, len(a.found) > 1)
	p.facts.set(s.facts(a))
	p.timeline.set(s.renewalRows(a))
	p.unlock.Follow(p.h.Overview())
	p.content.Show()
	p.relayout()
}

func (p *connectionPage) relayout() { p.content.Refresh() }

// showDomains chooses among the connections of a company that has several.
func (p *connectionPage) showDomains(a connectionAnswer) {
	var names []string
	for _, c := range a.found {
		names = append(names, p.h.w.speaker.domain(c.Domain))
	}
	visible(p.domains, len(names) > 1)
	if slices.Equal(names, p.names) {
		return
	}
	p.names = names
	pills := widgets.NewChoices(nil, names...)
	pills.Choose(slices.IndexFunc(a.found, func(c watcher.Connection) bool { return c.ID == p.chosen }))
	pills.OnChosen = func(i int) {
		p.chosen = a.found[i].ID
		p.load()
	}
	p.domains.Objects = []fyne.CanvasObject{pills}
}

// showActions offers the buttons that fit the state; the first is the one to press.
func (p *connectionPage) showActions() {
	do := map[string]func(){
		actionRenew:     p.rotate,
		actionUnlock:    p.renewSecret,
		actionReconnect: p.reconnect,
		actionCopy:      p.copyDetails,
	}
	p.buttons, p.actions.Objects = nil, nil
	for i, name := range p.look.actions {
		b := widgets.NewButton(p.h.Words().Say("connection.action."+name), do[name])
		if i == 0 && p.look.urgent {
			b.SetKind(widgets.Filled)
		}
		p.buttons = append(p.buttons, b)
		p.actions.Add(b)
	}
	p.enable()
}

// enable lets the buttons be pressed unless one of them is at work.
func (p *connectionPage) enable() {
	for _, b := range p.buttons {
		if p.busy {
			b.Disable()
		} else {
			b.Enable()
		}
	}
}

// command runs one of the buttons; all wait meanwhile. then is for one that went well, and may be nil.
func (p *connectionPage) command(do func(ctx context.Context) error, then func()) {
	p.busy = true
	p.enable()
	p.h.WorkWithKeys(do, func(err error) {
		if p.closed {
			return
		}
		p.busy = false
		p.enable()
		p.tell(err)
		if err == nil && then != nil {
			then()
			return
		}
		p.load()
	})
}

// tell says above the facts what went wrong, or takes it away. A vault that is locked asks for its passphrase.
func (p *connectionPage) tell(err error) {
	told, ok := errors.AsType[*watcher.ProblemError](err)
	switch {
	case errors.Is(err, watcher.ErrVaultLocked):
		p.note.Hide()
		p.unlock.Ask(p.h.Overview().VaultNew)
	case err == nil:
		p.note.Hide()
	case ok:
		what, do := p.h.ExplainProblem(told.Problem)
		p.note.Set(widgets.ColorProblem, what, do)
		p.note.Show()
	default:
		p.note.Set(widgets.ColorProblem, "", p.h.Explain(err))
		p.note.Show()
	}
	p.content.Show()
	p.relayout()
}

func (p *connectionPage) rotate() {
	company, domain := p.connection.Company, p.connection.Domain
	p.command(func(ctx context.Context) error { return p.h.Engine().Rotate(ctx, company, domain) }, nil)
}

func (p *connectionPage) renewSecret() {
	id := p.connection.ID
	p.command(func(ctx context.Context) error { return p.h.Engine().RenewSecret(ctx, id) }, nil)
}

func (p *connectionPage) reconnect() {
	id := p.connection.ID
	var draft watcher.Draft
	p.command(func(ctx context.Context) (err error) {
		draft, err = p.h.Engine().Reconnect(ctx, id)
		return err
	}, func() { p.h.OpenWizard(draft.ID) })
}

func (p *connectionPage) copyDetails() {
	s := p.h.w.speaker
	p.h.Copy(s.connectionDetails(p.connection, p.renewals))
	p.buttons[slices.Index(p.look.actions, actionCopy)].Set(s.Say("connection.copied"))
	p.relayout()
}

func (p *connectionPage) askDisconnect() {
	s, id := p.h.w.speaker, p.connection.ID
	company := map[string]any{"company": p.company}
	text := "connection.disconnect.text"
	if p.connection.Practice {
		text = "connection.disconnect.practice"
	}
	p.sheet = p.h.Ask(widgets.Question{
		Title: s.Say("connection.disconnect.title", company),
		Text:  s.Say(text, company),
		Choices: []widgets.Choice{
			{Text: s.Say("connection.disconnect.yes"), Do: func(bool) {
				p.sheet = nil
				p.command(func(ctx context.Context) error { return p.h.Engine().Disconnect(ctx, id) }, nil)
			}},
			{Text: s.Say("connection.disconnect.no"), Kind: widgets.Filled, Do: func(bool) { p.sheet = nil }},
		},
		OnEscape: func() { p.sheet = nil },
	})
}

// rowList is a few rows on a card that are kept while their words change.
type rowList struct {
	card   *widgets.Card
	column *fyne.Container
	rows   []*widgets.Row
	action func(index int)
}

func newRowList() *rowList {
	l := &rowList{column: widgets.Column(0)}
	l.card = widgets.NewListCard(l.column)
	return l
}

func (l *rowList) set(contents []widgets.RowContent) {
	for len(l.rows) < len(contents) {
		at, row := len(l.rows), widgets.NewRow()
		row.Action().SetKind(widgets.Plain)
		row.OnAction = func() { l.action(at) }
		l.rows = append(l.rows, row)
		l.column.Add(row)
	}
	l.rows = l.rows[:len(contents)]
	l.column.Objects = l.column.Objects[:len(contents)]
	for i, content := range contents {
		content.Last = i == len(contents)-1
		l.rows[i].Set(content)
	}
	visible(l.card, len(contents) > 0)
}
