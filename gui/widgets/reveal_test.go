package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

func TestWhatTheTabKeyReachesIsSeen(t *testing.T) {
	themed(t, "light")
	var fields []fyne.CanvasObject
	for range 12 {
		fields = append(fields, NewField("A field", "with a hint"))
	}
	last := NewChoices(nil, "one", "two")
	page := Scroll(Column(GapGroup, append(fields, NewCard(last))...))
	outside := NewButton("outside of the page", nil)
	w := window(t, "light", fyne.NewSize(400, 300), container.NewBorder(nil, outside, nil, nil, page))
	scroll := page.Objects[0].(*container.Scroll)
	seen := func(o fyne.CanvasObject) bool {
		top := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y
		return top >= 0 && top+o.Size().Height <= scroll.Size().Height
	}
	for at := range fields {
		w.Canvas().FocusNext()
		if entry := fields[at].(*Field).Entry; w.Canvas().Focused() != fyne.Focusable(entry) {
			t.Fatalf("the keyboard is not at field %d", at)
		} else if !seen(entry) {
			t.Errorf("field %d has the keyboard and is out of sight, at offset %v", at, scroll.Offset.Y)
		}
	}
	w.Canvas().FocusNext()
	if !seen(last.Pills()[0]) {
		t.Error("the choice in a card is out of sight")
	}
	before := scroll.Offset
	w.Canvas().Focus(outside)
	if scroll.Offset != before {
		t.Error("the page moves for a button outside of it")
	}
	w.Canvas().Focus(fields[0].(*Field).Entry)
	if !seen(fields[0].(*Field).Entry) || scroll.Offset.Y >= before.Y {
		t.Error("the first field is out of sight")
	}
}
