package gui

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// settingsPage shows the person's choices. Each is kept as soon as it is made: there is no button to forget.
type settingsPage struct {
	h        *Host
	settings watcher.Settings // as the engine has them, as far as is known
	changes  []settingChange  // to be kept, the first being kept just now
	closed   bool

	content *fyne.Container
	note    *widgets.Note
	shows   []func() // bring a control in line with the settings
	leaves  []func() // keep what was typed and not yet left
}

// settingChange is one choice on its way to the engine.
type settingChange struct {
	make func(*watcher.Settings)
	told func(error)
}

// SettingsPage shows what a person may choose.
func SettingsPage(h *Host, _ string) Page {
	p := &settingsPage{h: h, settings: h.Settings()}
	p.note = widgets.NewNote(widgets.ColorProblem, "", "")
	p.note.Hide()
	column := widgets.Column(widgets.GapEdge, widgets.NewText(h.Words().Say("settings.title"), widgets.Headline), p.note)
	for _, group := range p.groups() {
		column.Add(group)
	}
	const readable = 720
	p.content = container.New(sidePage{}, sideScroll(widgets.AtMost(readable, widgets.Inset(0, 0, 0, widgets.GapGroup, column))))
	return p
}

// Content is the page.
func (p *settingsPage) Content() fyne.CanvasObject { return p.content }

// Changed follows what was chosen in another place: in another window, at the question when the window closes.
func (p *settingsPage) Changed(events []watcher.Event) {
	if len(p.changes) == 0 && slices.ContainsFunc(events, func(e watcher.Event) bool {
		return e.Kind == watcher.EventSettings || e.Kind == watcher.EventAll
	}) {
		p.follow(p.h.Settings())
	}
}

func (p *settingsPage) Escape() bool { return false }

// Close keeps what was typed last.
func (p *settingsPage) Close() {
	for _, leave := range p.leaves {
		leave()
	}
	p.closed = true
}

func (p *settingsPage) follow(s watcher.Settings) {
	p.settings = s
	for _, show := range p.shows {
		show()
	}
	p.content.Refresh()
}

func (p *settingsPage) groups() []fyne.CanvasObject {
	type s = watcher.Settings
	return []fyne.CanvasObject{
		p.group("general",
			p.choice("language", []string{"", "en", "es", "fr", "de"}, func(s *s) *string { return &s.Language }),
			p.choice("theme", []string{widgets.LookSystem, widgets.LookLight, widgets.LookDark, widgets.LookContrast}, func(s *s) *string { return &s.Theme }),
			p.onOff("startAtLogin", func(s *s) *bool { return &s.StartAtLogin }),
			p.choice("onClose", []string{"", onCloseKeep, onCloseStop}, func(s *s) *string { return &s.OnClose }),
		),
		p.group("notifications",
			p.choice("notify", []string{"all", "needsMe", "none"}, func(s *s) *string { return &s.Notify }),
			p.quietHours(),
		),
		p.group("files",
			p.choice("sameFile", []string{"ask", "send", "leave"}, func(s *s) *string { return &s.SameFile }),
			p.text("ignore", func(s *s) string { return strings.Join(s.Ignore, ", ") }, func(s *s, text string) { s.Ignore = splitList(text) }),
			p.documentsRoot(),
			p.room(),
			p.keptFor("keepHistory", []int{30, 90, 365, 0}, func(s *s) *int { return &s.KeepHistoryDays }),
			p.keptFor("keepSent", []int{90, 365, 0}, func(s *s) *int { return &s.KeepSentDays }),
		),
		p.group("network",
			p.proxy(),
			p.text("callbackListen", func(s *s) string { return s.CallbackListen }, func(s *s, text string) { s.CallbackListen = text }),
		),
		p.group("about", widgets.Inset(settingEdge, settingEdge, settingEdge, settingEdge,
			widgets.NewParagraph(p.say("about.text", map[string]any{"version": p.h.Overview().Version}), widgets.Quiet)),
			p.support()),
	}
}

func (p *settingsPage) say(key string, args ...map[string]any) string {
	return p.h.Words().Say("settings."+key, args...)
}

// hint is a sentence that need not be there.
func (p *settingsPage) hint(name string) string {
	if key := "settings." + name + ".hint"; p.h.Words().Has(key) {
		return p.h.Words().Say(key)
	}
	return ""
}

// choose keeps a choice; what goes wrong is said at the top, and the control shows again what holds.
func (p *settingsPage) choose(change func(*watcher.Settings)) {
	p.keep(change, func(err error) {
		if err != nil {
			p.note.Set(widgets.ColorProblem, "", p.h.Explain(err))
		}
		visible(p.note, err != nil)
		p.content.Refresh()
	})
}

// keep changes the settings as the engine has them by then, one change after the other, so that no two choices undo
// each other: neither two quick ones here nor one that was made elsewhere.
func (p *settingsPage) keep(change func(*watcher.Settings), told func(error)) {
	p.changes = append(p.changes, settingChange{change, told})
	if len(p.changes) == 1 {
		p.keepNext()
	}
}

func (p *settingsPage) keepNext() {
	c := p.changes[0]
	var kept watcher.Settings
	p.h.Work(func(ctx context.Context) (err error) {
		engine := p.h.Engine()
		if kept, err = engine.Settings(ctx); err != nil {
			return err
		}
		kept.Ignore = slices.Clone(kept.Ignore)
		c.make(&kept)
		return engine.SaveSettings(ctx, kept)
	}, func(err error) {
		if err == nil {
			p.settings = kept
		}
		p.changes = p.changes[1:]
		if len(p.changes) > 0 {
			p.keepNext()
		}
		if p.closed {
			return
		}
		if len(p.changes) == 0 {
			p.follow(p.settings)
		}
		c.told(err)
	})
}

// clockText makes "7", "7.30" and "7:30 pm" the times of day they are meant as.
func clockText(text string) string {
	text = strings.TrimSpace(text)
	for _, form := range []string{"15:04", "15.04", "15H04", "15", "3:04 PM", "3:04PM", "3 PM", "3PM"} {
		if t, err := time.Parse(form, strings.ToUpper(text)); err == nil {
			return t.Format("15:04")
		}
	}
	return text
}

func splitList(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
