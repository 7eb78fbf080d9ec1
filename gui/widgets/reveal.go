package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

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
	}
	return nil
}
