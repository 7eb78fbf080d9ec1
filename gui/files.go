package gui

import (
	"context"
	"reflect"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// The filters above the list, in their order.
const (
	filterAll = iota
	filterWaiting
	filterNeedsYou
	filterDone
)

var filterOf = []watcher.Filter{watcher.FilterAll, watcher.FilterWaiting, watcher.FilterNeedsYou, watcher.FilterDone}

// filesPage is a company's files: the headline, the place to drop, the filters, the list and the details.
type filesPage struct {
	w       *Window
	content *fyne.Container
	shelf   shelf
	query   watcher.Query

	icon     *widgets.Icon
	headline *widgets.Text
	whole    fyne.CanvasObject // the headline, shown whole where it is cut
	aside    *widgets.Text     // "12 accepted today"
	counts   bool              // whether there is anything to say there
	tone     fyne.ThemeColorName
	resume   *widgets.Button // in its place while sending is paused
	note     *toldNote
	practice *toldNote // says that nothing of it is real
	unlock   *Unlock

	drop    *widgets.DropZone
	search  *widgets.Entry
	filters *widgets.Filters
	scope   *widgets.Button
	scopes  []string
	days    *widgets.Button
	menu    []*fyne.MenuItem // the one that is open, or was last
	wanted  looking          // what the person asks for beside the filters

	answered time.Time    // when the engine did last
	found    watcher.Page // of what is looked for: how many fit, and how far back was looked

	card    *widgets.Card
	list    *fileList
	empty   *emptyState
	details *detailsPane
	open    string // key of the item whose details are shown
	coming  string // key of the item whose details are to be shown once it is loaded
	after   string // cursor of the page that was asked for last
}

func newFilesPage(w *Window) *filesPage {
	say := w.speaker.Say
	p := &filesPage{w: w}
	p.icon, p.tone = widgets.NewIcon("", widgets.ColorGood), widgets.ColorMuted
	p.headline = widgets.NewCutText(say("window.loading"), widgets.Headline.In(widgets.ColorMuted), widgets.CutEnd)
	p.whole = widgets.Tipped(p.headline)
	p.aside = widgets.NewText("", widgets.Quiet)
	p.resume = widgets.NewFilledButton(say("window.resume"), p.resumeSending)
	p.note = newToldNote(say("window.close"), func() { p.tell("", "") })
	p.practice = newToldNote(say("company.practice.remove"), w.removePractice)
	p.practice.Hide()
	p.unlock = NewUnlock(w.engine, w.speaker.Words, w.work,
		func() { w.feed.want(wish{overview: true}) }, func() { p.content.Refresh() })
	p.drop = widgets.NewDropZone(say("window.drop"), say("window.choose"), w.chooseFiles)
	p.search = widgets.NewEntry()
	p.search.OnChanged = func(text string) {
		p.wanted.text = text
		p.ask(p.look)
	}
	p.search.OnEscape = p.leaveSearch
	p.filters = widgets.NewFilters(func(i int) { p.ask(func(q *watcher.Query) { q.Filter = filterOf[i] }) },
		say("window.filter.all"), say("window.filter.waiting"), say("window.filter.needsYou"), say("window.filter.done"))
	p.scope = widgets.NewPlainButton("", p.chooseScope)
	p.scope.Icon, p.scope.After = "down", true
	p.days = widgets.NewPlainButton(say(spanKeys[spanAll]), p.chooseDays)
	p.days.Icon, p.days.After = "down", true
	p.list = newFileList(p)
	p.empty = newEmptyState()
	p.card = widgets.NewListCard(container.NewStack(p.list.content, p.empty.content))
	p.details = newDetailsPane(p)
	p.content = container.New(&filesLayout{p}, p.icon, p.whole, p.aside, p.resume, p.practice, p.note, p.unlock.content,
		p.drop, p.search, p.filters, p.scope, p.days, p.card, p.details.content)
	p.resume.Hide()
	p.scope.Hide()
	p.note.Hide()
	p.details.content.Hide()
	return p
}

// show takes over what the feed has loaded.
func (p *filesPage) show(a answer) {
	p.answered = p.w.opts.Now()
	if a.overview != nil {
		p.showOverview()
	}
	p.showRows(a)
	p.showAside()
	p.showHeadline()
	p.showEmpty()
	p.showComing(a)
	if a.detail != nil && a.detail.key == p.open {
		if a.detail.gone {
			p.closeDetails()
		} else {
			p.details.loaded(*a.detail)
		}
	}
	p.content.Refresh()
}

func (p *filesPage) showOverview() {
	c, o := p.w.current(), p.w.overview
	p.showAside()
	paused := o.Paused || c.Paused
	visible(p.resume, paused)
	practice := ""
	if c.Practice {
		practice = p.w.speaker.Say("company.practice")
	}
	p.practice.set(widgets.ColorMuted, practice)
	p.counts = !paused && len(o.Companies) > 0
	p.unlock.Follow(o)
	p.filters.SetCount(filterWaiting, c.Counts.OnTheirWay)
	p.filters.SetCount(filterNeedsYou, c.Counts.NeedsYou)
	p.showScopes(c)
	var loose []watcher.LooseFile
	if p.query.Filter == watcher.FilterAll || p.query.Filter == watcher.FilterWaiting {
		for _, f := range c.Loose {
			if matches(p.query, f.Scope, f.Name, f.Since) {
				loose = append(loose, f)
			}
		}
	}
	if !reflect.DeepEqual(loose, p.shelf.loose) {
		p.shelf.loose = loose
		p.list.keepPlace(p.shelf.arrange)
	}
}

// showRows puts new rows under the old ones' places: nothing jumps while it is read.
func (p *filesPage) showRows(a answer) {
	if a.generation != p.generation() {
		return
	}
	switch {
	case a.page != nil:
		p.found = *a.page
		p.shelf.lists = p.fitting(a.lists)
		if p.shelf.renew(*a.page) {
			p.after = ""
		}
		p.list.keepPlace(p.shelf.arrange)
		p.loaded(a.page.Transfers)
	case a.more != nil && a.after == p.shelf.next: // not a page that is there already
		p.found.Back = a.more.Back
		p.shelf.extend(*a.more)
		p.list.grown()
		p.loaded(a.more.Transfers)
	case len(a.changed) > 0:
		if !p.shelf.update(a.changed) {
			p.w.feed.want(wish{rows: true})
		}
		p.list.Refresh()
	case a.overview == nil:
		return
	}
	if at := p.shelf.find(p.open); at >= 0 {
		p.details.follow(p.shelf.items[at])
	}
}

// loaded tells the feed what is loaded by now, and has it look on where that does not fill the list yet.
func (p *filesPage) loaded(transfers []watcher.Transfer) {
	p.w.feed.see(func(v *view) {
		v.next = p.shelf.next
		if v.known == nil {
			v.known = make(map[string]bool)
		}
		for i := range transfers {
			v.known[transfers[i].ID] = true
		}
	})
	if len(p.shelf.items) < pageSize/4 {
		p.more()
	}
}

// more asks for the page that follows, once.
func (p *filesPage) more() {
	if p.shelf.next == "" || p.after == p.shelf.next || p.shelf.full() {
		return
	}
	p.after = p.shelf.next
	p.w.feed.want(wish{more: true})
}

// fitting are the lists from Sage that belong to what the person looks for.
func (p *filesPage) fitting(lists []watcher.List) []watcher.List {
	if p.query.Filter == watcher.FilterWaiting {
		return nil
	}
	needsYou := p.query.Filter == watcher.FilterNeedsYou
	return slices.DeleteFunc(slices.Clone(lists), func(l watcher.List) bool {
		return needsYou && !l.Asks || !matches(p.query, l.Scope, p.w.speaker.Scope(l.Scope), l.ReceivedAt)
	})
}

func (p *filesPage) showHeadline() {
	look, sentence := p.w.speaker.headline(p.w.overview, p.w.company, p.shelf.items)
	p.icon.Set(look.icon, look.tone)
	p.headline.Set(sentence)
	p.tone = look.tone
}

// showSilence says from when what is on the screen is: the engine does not answer, and the band over it says why.
func (p *filesPage) showSilence(heard bool) {
	key := "window.connecting"
	if heard {
		key = "window.asOf"
	}
	p.icon.Set("status-waiting", widgets.ColorMuted)
	p.headline.Set(p.w.speaker.Say(key, map[string]any{"time": p.w.speaker.Time(p.answered)}))
	p.tone = widgets.ColorMuted
	p.content.Refresh()
}

// tick lets the times move on.
func (p *filesPage) tick() {
	p.ask(p.look) // another day may have begun
	p.list.Refresh()
}

// tell says something above the list; "" takes it back.
func (p *filesPage) tell(tone fyne.ThemeColorName, text string) {
	p.note.set(tone, text)
	p.content.Refresh()
}

// companyChanged begins anew with another company.
func (p *filesPage) companyChanged() {
	p.closeDetails()
	p.tell("", "")
	p.query.Scope = ""
	p.ask(func(q *watcher.Query) { q.Company = p.w.company })
}

// ask looks for something else: the rows are loaded from the top, and answers to what was asked before are dropped.
func (p *filesPage) ask(change func(*watcher.Query)) {
	before := p.query
	change(&p.query)
	if before.Company == p.query.Company && before.Text == p.query.Text &&
		before.Filter == p.query.Filter && before.Scope == p.query.Scope &&
		before.Since.Equal(p.query.Since) && before.Until.Equal(p.query.Until) {
		return
	}
	if p.w.feed == nil {
		return
	}
	p.w.feed.see(func(v *view) {
		v.generation++
		v.query, v.rows, v.next, v.known = p.query, pageSize, "", nil
	})
	if before.Company != p.query.Company {
		p.shelf = shelf{}
		p.shelf.arrange()
	}
	p.shelf.transfers, p.after = nil, "" // what is shown until the answer comes is not what is looked for
	p.list.toTop()
	p.w.feed.want(wish{rows: true, overview: true})
}

func (p *filesPage) generation() int {
	g := 0
	p.w.feed.see(func(v *view) { g = v.generation })
	return g
}

// openDetails shows an item beside the list.
func (p *filesPage) openDetails(key string) {
	p.coming = ""
	at := p.shelf.find(key)
	if at < 0 || p.shelf.items[at].loose != nil || p.shelf.items[at].older {
		p.list.UnselectAll()
		if at >= 0 && p.shelf.items[at].older {
			p.chooseDays()
		}
		return
	}
	p.w.feed.see(func(v *view) { v.open = key })
	p.showDetails(key, p.shelf.items[at])
	p.w.feed.want(wish{open: true})
}

// showDetails begins to show the details of an item.
func (p *filesPage) showDetails(key string, i item) {
	p.open = key
	p.details.show(i)
	p.details.content.Show()
	p.content.Refresh()
	p.list.Refresh()
}

// closeDetails gives the list its whole width again, with the keyboard where it was.
func (p *filesPage) closeDetails() {
	p.coming = ""
	if p.open == "" {
		return
	}
	p.open = ""
	if p.w.feed != nil {
		p.w.feed.see(func(v *view) { v.open = "" })
	}
	p.details.content.Hide()
	p.list.UnselectAll()
	p.content.Refresh()
	p.list.Refresh()
}

// escape goes one step back.
func (p *filesPage) escape() {
	switch {
	case p.open != "":
		p.closeDetails()
		p.w.focusList()
	case p.note.Visible():
		p.tell("", "")
	case p.search.Text != "":
		p.search.SetText("")
	}
}

// leaveSearch is Escape in the search: first what is looked for goes, then the focus.
func (p *filesPage) leaveSearch() {
	if p.search.Text != "" {
		p.search.SetText("")
		return
	}
	p.w.focusList()
}

// find puts the keyboard into the search.
func (p *filesPage) find() {
	p.closeDetails()
	p.w.win.Canvas().Focus(p.search)
}

// resumeSending goes on with what is paused: everything, or the company that is shown.
func (p *filesPage) resumeSending() {
	company := p.w.company
	if p.w.overview.Paused {
		p.w.command(waitAgent, p.w.engine.Resume)
		return
	}
	p.w.command(waitAgent, func(ctx context.Context) error { return p.w.engine.ResumeCompany(ctx, company) })
}

// checkNow looks at once for what is new, here and in Sage.
func (p *filesPage) checkNow() {
	p.w.command(waitAgent, p.w.engine.CheckNow)
}

func visible(o fyne.CanvasObject, show bool) {
	switch {
	case show && !o.Visible():
		o.Show()
	case !show && o.Visible():
		o.Hide()
	}
}
