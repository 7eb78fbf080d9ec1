//go:build !darwin || cgo

package tray

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"fyne.io/systray"

	"postroom/assets"
)

// onStage puts the icon up on this goroutine, hands the stage to play on another, and takes the icon down when ctx
// has ended and play has returned: systray panics when it is told to show something on a connection that is closed.
// Clicks go into the channel; one that nobody takes is dropped, as a click on a busy menu is.
func onStage(ctx context.Context, play func(stage), clicks chan<- click, log *slog.Logger) {
	var busy sync.WaitGroup
	name()
	systray.SetOnTapped(func() { offer(clicks, click{entry: open}) })
	systray.Run(func() {
		m := newMenu(ctx, &busy, clicks, log)
		busy.Go(func() {
			play(m)
			<-ctx.Done()
			systray.Quit()
		})
	}, nil)
	busy.Wait()
}

func offer(clicks chan<- click, c click) {
	select {
	case clicks <- c:
	default:
	}
}

// menu is the real stage. Entries are made once and then hidden, shown and renamed; none is ever removed, because
// systray closes an entry's channel then while a click may be on its way into it.
type menu struct {
	ctx    context.Context
	busy   *sync.WaitGroup
	clicks chan<- click
	log    *slog.Logger
	shown  view

	headline, open, page *systray.MenuItem
	outbox, inbox        *systray.MenuItem // of the only company
	outboxes, inboxes    *systray.MenuItem // over one entry for each of several
	outboxOf, inboxOf    []*systray.MenuItem
	pause, quiet, ending *systray.MenuItem
}

func newMenu(ctx context.Context, busy *sync.WaitGroup, clicks chan<- click, log *slog.Logger) *menu {
	m := &menu{ctx: ctx, busy: busy, clicks: clicks, log: log}
	m.headline = systray.AddMenuItem("Postroom", "")
	m.headline.Disable()
	m.open = m.add(click{entry: open})
	m.page = m.add(click{entry: page})
	systray.AddSeparator()
	m.outbox = m.add(click{entry: outbox})
	m.outboxes = systray.AddMenuItem("", "")
	m.inbox = m.add(click{entry: inbox})
	m.inboxes = systray.AddMenuItem("", "")
	systray.AddSeparator()
	m.pause = m.add(click{entry: pause})
	m.quiet = m.add(click{entry: quiet})
	systray.AddSeparator()
	m.ending = m.add(click{entry: stop})
	return m
}

// add makes an entry and listens to it for as long as the tray lives.
func (m *menu) add(c click) *systray.MenuItem { return m.listen(systray.AddMenuItem("", ""), c) }

func (m *menu) listen(item *systray.MenuItem, c click) *systray.MenuItem {
	m.busy.Go(func() {
		for {
			select {
			case <-m.ctx.Done():
				return
			case <-item.ClickedCh:
				offer(m.clicks, c)
			}
		}
	})
	return item
}

// show brings icon and menu to what v says, touching only what differs: each touch is a message to the desktop.
func (m *menu) show(v view) {
	first, was := m.shown.words == nil, m.shown
	m.shown = v
	if first || v.icon != was.icon {
		m.draw(v.icon)
	}
	if first || v.headline != was.headline {
		m.headline.SetTitle(v.headline)
		systray.SetTooltip("Postroom: " + v.headline)
	}
	language := first || v.words.Language() != was.words.Language()
	if language {
		m.open.SetTitle(v.words.Say("tray.open"))
		m.page.SetTitle(v.words.Say("tray.page"))
		for _, item := range []*systray.MenuItem{m.outbox, m.outboxes} {
			item.SetTitle(v.words.Say("tray.outbox"))
		}
		for _, item := range []*systray.MenuItem{m.inbox, m.inboxes} {
			item.SetTitle(v.words.Say("tray.inbox"))
		}
		m.ending.SetTitle(v.words.Say("tray.stop"))
	}
	if language || v.paused != was.paused {
		key := "tray.pause"
		if v.paused {
			key = "tray.resume"
		}
		m.pause.SetTitle(v.words.Say(key))
	}
	if language || v.quiet != was.quiet {
		said := v.words.Say("tray.quiet")
		if v.quiet != "" {
			said = v.words.Say("tray.quiet.end", map[string]any{"time": v.quiet})
		}
		m.quiet.SetTitle(said)
	}
	if first || !slices.Equal(v.places, was.places) {
		m.showPlaces(v.places)
	}
}

// draw shows an icon. Systray panics here when the session's bus has died under it; the agent carries on without.
func (m *menu) draw(state assets.TrayState) {
	defer func() {
		if failed := recover(); failed != nil {
			m.log.Warn("the icon in the tray cannot be drawn", slog.Any("error", failed))
		}
	}()
	systray.SetTemplateIcon(assets.TrayTemplate(state), assets.TrayIcon(state))
}

// showPlaces gives one company plain entries, and several a submenu each.
func (m *menu) showPlaces(places []string) {
	visible(m.outbox, len(places) == 1)
	visible(m.inbox, len(places) == 1)
	visible(m.outboxes, len(places) > 1)
	visible(m.inboxes, len(places) > 1)
	if len(places) < 2 {
		places = nil
	}
	for len(m.outboxOf) < len(places) {
		i := len(m.outboxOf)
		m.outboxOf = append(m.outboxOf, m.listen(m.outboxes.AddSubMenuItem("", ""), click{outbox, i}))
		m.inboxOf = append(m.inboxOf, m.listen(m.inboxes.AddSubMenuItem("", ""), click{inbox, i}))
	}
	for i := range m.outboxOf {
		there := i < len(places)
		if there {
			m.outboxOf[i].SetTitle(places[i])
			m.inboxOf[i].SetTitle(places[i])
		}
		visible(m.outboxOf[i], there)
		visible(m.inboxOf[i], there)
	}
}

func visible(item *systray.MenuItem, yes bool) {
	if yes {
		item.Show()
	} else {
		item.Hide()
	}
}
