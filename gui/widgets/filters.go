package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Pill is one choice of several that stand beside each other, with a figure behind its words where there is one.
type Pill struct {
	control
	Text     string
	Count    int // shown when it is not 0
	Selected bool
}

func (p *Pill) words() string {
	if p.Count == 0 {
		return p.Text
	}
	return p.Text + " " + strconv.Itoa(p.Count)
}

// AccessibilityLabel is what a screen reader says.
func (p *Pill) AccessibilityLabel() string { return p.words() }

// AccessibilityRole tells a screen reader that this can be pressed.
func (p *Pill) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is Fyne's.
func (p *Pill) CreateRenderer() fyne.WidgetRenderer {
	ground := canvas.NewRectangle(nil)
	ground.CornerRadius = Corner
	words := NewText("", Quiet)
	ring := newFocusRing()
	d := &drawn{objects: []fyne.CanvasObject{ground, words, ring.Rectangle}}
	d.min = func() fyne.Size {
		// As wide as it is when it is chosen, so that choosing moves nothing.
		return fyne.NewSize(Name.Measure(p.words()).Width+20, ControlHeight)
	}
	d.layout = func(size fyne.Size) {
		ground.Resize(size)
		place(words, words.MinSize(), (size.Width-words.MinSize().Width)/2, size.Height/2)
		ring.around(size, 0)
	}
	d.refresh = func() {
		style, fill := Quiet, ColorSelected
		switch {
		case p.Selected:
			style = Name
		case p.hovered:
			style, fill = Quiet.In(ColorText), ColorHovered
		}
		words.Set(p.words())
		words.SetStyle(style)
		ground.FillColor = shade(fill)
		show(ground, p.Selected || p.hovered)
		ring.on(p.focused)
	}
	d.refresh()
	return d
}

// Filters is a row of pills of which one is chosen.
type Filters struct {
	widget.BaseWidget
	OnChosen func(index int)

	pills  []*Pill
	chosen int
	line   *fyne.Container
}

// NewFilters makes a row of pills; the first is chosen.
func NewFilters(chosen func(index int), texts ...string) *Filters {
	f := &Filters{OnChosen: chosen, line: Line(GapPart)}
	for i, text := range texts {
		p := &Pill{Text: text, Selected: i == 0}
		p.extend(p, func() { f.Choose(i) })
		f.pills = append(f.pills, p)
		f.line.Add(p)
	}
	f.ExtendBaseWidget(f)
	return f
}

// NewChoices makes a row of pills that goes on in the next line where the width ends: for a form, whose width a language
// does not ask for.
func NewChoices(chosen func(index int), texts ...string) *Filters {
	f := NewFilters(chosen, texts...)
	f.line = Flow(GapPart, f.line.Objects...)
	return f
}

// Choose chooses a pill, as a person does.
func (f *Filters) Choose(index int) {
	if f.chosen == index {
		return
	}
	f.chosen = index
	for i, p := range f.pills {
		p.Selected = i == index
		p.Refresh()
	}
	if f.OnChosen != nil {
		f.OnChosen(index)
	}
}

// Chosen is the pill that is chosen.
func (f *Filters) Chosen() int { return f.chosen }

// SetCount shows a figure behind a pill's words.
func (f *Filters) SetCount(index, count int) {
	p := f.pills[index]
	if p.Count == count {
		return
	}
	p.Count = count
	p.Refresh()
	f.Refresh()
}

// Pills gives the pills, for tests and for the order of the Tab key.
func (f *Filters) Pills() []*Pill { return f.pills }

// CreateRenderer is Fyne's.
func (f *Filters) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.line) }
