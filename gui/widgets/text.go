package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Style is how a text looks. Take one of the named ones; In changes its colour.
type Style struct {
	Size     float32
	SemiBold bool
	Colour   fyne.ThemeColorName
	Figures  bool // digits of one width, for columns and for what counts
}

// The styles.
var (
	Headline = Style{Size: SizeHeadline, SemiBold: true, Colour: ColorText}
	Section  = Style{Size: SizeSection, SemiBold: true, Colour: ColorText}
	Body     = Style{Size: SizeBody, Colour: ColorText}
	Name     = Style{Size: SizeBody, SemiBold: true, Colour: ColorText}
	Quiet    = Style{Size: SizeBody, Colour: ColorMuted}
	Muted    = Style{Size: SizeMuted, Colour: ColorMuted}
	Figure   = Style{Size: SizeMuted, Colour: ColorMuted, Figures: true}
)

// In is the style in another colour.
func (s Style) In(colour fyne.ThemeColorName) Style {
	s.Colour = colour
	return s
}

// Strong is the style in semibold.
func (s Style) Strong() Style {
	s.SemiBold = true
	return s
}

func (s Style) source() fyne.Resource {
	switch {
	case s.Figures && s.SemiBold:
		return figuresSemiBold
	case s.Figures:
		return figures
	}
	return nil
}

func (s Style) textStyle() fyne.TextStyle { return fyne.TextStyle{Bold: s.SemiBold} }

func (s Style) apply(t *canvas.Text) {
	t.TextSize, t.TextStyle, t.FontSource, t.Color = s.Size, s.textStyle(), s.source(), shade(s.Colour)
}

// Measure is the room a text takes on one line.
func (s Style) Measure(text string) fyne.Size {
	size, _ := fyne.CurrentApp().Driver().RenderedTextSize(text, s.Size, s.textStyle(), s.source())
	return size
}

// Cut is where a text that is too long for its place is shortened.
type Cut int

// The ways to shorten.
const (
	CutNever  Cut = iota // the text's width is its minimum
	CutEnd               // words: "List from Sage: 12 new, 3 ch…"
	CutMiddle            // names of files: both ends tell them apart
)

const ellipsis = "…"

// opticalLift raises a line of text: Inter's letters stand lower in their box than the eye takes for the middle.
const opticalLift = 1

// fit shortens a text to a width.
func (s Style) fit(text string, width float32, cut Cut) string {
	if cut == CutNever || s.Measure(text).Width <= width {
		return text
	}
	runes := []rune(text)
	shortened := func(keep int) string {
		if cut == CutEnd {
			return strings.TrimRight(string(runes[:keep]), " ") + ellipsis
		}
		head := (keep + 1) / 2
		return string(runes[:head]) + ellipsis + string(runes[len(runes)-(keep-head):])
	}
	low, high := 0, len(runes)-1 // the most runes that fit lie in between
	for low < high {
		middle := (low + high + 1) / 2
		if s.Measure(shortened(middle)).Width <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return shortened(max(low, 0))
}

// Text is one line of text. One that may be cut can be made as narrow as its place; Whole is what a tip shows.
type Text struct {
	widget.BaseWidget
	Text  string
	Style Style
	Cut   Cut
	Align fyne.TextAlign
	Short string // what stands where Text does not fit whole; "" shortens Text itself

	shown string
}

// NewText shows a text that is never cut.
func NewText(text string, style Style) *Text {
	t := &Text{Text: text, Style: style}
	t.ExtendBaseWidget(t)
	return t
}

// NewCutText shows a text that is shortened to its place.
func NewCutText(text string, style Style, cut Cut) *Text {
	t := NewText(text, style)
	t.Cut = cut
	return t
}

// Set shows another text.
func (t *Text) Set(text string) {
	if t.Text == text {
		return
	}
	t.Text = text
	t.Refresh()
}

// SetStyle shows the text in another style.
func (t *Text) SetStyle(style Style) {
	if t.Style == style {
		return
	}
	t.Style = style
	t.Refresh()
}

// Natural is the width the whole text takes.
func (t *Text) Natural() float32 { return t.Style.Measure(t.Text).Width }

// Shown is what is to be read, shortened as it is.
func (t *Text) Shown() string { return t.shown }

// IsCut tells whether a part of the text is not to be read.
func (t *Text) IsCut() bool { return t.shown != t.Text }

// CreateRenderer is Fyne's.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	text := canvas.NewText("", shade(t.Style.Colour))
	d := &drawn{objects: []fyne.CanvasObject{text}}
	d.min = func() fyne.Size {
		size := t.Style.Measure(t.Text)
		if t.Cut != CutNever {
			size.Width = min(size.Width, t.Style.Size*3)
		}
		return size
	}
	d.layout = func(size fyne.Size) {
		whole := t.Text
		if t.Short != "" && t.Style.Measure(whole).Width > size.Width {
			whole = t.Short
		}
		t.shown = t.Style.fit(whole, size.Width, t.Cut)
		if text.Text != t.shown {
			text.Text = t.shown
			text.Refresh()
		}
		text.Resize(size)
		text.Move(fyne.NewPos(0, -opticalLift))
	}
	d.refresh = func() {
		t.Style.apply(text)
		text.Alignment = t.Align
		t.shown = t.Text
		text.Text = t.Text
	}
	d.refresh()
	return d
}
