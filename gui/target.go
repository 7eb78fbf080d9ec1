package gui

import (
	"slices"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// goTo shows what somebody outside the window points at. A company that is gone, or none, leaves the window as it is.
func (w *Window) goTo(t watcher.Target) {
	if !slices.ContainsFunc(w.overview.Companies, func(c watcher.Company) bool { return c.Name == t.Company }) {
		return
	}
	w.goFiles(t.Company)
	switch {
	case t.Transfer != "":
		w.files.goToItem("t:" + t.Transfer)
	case t.List != "":
		w.files.goToItem("l:" + t.List)
	default:
		w.files.goToList(t.Filter)
	}
	w.keepFocus()
}

// goToList shows all that a filter lets through, whatever was looked for before.
func (p *filesPage) goToList(f watcher.Filter) {
	p.closeDetails()
	p.search.SetText("")
	p.chooseSpan(spanAll)
	p.filters.Choose(max(slices.Index(filterOf, f), filterAll))
	p.ask(func(q *watcher.Query) { q.Scope = "" })
	p.showScopes(p.w.current())
	p.content.Refresh()
}

// goToItem shows the details of an item. One that is not listed is looked for among all, and its details are loaded however
// far down it stands.
func (p *filesPage) goToItem(key string) {
	if key == p.open {
		return
	}
	if at := p.shelf.find(key); at >= 0 {
		p.list.UnselectAll()
		p.openDetails(key)
		p.list.ScrollTo(at)
		return
	}
	p.goToList(watcher.FilterAll)
	p.coming = key
	p.w.feed.see(func(v *view) { v.open = key })
	p.w.feed.want(wish{rows: true, open: true})
}

// showComing shows the details that are waited for once the item is there: in the list, or, if it stands further down, by
// itself. Where it is gone that is said.
func (p *filesPage) showComing(a answer) {
	key := p.coming
	loaded := a.detail != nil && a.detail.key == key
	switch at := p.shelf.find(key); {
	case key == "":
	case at >= 0:
		p.openDetails(key)
		p.list.ScrollTo(at)
	case loaded && a.detail.transfer != nil && !a.detail.gone:
		p.coming = ""
		p.showDetails(key, item{transfer: &a.detail.transfer.Transfer})
	case loaded && a.page != nil && a.generation == p.generation():
		p.coming = ""
		p.w.feed.see(func(v *view) { v.open = "" })
		p.tell(widgets.ColorMuted, p.w.speaker.Say("window.target.gone"))
	}
}
