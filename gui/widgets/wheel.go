package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// wheel lies over an entry of one line and takes the mouse wheel only. Fyne's entry would swallow it: a page of a
// form then stops scrolling wherever the pointer comes to rest on an entry.
type wheel struct {
	widget.BaseWidget
}

func newWheel() *wheel {
	w := &wheel{}
	w.ExtendBaseWidget(w)
	return w
}

// Scrolled passes the turn on to the page that the entry stands in.
func (w *wheel) Scrolled(event *fyne.ScrollEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(w)
	if c == nil {
		return
	}
	if page := pageAround(w, c.Content(), nil); page != nil {
		page.Scrolled(event)
	}
}

// CreateRenderer is Fyne's.
func (w *wheel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}

// entryUnderWheel is the field's entry as it stands in a page. One of several lines scrolls by itself.
func (f *Field) entryUnderWheel() fyne.CanvasObject {
	if f.Entry.MultiLine {
		return f.Entry
	}
	f.wheel = newWheel()
	return container.NewStack(f.Entry, f.wheel)
}
