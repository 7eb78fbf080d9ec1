package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Progress is a thin line that is filled as far as something has come. It moves only when a figure moves it: an
// endless one would cost a tenth of a core and say nothing.
type Progress struct {
	widget.BaseWidget
	Percent float64 // 0 to 100
}

// NewProgress makes a line at a figure from 0 to 100.
func NewProgress(percent float64) *Progress {
	p := &Progress{Percent: percent}
	p.ExtendBaseWidget(p)
	return p
}

// Set moves the line.
func (p *Progress) Set(percent float64) {
	if p.Percent == percent {
		return
	}
	p.Percent = percent
	p.Refresh()
}

// CreateRenderer is Fyne's.
func (p *Progress) CreateRenderer() fyne.WidgetRenderer {
	const thick = 4
	track, fill := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	track.CornerRadius, fill.CornerRadius = thick/2, thick/2
	d := &drawn{objects: []fyne.CanvasObject{track, fill}}
	d.min = func() fyne.Size { return fyne.NewSize(120, thick) }
	d.layout = func(size fyne.Size) {
		place(track, fyne.NewSize(size.Width, thick), 0, size.Height/2)
		part := min(max(p.Percent, 0), 100) / 100
		place(fill, fyne.NewSize(size.Width*float32(part), thick), 0, size.Height/2)
		show(fill, part > 0)
	}
	d.refresh = func() { track.FillColor, fill.FillColor = shade(ColorTrack), shade(ColorAccent) }
	d.refresh()
	return d
}
