package main

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
)

// A sheet shows every icon as it is used, at the sizes that are used, on a light and on a dark ground: once as it is and once
// with its pixels enlarged, for whoever judges a change.
const (
	sheetZoom = 3
	sheetCell = 32*sheetZoom + 40 + 24
	sheetHigh = (16+20+32)*sheetZoom + 48
)

var sheetSizes = []int{16, 20, 32}

var sheetGrounds = []struct {
	ground               color.NRGBA
	ink                  color.NRGBA
	good, warm, bad, dim color.NRGBA
	accent               color.NRGBA
}{
	{
		ground: rgb(0xFFFFFF), ink: rgb(0x1B1F24), good: rgb(0x1A7446), warm: rgb(0x9A5B00), bad: rgb(0xB3261E), dim: rgb(0x5F6872), accent: rgb(0x1F5FA8),
	},
	{
		ground: rgb(0x1C2024), ink: rgb(0xE7EAED), good: rgb(0x66CC95), warm: rgb(0xEDB458), bad: rgb(0xFF9A8F), dim: rgb(0xA2ABB4), accent: rgb(0x8AB8F5),
	},
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xFF} //nolint:gosec // the bytes of a colour
}

// sheet draws all icons: the app and the tray in the first two lines, the window's below, each line on both grounds.
func sheet() *image.NRGBA {
	const columns = 9
	type cell struct {
		side   int
		layers func(ground int) []layer
	}
	var cells []cell
	cells = append(cells, cell{appSide, func(int) []layer { return appLayers() }})
	for _, state := range trayStates {
		cells = append(cells, cell{appSide, func(int) []layer { return trayLayers(state) }})
	}
	for _, state := range trayStates {
		cells = append(cells, cell{appSide, func(ground int) []layer { return inInk(trayLayers(state), sheetGrounds[ground].ink) }})
	}
	drawn := icons()
	names := make([]string, 0, len(drawn))
	for name := range drawn {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		cells = append(cells, cell{iconSide, func(ground int) []layer {
			return []layer{{fill: sheetInk(name, ground), path: drawn[name]}}
		}})
	}
	lines := (len(cells) + columns - 1) / columns
	out := image.NewNRGBA(image.Rect(0, 0, columns*sheetCell, 2*lines*sheetHigh))
	for g := range sheetGrounds {
		band := image.Rect(0, g*lines*sheetHigh, columns*sheetCell, (g+1)*lines*sheetHigh)
		draw.Draw(out, band, image.NewUniform(sheetGrounds[g].ground), image.Point{}, draw.Src)
		for i, c := range cells {
			at := band.Min.Add(image.Pt(i%columns*sheetCell+12, i/columns*sheetHigh+12))
			for _, size := range sheetSizes {
				picture := raster(size, c.side, c.layers(g)...)
				place(out, picture, at, 1)
				place(out, picture, at.Add(image.Pt(40, 0)), sheetZoom)
				at.Y += size*sheetZoom + 12
			}
		}
	}
	return out
}

// place lays a picture on another, each of its pixels zoom wide.
func place(on *image.NRGBA, picture *image.NRGBA, at image.Point, zoom int) {
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			dot := image.Rect(0, 0, zoom, zoom).Add(at).Add(image.Pt(x*zoom, y*zoom))
			draw.Draw(on, dot, image.NewUniform(picture.NRGBAAt(x, y)), image.Point{}, draw.Over)
		}
	}
}

// inInk is a drawing in one colour.
func inInk(layers []layer, ink color.NRGBA) []layer {
	for i := range layers {
		layers[i].fill = ink
	}
	return layers
}

// sheetInk is the colour that the window gives an icon.
func sheetInk(name string, ground int) color.NRGBA {
	g := sheetGrounds[ground]
	switch name {
	case "status-done", "company-good":
		return g.good
	case "status-up", "status-down", "company-busy":
		return g.accent
	case "status-problem", "company-problem":
		return g.bad
	case "status-attention", "status-unsure", "company-attention":
		return g.warm
	case "status-waiting", "status-paused", "status-left", "status-todo", "company-paused", "company-offline":
		return g.dim
	}
	return g.ink
}
