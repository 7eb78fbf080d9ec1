package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Note is a box that says something in words: "What to do. Correct the file and drop it again." Its lead is in
// semibold and in the colour of its tone.
type Note struct {
	widget.BaseWidget
	Tone fyne.ThemeColorName // ColorAttention, ColorProblem, or ColorMuted for something to know
	Lead string
	Text string
	Room float32 // kept free at the right, for what is laid over the note

	words *Paragraph
}

// NewNote makes a box of words.
func NewNote(tone fyne.ThemeColorName, lead, text string) *Note {
	n := &Note{Tone: tone, Lead: lead, Text: text, words: NewRuns()}
	n.ExtendBaseWidget(n)
	return n
}

// Set says something else.
func (n *Note) Set(tone fyne.ThemeColorName, lead, text string) {
	if n.Tone == tone && n.Lead == lead && n.Text == text {
		return
	}
	n.Tone, n.Lead, n.Text = tone, lead, text
	n.Refresh()
}

func (n *Note) ground() fyne.ThemeColorName {
	switch n.Tone {
	case ColorProblem:
		return ColorNoteProblem
	case ColorAttention:
		return ColorNote
	}
	return ColorNoteQuiet
}

// Resize wraps the words anew.
func (n *Note) Resize(size fyne.Size) {
	width := size.Width - 24 - n.Room
	n.words.Resize(fyne.NewSize(width, n.words.HeightFor(width)))
	n.BaseWidget.Resize(size)
}

// CreateRenderer is Fyne's.
func (n *Note) CreateRenderer() fyne.WidgetRenderer {
	const pad, top = 12, 10
	ground := canvas.NewRectangle(nil)
	ground.CornerRadius = Corner
	d := &drawn{objects: []fyne.CanvasObject{ground, n.words}}
	d.min = func() fyne.Size { return n.words.MinSize().AddWidthHeight(2*pad, 2*top) }
	d.layout = func(size fyne.Size) {
		ground.Resize(size)
		n.words.Move(fyne.NewPos(pad, top))
		n.words.Resize(fyne.NewSize(size.Width-2*pad-n.Room, size.Height-2*top))
	}
	d.refresh = func() {
		ground.FillColor = shade(n.ground())
		var runs []Run
		if n.Lead != "" {
			runs = append(runs, Run{n.Lead + " ", Name.In(n.Tone)})
		}
		n.words.SetRuns(append(runs, Emphasised(n.Text, Body)...)...)
	}
	d.refresh()
	return d
}
