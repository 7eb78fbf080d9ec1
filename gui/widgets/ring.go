package widgets

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Ring counts down: a circle that empties, with the time that is left in its middle. It has no clock; whoever shows
// it calls Set once a second.
type Ring struct {
	widget.BaseWidget
	left, whole time.Duration
}

// NewRing makes a ring for a span of time, full.
func NewRing(whole time.Duration) *Ring {
	r := &Ring{left: whole, whole: whole}
	r.ExtendBaseWidget(r)
	return r
}

// Set shows what is left of the whole; less than nothing is nothing.
func (r *Ring) Set(left, whole time.Duration) {
	left = max(left, 0)
	if r.left == left && r.whole == whole {
		return
	}
	r.left, r.whole = left, whole
	r.Refresh()
}

// Text is the time that is left, as "11:42"; a second that has begun counts.
func (r *Ring) Text() string {
	seconds := int((r.left + time.Second - 1) / time.Second)
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// CreateRenderer is Fyne's.
func (r *Ring) CreateRenderer() fyne.WidgetRenderer {
	const side, thick = 78, 6
	style := Style{Size: 15, SemiBold: true, Colour: ColorText, Figures: true}
	track, arc := canvas.NewArc(0, 360, 1-2*thick/float32(side), nil), canvas.NewArc(0, 360, 1-2*thick/float32(side), nil)
	arc.CornerRadius = thick / 2
	words := NewText("", style)
	d := &drawn{objects: []fyne.CanvasObject{track, arc, words}}
	d.min = func() fyne.Size { return fyne.NewSquareSize(side) }
	d.layout = func(size fyne.Size) {
		corner := fyne.NewPos((size.Width-side)/2, (size.Height-side)/2)
		for _, a := range []*canvas.Arc{track, arc} {
			a.Move(corner)
			a.Resize(fyne.NewSquareSize(side))
		}
		place(words, words.MinSize(), (size.Width-words.MinSize().Width)/2, size.Height/2)
	}
	d.refresh = func() {
		track.FillColor, arc.FillColor = shade(ColorTrack), shade(ColorAccent)
		if r.left < r.whole/10 || r.left < time.Minute {
			arc.FillColor = shade(ColorAttention)
		}
		part := float32(0)
		if r.whole > 0 {
			part = min(float32(r.left)/float32(r.whole), 1)
		}
		arc.StartAngle, arc.EndAngle = 0, 360*part
		show(arc, part > 0)
		words.Set(r.Text())
	}
	d.refresh()
	return d
}
