package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// tableLine is one row of a Table; it shows on hover what is cut.
type tableLine struct {
	widget.BaseWidget
	row     TableRow
	last    bool
	joined  bool // it goes with the line above
	columns [4]float32
	cells   [2]*Text
	reason  *Paragraph
	edge    *canvas.Rectangle
	tip     *time.Timer
}

func newTableLine() *tableLine {
	l := &tableLine{edge: canvas.NewRectangle(nil), reason: NewParagraph("", Quiet)}
	l.cells = [2]*Text{NewCutText("", Body, CutMiddle), NewCutText("", Body, CutEnd)}
	l.ExtendBaseWidget(l)
	return l
}

func (l *tableLine) set(row TableRow, last bool) {
	if l.row == row && l.last == last {
		return
	}
	if l.row.Third != row.Third {
		l.reason.Set(row.Third, Quiet)
	}
	l.row, l.last = row, last
	l.Refresh()
}

// heightFor is what the words of the third cell take in a width; one line while that is not known.
func (l *tableLine) heightFor(width float32) float32 {
	if width <= 0 || l.row.Third == "" {
		return LineHeight
	}
	return l.reason.HeightFor(width)
}

func (l *tableLine) MouseIn(event *desktop.MouseEvent) {
	for _, c := range l.cells {
		if c.IsCut() {
			l.tip = showTipSoon(l, event.AbsolutePosition, func() string {
				return l.row.First + ": " + l.row.Second + "\n" + l.row.Third
			})
			return
		}
	}
}

func (l *tableLine) MouseMoved(*desktop.MouseEvent) {}

func (l *tableLine) MouseOut() {
	hideTip(l, l.tip)
	l.tip = nil
}

func (l *tableLine) CreateRenderer() fyne.WidgetRenderer {
	d := &drawn{objects: []fyne.CanvasObject{l.edge, l.cells[0], l.cells[1], l.reason}}
	d.min = func() fyne.Size { return fyne.NewSize(100, LineHeight) }
	d.layout = func(size fyne.Size) {
		l.edge.Move(fyne.NewPos(1, size.Height-1))
		l.edge.Resize(fyne.NewSize(size.Width-2, 1))
		reason := l.columns[3] - l.columns[2]
		top := float32(tablePad)
		if l.joined {
			top = 0
		}
		for i, c := range l.cells {
			width := l.columns[i+1] - l.columns[i] - tableGap
			place(c, fyne.NewSize(max(width, 0), c.MinSize().Height), l.columns[i], top+float32(LineHeight)/2)
		}
		l.reason.Move(fyne.NewPos(l.columns[2], top))
		l.reason.Resize(fyne.NewSize(max(reason, 0), l.heightFor(reason)))
	}
	d.refresh = func() {
		l.edge.FillColor = shade(ColorLine)
		show(l.edge, !l.last)
		l.cells[0].Set(l.row.First)
		l.cells[1].Set(l.row.Second)
		if l.row.Tone != "" {
			l.cells[1].SetStyle(Body.In(l.row.Tone))
		}
	}
	d.refresh()
	return d
}
