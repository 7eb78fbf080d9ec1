package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Card is a surface with a thin edge and round corners that holds something, inset by its edge.
type Card struct {
	widget.BaseWidget
	Content fyne.CanvasObject
	Inset   float32 // between edge and content

	clips bool
}

// NewCard puts content onto a surface, GapGroup from its edge.
func NewCard(content fyne.CanvasObject) *Card {
	c := &Card{Content: content, Inset: GapGroup}
	c.ExtendBaseWidget(c)
	return c
}

// NewListCard puts rows onto a surface: they reach its edge, and its round corners are laid over them.
func NewListCard(content fyne.CanvasObject) *Card {
	c := &Card{Content: content, clips: true}
	c.ExtendBaseWidget(c)
	return c
}

// SetContent shows something else on the surface.
func (c *Card) SetContent(content fyne.CanvasObject) {
	c.Content = content
	c.Refresh()
}

// CreateRenderer is Fyne's.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	surface := newBox()
	over := newCorners()
	d := &drawn{}
	d.min = func() fyne.Size {
		if c.Content == nil {
			return fyne.NewSize(2*Corner, 2*Corner)
		}
		around := 2 * (1 + c.Inset)
		return c.Content.MinSize().AddWidthHeight(around, around)
	}
	d.layout = func(size fyne.Size) {
		surface.resize(size)
		if c.Content != nil {
			inset := 1 + c.Inset
			c.Content.Move(fyne.NewPos(inset, inset))
			c.Content.Resize(fyne.NewSize(max(size.Width-2*inset, 0), max(size.Height-2*inset, 0)))
		}
		over.resize(size)
	}
	d.refresh = func() {
		surface.colour(ColorSurface, ColorLine)
		d.objects = surface.objects()
		if c.Content != nil {
			d.objects = append(d.objects, c.Content)
		}
		if c.clips {
			d.objects = append(d.objects, over.objects()...)
		}
	}
	d.refresh()
	return d
}
