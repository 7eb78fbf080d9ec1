package guitest

import (
	"fmt"
	"image"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
)

// Tab presses the Tab key as the driver does: an object may keep it for itself.
func Tab(c fyne.Canvas) {
	if keeps, can := c.Focused().(fyne.Tabbable); can && keeps.AcceptsTab() {
		c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
		return
	}
	c.FocusNext()
}

// Key presses another key as the driver does: what has the focus gets it, or the window.
func Key(c fyne.Canvas, name fyne.KeyName) {
	event := &fyne.KeyEvent{Name: name}
	if focused := c.Focused(); focused != nil {
		focused.TypedKey(event)
	} else if typed := c.OnTypedKey(); typed != nil {
		typed(event)
	}
}

// manyStops is more than any screen has.
const manyStops = 400

// Round walks the Tab key once around from nowhere and gives its stops in their order. It fails where the key is caught, and
// where a stop is out of sight.
func Round(t testing.TB, c fyne.Canvas) []fyne.Focusable {
	t.Helper()
	var stops []fyne.Focusable
	c.Unfocus()
	for len(stops) < manyStops {
		Tab(c)
		at := c.Focused()
		if at == nil || slices.Contains(stops, at) {
			if len(stops) > 0 && at != stops[0] {
				t.Errorf("Tab is caught at %q", Name(c, at))
			}
			return stops
		}
		stops = append(stops, at)
		inSight(t, c, at.(fyne.CanvasObject))
	}
	t.Fatal("Tab never comes around")
	return nil
}

// inSight makes sure that an object lies within every page that it is scrolled in.
func inSight(t testing.TB, c fyne.Canvas, o fyne.CanvasObject) {
	t.Helper()
	var pages []*container.Scroll
	if !around(Front(c), o, &pages) {
		t.Errorf("the focus is at %q, which is not on the screen", Name(c, o))
		return
	}
	position := fyne.CurrentApp().Driver().AbsolutePositionForObject
	top := position(o).Y
	bottom := top + o.Size().Height
	if o.Size().Height > c.Size().Height/2 {
		bottom = top + 1 // it is larger than its page may be: its head counts
	}
	for _, page := range pages {
		if from := position(page).Y; top < from || bottom > from+page.Size().Height {
			t.Errorf("the focus is at %q, which lies out of sight", Name(c, o))
			return
		}
	}
}

// around gathers the pages around an object.
func around(in, o fyne.CanvasObject, pages *[]*container.Scroll) bool {
	if in == o {
		return true
	}
	if in == nil || !in.Visible() {
		return false
	}
	page, is := in.(*container.Scroll)
	for _, child := range Inside(in) {
		if around(child, o, pages) {
			if is {
				*pages = append(*pages, page)
			}
			return true
		}
	}
	return false
}

// ReachesAll makes sure that everything on the screen that can be clicked on gets the focus as Tab goes around, or lies in
// something that does, as a list's rows do. It gives the stops.
func ReachesAll(t testing.TB, c fyne.Canvas) []fyne.Focusable {
	t.Helper()
	stops := Round(t, c)
	for _, o := range unreached(Front(c), stops) {
		t.Errorf("nothing but a pointer reaches %q; Tab goes to %q", Name(c, o), Names(c, stops))
	}
	return stops
}

func unreached(in fyne.CanvasObject, stops []fyne.Focusable) []fyne.CanvasObject {
	if in == nil || !in.Visible() {
		return nil
	}
	if f, is := in.(fyne.Focusable); is && slices.Contains(stops, f) {
		return nil
	}
	var found []fyne.CanvasObject
	d, can := in.(fyne.Disableable)
	off := can && d.Disabled()
	if _, tappable := in.(fyne.Tappable); tappable && !off && !scrolls(in) {
		found = append(found, in)
	}
	for _, child := range Inside(in) {
		found = append(found, unreached(child, stops)...)
	}
	return found
}

// scrolls tells whether an object is a bar to scroll by: the keyboard has keys for that.
func scrolls(o fyne.CanvasObject) bool { return fmt.Sprintf("%T", o) == "*widget.scrollBarArea" }

// Names are what the stops say.
func Names(c fyne.Canvas, stops []fyne.Focusable) []string {
	names := make([]string, 0, len(stops))
	for _, s := range stops {
		names = append(names, Name(c, s))
	}
	return names
}

// TabTo walks the Tab key until the focus is at what has this name.
func TabTo(t testing.TB, c fyne.Canvas, name string) fyne.Focusable {
	t.Helper()
	var passed []fyne.Focusable
	for {
		Tab(c)
		at := c.Focused()
		if at != nil && Name(c, at) == name {
			return at
		}
		if at == nil || slices.Contains(passed, at) {
			t.Fatalf("Tab does not reach %q; it goes to %q", name, Names(c, passed))
		}
		passed = append(passed, at)
	}
}

// SeesFocus makes sure that the focus leaves a trace on the screen at each of the stops, one of each kind.
func SeesFocus(t testing.TB, c fyne.Canvas, stops []fyne.Focusable, seen map[string]bool) {
	t.Helper()
	for _, stop := range stops {
		kind := kindOf(stop)
		if seen[kind] {
			continue
		}
		seen[kind] = true
		c.Focus(stop) // has it scrolled into view
		c.Unfocus()
		before := c.Capture()
		c.Focus(stop)
		if same(before, c.Capture()) {
			t.Errorf("the focus leaves no trace at %q (%s)", Name(c, stop), kind)
		}
	}
}

// kindOf tells stops apart by how they are drawn.
func kindOf(stop fyne.Focusable) string {
	kind := fmt.Sprintf("%T", stop)
	switch stop := stop.(type) {
	case *widgets.Button:
		return fmt.Sprint(kind, stop.Kind, stop.Small)
	case *widgets.SideItem:
		return fmt.Sprint(kind, stop.Company)
	}
	return kind
}

func same(a, b image.Image) bool {
	x, y := a.(*image.NRGBA), b.(*image.NRGBA)
	return slices.Equal(x.Pix, y.Pix)
}
