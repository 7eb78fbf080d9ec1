package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

func TestThePageScrollsUnderThePointerOnAnEntry(t *testing.T) {
	themed(t, "light")
	var fields []fyne.CanvasObject
	for range 20 {
		fields = append(fields, NewField("Name", "A hint below it."))
	}
	page := Scroll(Column(GapGroup, fields...))
	w := window(t, "light", fyne.NewSize(400, 300), page)
	w.Canvas().Refresh(page)

	turned := fields[2].(*Field)
	turned.wheel.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -40)})

	if at := page.Objects[0].(*container.Scroll).Offset.Y; at != 40 {
		t.Errorf("the page stands at %v after a turn of the wheel on an entry, not at 40", at)
	}
}
