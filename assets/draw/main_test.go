package main

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A drawing is compared byte by byte; a picture by its size, since processors round a curve's edge differently.
func TestWhatIsCommittedIsWhatIsDrawn(t *testing.T) {
	for name, drawn := range files() {
		committed, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Errorf("run make icons: %v", err)
			continue
		}
		switch {
		case strings.HasSuffix(name, ".svg"):
			if !bytes.Equal(committed, drawn) {
				t.Errorf("%s is not what is drawn: run make icons", name)
			}
		case strings.HasSuffix(name, ".png"):
			want, _ := png.DecodeConfig(bytes.NewReader(drawn))
			if got, err := png.DecodeConfig(bytes.NewReader(committed)); err != nil || got.Width != want.Width {
				t.Errorf("%s: %d wide, want %d: %v", name, got.Width, want.Width, err)
			}
		case len(committed) != len(drawn):
			t.Errorf("%s is not what is drawn: run make icons", name)
		}
	}
}

func TestAHoleIsCutAndOverlappingStrokesAreUnited(t *testing.T) {
	picture := raster(20, 20, layer{fill: black, path: join(ring(10, 10, 8, 2), line(2, point{2, 10}, point{18, 10}))})
	for _, c := range []struct {
		x, y   int
		filled bool
	}{{10, 10, true}, {10, 5, false}, {10, 1, true}, {2, 10, true}} {
		if got := picture.NRGBAAt(c.x, c.y).A > 128; got != c.filled {
			t.Errorf("at %d,%d filled is %v", c.x, c.y, got)
		}
	}
}

func TestTheSheetShowsEveryIconOnBothGrounds(t *testing.T) {
	drawn := sheet()
	lines := (1 + 2*len(trayStates) + len(icons()) + 8) / 9
	if got := drawn.Bounds().Dy(); got != 2*lines*sheetHigh {
		t.Errorf("the sheet is %d high", got)
	}
	for g, ground := range sheetGrounds {
		at := image.Pt(0, g*lines*sheetHigh)
		if drawn.NRGBAAt(at.X, at.Y) != ground.ground {
			t.Errorf("ground %d is not there", g)
		}
		if first := drawn.SubImage(image.Rect(0, at.Y, sheetCell, at.Y+sheetHigh)).(*image.NRGBA); colours(first) < 4 {
			t.Errorf("on ground %d the first icon has %d colours", g, colours(first))
		}
	}
}

func colours(of *image.NRGBA) int {
	seen := make(map[color.NRGBA]bool)
	for y := of.Rect.Min.Y; y < of.Rect.Max.Y; y++ {
		for x := of.Rect.Min.X; x < of.Rect.Max.X; x++ {
			seen[of.NRGBAAt(x, y)] = true
		}
	}
	return len(seen)
}

// A tray's colours are seen on panels that nobody asked us about, so each keeps 3:1 on white and on black.
func TestTheTraysColoursAreSeenOnAnyPanel(t *testing.T) {
	luminance := func(c color.NRGBA) float64 {
		part := func(v uint8) float64 {
			f := float64(v) / 255
			if f <= 0.03928 {
				return f / 12.92
			}
			return math.Pow((f+0.055)/1.055, 2.4)
		}
		return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
	}
	for _, ink := range []color.NRGBA{trayInk, trayWarm, trayQuiet} {
		for _, panel := range []color.NRGBA{paper, black} {
			a, b := luminance(ink), luminance(panel)
			if got := (max(a, b) + 0.05) / (min(a, b) + 0.05); got < 3 {
				t.Errorf("%v on %v has %.2f:1", ink, panel, got)
			}
		}
	}
}

func TestADrawingThatCutsIsMasked(t *testing.T) {
	drawn := string(svgFile(appSide, trayLayers("busy")...))
	if strings.Count(drawn, "<mask") != 3 || strings.Count(drawn, "</g>") != 3 {
		t.Errorf("the letter, the badge's rim and its arrow are not cut out:\n%s", drawn)
	}
	if err := xml.Unmarshal([]byte(drawn), new(struct{})); err != nil {
		t.Error(err)
	}
}
