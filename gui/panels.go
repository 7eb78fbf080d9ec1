package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"postroom/gui/widgets"
)

// toldNote is something said above the list, with a way to put it away.
type toldNote struct {
	widget.BaseWidget
	note  *widgets.Note
	close *widgets.Button
	line  *fyne.Container
}

func newToldNote(close string, closed func()) *toldNote {
	n := &toldNote{note: widgets.NewNote(widgets.ColorMuted, "", ""), close: widgets.NewPlainButton(close, closed)}
	n.note.Room = n.close.MinSize().Width + 12
	n.line = container.New(noted{}, n.note, n.close)
	n.ExtendBaseWidget(n)
	return n
}

func (n *toldNote) set(tone fyne.ThemeColorName, text string) {
	n.note.Set(tone, "", text)
	visible(n, text != "")
}

// Parts are what the keyboard reaches in it.
func (n *toldNote) Parts() []fyne.CanvasObject { return []fyne.CanvasObject{n.close} }

// CreateRenderer is Fyne's.
func (n *toldNote) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(n.line) }

// noted lays the button over the right end of a note whose words leave it that room.
type noted struct{}

func (noted) Layout(o []fyne.CanvasObject, size fyne.Size) {
	button := o[1].MinSize()
	o[0].Resize(size)
	o[1].Resize(button)
	o[1].Move(fyne.NewPos(size.Width-button.Width-12, 4))
}

func (noted) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// emptyState is what an empty list says, with the one thing to do about it.
type emptyState struct {
	content *fyne.Container
	words   *widgets.Paragraph
	button  *widgets.Button
}

func newEmptyState() *emptyState {
	e := &emptyState{words: widgets.NewParagraph("", widgets.Quiet), button: widgets.NewButton("", nil)}
	e.content = widgets.Margin(widgets.GapEdge, widgets.Column(widgets.GapGroup, e.words, widgets.Line(0, e.button)))
	e.content.Hide()
	return e
}

func (e *emptyState) show(words, button string, do func()) {
	e.words.Set(words, widgets.Quiet)
	e.button.Set(button)
	e.button.OnTapped = do
	visible(e.button, button != "")
	e.content.Show()
	e.content.Refresh()
}

func (e *emptyState) hide() { visible(e.content, false) }
