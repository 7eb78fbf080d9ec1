package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Holder is a widget that others are put into, for what looks for something on a screen.
type Holder interface {
	// Parts are what is in it.
	Parts() []fyne.CanvasObject
}

// OnScreen tells whether an object is to be seen, or only waits to be painted for the first time.
func OnScreen(o fyne.CanvasObject) bool {
	driver := fyne.CurrentApp().Driver()
	if driver.CanvasForObject(o) == nil {
		return true
	}
	return !driver.AbsolutePositionForObject(o).IsZero() // the origin stands for what is not found; nothing stands there
}

// revealRoom is kept between what is scrolled into view and the edge of what it is seen through.
const revealRoom = 24

// reveal scrolls the page that an object stands in so that it is seen: what the Tab key reaches must not lie below the
// edge.
func reveal(o fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(o)
	if c == nil {
		return
	}
	page := pageAround(o, c.Content(), nil)
	if page == nil {
		return
	}
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(page).Y
	bottom := top + o.Size().Height
	offset := page.Offset
	switch {
	case top < revealRoom:
		offset.Y += top - revealRoom
	case bottom > page.Size().Height-revealRoom:
		offset.Y += bottom - page.Size().Height + revealRoom
	default:
		return
	}
	page.ScrollToOffset(offset)
}

// Turn scrolls by most of a page what has the focus on a window, or what is last on it: the main thing, behind the sidebar.
func Turn(over fyne.Canvas, down bool) {
	var page *container.Scroll
	if at, is := over.Focused().(fyne.CanvasObject); is {
		page = pageAround(at, over.Content(), nil)
	}
	if page == nil {
		page = lastPage(over.Content())
	}
	if page == nil {
		return
	}
	step := max(page.Size().Height-2*revealRoom, revealRoom)
	if !down {
		step = -step
	}
	page.ScrollToOffset(page.Offset.AddXY(0, step))
}

// lastPage is the last page that is to be seen in an object.
func lastPage(in fyne.CanvasObject) *container.Scroll {
	if in == nil || !in.Visible() {
		return nil
	}
	if page, is := in.(*container.Scroll); is {
		return page
	}
	parts := partsOf(in)
	for i := len(parts) - 1; i >= 0; i-- {
		if page := lastPage(parts[i]); page != nil {
			return page
		}
	}
	return nil
}

// pageAround is the innermost page around an object, looked for below another; nil where it stands in none.
func pageAround(o, below fyne.CanvasObject, around *container.Scroll) *container.Scroll {
	if o == below {
		return around
	}
	if page, is := below.(*container.Scroll); is {
		around = page
	}
	for _, child := range partsOf(below) {
		if found := pageAround(o, child, around); found != nil {
			return found
		}
	}
	return nil
}

// partsOf are the parts of what others are put into.
func partsOf(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case *fyne.Container:
		return o.Objects
	case *container.Scroll:
		return []fyne.CanvasObject{o.Content}
	case *Card:
		return []fyne.CanvasObject{o.Content}
	case *Field:
		return []fyne.CanvasObject{o.column}
	case *Filters:
		return []fyne.CanvasObject{o.line}
	case *Row:
		return []fyne.CanvasObject{o.parts.action}
	case *container.ThemeOverride:
		return []fyne.CanvasObject{o.Content}
	case Holder:
		return o.Parts()
	}
	return nil
}
