package onboarding

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"postroom/gui/widgets"
)

// grouped sets a passcode in groups of three or four, as telephone numbers are, so that it can be typed without
// losing the place. One that has its own separators keeps them.
func grouped(code string) string {
	runes := []rune(code)
	if strings.ContainsAny(code, " -.") || len(runes) < 6 {
		return code
	}
	size := 3
	if len(runes)%3 != 0 && len(runes)%4 == 0 || len(runes) > 12 {
		size = 4
	}
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && i%size == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

const (
	codeLargest  = 40
	codeGood     = 30 // on one line; smaller letters are rather broken into two
	codeSmallest = 20
	codeHeight   = 89   // of the card's content, with the passcode on one line
	codeSpacing  = 0.07 // between letters, of their size
	codeGap      = 28   // between passcode, button and ring
	codeBelow    = 12   // above the button where it stands below the passcode
)

// code shows a passcode as large as its place allows, over several lines where it is very long, with the button to copy
// it and the ring beside it. It is to be read from a second screen.
type code struct {
	widget.BaseWidget
	copy *widgets.Button
	ring *widgets.Ring

	text  string
	faint bool // it cannot be used any more
	width float32
	plan  plan
}

// plan is where everything goes in a certain width.
type plan struct {
	size   float32
	lines  []string
	below  bool // the button stands below
	height float32
}

func newCode(copy *widgets.Button, ring *widgets.Ring) *code {
	c := &code{copy: copy, ring: ring}
	c.ExtendBaseWidget(c)
	return c
}

// show shows a passcode; a faint one has run out.
func (c *code) show(text string, faint bool) {
	if c.text == text && c.faint == faint {
		return
	}
	c.text, c.faint = text, faint
	c.plan = plan{}
	c.Refresh()
}

// Parts are what the keyboard reaches in it.
func (c *code) Parts() []fyne.CanvasObject { return []fyne.CanvasObject{c.copy} }

// AccessibilityLabel is what a screen reader says.
func (c *code) AccessibilityLabel() string { return c.text }

// AccessibilityRole tells a screen reader that this is text.
func (c *code) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func codeStyle(size float32, faint bool) widgets.Style {
	style := widgets.Style{Size: size, SemiBold: true, Colour: widgets.ColorText}
	if faint {
		return style.In(widgets.ColorFaint)
	}
	return style
}

// advance is how far one letter is from the next.
func advance(letter string, size float32) float32 {
	return codeStyle(size, false).Measure(letter).Width + size*codeSpacing
}

func lineWidth(line string, size float32) float32 {
	var width float32
	for _, r := range line {
		width += advance(string(r), size)
	}
	return max(width-size*codeSpacing, 0)
}

func lineHeight(size float32) float32 { return size * 1.25 }

// planFor finds the largest letters with which the passcode has room in a width.
func (c *code) planFor(width float32) plan {
	if c.plan.lines != nil && c.width == width {
		return c.plan
	}
	c.width = width
	ring, button := c.ring.MinSize().Width+codeGap, c.copy.MinSize().Width+codeGap
	p := plan{size: codeLargest, lines: []string{c.text}, height: codeHeight}
	if lineWidth(c.text, p.size) > width-ring-button {
		p.below = true
		p.size, p.lines = fitted(c.text, width-ring)
		p.height = max(float32(len(p.lines))*lineHeight(p.size)+codeBelow+widgets.ControlHeight, codeHeight)
	}
	c.plan = p
	return p
}

// fitted gives the size of letters that fits a passcode into a width, on one line or on two, and its lines.
func fitted(text string, width float32) (size float32, lines []string) {
	for size = codeLargest; size > codeSmallest; size -= 2 {
		lines = broken(text, size, width)
		if len(lines) == 1 && size >= codeGood || len(lines) == 2 && size < codeGood {
			return size, lines
		}
	}
	return size, broken(text, size, width)
}

// broken breaks a passcode between its groups, or where it must.
func broken(text string, size, width float32) []string {
	var lines []string
	line := ""
	for group := range strings.SplitSeq(text, " ") {
		if line != "" && lineWidth(line+" "+group, size) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		for _, r := range group {
			if line != "" && lineWidth(line+string(r), size) > width {
				lines, line = append(lines, line), ""
			}
			line += string(r)
		}
	}
	return append(lines, line)
}

// Resize makes a plan for the width.
func (c *code) Resize(size fyne.Size) {
	c.planFor(size.Width)
	c.BaseWidget.Resize(size)
}

// CreateRenderer is Fyne's.
func (c *code) CreateRenderer() fyne.WidgetRenderer {
	r := &codeRenderer{code: c}
	r.Refresh()
	return r
}

type codeRenderer struct {
	code    *code
	letters []fyne.CanvasObject
	objects []fyne.CanvasObject
}

func (r *codeRenderer) Destroy() {}

func (r *codeRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *codeRenderer) MinSize() fyne.Size {
	c := r.code
	if c.width == 0 {
		return fyne.NewSize(160, codeHeight)
	}
	return fyne.NewSize(160, c.planFor(c.width).height)
}

func (r *codeRenderer) Layout(size fyne.Size) {
	c := r.code
	p := c.planFor(size.Width)
	r.letters = nil
	tall := float32(len(p.lines)) * lineHeight(p.size)
	top := (size.Height - tall) / 2
	if p.below {
		top = (size.Height - tall - codeBelow - widgets.ControlHeight) / 2
	}
	end := float32(0)
	for i, line := range p.lines {
		at := float32(0)
		for _, l := range line {
			if l != ' ' {
				letter := widgets.NewText(string(l), codeStyle(p.size, c.faint))
				s := letter.MinSize()
				letter.Resize(s)
				letter.Move(fyne.NewPos(at, top+(float32(i)+0.5)*lineHeight(p.size)-s.Height/2))
				r.letters = append(r.letters, letter)
			}
			at += advance(string(l), p.size)
		}
		end = max(end, lineWidth(line, p.size))
	}
	button := c.copy.MinSize()
	c.copy.Resize(button)
	c.copy.Move(fyne.NewPos(end+codeGap, (size.Height-button.Height)/2))
	if p.below {
		c.copy.Move(fyne.NewPos(0, top+tall+codeBelow))
	}
	ring := c.ring.MinSize()
	c.ring.Resize(ring)
	c.ring.Move(fyne.NewPos(size.Width-ring.Width-3, (size.Height-ring.Height)/2))
	r.objects = append(r.letters, c.copy, c.ring)
}

func (r *codeRenderer) Refresh() {
	c := r.code
	setVisible(c.ring, c.text != "")
	setVisible(c.copy, c.text != "" && !c.faint)
	r.Layout(c.Size())
	canvas.Refresh(c)
}
