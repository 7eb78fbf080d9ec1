package widgets

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// corners are laid over the rows of a card, so that what reaches into its round corners is rounded too: outside of
// the arc the page, on the arc the card's edge. Fyne clips to rectangles only.
type corners [4]struct{ page, edge *canvas.Image }

func newCorners() *corners {
	c := &corners{}
	for i := range c {
		c[i].page = canvas.NewImageFromResource(cornerShape("page", i, "M0,0 H8 C3.58,0 0,3.58 0,8 Z", ColorPage))
		c[i].edge = canvas.NewImageFromResource(cornerShape("edge", i,
			"M0,8 C0,3.58 3.58,0 8,0 V1 C4.13,1 1,4.13 1,8 Z", ColorLine))
	}
	return c
}

func (c *corners) objects() []fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, corner := range c {
		objects = append(objects, corner.page, corner.edge)
	}
	return objects
}

func (c *corners) resize(size fyne.Size) {
	for i, corner := range c {
		at := fyne.NewPos(float32(i%2)*(size.Width-Corner), float32(i/2)*(size.Height-Corner))
		for _, image := range []*canvas.Image{corner.page, corner.edge} {
			image.Resize(fyne.NewSquareSize(Corner))
			image.Move(at)
		}
	}
}

// cornerShape mirrors a shape of the upper left corner into another: 1 upper right, 2 lower left, 3 lower right.
func cornerShape(kind string, corner int, shape string, colour fyne.ThemeColorName) fyne.Resource {
	shape = mirrored(shape, corner%2 == 1, corner/2 == 1)
	svg := `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8" viewBox="0 0 8 8">` +
		`<path fill="#000000" d="` + shape + `"/></svg>`
	name := fmt.Sprintf("corner-%s-%d.svg", kind, corner)
	return theme.NewColoredResource(fyne.NewStaticResource(name, []byte(svg)), colour)
}

// mirrored flips the figures of a path of absolute M, H, V and C on a square of 8.
func mirrored(shape string, x, y bool) string {
	flip := func(figure string, really bool) string {
		var v float64
		if _, err := fmt.Sscanf(figure, "%g", &v); err != nil || !really {
			return figure
		}
		return fmt.Sprintf("%g", 8-v)
	}
	parts := strings.Fields(shape)
	for i, part := range parts {
		command := ""
		if strings.ContainsAny(part[:1], "MHVCZ") {
			command, part = part[:1], part[1:]
		}
		a, b, both := strings.Cut(part, ",")
		switch {
		case both:
			part = flip(a, x) + "," + flip(b, y)
		case command == "H":
			part = flip(a, x)
		case command == "V":
			part = flip(a, y)
		}
		parts[i] = command + part
	}
	return strings.Join(parts, " ")
}
