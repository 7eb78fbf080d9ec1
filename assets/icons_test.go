package assets

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"image/png"
	"slices"
	"testing"
)

func TestEveryIconIsADrawingWithoutStrokes(t *testing.T) {
	if len(Icons()) < 20 {
		t.Fatalf("only %d icons", len(Icons()))
	}
	for _, name := range Icons() {
		svg := Icon(name)
		if err := xml.Unmarshal(svg, new(struct{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if bytes.Contains(svg, []byte("stroke")) {
			t.Errorf("%s has a stroke, which the theme would fill", name)
		}
	}
}

func TestTheAppIconComesInItsSizes(t *testing.T) {
	for _, size := range []int{16, 24, 32, 48, 64, 128, 256, 512} {
		picture, err := png.Decode(bytes.NewReader(AppIcon(size)))
		if err != nil || picture.Bounds().Dx() != size {
			t.Errorf("%d: %v, %v", size, picture, err)
		}
	}
	if len(AppIconSVG()) == 0 {
		t.Error("no drawing")
	}
}

func TestTheTrayHasADifferentIconForEveryState(t *testing.T) {
	var seen [][]byte
	for _, state := range []TrayState{TrayGood, TrayBusy, TrayNeedsYou, TrayPaused, TrayOffline} {
		for _, icon := range [][]byte{TrayIcon(state), TrayTemplate(state)} {
			if slices.ContainsFunc(seen, func(other []byte) bool { return bytes.Equal(icon, other) }) {
				t.Errorf("%s looks like another state", state)
			}
			seen = append(seen, icon)
		}
		ico := embedded(trayIcons, "tray/"+string(state)+".ico")
		if binary.LittleEndian.Uint16(ico[2:]) != 1 || binary.LittleEndian.Uint16(ico[4:]) == 0 {
			t.Errorf("%s.ico is no icon", state)
		}
	}
}
