package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Entry is Fyne's entry that leaves the window its keys: Escape, the function keys and the shortcuts work while a
// person types.
type Entry struct {
	widget.Entry
	OnEscape func() // instead of the window's own Escape
	OnLeft   func() // the keyboard has gone elsewhere
}

// NewEntry makes an entry for one line.
func NewEntry() *Entry {
	e := &Entry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip) // as Fyne's own: no scroll bars in one line
	e.ExtendBaseWidget(e)
	return e
}

// NewPasswordEntry makes an entry that hides what is typed.
func NewPasswordEntry() *Entry {
	e := NewEntry()
	e.Password = true
	return e
}

// NewTextEntry makes an entry of several lines, for what is pasted.
func NewTextEntry(lines int) *Entry {
	e := &Entry{}
	e.MultiLine = true
	e.Wrapping = fyne.TextWrapWord
	e.SetMinRowsVisible(lines)
	e.ExtendBaseWidget(e)
	return e
}

// FocusGained brings the entry into view.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	reveal(e)
}

// FocusLost tells that the keyboard has gone elsewhere.
func (e *Entry) FocusLost() {
	e.Entry.FocusLost()
	if e.OnLeft != nil {
		e.OnLeft()
	}
}

// EntryMargins is what an entry's edges take of its width.
const EntryMargins = 2*(entryInset+innerPadding) + 2

// entryInset is how much further from its edge an entry's text stands than Fyne has it, at either side.
const entryInset = 5

// MouseDown puts the caret where the text is that was pressed.
func (e *Entry) MouseDown(m *desktop.MouseEvent) {
	inside := *m
	inside.Position = m.Position.SubtractXY(entryInset, 0)
	e.Entry.MouseDown(&inside)
}

// Dragged selects what the text is that was dragged over.
func (e *Entry) Dragged(d *fyne.DragEvent) {
	inside := *d
	inside.Position = d.Position.SubtractXY(entryInset, 0)
	e.Entry.Dragged(&inside)
}

// TypedKey leaves Escape and the function keys to the window.
func (e *Entry) TypedKey(event *fyne.KeyEvent) {
	switch event.Name {
	case fyne.KeyEscape:
		if e.OnEscape != nil {
			e.OnEscape()
			return
		}
		passOn(e, event)
	case fyne.KeyF1, fyne.KeyF5:
		passOn(e, event)
	default:
		e.Entry.TypedKey(event)
	}
}

// TypedShortcut leaves the window its own shortcuts and keeps those of editing.
func (e *Entry) TypedShortcut(shortcut fyne.Shortcut) {
	if do := shortcutOver(e, shortcut); do != nil {
		do()
		return
	}
	e.Entry.TypedShortcut(shortcut)
}

// AcceptsTab leaves the Tab key to the window: in an entry of several lines, Fyne's own would keep the keyboard for ever.
func (e *Entry) AcceptsTab() bool { return false }

// CreateRenderer fills Fyne's border as well as its ground: drawn by OpenGL, an edge without a fill is blended with
// black and stands out. And it keeps the text off the border.
func (e *Entry) CreateRenderer() fyne.WidgetRenderer {
	r := &entryRenderer{WidgetRenderer: e.Entry.CreateRenderer()}
	for _, o := range r.Objects() {
		if edge, ok := o.(*canvas.Rectangle); ok && edge.StrokeWidth > 0 {
			r.edges = append(r.edges, edge)
		}
	}
	r.fill()
	return r
}

type entryRenderer struct {
	fyne.WidgetRenderer
	edges []*canvas.Rectangle
	laid  fyne.Size
}

func (r *entryRenderer) fill() {
	for _, edge := range r.edges {
		edge.FillColor = shade(theme.ColorNameInputBackground)
	}
}

func (r *entryRenderer) Refresh() {
	r.fill()
	r.WidgetRenderer.Refresh()
	r.inset()
}

func (r *entryRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.laid = size
	r.inset()
}

// inset moves the text away from both edges; an entry has one thing that scrolls, which is its text.
func (r *entryRenderer) inset() {
	for _, o := range r.Objects() {
		if text, is := o.(*container.Scroll); is && r.laid.Width > 0 && text.Position().X < entryInset {
			text.Move(text.Position().AddXY(entryInset, 0))
			text.Resize(text.Size().SubtractWidthHeight(2*entryInset, 0))
		}
	}
}

// MinSize is ControlHeight for one line.
func (e *Entry) MinSize() fyne.Size {
	size := e.Entry.MinSize()
	if !e.MultiLine {
		size.Height = ControlHeight
	}
	return size
}

// Field is an entry with its label above and a line of help, or what is wrong with it, below.
type Field struct {
	widget.BaseWidget
	Entry *Entry

	label   *Text
	help    *Paragraph
	hint    string
	problem string
	wheel   *wheel // over an entry of one line
	column  *fyne.Container
}

// NewField makes a labelled entry for one line. hint may be empty.
func NewField(label, hint string) *Field { return NewFieldFor(label, hint, NewEntry()) }

// NewFieldFor puts a label and a line of help around an entry.
func NewFieldFor(label, hint string, entry *Entry) *Field {
	f := &Field{Entry: entry, label: NewText(label, Name), help: NewParagraph(hint, Muted), hint: hint}
	f.column = Column(6, f.label, f.entryUnderWheel(), f.help)
	show(f.help, hint != "")
	f.ExtendBaseWidget(f)
	return f
}

// Label is what stands above the entry.
func (f *Field) Label() string { return f.label.Text }

// Text is what a person has typed.
func (f *Field) Text() string { return f.Entry.Text }

// SetText fills the entry.
func (f *Field) SetText(text string) { f.Entry.SetText(text) }

// SetProblem says what is wrong with the entry in the place of its help; "" takes it back.
func (f *Field) SetProblem(problem string) {
	if f.problem == problem {
		return
	}
	f.problem = problem
	if problem == "" {
		f.help.Set(f.hint, Muted)
	} else {
		f.help.Set(problem, Muted.In(ColorProblem))
	}
	show(f.help, f.hint != "" || problem != "")
	f.Refresh()
}

// Problem is what SetProblem said.
func (f *Field) Problem() string { return f.problem }

// CreateRenderer is Fyne's.
func (f *Field) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.column) }
