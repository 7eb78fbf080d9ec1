package onboarding

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// passcodePage shows the passcode, large, with the time it has left, and what to do with it in Sage 50.
func (w *Wizard) passcodePage() *page {
	d := w.draft
	c := w.newCountdown()
	paste := w.newPaste()
	warnings := w.newWarnings()
	someone := widgets.NewPlainButton(w.say("passcode.someone"), paste.toggle)
	p := &page{
		title:    w.say("passcode"),
		subtitle: w.say("passcode.sub", map[string]any{"company": d.Input.Company}),
		body: []fyne.CanvasObject{
			c.card, c.how, c.state, warnings.column, paste.whole,
		},
		right:  []*widgets.Button{c.renew},
		inside: []*widgets.Button{paste.button},
		back:   w.backTo(watcher.StepFolder),
		leave:  c.leave,
		blame:  paste.blame,
		resume: c.request,
	}
	if d.Reconnects != "" {
		p.back = func() { w.Leave("") } // its company and folder are settled
	}
	p.left = []*widgets.Button{widgets.NewButton(w.say("back"), p.back), someone}
	p.next = func() {
		if c.over() {
			c.request()
		}
	}
	asked := false
	p.update = func(d watcher.Draft) {
		warnings.show(d)
		if c.show(d); d.Passcode == "" && d.Problem == nil && !asked {
			asked = true
			c.request()
		}
	}
	return p
}

// domainData names what is shared, as in "e-commerce data".
func (w *Wizard) domainData(domain string) string {
	if key := "passcode.domain." + domain; w.Words.Has("wizard." + key) {
		return w.say(key)
	}
	return w.say("passcode.domain.")
}

// countdown is the card with the passcode and the ring, and the line that says how it stands.
type countdown struct {
	w     *Wizard
	card  *widgets.Card
	how   *fyne.Container
	code  *code
	copy  *widgets.Button
	ring  *widgets.Ring
	renew *widgets.Button
	state *fyne.Container
	icon  *widgets.Icon
	words *widgets.Paragraph
	timer *time.Timer
	draft watcher.Draft
	still bool // another was asked for, and this one is open yet
}

func (w *Wizard) newCountdown() *countdown {
	c := &countdown{
		w:     w,
		ring:  widgets.NewRing(15 * time.Minute),
		icon:  widgets.NewIcon("status-waiting", widgets.ColorWaiting),
		words: widgets.NewParagraph("", widgets.Quiet),
	}
	c.renew = widgets.NewButton(w.say("passcode.new"), c.request)
	c.copy = widgets.NewButton(w.say("passcode.copy"), func() {
		w.Copy(c.draft.Passcode)
		c.copy.Set(w.say("passcode.copied"))
	})
	c.code = newCode(c.copy, c.ring)
	c.card = widgets.NewCard(c.code)
	c.card.Inset = 24
	c.how = widgets.Column(10,
		numbered("1", w.say("passcode.first")),
		numbered("2", w.say("passcode.second")),
		numbered("3", w.say("passcode.third", map[string]any{"domain": w.domainData(w.draft.Input.Domain)})),
	)
	c.state = marked(c.icon, c.words)
	return c
}

// request asks for a passcode. The engine gives the same again while it is open: with two, nobody could tell whose
// consent arrives.
func (c *countdown) request() {
	w, before := c.w, c.draft.Passcode
	id := w.draft.ID
	w.call(func(ctx context.Context) (watcher.Draft, error) { return w.Engine.RequestPasscode(ctx, id) },
		func(d watcher.Draft) {
			if c.still = before != "" && d.Passcode == before; c.still {
				c.tick()
			}
		})
	c.tick()
}

// show takes over the draft as it is now.
func (c *countdown) show(d watcher.Draft) {
	if d.Passcode != c.draft.Passcode {
		c.copy.Set(c.w.say("passcode.copy"))
		c.still = false
	}
	c.draft = d
	c.tick()
}

// over tells whether there is no passcode that could still be used.
func (c *countdown) over() bool {
	d := c.draft
	return d.Passcode == "" || d.Outcome == watcher.OutcomeRanOut || c.left() <= 0
}

func (c *countdown) left() time.Duration { return c.draft.ExpiresAt.Sub(c.w.Now()) }

// tick shows the time that is left, and comes back every second while there is some.
func (c *countdown) tick() {
	c.leave()
	d, over := c.draft, c.over()
	c.code.show(grouped(d.Passcode), d.Passcode != "" && over)
	if shown := d.Passcode != "" || c.w.busy > 0; shown != c.card.Visible() {
		setVisible(c.card, shown)
		setVisible(c.how, shown)
		c.w.page.relayout()
	}
	c.ring.Set(max(c.left(), 0), max(d.ExpiresAt.Sub(d.IssuedAt), time.Second))
	kind := widgets.Outlined
	switch {
	case d.Outcome == watcher.OutcomeReceived:
		c.tell("status-done", widgets.ColorGood, "passcode.received")
	case d.Passcode == "" && c.w.busy > 0:
		c.tell("status-waiting", widgets.ColorWaiting, "passcode.asking")
	case d.Passcode == "":
		c.tell("status-attention", widgets.ColorAttention, "passcode.none")
		kind = widgets.Filled
	case over:
		c.tell("status-attention", widgets.ColorAttention, "passcode.ranOut")
		kind = widgets.Filled
	case c.still:
		c.tell("status-waiting", widgets.ColorWaiting, "passcode.still")
	default:
		c.tell("status-waiting", widgets.ColorWaiting, "passcode.waiting")
	}
	if c.renew.Kind != kind {
		c.renew.SetKind(kind)
	}
	if !over && d.Outcome == watcher.OutcomeWaiting {
		c.timer = time.AfterFunc(c.untilNextSecond(), func() {
			c.w.UI(func() {
				if !c.w.closed && c.timer != nil {
					c.tick()
				}
			})
		})
	}
}

// untilNextSecond keeps the figure in step with the clock.
func (c *countdown) untilNextSecond() time.Duration {
	if rest := c.left() % time.Second; rest > 0 {
		return rest
	}
	return time.Second
}

func (c *countdown) tell(icon string, tone fyne.ThemeColorName, key string) {
	c.icon.Set(icon, tone)
	if text := c.w.say(key); c.words.Text() != text {
		c.words.Set(text, widgets.Quiet)
		c.w.page.relayout()
	}
}

func (c *countdown) leave() {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}
