package gui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
)

// slowAfter is how long something may take before the window says what it waits for.
const slowAfter = time.Second

// waitFor is what a call waits for, as the key of its sentence.
type waitFor string

const (
	waitAgent waitFor = "window.waits.agent" // Postroom in the background
	waitKeys  waitFor = "window.waits.keys"  // a keyring, or Sage
	waitFiles waitFor = "window.waits.files" // a disk that files are copied from
	waitOpen  waitFor = "window.waits.open"  // a folder that is shown
)

// wait is one call under way.
type wait struct {
	what waitFor
	over bool
}

// waits says at the foot of the window, over whatever is shown there, what takes long just now: nothing moves for it,
// and whatever can be done meanwhile is done. All but during is for the UI thread.
type waits struct {
	do      func(func()) // on the UI thread
	say     func(what waitFor) string
	content *fyne.Container // always to be seen, with nothing in it at first: Fyne paints nothing anew for what it has never painted
	card    *widgets.Card
	note    *widgets.Note
	under   []*wait // that take long, the longest first
	silent  bool    // who is shown says it by itself
}

func newWaits(do func(func()), say func(waitFor) string) *waits {
	s := &waits{do: do, say: say, note: widgets.NewNote(widgets.ColorMuted, "", "")}
	s.card = widgets.NewCard(s.note)
	s.card.Inset = 0
	s.card.Hide()
	s.content = container.New(atFoot{s.note}, s.card)
	return s
}

// during runs f off the UI thread, and says what is waited for where that takes long.
func (s *waits) during(what waitFor, f func()) {
	w := &wait{what: what}
	slow := time.AfterFunc(slowAfter, func() { s.do(func() { s.begin(w) }) })
	f()
	if !slow.Stop() {
		s.do(func() { s.end(w) })
	}
}

func (s *waits) begin(w *wait) {
	if !w.over { // else its end came first
		s.under = append(s.under, w)
		s.show()
	}
}

func (s *waits) end(w *wait) {
	w.over = true
	s.under = slices.DeleteFunc(s.under, func(other *wait) bool { return other == w })
	s.show()
}

// quiet has nothing said while a page is shown that tells by itself what it waits for.
func (s *waits) quiet(silent bool) {
	s.silent = silent
	s.show()
}

func (s *waits) show() {
	speaks := len(s.under) > 0 && !s.silent
	if speaks {
		s.note.Set(widgets.ColorMuted, "", s.say(s.under[0].what))
	}
	if speaks || s.card.Visible() {
		visible(s.card, speaks)
		s.content.Refresh()
	}
}

// atFoot lays a card with a note out at the foot of the window, in the middle of what stands beside the sidebar.
type atFoot struct{ note *widgets.Note }

const footMost = 560 // of its width

func (l atFoot) Layout(o []fyne.CanvasObject, size fyne.Size) {
	beside := size.Width - widgets.SidebarWidth
	width := min(beside-2*widgets.GapEdge, footMost, widgets.Body.Measure(l.note.Text).Width+2*widgets.GapGroup)
	l.note.Resize(fyne.NewSize(width, 0)) // its height follows from its width
	height := l.note.MinSize().Height
	o[0].Resize(fyne.NewSize(width, height))
	o[0].Move(fyne.NewPos(widgets.SidebarWidth+(beside-width)/2, size.Height-height-sideFoot-widgets.ControlHeight-widgets.GapPart)) // above what a page keeps at its foot
}

func (atFoot) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }
