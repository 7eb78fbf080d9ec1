package onboarding

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// passcodePage shows the passcode, large, with the time it has left, and what to do with it in Sage 50.
func (w *Wizard) passcodePage() *page {
	c := w.newCountdown()
	renew := widgets.NewButton(w.say("passcode.new"), w.requestPasscode)
	paste := w.newPaste()
	someone := widgets.NewPlainButton(w.say("passcode.someone"), paste.toggle)
	back := w.backTo(watcher.StepFolder)
	if w.draft.Reconnects != "" {
		back = func() { w.Leave("") } // its company and folder are settled
	}
	return &page{
		title:    w.say("passcode"),
		subtitle: w.say("passcode.sub", map[string]any{"company": w.draft.Input.Company}),
		body: []fyne.CanvasObject{
			c.card,
			widgets.Column(10,
				numbered("1", w.say("passcode.first")),
				numbered("2", w.say("passcode.second")),
				numbered("3", w.say("passcode.third", map[string]any{"domain": w.say("passcode.domain." + w.draft.Input.Domain)})),
			),
			c.state,
			paste.whole,
		},
		left:   []fyne.CanvasObject{widgets.NewButton(w.say("back"), back), widgets.Inset(12, 0, 0, 0, someone)},
		right:  []*widgets.Button{renew},
		update: c.update,
		leave:  c.leave,
		back:   back,
	}
}

func (w *Wizard) requestPasscode() {
	id := w.draft.ID
	w.call(func(ctx context.Context) (watcher.Draft, error) { return w.Engine.RequestPasscode(ctx, id) }, nil)
}

// countdown is the card with the passcode and the ring, and the line that says how it stands.
type countdown struct {
	w     *Wizard
	card  *widgets.Card
	code  *widgets.Text
	copy  *widgets.Button
	ring  *widgets.Ring
	state *fyne.Container
	icon  *widgets.Icon
	words *widgets.Paragraph
	timer *time.Timer
	draft watcher.Draft
}

// passcodeStyle is large enough to be read from a second screen.
var passcodeStyle = widgets.Style{Size: 40, SemiBold: true, Colour: widgets.ColorText, Figures: true}

func (w *Wizard) newCountdown() *countdown {
	c := &countdown{
		w:     w,
		code:  widgets.NewText("", passcodeStyle),
		ring:  widgets.NewRing(15 * time.Minute),
		icon:  widgets.NewIcon("status-waiting", widgets.ColorWaiting),
		words: widgets.NewParagraph("", widgets.Quiet),
	}
	c.copy = widgets.NewButton(w.say("passcode.copy"), func() {
		w.Copy(c.draft.Passcode)
		c.copy.Set(w.say("passcode.copied"))
	})
	c.card = widgets.NewCard(widgets.Line(28, c.code, c.copy, widgets.Spring(), c.ring))
	c.card.Inset = 24
	c.state = widgets.Line(10, c.icon, widgets.Grow(c.words))
	return c
}

// update shows the draft and asks for a passcode where there is none yet.
func (c *countdown) update(d watcher.Draft) {
	if d.Passcode != c.draft.Passcode {
		c.copy.Set(c.w.say("passcode.copy"))
	}
	c.draft = d
	c.code.Set(grouped(d.Passcode))
	if d.Passcode == "" && d.Problem == nil && c.w.busy == 0 {
		c.w.requestPasscode()
	}
	c.tick()
}

// tick shows the time that is left, and comes back every second while there is some.
func (c *countdown) tick() {
	c.leave()
	d := c.draft
	left := d.ExpiresAt.Sub(c.w.Now())
	whole := d.ExpiresAt.Sub(d.IssuedAt)
	ran := d.Outcome == watcher.OutcomeRanOut || d.Passcode != "" && left <= 0
	switch {
	case d.Passcode == "":
		c.tell("status-waiting", widgets.ColorWaiting, c.w.say("passcode.asking"))
	case d.Outcome == watcher.OutcomeReceived:
		c.tell("status-done", widgets.ColorGood, c.w.say("passcode.received"))
	case ran:
		c.tell("status-attention", widgets.ColorAttention, c.w.say("passcode.ranOut"))
	default:
		c.tell("status-waiting", widgets.ColorWaiting, c.w.say("passcode.waiting"))
	}
	c.ring.Set(max(left, 0), max(whole, time.Second))
	c.code.SetStyle(passcodeStyle)
	if ran {
		c.code.SetStyle(passcodeStyle.In(widgets.ColorFaint))
		return
	}
	if d.Passcode != "" && d.Outcome == watcher.OutcomeWaiting {
		c.timer = time.AfterFunc(time.Second, func() {
			c.w.UI(func() {
				if !c.w.closed && c.timer != nil {
					c.tick()
				}
			})
		})
	}
}

func (c *countdown) tell(icon string, tone fyne.ThemeColorName, text string) {
	c.icon.Set(icon, tone)
	if c.words.Text() != text {
		c.words.Set(text, widgets.Quiet)
		c.state.Refresh()
	}
}

func (c *countdown) leave() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

// grouped sets a passcode in groups of three or four, as telephone numbers are, so that it can be typed without
// losing the place. One that has its own separators keeps them.
func grouped(code string) string {
	if strings.ContainsAny(code, " -.") || len(code) < 6 || len(code) > 24 {
		return code
	}
	size := 3
	if len(code)%3 != 0 && len(code)%4 == 0 || len(code) > 12 {
		size = 4
	}
	var b strings.Builder
	for i, r := range []rune(code) {
		if i > 0 && i%size == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// paste takes the key that somebody sent.
type paste struct {
	whole *fyne.Container
	field *widgets.Field
	w     *Wizard
}

func (w *Wizard) newPaste() *paste {
	p := &paste{w: w, field: widgets.NewFieldFor(w.say("paste"), w.say("paste.hint"), widgets.NewPasswordEntry())}
	use := widgets.NewButton(w.say("paste.use"), p.use)
	p.field.Entry.OnSubmitted = func(string) { p.use() }
	p.whole = widgets.Column(widgets.GapPart, p.field, widgets.Line(0, use, widgets.Spring()))
	p.whole.Hide()
	return p
}

func (p *paste) toggle() {
	if p.whole.Visible() {
		p.whole.Hide()
		p.field.SetText("")
	} else {
		p.whole.Show()
		p.w.Focus(p.field.Entry)
	}
	p.w.page.top.Refresh()
}

func (p *paste) use() {
	key, id := strings.TrimSpace(p.field.Text()), p.w.draft.ID
	if key == "" {
		p.field.SetProblem(p.w.say("paste.empty"))
		return
	}
	p.field.SetProblem("")
	p.w.call(func(ctx context.Context) (watcher.Draft, error) { return p.w.Engine.PasteKey(ctx, id, key) },
		func(watcher.Draft) { p.field.SetText("") })
}
