package gui

import (
	"reflect"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// callsPart are the exchanges with the platform, which few ask for: behind a button.
type callsPart struct {
	speaker speaker
	grown   func() // it takes another height
	content *fyne.Container
	button  *widgets.Button
	table   *widgets.Table
	calls   []watcher.Exchange
	open    bool
}

func newCallsPart(s speaker, grown func()) *callsPart {
	c := &callsPart{speaker: s, grown: grown}
	c.button = widgets.NewPlainButton("", func() {
		c.open = !c.open
		c.fill()
		grown()
	})
	c.button.Icon, c.button.After = "down", true
	c.table = widgets.NewTable(s.Say("window.exchange.time"), s.Say("window.exchange.answer"), s.Say("window.exchange.call"),
		func(left int) string { return s.Say("window.more", map[string]any{"count": left}) })
	c.table.OnGrown = grown
	c.content = widgets.Column(widgets.GapPart, widgets.Line(0, c.button), c.table)
	c.fill()
	return c
}

// clear shows nothing; what is shown next is closed.
func (c *callsPart) clear() {
	c.calls, c.open = nil, false
	c.fill()
}

func (c *callsPart) show(calls []watcher.Exchange) {
	if reflect.DeepEqual(c.calls, calls) {
		return
	}
	c.calls = calls
	c.fill()
}

func (c *callsPart) fill() {
	key := "window.technical"
	if c.open {
		key = "window.technical.hide"
	}
	c.button.Set(c.speaker.Say(key))
	if c.open {
		c.table.Set(tableOf(c.speaker.ExchangeLines(c.calls)))
	}
	visible(c.table, c.open)
	visible(c.content, len(c.calls) > 0)
}
