package main

import "image/color"

// The app's icon is drawn on a square of 64, so that four units are one pixel of the smallest size.
const appSide = 64

var (
	black = color.NRGBA{0, 0, 0, 0xFF}
	blue  = color.NRGBA{0x2B, 0x6F, 0xC0, 0xFF} // 3:1 on a dark panel, 5:1 under the letter
	pale  = color.NRGBA{0xCF, 0xE0, 0xF4, 0xFF}
	paper = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
	seal  = color.NRGBA{0xD9, 0x7B, 0x0F, 0xFF}

	// The tray's colours keep 3:1 on a white panel and on a black one.
	trayInk   = color.NRGBA{0x3F, 0x86, 0xD8, 0xFF}
	trayWarm  = color.NRGBA{0xC9, 0x73, 0x10, 0xFF}
	trayQuiet = color.NRGBA{0x7B, 0x86, 0x91, 0xFF}
)

func holes() path {
	return join(
		roundRect(12, 28, 16, 12, 1),
		roundRect(12, 44, 16, 12, 1),
		roundRect(36, 44, 16, 12, 1),
	)
}

func rack() path { return join(roundRect(4, 20, 56, 44, 6), holes().reversed()) }

// flap is the fold of the letter that stands in the top right hole.
func flap() path { return line(4, point{34, 8}, point{44, 17}, point{54, 8}) }

// appLayers is the icon in colour.
func appLayers() []layer {
	return []layer{
		{fill: pale, path: holes()},
		{fill: blue, path: join(rack(), roundRect(28, 0, 32, 44, 5))},
		{fill: paper, path: roundRect(32, 4, 24, 36, 2)},
		{fill: seal, path: flap()},
	}
}

// trayLayers is the icon in one colour, as the tray shows it, with a badge for every state but "good". What rests, paused or
// offline, is grey.
func trayLayers(state string) []layer {
	b, badged := badges()[state]
	ink, open := trayInk, holes()
	if badged {
		// Narrower, so that the badge leaves the middle post whole: without it the rack would read as a letter.
		open = join(roundRect(12, 28, 12, 12, 1), roundRect(12, 44, 12, 12, 1))
	}
	if b.fill == trayQuiet {
		ink = trayQuiet
	}
	layers := []layer{
		{fill: ink, path: join(roundRect(4, 20, 56, 44, 6), open.reversed(), roundRect(28, 0, 32, 44, 5))},
		{erase: true, path: roundRect(32, 4, 24, 36, 2)},
		{fill: ink, path: flap()},
	}
	if !badged {
		return layers
	}
	const x, y, r, margin = 48, 48, 16, 4
	return append(layers,
		layer{erase: true, path: disc(x, y, r+margin)},
		layer{fill: b.fill, path: disc(x, y, r)},
		layer{erase: true, path: b.glyph.moved(1, x, y)})
}

type badge struct {
	fill  color.NRGBA
	glyph path // around the origin
}

var trayStates = []string{"good", "busy", "needsyou", "paused", "offline"}

func badges() map[string]badge {
	const w = 5
	return map[string]badge{
		"busy":     {trayInk, join(line(w, point{0, 8}, point{0, -8.5}), line(w, point{-6.5, -2}, point{0, -8.5}, point{6.5, -2}))},
		"needsyou": {trayWarm, join(line(w+1, point{0, -10}, point{0, 1}), disc(0, 9, 3.4))},
		"paused":   {trayQuiet, join(roundRect(-8, -8, 4.6, 16, 0.6), roundRect(3.4, -8, 4.6, 16, 0.6))},
		"offline":  {trayQuiet, join(line(w, point{-7, -7}, point{7, 7}), line(w, point{7, -7}, point{-7, 7}))},
	}
}
