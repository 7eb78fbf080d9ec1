package guitest

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
)

// Inside are the parts that an object is drawn from.
func Inside(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case *fyne.Container:
		return o.Objects
	case fyne.Widget:
		return test.WidgetRenderer(o).Objects()
	}
	return nil
}

// Walk visits everything that is to be seen in an object, what is around something before it, until visit returns true.
func Walk(o fyne.CanvasObject, visit func(fyne.CanvasObject) bool) bool {
	if o == nil || !o.Visible() {
		return false
	}
	if visit(o) {
		return true
	}
	for _, child := range Inside(o) {
		if Walk(child, visit) {
			return true
		}
	}
	return false
}

// Front is what the keyboard is in: what lies over the window, or its content.
func Front(c fyne.Canvas) fyne.CanvasObject {
	if top := c.Overlays().Top(); top != nil {
		return top
	}
	return c.Content()
}

// Name is what an object says to a person, or its type where it says nothing by itself. An entry is called by its label.
func Name(c fyne.Canvas, o any) string {
	switch o := o.(type) {
	case nil:
		return ""
	case *widgets.Button:
		return o.Text
	case *widgets.Pill:
		return o.Text
	case *widgets.SideItem:
		return o.Text
	case *widgets.Entry:
		if name := label(c, o); name != "" {
			return name
		}
		return o.PlaceHolder
	case interface{ AccessibilityLabel() string }:
		return o.AccessibilityLabel()
	}
	return fmt.Sprintf("%T", o)
}

func label(c fyne.Canvas, e *widgets.Entry) (name string) {
	Walk(Front(c), func(o fyne.CanvasObject) bool {
		f, is := o.(*widgets.Field)
		if is && f.Entry == e {
			name = f.Label()
		}
		return name != ""
	})
	return name
}
