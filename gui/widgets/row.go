package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// RowContent is what a row shows.
type RowContent struct {
	Icon    string // of assets; "" leaves its place empty
	Tone    fyne.ThemeColorName
	Title   string // shortened in the middle: it is a name
	Line    string // one line of muted words
	Figure  string // "62 %": with a line that is filled as far where there is room, else behind the words
	Percent float64
	Time    string // at the right
	Action  string // the words of a button in the place of the time

	Last     bool // no line below
	Selected bool
	Marked   bool // the keyboard stands on it
}

// Row is one line of a list, RowHeight high: icon, name over muted words, and a time or a button at the right. It is
// not pressed itself; the list it is in is.
type Row struct {
	widget.BaseWidget
	OnAction  func()
	OnReached func() // the keyboard came to the button: where a list scrolls by itself, it has to bring the row into view

	content RowContent
	hovered bool
	tip     *time.Timer
	parts   rowParts
}

type rowParts struct {
	ground, edge *canvas.Rectangle
	mark         focusRing
	icon         *Icon
	title, line  *Text
	figure, time *Text
	progress     *Progress
	action       *Button
}

// NewRow makes an empty row.
func NewRow() *Row {
	r := &Row{}
	r.parts = rowParts{
		ground:   canvas.NewRectangle(nil),
		edge:     canvas.NewRectangle(nil),
		mark:     newFocusRing(),
		icon:     NewIcon("", ColorMuted),
		title:    NewCutText("", Name, CutMiddle),
		line:     NewCutText("", Muted, CutEnd),
		figure:   NewText("", Figure),
		time:     NewText("", Figure),
		progress: NewProgress(0),
		action: NewButton("", func() {
			if r.OnAction != nil {
				r.OnAction()
			}
		}),
	}
	r.parts.action.Small = true
	r.parts.action.reached = func() {
		if r.OnReached != nil {
			r.OnReached()
		} else {
			reveal(r.parts.action)
		}
	}
	r.ExtendBaseWidget(r)
	return r
}

// NewStaticRow makes a row that stands by itself, outside of a list.
func NewStaticRow(content RowContent) *Row {
	r := NewRow()
	r.Set(content)
	return r
}

// Set shows something else.
func (r *Row) Set(content RowContent) {
	if r.content == content {
		return
	}
	r.content = content
	r.Refresh()
}

// Content is what the row shows.
func (r *Row) Content() RowContent { return r.content }

// Action is the button at the right, for tests and for the keyboard.
func (r *Row) Action() *Button { return r.parts.action }

// MouseIn shows that the row can be pressed and, after a moment, what is cut.
func (r *Row) MouseIn(event *desktop.MouseEvent) {
	r.hovered = true
	r.Refresh()
	if r.parts.title.IsCut() || r.parts.line.IsCut() {
		r.tip = showTipSoon(r, event.AbsolutePosition, func() string { return r.wholeText() })
	}
}

// MouseMoved is part of desktop.Hoverable.
func (r *Row) MouseMoved(*desktop.MouseEvent) {}

// MouseOut takes the tip away.
func (r *Row) MouseOut() {
	r.hovered = false
	hideTip(r, r.tip)
	r.tip = nil
	r.Refresh()
}

func (r *Row) wholeText() string {
	if r.parts.line.IsCut() {
		return r.content.Title + "\n" + r.content.Line
	}
	return r.content.Title
}

// AccessibilityLabel is what a screen reader says.
func (r *Row) AccessibilityLabel() string {
	return r.content.Title + ". " + r.content.Line + ". " + r.content.Time
}

// AccessibilityRole tells a screen reader that this is text.
func (r *Row) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer is Fyne's.
func (r *Row) CreateRenderer() fyne.WidgetRenderer {
	p := &r.parts
	d := &drawn{objects: []fyne.CanvasObject{
		p.ground, p.edge, p.icon, p.title, p.line, p.progress, p.figure, p.time, p.action, p.mark.Rectangle,
	}}
	d.min = func() fyne.Size { return fyne.NewSize(160, RowHeight) }
	d.layout = r.layout
	d.refresh = r.refresh
	d.refresh()
	return d
}

const (
	rowEdge   = 16
	rowText   = rowEdge + IconSize + 12
	rowTitleY = 19
	rowLineY  = 38
)

func (r *Row) layout(size fyne.Size) {
	p := &r.parts
	p.ground.Resize(size)
	p.edge.Move(fyne.NewPos(0, size.Height-1))
	p.edge.Resize(fyne.NewSize(size.Width, 1))
	p.mark.around(size, -2)
	place(p.icon, fyne.NewSquareSize(IconSize), rowEdge, size.Height/2)

	right := size.Width - rowEdge
	p.time.Set(r.timeFor(size.Width))
	switch {
	case r.content.Action != "":
		s := p.action.MinSize()
		place(p.action, s, right-s.Width, size.Height/2)
		right -= s.Width + 12
	case p.time.Text != "":
		s := p.time.MinSize()
		place(p.time, s, right-s.Width, size.Height/2)
		right -= s.Width + 12
	}
	width := max(right-rowText, 0)
	titleY, lineY := float32(rowTitleY), float32(rowLineY)
	if r.content.Line == "" {
		titleY = size.Height / 2
	}
	place(p.title, fyne.NewSize(width, p.title.MinSize().Height), rowText, titleY)
	r.layoutLine(width, lineY)
}

// timeFor is what stands at the right: the time, or the figure of a progress that has no room beside the words.
func (r *Row) timeFor(width float32) string {
	c := r.content
	if c.Figure == "" {
		return c.Time
	}
	room := width - rowText - rowEdge - 12 - Figure.Measure(c.Time).Width
	if Muted.Measure(c.Line+", "+c.Figure).Width <= room {
		return c.Time
	}
	return c.Figure
}

// layoutLine lays the muted words, with the line of a progress beside them where there is room for it.
func (r *Row) layoutLine(width, middle float32) {
	const bar, gap, small = 120, 12, 7
	p := &r.parts
	natural, figure := Muted.Measure(r.content.Line).Width, p.figure.MinSize()
	barred := r.content.Figure != "" && natural+gap+bar+small+figure.Width <= width
	show(p.progress, barred)
	show(p.figure, barred)
	words := r.content.Line
	if barred {
		place(p.progress, fyne.NewSize(bar, 4), rowText+natural+gap, middle+1)
		place(p.figure, figure, rowText+natural+gap+bar+small, middle)
		width = natural + 1
	} else if r.content.Figure != "" && p.time.Text != r.content.Figure {
		words += ", " + r.content.Figure
	}
	p.line.Set(words)
	place(p.line, fyne.NewSize(width, p.line.MinSize().Height), rowText, middle)
}

func (r *Row) refresh() {
	p, c := &r.parts, r.content
	name := ColorSurface
	switch {
	case c.Selected:
		name = ColorSelected
	case r.hovered:
		name = ColorHovered
	}
	p.ground.FillColor = shade(name)
	show(p.ground, name != ColorSurface)
	p.edge.FillColor = shade(ColorLine)
	show(p.edge, !c.Last)
	p.mark.on(c.Marked)
	p.icon.Set(c.Icon, c.Tone)
	p.title.Set(c.Title)
	show(p.time, c.Action == "")
	p.action.Set(c.Action)
	show(p.action, c.Action != "")
	p.progress.Set(c.Percent)
	p.figure.Set(c.Figure)
}
