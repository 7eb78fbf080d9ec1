package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"postroom/gui/widgets"
	"postroom/gui/wording"
)

// fileList is the list of files: Fyne's list, which draws only the rows that are seen, with rows of our own and the
// keys a person expects.
type fileList struct {
	widget.List
	p       *filesPage
	content fyne.CanvasObject

	marked   int  // where the keyboard stands
	keyboard bool // the person moves by the keyboard just now
}

func newFileList(p *filesPage) *fileList {
	l := &fileList{p: p}
	l.Length = func() int { return len(p.shelf.items) }
	l.CreateItem = func() fyne.CanvasObject { return widgets.NewRow() }
	l.UpdateItem = func(id widget.ListItemID, o fyne.CanvasObject) { l.update(id, o.(*widgets.Row)) }
	l.OnSelected = func(id widget.ListItemID) {
		l.keyboard = false
		l.openAt(id)
	}
	l.OnHighlighted = func(id widget.ListItemID) { l.marked = id }
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	l.content = container.NewThemeOverride(l, rowsTheme{})
	return l
}

func (l *fileList) update(id int, row *widgets.Row) {
	if id >= len(l.p.shelf.items) {
		return
	}
	i := l.p.shelf.items[id]
	content := l.p.rowOf(i)
	content.Last = id == len(l.p.shelf.items)-1
	content.Selected = i.key() == l.p.open
	content.Marked = l.keyboard && id == l.marked
	if l.p.open != "" && content.Action != "" { // no room for a button beside the details
		content.Action = ""
		if i.transfer != nil {
			content.Time = l.p.w.speaker.When(wording.Ended(*i.transfer), l.p.w.speaker.now())
		}
	}
	row.OnAction = func() { l.Select(id) }
	row.OnReached = func() { l.ScrollTo(id) }
	row.Set(content)
	if id >= len(l.p.shelf.items)-pageSize/4 {
		l.p.more()
	}
}

func (l *fileList) openAt(id int) {
	if id < len(l.p.shelf.items) {
		l.p.openDetails(l.p.shelf.items[id].key())
	}
}

// keepPlace lays the items out anew and keeps what is read where it is: rows that come in above push the list's
// offset along, unless its beginning is shown.
func (l *fileList) keepPlace(arrange func()) {
	offset := l.GetScrollOffset()
	top := int(offset / widgets.RowHeight)
	key := ""
	if offset > 0 && top < len(l.p.shelf.items) {
		key = l.p.shelf.items[top].key()
	}
	arrange()
	if at := l.p.shelf.find(key); at >= 0 && at != top {
		l.Refresh() // the list must know its new length before it is moved
		l.ScrollToOffset(offset + float32(at-top)*widgets.RowHeight)
	}
	l.needed()
	l.Refresh()
}

// grown shows what was laid out behind the rest.
func (l *fileList) grown() {
	l.needed()
	l.Refresh()
}

// needed tells the feed how many rows an update must load.
func (l *fileList) needed() {
	bottom := int((l.GetScrollOffset()+l.Size().Height)/widgets.RowHeight) + pageSize/4
	l.p.w.feed.see(func(v *view) { v.rows = min(max(bottom, pageSize), mostNew) })
}

func (l *fileList) toTop() {
	l.marked = 0
	if l.GetScrollOffset() > 0 {
		l.ScrollToTop()
	}
}

// FocusGained shows where the keyboard stands.
func (l *fileList) FocusGained() {
	l.keyboard = true
	l.List.FocusGained()
}

// FocusLost hides it.
func (l *fileList) FocusLost() {
	l.keyboard = false
	l.List.FocusLost()
}

// TypedKey opens with Return, moves by pages, and hands every key it has no use for to the window.
func (l *fileList) TypedKey(event *fyne.KeyEvent) {
	page := max(int(l.Size().Height/widgets.RowHeight)-1, 1)
	switch event.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.Select(l.marked)
	case fyne.KeyUp, fyne.KeyDown:
		l.keyboard = true
		l.List.TypedKey(event)
		l.Refresh()
	case fyne.KeyPageUp:
		l.move(fyne.KeyUp, page)
	case fyne.KeyPageDown:
		l.move(fyne.KeyDown, page)
	case fyne.KeyHome:
		l.move(fyne.KeyUp, len(l.p.shelf.items))
	case fyne.KeyEnd:
		l.move(fyne.KeyDown, len(l.p.shelf.items))
	default:
		if typed := l.p.w.win.Canvas().OnTypedKey(); typed != nil {
			typed(event)
		}
	}
}

func (l *fileList) move(key fyne.KeyName, rows int) {
	l.keyboard = true
	for range rows {
		before := l.marked
		l.List.TypedKey(&fyne.KeyEvent{Name: key})
		if l.marked == before {
			break
		}
	}
	l.Refresh()
}

// rowsTheme lets rows touch each other and leaves their colours to them.
type rowsTheme struct{}

func (rowsTheme) base() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

func (t rowsTheme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameHover || name == theme.ColorNameSelection {
		return color.Transparent
	}
	return t.base().Color(name, variant)
}

func (t rowsTheme) Font(style fyne.TextStyle) fyne.Resource    { return t.base().Font(style) }
func (t rowsTheme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base().Icon(name) }

func (t rowsTheme) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNamePadding {
		return 0
	}
	return t.base().Size(name)
}
