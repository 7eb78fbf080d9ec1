package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// TableRow is one line of a table: three cells, the second in a tone of its own.
type TableRow struct {
	First, Second, Third string
	Tone                 fyne.ThemeColorName
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
	tableRow   = 32
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

// CreateRenderer is Fyne's.
func (t *Table) CreateRenderer() fyne.WidgetRenderer {
	d := &drawn{}
	d.min = func() fyne.Size {
		height := float32(1 + tableHead + tableRow*t.shown)
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
		line.set(t.rows[i], i == t.shown-1 && t.shown == len(t.rows))
		objects = append(objects, line)
	}
	if left := len(t.rows) - t.shown; left > 0 {
		p.more.Set(t.more(left))
		objects = append(objects, p.more)
	}
	return objects
}

// columns are the left edges of the cells and the right edge of the last one. The first two are as wide as what
// stands in them, within limits.
func (t *Table) columns(width float32) [4]float32 {
	widest := func(head string, limit float32, cell func(TableRow) string) float32 {
		w := Muted.Measure(head).Width
		for _, row := range t.rows[:t.shown] {
			w = max(w, Body.Measure(cell(row)).Width)
		}
		return min(max(w, 68), limit)
	}
	const edge, gap = 12, 12
	first := widest(t.heads[0], width*0.3, func(r TableRow) string { return r.First })
	second := widest(t.heads[1], width*0.3, func(r TableRow) string { return r.Second })
	return [4]float32{edge, edge + first + gap, edge + first + gap + second + gap, width - edge}
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
	for i, line := range p.lines {
		line.columns = columns
		line.Move(fyne.NewPos(0, float32(1+tableHead+tableRow*i)))
		line.Resize(fyne.NewSize(size.Width, tableRow))
		line.Refresh()
	}
	place(p.more, p.more.MinSize(), columns[0], float32(1+tableHead+tableRow*t.shown)+tableRow/2)
}
