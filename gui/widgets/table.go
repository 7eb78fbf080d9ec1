package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// TableRow is one line of a table: three cells, the second in a tone of its own. The third goes on over as many lines as it
// needs.
type TableRow struct {
	First, Second, Third string
	Tone                 fyne.ThemeColorName
	Joined               bool // it goes with the row above, without a line between them
}

// Table shows outcomes under three headings: which record, what became of it, why. It shows the first tableStart rows
// and a line that asks for more, so that a thousand outcomes cost no more than a few.
type Table struct {
	widget.BaseWidget
	OnGrown func() // more rows are shown: whatever holds the table lays itself out anew

	heads [3]string
	more  func(left int) string
	rows  []TableRow
	shown int
	width float32 // as it was laid out last
	parts tableParts
}

type tableParts struct {
	card  box
	rule  *canvas.Rectangle
	heads [3]*Text
	lines []*tableLine
	more  *Button
}

const (
	tableStart = 20
	tableStep  = 100
	tableHead  = 31
	tableRow   = LineHeight + 2*tablePad
	tablePad   = 6 // above and below the words of a row
	tableEdge  = 12
	tableGap   = 12
)

// NewTable makes an empty table. more gives the words that ask for the rows that are not shown yet.
func NewTable(first, second, third string, more func(left int) string) *Table {
	t := &Table{heads: [3]string{first, second, third}, more: more}
	t.parts.card, t.parts.rule = newBox(), canvas.NewRectangle(nil)
	for i, head := range t.heads {
		t.parts.heads[i] = NewText(head, Muted)
	}
	t.parts.more = NewPlainButton("", func() {
		t.shown = min(t.shown+tableStep, len(t.rows))
		t.Refresh()
		if t.OnGrown != nil {
			t.OnGrown()
		}
	})
	t.ExtendBaseWidget(t)
	return t
}

// Set shows other rows, from the beginning.
func (t *Table) Set(rows []TableRow) {
	t.rows = rows
	t.shown = min(max(t.shown, tableStart), len(rows))
	t.Refresh()
}

// Shown is how many of the rows are there to be read.
func (t *Table) Shown() int { return t.shown }

// More is the button that asks for more rows.
func (t *Table) More() *Button { return t.parts.more }

// Parts are what the keyboard reaches in it.
func (t *Table) Parts() []fyne.CanvasObject { return []fyne.CanvasObject{t.parts.more} }

// CreateRenderer is Fyne's.
func (t *Table) CreateRenderer() fyne.WidgetRenderer {
	d := &drawn{}
	d.min = func() fyne.Size {
		height := float32(1 + tableHead)
		reason := t.reason()
		for i, line := range t.parts.lines {
			height += t.heightOf(i, line, reason)
		}
		if t.shown < len(t.rows) {
			height += tableRow
		}
		return fyne.NewSize(240, height)
	}
	d.refresh = func() { d.objects = t.refresh() }
	d.layout = t.layout
	d.refresh()
	return d
}

func (t *Table) refresh() []fyne.CanvasObject {
	p := &t.parts
	p.card.colour(ColorSurface, ColorLine)
	p.rule.FillColor = shade(ColorLine)
	objects := append(p.card.objects(), p.rule, p.heads[0], p.heads[1], p.heads[2])
	for len(p.lines) < t.shown {
		p.lines = append(p.lines, newTableLine())
	}
	p.lines = p.lines[:t.shown]
	for i, line := range p.lines {
		last := i == t.shown-1
		line.set(t.rows[i], last && t.shown == len(t.rows) || !last && t.rows[i+1].Joined)
		objects = append(objects, line)
	}
	if left := len(t.rows) - t.shown; left > 0 {
		p.more.Set(t.more(left))
		objects = append(objects, p.more)
	}
	return objects
}

// Resize lays the third column out anew, which decides how high the table is.
func (t *Table) Resize(size fyne.Size) {
	t.width = size.Width
	t.BaseWidget.Resize(size)
}

// reason is the width of the third column; 0 while it is not known.
func (t *Table) reason() float32 {
	if t.width == 0 {
		return 0
	}
	c := t.columns(t.width)
	return c[3] - c[2]
}

func (t *Table) heightOf(i int, line *tableLine, reason float32) float32 {
	above, below := float32(tablePad), float32(tablePad)
	if t.rows[i].Joined {
		above = 0
	}
	if i+1 < t.shown && t.rows[i+1].Joined {
		below = 2
	}
	return above + line.heightFor(reason) + below
}

// columns are the left edges of the cells and the right edge of the last one. The first two are as wide as what
// stands in them, within limits.
func (t *Table) columns(width float32) [4]float32 {
	widest := func(head string, limit float32, cell func(TableRow) string) float32 {
		w := Muted.Measure(head).Width
		for _, row := range t.rows[:t.shown] {
			w = max(w, Body.Measure(cell(row)).Width)
		}
		return min(max(w, 60), limit)
	}
	first := widest(t.heads[0], width*0.3, func(r TableRow) string { return r.First })
	second := widest(t.heads[1], width*0.36, func(r TableRow) string { return r.Second })
	return [4]float32{tableEdge, tableEdge + first + tableGap, tableEdge + first + tableGap + second + tableGap, width - tableEdge}
}

func (t *Table) layout(size fyne.Size) {
	p := &t.parts
	p.card.resize(size)
	p.rule.Move(fyne.NewPos(1, tableHead))
	p.rule.Resize(fyne.NewSize(size.Width-2, 1))
	columns := t.columns(size.Width)
	for i, head := range p.heads {
		place(head, fyne.NewSize(columns[i+1]-columns[i], head.MinSize().Height), columns[i], tableHead/2+1)
	}
	top := float32(1 + tableHead)
	for i, line := range p.lines {
		height := t.heightOf(i, line, columns[3]-columns[2])
		line.columns, line.joined = columns, t.rows[i].Joined
		line.Move(fyne.NewPos(0, top))
		line.Resize(fyne.NewSize(size.Width, height))
		line.Refresh()
		top += height
	}
	place(p.more, p.more.MinSize(), columns[0], top+tableRow/2)
}
