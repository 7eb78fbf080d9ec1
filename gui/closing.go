package gui

import (
	"context"
	"time"

	"postroom/gui/widgets"
)

// closePatience bounds how long a window that is to close waits for the engine.
const closePatience = 3 * time.Second

// What a person chose for the closing of the window; see watcher.Settings.OnClose.
const (
	onCloseKeep = "keep"
	onCloseStop = "stop"
)

// closeAsked is the window's cross. What the person wants then is asked once and remembered.
func (w *Window) closeAsked() {
	if w.ask != nil || w.closing {
		return
	}
	if !w.heard || w.silent {
		w.close("") // nobody is there to be kept working or stopped
		return
	}
	if w.settings.OnClose != "" {
		w.close(w.settings.OnClose)
		return
	}
	say := w.speaker.Say
	remember := func(choice string) func(bool) {
		return func(bool) {
			w.ask = nil
			w.settings.OnClose = choice
			settings := w.settings
			w.closeAfter(func(ctx context.Context) error { return w.engine.SaveSettings(ctx, settings) }, choice)
		}
	}
	w.ask = widgets.Ask(w.win.Canvas(), widgets.Question{
		Title: say("window.closing.title"),
		Text:  say("window.closing.text"),
		Choices: []widgets.Choice{
			{Text: say("window.closing.stop"), Do: remember(onCloseStop)},
			{Text: say("window.closing.keep"), Kind: widgets.Filled, Do: remember(onCloseKeep)},
		},
		OnEscape: func() { w.ask = nil },
	})
}

func (w *Window) close(choice string) {
	w.closeAfter(func(context.Context) error { return nil }, choice)
}

// closeAfter does something, stops the agent if that was chosen, and closes the window whether or not that went well:
// a cross that does nothing is the worst answer.
func (w *Window) closeAfter(first func(context.Context) error, choice string) {
	w.closing = true
	w.working.Go(func() {
		ctx, cancel := context.WithTimeout(w.ctx, closePatience)
		defer cancel()
		err := first(ctx)
		if choice == onCloseStop {
			if stopped := w.engine.Stop(ctx); stopped != nil {
				err = stopped
			}
		}
		if err != nil {
			w.opts.Logger.Warn("closing the window", "error", err)
		}
		w.opts.Do(func() {
			if w.opts.OnClosing != nil {
				w.opts.OnClosing()
			}
			w.win.Close()
		})
	})
}
