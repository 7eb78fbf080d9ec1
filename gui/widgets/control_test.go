package widgets

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

func TestAButtonIsPressedByPointerSpaceAndReturn(t *testing.T) {
	themed(t, "light")
	pressed := 0
	b := NewButton("Open file", func() { pressed++ })
	window(t, "light", fyne.NewSize(200, 60), Line(0, b))
	test.Tap(b)
	b.TypedKey(key(fyne.KeySpace))
	b.TypedKey(key(fyne.KeyReturn))
	b.TypedKey(key(fyne.KeyEnter))
	if pressed != 4 {
		t.Errorf("pressed %d times", pressed)
	}
	b.Disable()
	test.Tap(b)
	b.TypedKey(key(fyne.KeySpace))
	if pressed != 4 {
		t.Error("a button that cannot be used was pressed")
	}
	if b.Cursor() != desktop.DefaultCursor {
		t.Error("a button that cannot be used invites the pointer")
	}
}

func TestAKeyThatAButtonHasNoUseForReachesTheWindow(t *testing.T) {
	themed(t, "light")
	b, e := NewButton("Close", nil), NewEntry()
	w := window(t, "light", fyne.NewSize(200, 60), Line(0, b, Grow(e)))
	var got []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(event *fyne.KeyEvent) { got = append(got, event.Name) })
	b.TypedKey(key(fyne.KeyEscape))
	b.TypedKey(key(fyne.KeyDelete))
	e.TypedKey(key(fyne.KeyEscape))
	e.TypedKey(key(fyne.KeyF5))
	e.TypedKey(key(fyne.KeyDelete)) // this one is for what is typed
	want := []fyne.KeyName{fyne.KeyEscape, fyne.KeyDelete, fyne.KeyEscape, fyne.KeyF5}
	if len(got) != len(want) {
		t.Fatalf("the window got %v, want %v", got, want)
	}
}

func TestTheFocusIsSeen(t *testing.T) {
	themed(t, "light")
	b := NewButton("First", nil)
	w := window(t, "light", fyne.NewSize(200, 60), Margin(8, Line(8, b, NewButton("Second", nil))))
	before := w.Canvas().Capture()
	w.Canvas().Focus(b)
	if !b.focused || same(before, w.Canvas().Capture()) {
		t.Error("the focus leaves no trace")
	}
	w.Canvas().FocusNext()
	if b.focused {
		t.Error("the focus stays")
	}
}

func TestThePointerIsSeen(t *testing.T) {
	themed(t, "light")
	for name, o := range map[string]fyne.CanvasObject{
		"outlined": NewButton("A", nil), "filled": NewFilledButton("A", nil), "plain": NewPlainButton("A", nil),
		"side": NewSideItem("settings", "A", nil), "company": NewCompanyItem("company-good", ColorGood, "A", nil),
	} {
		w := window(t, "light", fyne.NewSize(120, 60), Margin(8, o))
		before := w.Canvas().Capture()
		o.(desktop.Hoverable).MouseIn(&desktop.MouseEvent{})
		if same(before, w.Canvas().Capture()) {
			t.Errorf("%s: the pointer leaves no trace", name)
		}
		o.(desktop.Mouseable).MouseDown(nil)
		o.(desktop.Mouseable).MouseUp(nil)
		o.(desktop.Hoverable).MouseOut()
		if !same(before, w.Canvas().Capture()) {
			t.Errorf("%s: the pointer leaves a trace", name)
		}
	}
}

func TestOneFilterIsChosenAndNothingMoves(t *testing.T) {
	themed(t, "light")
	var chosen []int
	f := NewFilters(func(i int) { chosen = append(chosen, i) }, "All", "Waiting", "Done")
	window(t, "light", fyne.NewSize(400, 60), f)
	width := f.MinSize().Width
	test.Tap(f.Pills()[1])
	test.Tap(f.Pills()[1])
	f.Pills()[2].TypedKey(key(fyne.KeySpace))
	if len(chosen) != 2 || chosen[0] != 1 || chosen[1] != 2 || f.Chosen() != 2 {
		t.Errorf("chosen %v", chosen)
	}
	if f.Pills()[1].Selected || !f.Pills()[2].Selected || f.MinSize().Width != width {
		t.Error("the wrong one is marked, or choosing moves the others")
	}
	f.SetCount(1, 12)
	if f.Pills()[1].AccessibilityLabel() != "Waiting 12" || f.MinSize().Width <= width {
		t.Errorf("with a figure: %q", f.Pills()[1].AccessibilityLabel())
	}
}

func TestTheRingCountsDown(t *testing.T) {
	themed(t, "light")
	r := NewRing(15 * time.Minute)
	window(t, "light", fyne.NewSize(100, 100), r)
	for left, want := range map[time.Duration]string{
		15 * time.Minute: "15:00", 11*time.Minute + 41*time.Second + time.Millisecond: "11:42",
		time.Second: "0:01", 0: "0:00", -time.Minute: "0:00", 90 * time.Minute: "1:30:00",
	} {
		r.Set(left, 15*time.Minute)
		if got := r.Text(); got != want {
			t.Errorf("%v left: %q, want %q", left, got, want)
		}
	}
}

func TestAFieldSaysWhatIsWrongInThePlaceOfItsHelp(t *testing.T) {
	themed(t, "light")
	f := NewField("E-mail", "Sage writes to it.")
	window(t, "light", fyne.NewSize(300, 120), Column(0, f))
	test.Type(f.Entry, "ana@acme")
	f.SetProblem("The part after the dot is missing.")
	if f.Text() != "ana@acme" || f.help.Text() != "The part after the dot is missing." || f.Problem() == "" {
		t.Errorf("text %q, help %q", f.Text(), f.help.Text())
	}
	f.SetProblem("")
	if f.help.Text() != "Sage writes to it." {
		t.Errorf("help %q", f.help.Text())
	}
	bare := NewField("Name", "")
	if bare.help.Visible() {
		t.Error("a field without help has an empty line")
	}
}

func TestAnEntryLeavesTheWindowItsShortcuts(t *testing.T) {
	themed(t, "light")
	e := NewEntry()
	w := window(t, "light", fyne.NewSize(300, 60), e)
	found := false
	find := &desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierControl}
	AddShortcut(w.Canvas(), find, func() { found = true })
	defer Forget(w.Canvas())
	e.TypedShortcut(find)
	if !found {
		t.Error("Ctrl+F is lost while a person types")
	}
	test.Type(e, "word")
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	if e.SelectedText() != "word" {
		t.Error("the shortcuts of editing are lost")
	}
	escaped := false
	e.OnEscape = func() { escaped = true }
	e.TypedKey(key(fyne.KeyEscape))
	if !escaped {
		t.Error("Escape is lost")
	}
}
