package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// Kind is how much a button asks to be pressed.
type Kind int

// The kinds of button. A screen has one filled button at most.
const (
	Outlined Kind = iota
	Filled
	Plain // words alone: "Close", "Someone sent me the key"
)

// Button is something to press, ControlHeight high and as wide as its words.
type Button struct {
	control
	Text  string
	Icon  string // of assets; optional
	After bool   // the icon stands behind the words
	Kind  Kind
	Small bool // in a row

	OnTapped func()
}

// NewButton makes an outlined button.
func NewButton(text string, tapped func()) *Button { return newButton(text, Outlined, tapped) }

// NewFilledButton makes the button of a screen's main thing to do.
func NewFilledButton(text string, tapped func()) *Button { return newButton(text, Filled, tapped) }

// NewPlainButton makes a button of words alone.
func NewPlainButton(text string, tapped func()) *Button { return newButton(text, Plain, tapped) }

func newButton(text string, kind Kind, tapped func()) *Button {
	b := &Button{Text: text, Kind: kind, OnTapped: tapped}
	b.extend(b, func() {
		if b.OnTapped != nil {
			b.OnTapped()
		}
	})
	return b
}

// Set changes the words.
func (b *Button) Set(text string) {
	if b.Text == text {
		return
	}
	b.Text = text
	b.Refresh()
}

// SetKind changes how much it asks to be pressed.
func (b *Button) SetKind(kind Kind) {
	b.Kind = kind
	b.Refresh()
}

// AccessibilityLabel is what a screen reader says.
func (b *Button) AccessibilityLabel() string { return b.Text }

// AccessibilityRole tells a screen reader that this can be pressed.
func (b *Button) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (b *Button) style() Style {
	s := Name
	if b.Kind == Plain {
		s = Quiet
	}
	if b.Small {
		s.Size = SizeMuted
	}
	switch {
	case b.Disabled():
		return s.In(ColorFaint)
	case b.Kind == Filled:
		return s.In(ColorOnAccent)
	case b.Kind == Plain && b.hovered:
		return s.In(ColorText)
	}
	return s
}

func (b *Button) padding() float32 {
	if b.Kind == Plain {
		return 0
	}
	return 15
}

// fill is the ground, or "" for none.
func (b *Button) fill() fyne.ThemeColorName {
	switch {
	case b.Kind == Plain:
		return ""
	case b.Kind == Filled && b.Disabled():
		return ColorTrack
	case b.Kind == Filled && b.hovered:
		return ColorAccentHover
	case b.Kind == Filled:
		return ColorAccent
	case b.hovered && !b.Disabled():
		return ColorHovered
	}
	return ColorSurface
}

// CreateRenderer is Fyne's.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	ground := newBox()
	press := canvas.NewRectangle(nil)
	press.CornerRadius = Corner
	words := NewText(b.Text, b.style())
	icon := NewIcon(b.Icon, ColorText)
	icon.Side = 16
	ring := newFocusRing()
	d := &drawn{objects: append(ground.objects(), press, icon, words, ring.Rectangle)}
	iconWidth := func() float32 {
		if b.Icon == "" {
			return 0
		}
		return icon.Side + GapPart
	}
	d.min = func() fyne.Size {
		return fyne.NewSize(words.MinSize().Width+2*b.padding()+iconWidth(), ControlHeight)
	}
	d.layout = func(size fyne.Size) {
		ground.resize(size)
		press.Resize(size)
		width := words.MinSize().Width + iconWidth()
		left := max((size.Width-width)/2, 0)
		if b.Kind == Plain {
			left = 0
		}
		if b.After {
			place(words, words.MinSize(), left, size.Height/2)
			place(icon, fyne.NewSquareSize(icon.Side), left+width-icon.Side, size.Height/2)
		} else {
			place(icon, fyne.NewSquareSize(icon.Side), left, size.Height/2)
			place(words, words.MinSize(), left+iconWidth(), size.Height/2)
		}
		ring.around(size, 2)
	}
	d.refresh = func() {
		words.Set(b.Text)
		words.SetStyle(b.style())
		icon.Set(b.Icon, b.style().Colour)
		show(icon, b.Icon != "")
		name := b.fill()
		ground.show(name != "")
		switch {
		case b.Kind == Outlined:
			ground.colour(name, ColorLine)
		case name != "":
			ground.colour(name, "")
		}
		press.FillColor = shade(theme.ColorNamePressed)
		show(press, b.pressed && b.Kind != Plain && !b.Disabled())
		ring.on(b.focused)
	}
	d.refresh()
	return d
}
