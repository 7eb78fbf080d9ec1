package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// Column puts objects under each other, as wide as the column, gap apart. It asks each for its height after giving it
// its width, so that paragraphs and flows get the room they need.
func Column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&column{gap}, objects...)
}

type column struct{ gap float32 }

func (c *column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for range 2 { // the second time spacers know what the paragraphs take
		spare := size.Height - c.MinSize(objects).Height
		springs := springs(objects)
		top := float32(0)
		for _, o := range objects {
			if !o.Visible() {
				continue
			}
			if isSpring(o) {
				top += max(spare, 0) / float32(springs)
				continue
			}
			o.Move(fyne.NewPos(0, top))
			o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
			height := o.MinSize().Height
			o.Resize(fyne.NewSize(size.Width, height))
			top += height + c.gap
		}
	}
}

func (c *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	n := 0
	for _, o := range objects {
		if !o.Visible() || isSpring(o) {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height
		n++
	}
	size.Height += float32(max(n-1, 0)) * c.gap
	return size
}

func isSpring(o fyne.CanvasObject) bool {
	_, ok := o.(layout.SpacerObject)
	return ok
}

func springs(objects []fyne.CanvasObject) int {
	n := 0
	for _, o := range objects {
		if o.Visible() && isSpring(o) {
			n++
		}
	}
	return n
}

// Spring takes the room that is left over in a Line or a Column.
func Spring() fyne.CanvasObject { return layout.NewSpacer() }

// Grow marks the object of a Line that takes the room left over, instead of a Spring.
func Grow(o fyne.CanvasObject) *fyne.Container { return container.New(&grow{}, o) }

type grow struct{}

func (*grow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

func (*grow) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

func grows(o fyne.CanvasObject) bool {
	c, ok := o.(*fyne.Container)
	if !ok {
		return false
	}
	_, ok = c.Layout.(*grow)
	return ok
}

// Line puts objects beside each other, each at its own width and in the middle of the line's height.
func Line(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&line{gap}, objects...)
}

type line struct{ gap float32 }

func (l *line) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spare := size.Width - l.MinSize(objects).Width
	takers := springs(objects)
	for _, o := range objects {
		if o.Visible() && grows(o) {
			takers++
		}
	}
	share := float32(0)
	if takers > 0 {
		share = max(spare, 0) / float32(takers)
	}
	left := float32(0)
	for _, o := range objects {
		switch {
		case !o.Visible():
			continue
		case isSpring(o):
			left += share
			continue
		}
		s := o.MinSize()
		if grows(o) {
			s.Width += share
			// A paragraph knows its height only at its width.
			o.Resize(s)
			s.Height = o.MinSize().Height
		}
		place(o, s, left, size.Height/2)
		left += s.Width + l.gap
	}
}

func (l *line) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	n := 0
	for _, o := range objects {
		if !o.Visible() || isSpring(o) {
			continue
		}
		m := o.MinSize()
		size.Width += m.Width
		size.Height = max(size.Height, m.Height)
		n++
	}
	size.Width += float32(max(n-1, 0)) * l.gap
	return size
}

// Led puts a figure or an icon before the first line of a paragraph, whose lines begin at a width from the left.
func Led(width float32, mark fyne.CanvasObject, words *Paragraph) *fyne.Container {
	return container.New(&led{width}, mark, words)
}

type led struct{ width float32 }

func (l *led) Layout(o []fyne.CanvasObject, size fyne.Size) {
	line := o[1].(*Paragraph).lineHeight()
	place(o[0], fyne.NewSize(min(l.width, max(o[0].MinSize().Width, IconSize)), LineHeight), 0, line/2)
	o[1].Move(fyne.NewPos(l.width, 0))
	o[1].Resize(fyne.NewSize(size.Width-l.width, size.Height))
}

func (l *led) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[1].MinSize().Add(fyne.NewSize(l.width, 0))
}

// Beside puts objects beside each other in equal widths, their upper edges in line: two fields of a form.
func Beside(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&beside{gap}, objects...)
}

type beside struct{ gap float32 }

func (b *beside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := (size.Width - b.gap*float32(len(objects)-1)) / float32(len(objects))
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i)*(width+b.gap), 0))
		o.Resize(fyne.NewSize(width, size.Height))
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
	}
}

func (b *beside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	size.Width = size.Width*float32(len(objects)) + b.gap*float32(len(objects)-1)
	return size
}

// Flow puts objects beside each other and goes on in the next line where the width ends, as words do. Long
// translations of buttons need it.
func Flow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flow{gap: gap}, objects...)
}

type flow struct{ gap, width float32 }

func (f *flow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	f.width = size.Width
	f.each(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, s fyne.Size) {
		o.Move(at)
		o.Resize(s)
	})
}

func (f *flow) each(objects []fyne.CanvasObject, width float32, do func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	var left, top, height float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		s := o.MinSize()
		if left > 0 && left+s.Width > width {
			left, top, height = 0, top+height+f.gap, 0
		}
		if do != nil {
			do(o, fyne.NewPos(left, top), fyne.NewSize(min(s.Width, width), s.Height))
		}
		left += s.Width + f.gap
		height = max(height, s.Height)
	}
	return top + height
}

func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := f.width
	if width == 0 {
		width = 10000
	}
	var widest float32
	for _, o := range objects {
		if o.Visible() {
			widest = max(widest, o.MinSize().Width)
		}
	}
	return fyne.NewSize(min(widest, 160), f.each(objects, width, nil))
}

// Inset keeps a margin around an object.
func Inset(left, top, right, bottom float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&inset{left, top, right, bottom}, o)
}

// Margin keeps the same margin on all four sides.
func Margin(all float32, o fyne.CanvasObject) *fyne.Container { return Inset(all, all, all, all, o) }

type inset struct{ left, top, right, bottom float32 }

func (i *inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(i.left, i.top))
		o.Resize(fyne.NewSize(max(size.Width-i.left-i.right, 0), max(size.Height-i.top-i.bottom, 0)))
	}
}

func (i *inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(i.left+i.right, i.top+i.bottom)
}

// AtMost keeps an object from growing wider than a page is comfortable to read; it stays at the left.
func AtMost(width float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&atMost{width}, o)
}

type atMost struct{ width float32 }

func (a *atMost) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(min(size.Width, a.width), size.Height))
	}
}

func (a *atMost) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

// Scroll lets a person scroll what is higher than its place.
func Scroll(o fyne.CanvasObject) *fyne.Container {
	return container.New(scrolled{}, container.NewVScroll(o))
}

// ScrollToTop shows the beginning of what a Scroll holds.
func ScrollToTop(scroll *fyne.Container) {
	if s, ok := scroll.Objects[0].(*container.Scroll); ok {
		s.ScrollToTop()
	}
}

type scrolled struct{}

func (scrolled) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Refresh() // once more, now that a paragraph inside knows its width and so its height
	}
}

func (scrolled) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(40, 40) }

// Ground fills what lies under a page with a colour of the theme.
func Ground(colour fyne.ThemeColorName) fyne.CanvasObject {
	g := &ground{colour: colour}
	g.ExtendBaseWidget(g)
	return g
}

// HairLine is a line between parts, one unit thick.
func HairLine() fyne.CanvasObject { return Ground(ColorLine) }
