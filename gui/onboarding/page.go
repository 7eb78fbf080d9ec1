package onboarding

import (
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui"
	"postroom/gui/widgets"
	"postroom/watcher"
)

// page is one step on the screen.
type page struct {
	title, subtitle string
	body            []fyne.CanvasObject
	left, right     []*widgets.Button // at the foot; the last at the right is the way on
	inside          []*widgets.Button // in the body: they wait with those at the foot
	first           fyne.Focusable    // where the keyboard is put; nil where nothing is typed

	update   func(watcher.Draft)        // shows the draft in place
	leave    func()                     // ends what the page started
	next     func()                     // what Return does
	back     func()                     // what Escape does
	resume   func()                     // what a locked vault has held up; may be nil
	blame    func(watcher.Problem) bool // says a problem at the field it is about; false for one about none
	explains func(watcher.Draft) bool   // tells whether the page shows by itself what is wrong with the draft

	told   bool // what is said above the body is the answer to what the person did: it stays until they do more
	silent bool // the engine does not answer
	slow   *time.Timer

	// Made by the frame.
	note   *widgets.Note
	unlock *gui.Unlock
	moment *widgets.Text // that a call is under way
	top    *fyne.Container
	inner  *fyne.Container // the body
	foot   *fyne.Container
	scroll *fyne.Container
}

// wait keeps the page's buttons from being pressed twice.
func (p *page) wait(on bool) {
	for _, list := range [][]*widgets.Button{p.left, p.right, p.inside} {
		for _, b := range list {
			if on {
				b.Disable()
			} else {
				b.Enable()
			}
		}
	}
}

// trouble shows what went wrong and what to do; empty words take it away.
func (p *page) trouble(what, do string) {
	if p.note == nil {
		return // no page yet
	}
	if what == "" && do == "" {
		if p.note.Visible() {
			p.note.Hide()
			p.relayout()
		}
		return
	}
	p.note.Set(widgets.ColorProblem, what, do)
	if !p.note.Visible() {
		p.note.Show()
		widgets.ScrollToTop(p.scroll)
	}
	p.relayout()
}

// asking leaves nothing but the question for the passphrase while it is asked.
func (p *page) asking(on bool) {
	setVisible(p.inner, !on)
	for _, b := range p.right {
		setVisible(b, !on)
	}
	p.foot.Refresh()
	p.relayout()
}

// saySlow says that a call is under way; "" takes it away.
func (p *page) saySlow(text string) {
	if p.moment != nil && p.moment.Text != text {
		p.moment.Set(text)
		p.foot.Refresh()
	}
}

// relayout gives the parts of the page the room they take now.
func (p *page) relayout() {
	if p.scroll != nil {
		p.top.Refresh()
		p.scroll.Refresh()
	}
}
