package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// box is a filled rectangle with round corners and an edge one unit thick. It is two fills, one in the other: a
// stroke lies across the pixels' borders and looks blurred at 100 %.
type box struct{ edge, fill *canvas.Rectangle }

func newBox() box {
	b := box{canvas.NewRectangle(nil), canvas.NewRectangle(nil)}
	b.edge.CornerRadius, b.fill.CornerRadius = Corner, Corner-1
	return b
}

func (b box) objects() []fyne.CanvasObject { return []fyne.CanvasObject{b.edge, b.fill} }

func (b box) resize(size fyne.Size) {
	b.edge.Resize(size)
	b.fill.Move(fyne.NewPos(1, 1))
	b.fill.Resize(fyne.NewSize(max(size.Width-2, 0), max(size.Height-2, 0)))
}

// colour fills the box; an edge of "" is that of the fill.
func (b box) colour(fill, edge fyne.ThemeColorName) {
	if edge == "" {
		edge = fill
	}
	b.edge.FillColor, b.fill.FillColor = shade(edge), shade(fill)
}

func (b box) show(visible bool) {
	show(b.edge, visible)
	show(b.fill, visible)
}
