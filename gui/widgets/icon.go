package widgets

import (
	"fmt"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"postroom/assets"
)

// resources keeps one resource for each icon and colour: Fyne caches what it has drawn by a resource's name.
var resources sync.Map

// resource is one of assets' icons in a colour of the theme; it follows a change of the theme.
func resource(name string, colour fyne.ThemeColorName) fyne.Resource {
	key := fmt.Sprintf("%s.%s.svg", name, colour)
	if r, ok := resources.Load(key); ok {
		return r.(fyne.Resource)
	}
	r := theme.NewColoredResource(fyne.NewStaticResource(key, assets.Icon(name)), colour)
	kept, _ := resources.LoadOrStore(key, r)
	return kept.(fyne.Resource)
}

// Icon shows one of assets' icons in a colour of the theme, IconSize wide unless Side says otherwise.
type Icon struct {
	widget.BaseWidget
	Name   string
	Colour fyne.ThemeColorName
	Side   float32
}

// NewIcon shows an icon.
func NewIcon(name string, colour fyne.ThemeColorName) *Icon {
	i := &Icon{Name: name, Colour: colour, Side: IconSize}
	i.ExtendBaseWidget(i)
	return i
}

// Set shows another icon or another colour.
func (i *Icon) Set(name string, colour fyne.ThemeColorName) {
	if i.Name == name && i.Colour == colour {
		return
	}
	i.Name, i.Colour = name, colour
	i.Refresh()
}

// CreateRenderer is Fyne's.
func (i *Icon) CreateRenderer() fyne.WidgetRenderer {
	image := canvas.NewImageFromResource(nil)
	image.FillMode = canvas.ImageFillContain
	d := &drawn{objects: []fyne.CanvasObject{image}}
	d.min = func() fyne.Size { return fyne.NewSquareSize(i.Side) }
	d.layout = func(size fyne.Size) {
		side := min(i.Side, size.Width, size.Height)
		image.Resize(fyne.NewSquareSize(side))
		image.Move(fyne.NewPos((size.Width-side)/2, (size.Height-side)/2))
	}
	d.refresh = func() {
		image.Resource = nil
		if i.Name != "" {
			image.Resource = resource(i.Name, i.Colour)
		}
	}
	d.refresh()
	return d
}
