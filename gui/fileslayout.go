package gui

import (
	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
)

// filesLayout lays the files' page out: the headline, what is told, then either the place to drop over the filters
// over the list, or the list beside the details. Where there is no room for both, the details take the list's place.
type filesLayout struct{ p *filesPage }

const (
	edge        = widgets.GapEdge
	group       = widgets.GapGroup
	listLeast   = 290 // the list's width beside the details
	listMost    = 420
	besideFrom  = 640 // the narrowest page that shows both
	dropHeight  = 72
	searchLeast = 180
)

func (l *filesLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(464, 480) }

func (l *filesLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	p := l.p
	width := size.Width - 2*edge
	l.head(width)
	top := float32(68)
	for _, o := range []fyne.CanvasObject{p.practice, p.note, p.unlock.content} {
		if o.Visible() {
			o.Move(fyne.NewPos(edge, top))
			o.Resize(fyne.NewSize(width, o.MinSize().Height))
			o.Resize(fyne.NewSize(width, o.MinSize().Height)) // once more, at the height its width asks for
			top += o.MinSize().Height + group
		}
	}
	if p.open != "" {
		l.showTools(false, false)
		l.beside(top, width, size.Height)
		return
	}
	top = l.tools(top, width, size.Height-edge)
	visible(p.card, true)
	p.card.Move(fyne.NewPos(edge, top))
	p.card.Resize(fyne.NewSize(width, max(size.Height-top-edge, widgets.RowHeight)))
}

// tools lays out where files are dropped over what is looked for, and answers where the list begins. Without a company there
// is nothing to drop on or to look for. While a passphrase is asked for, that comes first: what leaves no room for two rows of
// the list gives way, and files can be dropped anywhere on the window.
func (l *filesLayout) tools(top, width, bottom float32) float32 {
	companies, asks := len(l.p.w.overview.Companies) > 0, l.p.unlock.content.Visible()
	l.showTools(companies && !asks, companies)
	if !companies {
		return top
	}
	if !asks {
		l.p.drop.Move(fyne.NewPos(edge, top))
		l.p.drop.Resize(fyne.NewSize(width, dropHeight))
		return l.bar(top+dropHeight+group, width)
	}
	list := l.bar(top, width)
	if bottom-list < 2*widgets.RowHeight {
		l.showTools(false, false)
		return top
	}
	return list
}

func (l *filesLayout) showTools(drop, look bool) {
	p := l.p
	visible(p.drop, drop)
	for _, o := range []fyne.CanvasObject{p.search, p.filters, p.days} {
		visible(o, look)
	}
	visible(p.scope, look && len(p.scopes) > 1)
}

// head lays out the headline and what stands at its right. A long headline takes the place of how much went well, then
// becomes smaller, and only then is cut.
func (l *filesLayout) head(width float32) {
	p := l.p
	const middle = 38
	right := edge + width
	if p.resume.Visible() {
		s := p.resume.MinSize()
		put(p.resume, s, right-s.Width, middle)
		right -= s.Width + group
	}
	left := float32(edge)
	visible(p.icon, p.icon.Name != "")
	if p.icon.Visible() {
		put(p.icon, fyne.NewSquareSize(widgets.IconSize), left, middle)
		left += widgets.IconSize + 12
	}
	whole, aside := widgets.Headline.Measure(p.headline.Text).Width, p.aside.MinSize()
	visible(p.aside, p.counts && (narrowed(p.query) || left+whole+group+aside.Width <= right))
	if p.aside.Visible() {
		put(p.aside, aside, right-aside.Width, middle)
		right -= aside.Width + group
	}
	style := widgets.Headline
	if left+whole > right {
		style = widgets.Section
	}
	p.headline.SetStyle(style.In(p.tone))
	put(p.whole, fyne.NewSize(max(right-left, 0), p.headline.MinSize().Height), left, middle)
}

func put(o fyne.CanvasObject, size fyne.Size, left, middle float32) {
	o.Resize(size)
	o.Move(fyne.NewPos(left, middle-size.Height/2))
}

// bar lays out search, filters, scope and days on one line, or on two where a language needs the room: then the two menus
// go with the search. It answers where the list begins.
func (l *filesLayout) bar(top, width float32) float32 {
	p := l.p
	const height = widgets.ControlHeight
	filters := p.filters.MinSize()
	menus := float32(0)
	for _, o := range []fyne.CanvasObject{p.days, p.scope} { // from the right
		if o.Visible() {
			o.Resize(o.MinSize())
			menus += o.MinSize().Width
			o.Move(fyne.NewPos(edge+width-menus, top))
			menus += widgets.GapPart
		}
	}
	search := width - filters.Width - widgets.GapPart - menus
	filtersAt, end := fyne.NewPos(edge+search+widgets.GapPart, top), top+height
	if search < searchLeast {
		search = width - menus
		filtersAt, end = fyne.NewPos(edge, top+height+widgets.GapPart), top+2*height+widgets.GapPart
	}
	l.invite(search)
	p.search.Move(fyne.NewPos(edge, top))
	p.search.Resize(fyne.NewSize(search, height))
	p.filters.Move(filtersAt)
	p.filters.Resize(filters)
	return end + group
}

// invite says what can be looked for, in as many words as there is room for.
func (l *filesLayout) invite(width float32) {
	words := l.p.w.speaker.Say("window.search")
	if widgets.Body.Measure(words).Width > width-widgets.EntryMargins {
		words = l.p.w.speaker.Say("window.menu.find")
	}
	if l.p.search.PlaceHolder != words {
		l.p.search.SetPlaceHolder(words)
	}
}

// beside lays the details out beside the list, or in its place.
func (l *filesLayout) beside(top, width, height float32) {
	p := l.p
	tall := height - top - edge
	left := float32(edge)
	both := width+2*edge >= besideFrom
	visible(p.card, both)
	if both {
		p.card.Move(fyne.NewPos(left, top))
		list := min(max(width*0.4, listLeast), listMost)
		p.card.Resize(fyne.NewSize(list, tall))
		left += list + group
	}
	p.details.content.Move(fyne.NewPos(left, top))
	p.details.content.Resize(fyne.NewSize(edge+width-left, tall))
}
