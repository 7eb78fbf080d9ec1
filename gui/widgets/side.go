package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
)

// SideItem is one entry of the bar at the left: a company with the shape of its state, or a place to go to.
type SideItem struct {
	control
	Icon     string
	Tone     fyne.ThemeColorName
	Text     string
	Short    string // stands where Text does not fit; see SetShort
	Company  bool   // higher, with a small shape, its name in the text's colour
	Selected bool
	Tip      string // what is shown while the pointer rests on it; see SetTip
	Mark     string // a word at the right that tells it from others; see SetMark

	OnTapped func()

	words *Text
	mark  *Text
	tip   *time.Timer
}

// NewSideItem makes a place to go to: "Settings".
func NewSideItem(icon, text string, tapped func()) *SideItem {
	return newSideItem(&SideItem{Icon: icon, Tone: ColorMuted, Text: text, OnTapped: tapped})
}

// NewCompanyItem makes a company's entry; shape is one of the icons "company-...".
func NewCompanyItem(shape string, tone fyne.ThemeColorName, name string, tapped func()) *SideItem {
	return newSideItem(&SideItem{Icon: shape, Tone: tone, Text: name, Company: true, OnTapped: tapped})
}

func newSideItem(s *SideItem) *SideItem {
	s.words = NewCutText(s.Text, Quiet, CutMiddle)
	s.mark = NewText("", Muted)
	s.extend(s, func() {
		if s.OnTapped != nil {
			s.OnTapped()
		}
	})
	return s
}

// Set shows another state, another text, and whether it is where the person is.
func (s *SideItem) Set(icon string, tone fyne.ThemeColorName, text string, selected bool) {
	if s.Icon == icon && s.Tone == tone && s.Text == text && s.Selected == selected {
		return
	}
	s.Icon, s.Tone, s.Text, s.Selected = icon, tone, text, selected
	s.Refresh()
}

// SetShort gives the words that stand where Text is too long for the bar: the tip has the rest.
func (s *SideItem) SetShort(short string) {
	if s.Short != short {
		s.Short = short
		s.Refresh()
	}
}

// SetTip gives the words that are shown while the pointer rests on it: what its shape stands for. A screen reader says them.
func (s *SideItem) SetTip(tip string) { s.Tip = tip }

// SetMark gives a word that stands at the right, where there is room for it beside the whole name: "Practice".
func (s *SideItem) SetMark(mark string) {
	if s.Mark != mark {
		s.Mark = mark
		s.Refresh()
	}
}

// MouseIn also shows what its shape stands for, or a name that is cut.
func (s *SideItem) MouseIn(event *desktop.MouseEvent) {
	s.control.MouseIn(event)
	switch {
	case s.Tip != "":
		s.tip = showTipSoon(s, event.AbsolutePosition, func() string { return s.Tip })
	case s.words.IsCut():
		s.tip = showTipSoon(s, event.AbsolutePosition, func() string { return s.Text })
	}
}

// MouseOut takes the tip away.
func (s *SideItem) MouseOut() {
	s.control.MouseOut()
	hideTip(s, s.tip)
	s.tip = nil
}

// AccessibilityLabel is what a screen reader says.
func (s *SideItem) AccessibilityLabel() string {
	if s.Tip != "" {
		return s.Tip
	}
	return s.Text
}

// AccessibilityRole tells a screen reader that this can be pressed.
func (s *SideItem) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is Fyne's.
func (s *SideItem) CreateRenderer() fyne.WidgetRenderer {
	ground := canvas.NewRectangle(nil)
	ground.CornerRadius = Corner
	icon := NewIcon(s.Icon, s.Tone)
	ring := newFocusRing()
	d := &drawn{objects: []fyne.CanvasObject{ground, icon, s.words, s.mark, ring.Rectangle}}
	d.min = func() fyne.Size {
		if s.Company {
			return fyne.NewSize(100, 40)
		}
		return fyne.NewSize(100, 36)
	}
	d.layout = func(size fyne.Size) {
		ground.Resize(size)
		left := float32(36)
		if s.Company {
			left = 26
			place(icon, fyne.NewSquareSize(IconSize), 3, size.Height/2) // the shape itself is 10 wide, at 8
		} else {
			place(icon, fyne.NewSquareSize(18), 9, size.Height/2)
		}
		right := size.Width - 8
		needs := s.mark.MinSize()
		room := s.mark.Text != "" && Name.Measure(s.Text).Width+8+needs.Width <= right-left
		show(s.mark, room)
		if room {
			place(s.mark, needs, right-needs.Width, size.Height/2)
			right -= needs.Width + 8
		}
		place(s.words, fyne.NewSize(right-left, s.words.MinSize().Height), left, size.Height/2)
		ring.around(size, -1)
	}
	d.refresh = func() {
		icon.Set(s.Icon, s.Tone)
		icon.Side = 18
		style := Quiet
		switch {
		case s.Selected:
			style = Name
		case s.Company || s.hovered:
			style = Body
		}
		if s.words.Short != s.Short {
			s.words.Short = s.Short
			s.words.Refresh()
		}
		s.words.Set(s.Text)
		if s.Mark != "" || s.mark.Text != "" {
			s.mark.Set(s.Mark)
			d.layout(s.Size())
		}
		s.words.SetStyle(style)
		fill := ColorHovered
		if s.Selected {
			fill = ColorSelected
		}
		ground.FillColor = shade(fill)
		show(ground, s.Selected || s.hovered)
		if s.Company {
			icon.Side = IconSize
		}
		ring.on(s.focused)
	}
	d.refresh()
	return d
}
