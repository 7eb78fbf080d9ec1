package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

type ground struct {
	widget.BaseWidget
	colour fyne.ThemeColorName
}

func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	fill := canvas.NewRectangle(shade(g.colour))
	d := &drawn{objects: []fyne.CanvasObject{fill}}
	d.min = func() fyne.Size { return fyne.NewSquareSize(1) }
	d.layout = fill.Resize
	d.refresh = func() { fill.FillColor = shade(g.colour) }
	return d
}
