package widgets

import "fyne.io/fyne/v2"

// drawn is the renderer of all of our widgets: a list of objects and the three functions that a widget differs in.
type drawn struct {
	objects []fyne.CanvasObject
	layout  func(fyne.Size)
	min     func() fyne.Size
	refresh func() // sets colours and texts; layout follows
	size    fyne.Size
}

func (d *drawn) Layout(size fyne.Size) {
	d.size = size
	d.layout(size)
}

func (d *drawn) MinSize() fyne.Size { return d.min() }

func (d *drawn) Refresh() {
	d.refresh()
	d.layout(d.size)
	for _, o := range d.objects {
		o.Refresh()
	}
}

func (d *drawn) Objects() []fyne.CanvasObject { return d.objects }

func (d *drawn) Destroy() {}

// place gives an object its size, left edge and vertical middle.
func place(o fyne.CanvasObject, size fyne.Size, left, middle float32) {
	o.Resize(size)
	o.Move(fyne.NewPos(left, middle-size.Height/2))
}

// show shows or hides without a needless repaint.
func show(o fyne.CanvasObject, visible bool) {
	if o.Visible() == visible {
		return
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}
