package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// control is what everything that can be pressed has in common: it knows the pointer, the focus and whether it can
// be used, shows the focus as a thin ring around itself, and is pressed by Space and Return as by the pointer. A key
// it has no use for goes on to the window, so that Escape and F5 work wherever the focus is.
type control struct {
	widget.DisableableWidget
	hovered, focused, pressed bool
	self                      fyne.Focusable
	act                       func()
	reached                   func() // the keyboard came to it; nil scrolls it into view
}

func (c *control) extend(self fyne.Focusable, act func()) {
	c.self, c.act = self, act
	c.ExtendBaseWidget(self.(fyne.Widget))
}

func (c *control) press() {
	if c.Disabled() || c.act == nil {
		return
	}
	c.act()
}

// Tapped is the pointer's press.
func (c *control) Tapped(*fyne.PointEvent) { c.press() }

// MouseIn, MouseMoved and MouseOut follow the pointer.
func (c *control) MouseIn(*desktop.MouseEvent) { c.set(&c.hovered, true) }

// MouseMoved is part of desktop.Hoverable.
func (c *control) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is part of desktop.Hoverable.
func (c *control) MouseOut() {
	c.pressed = false
	c.set(&c.hovered, false)
}

// MouseDown is part of desktop.Mouseable.
func (c *control) MouseDown(*desktop.MouseEvent) { c.set(&c.pressed, true) }

// MouseUp is part of desktop.Mouseable.
func (c *control) MouseUp(*desktop.MouseEvent) { c.set(&c.pressed, false) }

// FocusGained is part of fyne.Focusable.
func (c *control) FocusGained() {
	c.set(&c.focused, true)
	if c.reached != nil {
		c.reached()
		return
	}
	reveal(c.self.(fyne.CanvasObject))
}

// FocusLost is part of fyne.Focusable.
func (c *control) FocusLost() { c.set(&c.focused, false) }

// TypedRune is part of fyne.Focusable.
func (c *control) TypedRune(rune) {}

// TypedKey presses with Space and Return and hands every other key to the window.
func (c *control) TypedKey(event *fyne.KeyEvent) {
	switch event.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.press()
	default:
		passOn(c.self.(fyne.CanvasObject), event)
	}
}

// Cursor shows a hand over what can be pressed.
func (c *control) Cursor() desktop.Cursor {
	if c.Disabled() {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

func (c *control) set(flag *bool, value bool) {
	if *flag == value {
		return
	}
	*flag = value
	c.Refresh()
}

// passOn gives a key to the window's own handler.
func passOn(from fyne.CanvasObject, event *fyne.KeyEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(from)
	if c == nil {
		return
	}
	if typed := c.OnTypedKey(); typed != nil {
		typed(event)
	}
}

// focusRing is drawn around a control that has the focus.
type focusRing struct{ *canvas.Rectangle }

func newFocusRing() focusRing {
	r := canvas.NewRectangle(nil)
	r.StrokeWidth = 2
	r.Hide()
	return focusRing{r}
}

// around lays the ring, gap units outside of the given edges, or inside with a negative gap.
func (f focusRing) around(size fyne.Size, gap float32) {
	f.Move(fyne.NewPos(-gap, -gap))
	f.Resize(size.AddWidthHeight(2*gap, 2*gap))
	f.CornerRadius = max(Corner+gap, 0)
}

func (f focusRing) on(focused bool) {
	f.StrokeColor = shade(ColorAccent)
	f.FillColor = nil
	show(f.Rectangle, focused)
}
