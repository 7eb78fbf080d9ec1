package gui

import (
	"context"
	"errors"
	"io/fs"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
	"postroom/watcher/control"
)

// agentState is how things stand with the agent, as far as the window can tell by its answers.
type agentState int

const (
	agentWell     agentState = iota // it answers, and is of this version
	agentOld                        // it answers, and is of another version: the program was updated
	agentAway                       // none runs
	agentForeign                    // another user's is at its address
	agentMute                       // it does not answer
	agentStarting                   // it is being started, or replaced
)

// stateOf tells the state from what the last answer came to.
func stateOf(err error, ours, theirs string) agentState {
	switch {
	case err == nil && ours != "" && theirs != "" && ours != theirs:
		return agentOld
	case err == nil:
		return agentWell
	case errors.Is(err, fs.ErrPermission):
		return agentForeign
	case errors.Is(err, control.ErrNoAgent):
		return agentAway
	case ours != "" && theirs != "" && ours != theirs:
		return agentOld // its answers may be others than this window understands
	}
	return agentMute
}

// agentBand says over whatever the window shows that the agent does not run, or is not the one it should be, and has the one
// button that helps. It moves nothing else than the room below it, once when it comes and once when it goes.
type agentBand struct {
	w       *Window
	content *fyne.Container
	note    *widgets.Note
	button  *widgets.Button
	state   agentState
	busy    bool // the button's call is under way
	failed  string
}

func newAgentBand(w *Window) *agentBand {
	b := &agentBand{w: w, note: widgets.NewNote(widgets.ColorAttention, "", ""), button: widgets.NewButton("", nil)}
	b.button.OnTapped = b.press
	b.content = container.New(noted{}, b.note, b.button)
	b.content.Hide()
	return b
}

// follow takes over what the last answer came to.
func (b *agentBand) follow(err error) {
	state := stateOf(err, b.w.opts.Version, b.w.engine.AgentVersion())
	if state == agentWell {
		b.busy, b.failed = false, ""
	}
	if state == b.state && !b.content.Visible() == (state == agentWell) {
		return
	}
	b.state = state
	b.show()
}

// show says it.
func (b *agentBand) show() {
	say, shown := b.w.speaker.Say, b.content.Visible()
	state, tone := b.state, widgets.ColorAttention
	if b.busy && state != agentWell {
		state = agentStarting
	}
	button := ""
	switch state {
	case agentWell:
		visible(b.content, false)
	case agentOld:
		tone = widgets.ColorMuted
		b.note.Set(tone, "", say("window.agent.old", map[string]any{"ours": b.w.opts.Version, "theirs": b.w.engine.AgentVersion()}))
		button = "window.agent.restart"
	case agentAway:
		b.note.Set(tone, "", say("window.agent.away"))
		button = "window.agent.start"
	case agentForeign:
		b.note.Set(tone, "", say("window.agent.foreign"))
	case agentMute:
		b.note.Set(tone, "", say("window.silent"))
	case agentStarting:
		b.note.Set(widgets.ColorMuted, "", say("window.agent.starting"))
	}
	if b.failed != "" && state != agentWell && state != agentStarting {
		b.note.Set(widgets.ColorProblem, "", b.failed)
	}
	if b.act() == nil {
		button = ""
	}
	if button != "" {
		b.button.Set(say(button))
	}
	visible(b.button, button != "")
	b.note.Room = 0
	if button != "" {
		b.note.Room = b.button.MinSize().Width + 12
	}
	visible(b.content, state != agentWell)
	if shown || b.content.Visible() {
		b.content.Refresh()
		b.w.frame.Refresh()
	}
}

// act is what the button does; nil where this window cannot do it.
func (b *agentBand) act() func(context.Context) error {
	switch b.state {
	case agentAway:
		return b.w.opts.StartAgent
	case agentOld:
		return b.w.opts.RestartAgent
	}
	return nil
}

func (b *agentBand) press() {
	act := b.act()
	if act == nil || b.busy {
		return
	}
	b.busy, b.failed = true, ""
	b.show()
	(&Host{b.w}).LongWork(act, func(err error) {
		b.busy = false
		if err != nil {
			b.failed = b.w.speaker.Failure(err)
		}
		b.show()
		b.w.feed.want(everything)
	})
}

// banded lays a band out over what is shown, which gets the room that is left.
type banded struct{ band *agentBand }

const bandEdge = 8 // around the band

func (l banded) Layout(o []fyne.CanvasObject, size fyne.Size) {
	top := float32(0)
	if l.band.content.Visible() {
		width := size.Width - 2*bandEdge
		o[0].Move(fyne.NewPos(bandEdge, bandEdge))
		for range 2 { // once more, at the height its width asks for
			o[0].Resize(fyne.NewSize(width, max(l.band.note.MinSize().Height, l.band.button.MinSize().Height+bandEdge)))
		}
		top = o[0].Size().Height + 2*bandEdge
	}
	o[1].Move(fyne.NewPos(0, top))
	o[1].Resize(fyne.NewSize(size.Width, size.Height-top))
}

func (l banded) MinSize(o []fyne.CanvasObject) fyne.Size { return o[1].MinSize() }
