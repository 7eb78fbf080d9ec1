package gui

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"postroom/watcher"
)

// The spans of time that may be chosen, in their order.
const (
	spanAll = iota
	spanToday
	spanWeek
	spanMonth
)

var spanKeys = []string{"window.span.all", "window.span.today", "window.span.week", "window.span.month"}

// spanDays is how many days a span has, today among them.
var spanDays = []int{0, 1, 7, 30}

// looking is what a person asks for beside the filters: a text or a day typed, and a span chosen.
type looking struct {
	text string
	span int
}

// look puts it into a query. A day that was typed is looked for as a day, whatever span is chosen.
func (p *filesPage) look(q *watcher.Query) {
	now := p.w.speaker.now()
	q.Text, q.Since, q.Until = strings.TrimSpace(p.wanted.text), time.Time{}, time.Time{}
	if day, is := dayIn(q.Text, now.Location()); is {
		q.Text, q.Since, q.Until = "", day, day.AddDate(0, 0, 1)
		return
	}
	if n := spanDays[p.wanted.span]; n > 0 {
		q.Since = time.Date(now.Year(), now.Month(), now.Day()-n+1, 0, 0, 0, 0, now.Location())
	}
}

// dayForms are the ways to write a day, with its year, that are not read as a part of a name.
var dayForms = []string{time.DateOnly, "2.1.2006", "2/1/2006"}

// dayIn reads a day.
func dayIn(text string, zone *time.Location) (time.Time, bool) {
	for _, form := range dayForms {
		if day, err := time.ParseInLocation(form, text, zone); err == nil {
			return day, true
		}
	}
	return time.Time{}, false
}

// narrowed tells that a person looks for something, so that a list says how much of it there is.
func narrowed(q watcher.Query) bool {
	return q.Text != "" || q.Scope != "" || !q.Since.IsZero() || !q.Until.IsZero()
}

// showAside says beside the headline how many fit what is looked for, or else what went well today.
func (p *filesPage) showAside() {
	s := p.w.speaker
	words := s.Say("window.acceptedToday", map[string]any{"count": p.w.overview.AcceptedToday})
	if narrowed(p.query) {
		key := "window.found"
		if p.found.More {
			key = "window.found.more"
		}
		words = s.Say(key, map[string]any{"count": p.found.Count})
	}
	p.aside.Set(words)
}

// chooseDays shows the spans of time below the button.
func (p *filesPage) chooseDays() {
	var items []*fyne.MenuItem
	for span, key := range spanKeys {
		item := fyne.NewMenuItem(p.w.speaker.Say(key), func() { p.chooseSpan(span) })
		item.Checked = span == p.wanted.span
		items = append(items, item)
	}
	p.menuBelow(p.days, items)
}

func (p *filesPage) chooseSpan(span int) {
	p.wanted.span = span
	p.ask(p.look)
	p.days.Set(p.w.speaker.Say(spanKeys[span]))
	p.content.Refresh()
}

// showScopes offers a choice of scopes where a company has more than one.
func (p *filesPage) showScopes(c watcher.Company) {
	p.scopes = nil
	for _, connection := range c.Connections {
		for _, lane := range connection.Lanes {
			if !slices.Contains(p.scopes, lane.Scope) {
				p.scopes = append(p.scopes, lane.Scope)
			}
		}
	}
	words := p.w.speaker.Say("window.scope.all")
	if p.query.Scope != "" {
		words = p.w.speaker.Scope(p.query.Scope)
	}
	p.scope.Set(words)
	visible(p.scope, len(p.scopes) > 1)
}

// chooseScope shows the scopes below the button.
func (p *filesPage) chooseScope() {
	pick := func(scope string) func() {
		return func() {
			p.ask(func(q *watcher.Query) { q.Scope = scope })
			p.showScopes(p.w.current())
			p.content.Refresh()
		}
	}
	items := []*fyne.MenuItem{fyne.NewMenuItem(p.w.speaker.Say("window.scope.all"), pick(""))}
	for _, s := range p.scopes {
		items = append(items, fyne.NewMenuItem(p.w.speaker.Scope(s), pick(s)))
	}
	for i, item := range items {
		item.Checked = (i == 0 && p.query.Scope == "") || (i > 0 && p.scopes[i-1] == p.query.Scope)
	}
	p.menuBelow(p.scope, items)
}

// menuBelow shows a menu below a button, at its right edge.
func (p *filesPage) menuBelow(button fyne.CanvasObject, items []*fyne.MenuItem) {
	p.menu = items
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), p.w.win.Canvas())
	at := p.w.app.Driver().AbsolutePositionForObject(button)
	menu.ShowAtPosition(at.AddXY(button.Size().Width-menu.MinSize().Width, button.Size().Height))
}

// showEmpty says why nothing is listed: what was looked for, and where.
func (p *filesPage) showEmpty() {
	say := p.w.speaker.Say
	visible(p.list.content, len(p.shelf.items) > 0) // the keyboard must not stop where nothing is to be seen
	if len(p.shelf.items) > 0 {
		p.empty.hide()
		return
	}
	switch {
	case len(p.w.overview.Companies) == 0:
		p.empty.show(say("window.empty.noCompany"), say("window.addCompany"), func() { p.w.goWizard("") })
	case p.shelf.next != "" && !p.found.Back.IsZero():
		p.empty.show(say("window.empty.looking", map[string]any{"date": p.w.speaker.Date(p.found.Back, p.w.speaker.now())}), "", nil)
	case p.query.Text != "" || !p.query.Since.IsZero():
		p.showNothingFound()
	case p.query.Filter == watcher.FilterNeedsYou:
		p.empty.show(say("window.empty.needsYou"), "", nil)
	case p.query.Filter == watcher.FilterWaiting:
		p.empty.show(say("window.empty.waiting"), "", nil)
	case p.query.Filter == watcher.FilterDone, p.query.Scope != "":
		p.empty.show(say("window.empty.done"), "", nil)
	default:
		p.empty.show(say("window.empty"), say("window.openOutbox"), p.w.openOutbox)
	}
}

// showNothingFound says what was looked for and where, and offers to look everywhere where that was not done.
func (p *filesPage) showNothingFound() {
	s := p.w.speaker
	words := s.Say("window.empty.search", map[string]any{"text": p.query.Text})
	if p.query.Text == "" {
		words = s.Say("window.empty.days")
	}
	where := []string{p.query.Company}
	if p.query.Scope != "" {
		where = append(where, s.Scope(p.query.Scope))
	}
	if f := p.filters.Chosen(); f != filterAll {
		where = append(where, p.filters.Pills()[f].Text)
	}
	switch {
	case !p.query.Until.IsZero():
		where = append(where, s.Date(p.query.Since, s.now()))
	case !p.query.Since.IsZero():
		where = append(where, s.Say(spanKeys[p.wanted.span]))
	}
	words += " " + s.Say("window.empty.looked", map[string]any{"what": strings.Join(where, ", ")})
	if len(where) == 1 {
		p.empty.show(words, "", nil)
		return
	}
	p.empty.show(words, s.Say("window.empty.everywhere"), p.lookEverywhere)
}

// lookEverywhere takes back all but what was typed.
func (p *filesPage) lookEverywhere() {
	if _, day := dayIn(strings.TrimSpace(p.wanted.text), time.Local); day {
		p.search.SetText("")
	}
	p.chooseSpan(spanAll)
	p.filters.Choose(filterAll)
	p.ask(func(q *watcher.Query) { q.Scope = "" })
	p.showScopes(p.w.current())
	p.content.Refresh()
}
