package widgets

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// DropZone is the dashed place that says where files are dropped, with a button for those who rather choose them.
// Files are taken anywhere on the window; the zone only says so.
type DropZone struct {
	widget.BaseWidget
	Text   *Text
	Choose *Button
}

// NewDropZone makes the zone.
func NewDropZone(text, choose string, chosen func()) *DropZone {
	z := &DropZone{Text: NewCutText(text, Quiet, CutEnd), Choose: NewButton(choose, chosen)}
	z.ExtendBaseWidget(z)
	return z
}

// CreateRenderer is Fyne's.
func (z *DropZone) CreateRenderer() fyne.WidgetRenderer {
	ground := canvas.NewRectangle(nil)
	ground.CornerRadius = Corner
	dashes := canvas.NewRaster(func(w, h int) image.Image {
		scale := float64(1)
		if width := z.Size().Width; width > 0 {
			scale = float64(w) / float64(width)
		}
		return dashed(w, h, scale, shade(ColorEdge))
	})
	d := &drawn{objects: []fyne.CanvasObject{ground, dashes, z.Text, z.Choose}}
	d.min = func() fyne.Size { return fyne.NewSize(z.Choose.MinSize().Width+80, 72) }
	d.layout = func(size fyne.Size) {
		ground.Resize(size)
		dashes.Resize(size)
		button := z.Choose.MinSize()
		width := min(z.Text.Natural()+1, size.Width-button.Width-GapGroup-2*GapGroup)
		left := (size.Width - width - GapGroup - button.Width) / 2
		place(z.Text, fyne.NewSize(width, z.Text.MinSize().Height), left, size.Height/2)
		place(z.Choose, button, left+width+GapGroup, size.Height/2)
	}
	d.refresh = func() { ground.FillColor = shade(ColorSurface) }
	d.refresh()
	return d
}

// dashed draws the edge of a rectangle with round corners in dashes: Fyne's rectangle has none.
func dashed(w, h int, scale float64, ink color.Color) image.Image {
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	c := color.NRGBAModel.Convert(ink).(color.NRGBA)
	width, radius, dash := scale, Corner*scale, 3*scale
	right, bottom := float64(w), float64(h)
	band := int(math.Ceil(radius)) + 1
	for y := range h {
		for x := 0; x < w; x++ {
			if y >= band && y < h-band && x == band && w > 2*band {
				x = w - band // nothing is drawn in the middle
			}
			px, py := float64(x)+0.5, float64(y)+0.5
			// Distance to the middle of the stroke of a rounded rectangle.
			cx := min(max(px, radius), right-radius)
			cy := min(max(py, radius), bottom-radius)
			away := math.Abs(math.Hypot(px-cx, py-cy) - (radius - width/2))
			if px == cx && py == cy {
				away = math.Abs(min(px, py, right-px, bottom-py) - width/2)
			}
			cover := min(max(width/2+0.5-away, 0), 1)
			if cover == 0 || math.Mod(px+py+2*max(right, bottom), 2*dash) > dash {
				continue
			}
			c.A = uint8(cover * 255)
			picture.SetNRGBA(x, y, c)
		}
	}
	return picture
}
