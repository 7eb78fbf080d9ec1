package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// TimelineRow is one step of a journey: an icon, what happened over as many lines as it needs, and when.
type TimelineRow struct {
	widget.BaseWidget
	icon  *Icon
	words *Paragraph
	time  *Text
	width float32
}

// NewTimelineRow makes a step.
func NewTimelineRow(icon string, tone fyne.ThemeColorName, words, time string) *TimelineRow {
	r := &TimelineRow{icon: NewIcon(icon, tone), words: NewParagraph(words, Body), time: NewText(time, Figure)}
	r.ExtendBaseWidget(r)
	return r
}

const (
	timelineHeight = 30
	timelineText   = IconSize + 10
)

func (r *TimelineRow) room(width float32) float32 {
	return max(width-timelineText-r.time.MinSize().Width-12, 40)
}

// Resize wraps the words anew.
func (r *TimelineRow) Resize(size fyne.Size) {
	r.width = size.Width
	r.BaseWidget.Resize(size)
}

// CreateRenderer is Fyne's.
func (r *TimelineRow) CreateRenderer() fyne.WidgetRenderer {
	d := &drawn{objects: []fyne.CanvasObject{r.icon, r.words, r.time}}
	d.min = func() fyne.Size {
		height := float32(LineHeight)
		if r.width > 0 {
			height = r.words.HeightFor(r.room(r.width))
		}
		return fyne.NewSize(160, height+timelineHeight-LineHeight)
	}
	d.layout = func(size fyne.Size) {
		const middle = timelineHeight / 2
		place(r.icon, fyne.NewSquareSize(IconSize), 0, middle)
		r.words.Move(fyne.NewPos(timelineText, (timelineHeight-LineHeight)/2))
		r.words.Resize(fyne.NewSize(r.room(size.Width), size.Height-(timelineHeight-LineHeight)))
		place(r.time, r.time.MinSize(), size.Width-r.time.MinSize().Width, middle)
	}
	d.refresh = func() {}
	return d
}
