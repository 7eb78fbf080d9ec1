package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Choice is one answer to a question.
type Choice struct {
	Text string
	Kind Kind
	Do   func(remember bool)
}

// Question is asked over the window, which waits. Its last choice is what Return takes unless the keyboard stands on another;
// Escape takes none.
type Question struct {
	Title    string
	Text     string
	Remember string // the words of a box to tick: "Remember my answer"; "" for none
	Choices  []Choice
	OnEscape func()
}

// Sheet is a question on the screen.
type Sheet struct {
	widget.BaseWidget
	over     fyne.Canvas
	escape   func()
	remember *tick
	last     func() // gives the last answer
	buttons  []*sheetButton
	card     *Card
}

// Ask asks a question over a window, at its upper edge where the eye already is.
func Ask(over fyne.Canvas, q Question) *Sheet {
	s := &Sheet{over: over, escape: q.OnEscape}
	title, text := NewText(q.Title, Section), NewParagraph(q.Text, Body)
	answers := Flow(GapPart)
	for _, c := range q.Choices {
		b := &sheetButton{sheet: s}
		b.Text, b.Kind = c.Text, c.Kind
		b.extend(b, func() { s.answer(c) })
		s.last = b.press
		s.buttons = append(s.buttons, b)
		answers.Add(b)
	}
	parts := []fyne.CanvasObject{title, text}
	if q.Remember != "" {
		s.remember = newTick(s, q.Remember)
		parts = append(parts, container.NewThemeOverride(s.remember, boxTheme{fyne.CurrentApp().Settings().Theme()}))
	}
	s.card = NewCard(Column(12, append(parts, Inset(0, GapPart, 0, 0, answers))...))
	s.card.Inset = 20
	s.ExtendBaseWidget(s)
	over.Overlays().Add(s)
	s.Resize(over.Size())
	if last := len(s.buttons) - 1; last >= 0 {
		over.Focus(s.buttons[last])
	}
	return s
}

// Buttons gives the answers as they stand, for tests.
func (s *Sheet) Buttons() []*Button {
	var list []*Button
	for _, b := range s.buttons {
		list = append(list, &b.Button)
	}
	return list
}

// Remember is the box to tick, or nil.
func (s *Sheet) Remember() *widget.Check {
	if s.remember == nil {
		return nil
	}
	return &s.remember.Check
}

// Key is what the question makes of a key that nothing in it has a use for. The window calls it when nothing has the focus,
// as after a click beside the answers.
func (s *Sheet) Key(event *fyne.KeyEvent) {
	switch event.Name {
	case fyne.KeyEscape:
		s.Escape()
	case fyne.KeyReturn, fyne.KeyEnter:
		if s.last != nil {
			s.last()
		}
	}
}

// Escape takes the question away without an answer.
func (s *Sheet) Escape() {
	s.over.Overlays().Remove(s)
	if s.escape != nil {
		s.escape()
	}
}

func (s *Sheet) answer(c Choice) {
	s.over.Overlays().Remove(s)
	if c.Do != nil {
		c.Do(s.remember != nil && s.remember.Checked)
	}
}

// CreateRenderer is Fyne's.
func (s *Sheet) CreateRenderer() fyne.WidgetRenderer {
	scrim := canvas.NewRectangle(nil)
	d := &drawn{objects: []fyne.CanvasObject{scrim, s.card}}
	d.min = func() fyne.Size { return fyne.NewSize(200, 120) }
	d.layout = func(size fyne.Size) {
		scrim.Resize(size)
		width := min(460, size.Width-2*GapEdge)
		s.card.Move(fyne.NewPos((size.Width-width)/2, 72))
		s.card.Resize(fyne.NewSize(width, s.card.MinSize().Height))
		s.card.Resize(fyne.NewSize(width, s.card.MinSize().Height)) // now that its words know their width
	}
	d.refresh = func() { scrim.FillColor = shade(ColorScrim) }
	d.refresh()
	return d
}

// sheetButton is an answer: Escape takes the question away, Left and Right go to the next answer.
type sheetButton struct {
	Button
	sheet *Sheet
}

// TypedKey is part of fyne.Focusable.
func (b *sheetButton) TypedKey(event *fyne.KeyEvent) {
	switch event.Name {
	case fyne.KeyEscape:
		b.sheet.Escape()
	case fyne.KeyLeft:
		b.sheet.over.FocusPrevious()
	case fyne.KeyRight:
		b.sheet.over.FocusNext()
	default:
		b.control.TypedKey(event)
	}
}

// boxTheme draws the box to tick so that it is seen: unlike an entry it has no label over it that tells where it is.
type boxTheme struct{ fyne.Theme }

// Color gives a colour by its name.
func (t boxTheme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameInputBorder {
		name = ColorMuted
	}
	return t.Theme.Color(name, variant)
}

// tick is the box to tick: Space ticks it, and the other keys are the question's.
type tick struct {
	widget.Check
	sheet *Sheet
}

func newTick(s *Sheet, text string) *tick {
	t := &tick{sheet: s}
	t.Text = text
	t.ExtendBaseWidget(t)
	return t
}

// TypedKey is part of fyne.Focusable.
func (t *tick) TypedKey(event *fyne.KeyEvent) { t.sheet.Key(event) }
