package main

import (
	"bytes"
	"image/png"
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
			t.Errorf("run go generate ./assets: %v", err)
			continue
		}
		switch {
		case strings.HasSuffix(name, ".svg"):
			if !bytes.Equal(committed, drawn) {
				t.Errorf("%s is not what is drawn: run go generate ./assets", name)
			}
		case strings.HasSuffix(name, ".png"):
			want, _ := png.DecodeConfig(bytes.NewReader(drawn))
			if got, err := png.DecodeConfig(bytes.NewReader(committed)); err != nil || got.Width != want.Width {
				t.Errorf("%s: %d wide, want %d: %v", name, got.Width, want.Width, err)
			}
		case len(committed) != len(drawn):
			t.Errorf("%s is not what is drawn: run go generate ./assets", name)
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
