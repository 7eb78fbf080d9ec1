package gui

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// settingsPage shows the person's choices. Each is kept as soon as it is made: there is no button to forget.
type settingsPage struct {
	h        *Host
	settings watcher.Settings
	closed   bool

	content *fyne.Container
	column  *fyne.Container
	note    *widgets.Note
}

// SettingsPage shows what a person may choose.
func SettingsPage(h *Host, _ string) Page {
	p := &settingsPage{h: h, settings: h.Settings(), column: widgets.Column(widgets.GapEdge)}
	p.note = widgets.NewNote(widgets.ColorProblem, "", "")
	p.note.Hide()
	p.content = widgets.Inset(40, 24, 40, widgets.GapEdge,
		widgets.Scroll(widgets.AtMost(720, widgets.Inset(0, 0, 0, widgets.GapGroup, p.column))))
	p.show()
	return p
}

func (p *settingsPage) Content() fyne.CanvasObject { return p.content }

func (p *settingsPage) Changed([]watcher.Event) {}

func (p *settingsPage) Escape() bool { return false }

func (p *settingsPage) Close() { p.closed = true }

// show lays the choices out. Typed ones keep their entries; the page is not built anew while a person types.
func (p *settingsPage) show() {
	s := p.h.w.speaker
	p.column.Objects = []fyne.CanvasObject{
		widgets.NewText(s.Say("settings.title"), widgets.Headline),
		p.note,
		p.group("general",
			p.choice("language", []string{"", "en", "es"}, func(s *watcher.Settings) *string { return &s.Language }),
			p.choice("theme", []string{"", "light", "dark"}, func(s *watcher.Settings) *string { return &s.Theme }),
			p.onOff("startAtLogin", func(s *watcher.Settings) *bool { return &s.StartAtLogin }),
			p.choice("onClose", []string{"", "keep", "stop"}, func(s *watcher.Settings) *string { return &s.OnClose }),
		),
		p.group("notifications",
			p.choice("notify", []string{"all", "needsMe", "none"}, func(s *watcher.Settings) *string { return &s.Notify }),
			p.quietHours(),
		),
		p.group("files",
			p.choice("sameFile", []string{"ask", "send", "leave"}, func(s *watcher.Settings) *string { return &s.SameFile }),
			p.text("ignore", func(s *watcher.Settings) string { return strings.Join(s.Ignore, ", ") },
				func(s *watcher.Settings, text string) { s.Ignore = splitList(text) }),
			p.text("documentsRoot", func(s *watcher.Settings) string { return s.DocumentsRoot },
				func(s *watcher.Settings, text string) { s.DocumentsRoot = text }),
		),
		p.group("network",
			p.proxy(),
			p.text("callbackListen", func(s *watcher.Settings) string { return s.CallbackListen },
				func(s *watcher.Settings, text string) { s.CallbackListen = text }),
		),
		p.group("about", widgets.NewParagraph(s.Say("settings.about.text", map[string]any{"version": p.h.Overview().Version}), widgets.Quiet)),
	}
	p.content.Refresh()
}

func (p *settingsPage) group(name string, items ...fyne.CanvasObject) fyne.CanvasObject {
	card := widgets.NewCard(widgets.Column(widgets.GapGroup, items...))
	card.Inset = 20
	return widgets.Column(12, widgets.NewText(p.h.w.speaker.Say("settings."+name), widgets.Section), card)
}

// labelled puts a label and a line of help above a control.
func (p *settingsPage) labelled(name string, control fyne.CanvasObject) fyne.CanvasObject {
	s := p.h.w.speaker
	column := widgets.Column(6, widgets.NewText(s.Say("settings."+name), widgets.Name), control)
	if key := "settings." + name + ".hint"; s.Has(key) {
		column.Add(widgets.NewParagraph(s.Say(key), widgets.Muted))
	}
	return column
}

// choice is one of a few, as pills.
func (p *settingsPage) choice(name string, values []string, part func(*watcher.Settings) *string) fyne.CanvasObject {
	s := p.h.w.speaker
	var names []string
	for _, value := range values {
		if value == "" {
			value = "default"
		}
		names = append(names, s.Say("settings."+name+"."+value))
	}
	pills := widgets.NewFilters(nil, names...)
	pills.Choose(max(slices.Index(values, *part(&p.settings)), 0))
	pills.OnChosen = func(i int) { p.save(func(s *watcher.Settings) { *part(s) = values[i] }) }
	return p.labelled(name, widgets.Line(0, pills, widgets.Spring()))
}

func (p *settingsPage) onOff(name string, part func(*watcher.Settings) *bool) fyne.CanvasObject {
	s := p.h.w.speaker
	pills := widgets.NewFilters(nil, s.Say("settings.off"), s.Say("settings.on"))
	if *part(&p.settings) {
		pills.Choose(1)
	}
	pills.OnChosen = func(i int) { p.save(func(s *watcher.Settings) { *part(s) = i == 1 }) }
	return p.labelled(name, widgets.Line(0, pills, widgets.Spring()))
}

// text is an entry that is kept when the person leaves it or presses Return.
func (p *settingsPage) text(name string, get func(*watcher.Settings) string, set func(*watcher.Settings, string)) *widgets.Field {
	s := p.h.w.speaker
	hint := ""
	if key := "settings." + name + ".hint"; s.Has(key) {
		hint = s.Say(key)
	}
	field := widgets.NewField(s.Say("settings."+name), hint)
	field.SetText(get(&p.settings))
	keep := func() {
		text := strings.TrimSpace(field.Text())
		if text == get(&p.settings) {
			field.SetProblem("")
			return
		}
		p.try(func(s *watcher.Settings) { set(s, text) }, func(err error) {
			field.SetProblem("")
			if err != nil {
				field.SetProblem(p.h.Explain(err))
			}
			p.content.Refresh()
		})
	}
	field.Entry.OnSubmitted = func(string) { keep() }
	field.Entry.OnLeft = keep
	return field
}

// proxy is the system's, none, or an address.
func (p *settingsPage) proxy() fyne.CanvasObject {
	s := p.h.w.speaker
	address := p.text("proxy.address", func(s *watcher.Settings) string {
		if s.Proxy == "none" {
			return ""
		}
		return s.Proxy
	}, func(s *watcher.Settings, text string) { s.Proxy = text })
	pills := widgets.NewFilters(nil, s.Say("settings.proxy.system"), s.Say("settings.proxy.none"), s.Say("settings.proxy.manual"))
	column := widgets.Column(12)
	arrange := func(i int) {
		column.Objects = []fyne.CanvasObject{p.labelled("proxy", widgets.Line(0, pills, widgets.Spring()))}
		if i == 2 {
			column.Add(address)
		}
		p.content.Refresh()
	}
	switch p.settings.Proxy {
	case "":
	case "none":
		pills.Choose(1)
	default:
		pills.Choose(2)
	}
	arrange(pills.Chosen())
	pills.OnChosen = func(i int) {
		arrange(i)
		switch i {
		case 0:
			p.save(func(s *watcher.Settings) { s.Proxy = "" })
		case 1:
			p.save(func(s *watcher.Settings) { s.Proxy = "none" })
		}
	}
	return column
}

// quietHours are two times of day between which no pop-up comes; both empty is none.
func (p *settingsPage) quietHours() fyne.CanvasObject {
	s := p.h.w.speaker
	from, to := widgets.NewField(s.Say("settings.quietFrom"), ""), widgets.NewField(s.Say("settings.quietTo"), "")
	from.Entry.SetPlaceHolder("20:00")
	to.Entry.SetPlaceHolder("07:00")
	from.SetText(p.settings.QuietFrom)
	to.SetText(p.settings.QuietTo)
	keep := func() {
		a, b := clockText(from.Text()), clockText(to.Text())
		if (a == "") != (b == "") || a == p.settings.QuietFrom && b == p.settings.QuietTo {
			return // half of it is no span yet
		}
		p.try(func(s *watcher.Settings) { s.QuietFrom, s.QuietTo = a, b }, func(err error) {
			from.SetProblem("")
			if err != nil {
				from.SetProblem(s.Say("settings.quiet.bad"))
			}
			p.content.Refresh()
		})
	}
	for _, field := range []*widgets.Field{from, to} {
		field.Entry.OnSubmitted = func(string) { keep() }
		field.Entry.OnLeft = keep
	}
	return p.labelled("quiet", widgets.AtMost(280, widgets.Beside(widgets.GapGroup, from, to)))
}

// clockText makes "7" and "7:30" the times of day they are meant as.
func clockText(text string) string {
	hour, minute, found := strings.Cut(strings.TrimSpace(text), ":")
	if !found {
		minute = "00"
	}
	if h, err := strconv.Atoi(hour); err == nil && len(minute) == 2 && h >= 0 && h < 24 {
		return strconv.Itoa(100 + h)[1:] + ":" + minute
	}
	return strings.TrimSpace(text)
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

// save keeps a choice; what goes wrong is said at the top.
func (p *settingsPage) save(change func(*watcher.Settings)) {
	p.try(change, func(err error) {
		p.note.Hide()
		if err != nil {
			p.note.Set(widgets.ColorProblem, "", p.h.Explain(err))
			p.note.Show()
		}
		p.content.Refresh()
	})
}

// try changes the settings as they are by then, so that two quick choices do not undo each other.
func (p *settingsPage) try(change func(*watcher.Settings), told func(error)) {
	next := p.settings
	next.Ignore = slices.Clone(next.Ignore)
	change(&next)
	before := p.settings
	p.settings = next
	p.h.Work(func(ctx context.Context) error { return p.h.Engine().SaveSettings(ctx, next) }, func(err error) {
		if p.closed {
			return
		}
		if err != nil {
			p.settings = before
		}
		told(err)
	})
}
