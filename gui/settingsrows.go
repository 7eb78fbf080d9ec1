package gui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
	"postroom/watcher"
)

const (
	settingEdge  = 16  // around a setting
	settingGap   = 24  // between its name and its control
	settingLeast = 170 // of its name, where both stand on one line
)

// group is a card of settings with lines between them.
func (p *settingsPage) group(name string, items ...fyne.CanvasObject) fyne.CanvasObject {
	rows := widgets.Column(0)
	for i, item := range items {
		if i > 0 {
			rows.Add(widgets.HairLine())
		}
		rows.Add(item)
	}
	return widgets.Column(12, widgets.NewText(p.say(name), widgets.Section), widgets.NewListCard(rows))
}

// row puts a setting's name and a line of help beside its control, or above it where there is no room.
func (p *settingsPage) row(name string, pills *widgets.Filters) fyne.CanvasObject {
	hint := widgets.NewParagraph(p.hint(name), widgets.Muted)
	visible(hint, hint.Text() != "")
	return widgets.Inset(settingEdge, 12, settingEdge, 12,
		container.New(&settingRow{}, widgets.NewText(p.say(name), widgets.Name), hint, pills))
}

// settingRow lays out a name, a line of help and a row of pills.
type settingRow struct{ width float32 }

// across is the width that pills take on one line.
func across(pills *widgets.Filters) float32 {
	width := float32(-widgets.GapPart)
	for _, p := range pills.Pills() {
		width += p.MinSize().Width + widgets.GapPart
	}
	return width
}

func (l *settingRow) beside(o []fyne.CanvasObject) bool {
	return l.width-across(o[2].(*widgets.Filters))-settingGap >= max(o[0].MinSize().Width, settingLeast)
}

func (l *settingRow) MinSize(o []fyne.CanvasObject) fyne.Size {
	label := o[0].MinSize().Height
	if o[1].Visible() {
		label += widgets.GapTight + o[1].MinSize().Height
	}
	height := max(label, widgets.ControlHeight)
	if l.width > 0 && !l.beside(o) {
		height = label + widgets.GapPart + o[2].MinSize().Height
	}
	return fyne.NewSize(settingLeast, height)
}

func (l *settingRow) Layout(o []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	pills := o[2].(*widgets.Filters)
	left, beside := size.Width, l.beside(o)
	if beside {
		left -= across(pills) + settingGap
	}
	name := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(left, name))
	o[1].Resize(fyne.NewSize(left, 0)) // its height follows from its width
	help := o[1].MinSize().Height
	o[1].Resize(fyne.NewSize(left, help))
	label := name
	if o[1].Visible() {
		label += widgets.GapTight + help
	}
	top := float32(0)
	if beside {
		top = (size.Height - label) / 2
	}
	o[0].Move(fyne.NewPos(0, top))
	o[1].Move(fyne.NewPos(0, top+name+widgets.GapTight))
	if beside {
		pills.Resize(fyne.NewSize(across(pills)+1, widgets.ControlHeight))
		pills.Move(fyne.NewPos(size.Width-across(pills), (size.Height-widgets.ControlHeight)/2))
		return
	}
	pills.Resize(fyne.NewSize(size.Width, pills.MinSize().Height))
	pills.Resize(fyne.NewSize(size.Width, pills.MinSize().Height)) // at its width it may take more lines
	pills.Move(fyne.NewPos(0, label+widgets.GapPart))
}

// set chooses a pill without asking for anything.
func set(pills *widgets.Filters, index int) {
	chosen := pills.OnChosen
	pills.OnChosen = nil
	pills.Choose(index)
	pills.OnChosen = chosen
}

// choice is one of a few.
func (p *settingsPage) choice(name string, values []string, part func(*watcher.Settings) *string) fyne.CanvasObject {
	var names []string
	for _, value := range values {
		if value == "" {
			value = "default"
		}
		names = append(names, p.say(name+"."+value))
	}
	pills := widgets.NewChoices(nil, names...)
	p.shown(func() { set(pills, max(slices.Index(values, *part(&p.settings)), 0)) })
	pills.OnChosen = func(i int) { p.choose(func(s *watcher.Settings) { *part(s) = values[i] }) }
	return p.row(name, pills)
}

// usualRoom are the megabytes of free room among which a person chooses; another figure comes from the settings' file.
var usualRoom = []int{0, 200, 1000, 5000}

// room is how much of the disk is left alone.
func (p *settingsPage) room() fyne.CanvasObject {
	values := usualRoom
	if at, usual := slices.BinarySearch(values, p.settings.MinFreeMB); !usual {
		values = slices.Insert(slices.Clone(values), at, p.settings.MinFreeMB)
	}
	var names []string
	for _, mb := range values {
		name := p.say("minFreeMB.none")
		if mb > 0 {
			name = p.h.Words().Size(int64(mb) * 1_000_000)
		}
		names = append(names, name)
	}
	pills := widgets.NewChoices(nil, names...)
	p.shown(func() { set(pills, slices.Index(values, p.settings.MinFreeMB)) }) // -1, none of them, when it was changed elsewhere since
	pills.OnChosen = func(i int) { p.choose(func(s *watcher.Settings) { s.MinFreeMB = values[i] }) }
	return p.row("minFreeMB", pills)
}

// keptFor is for how many days something is kept, 0 being for ever; another figure comes from the settings' file.
func (p *settingsPage) keptFor(name string, values []int, part func(*watcher.Settings) *int) fyne.CanvasObject {
	if now := *part(&p.settings); !slices.Contains(values, now) {
		values = append([]int{now}, values...)
	}
	var names []string
	for _, days := range values {
		words := p.say("keep.ever")
		if days > 0 {
			words = p.say("keep.days", map[string]any{"count": days})
		}
		names = append(names, words)
	}
	pills := widgets.NewChoices(nil, names...)
	p.shown(func() { set(pills, slices.Index(values, *part(&p.settings))) })
	pills.OnChosen = func(i int) { p.choose(func(s *watcher.Settings) { *part(s) = values[i] }) }
	return p.row(name, pills)
}

func (p *settingsPage) onOff(name string, part func(*watcher.Settings) *bool) fyne.CanvasObject {
	pills := widgets.NewChoices(nil, p.say("off"), p.say("on"))
	p.shown(func() {
		set(pills, map[bool]int{false: 0, true: 1}[*part(&p.settings)])
	})
	pills.OnChosen = func(i int) { p.choose(func(s *watcher.Settings) { *part(s) = i == 1 }) }
	return p.row(name, pills)
}

// shown brings a control in line with the settings, now and whenever they change.
func (p *settingsPage) shown(show func()) {
	show()
	p.shows = append(p.shows, show)
}

// text is an entry that is kept when the person leaves it or presses Return.
func (p *settingsPage) text(name string, get func(*watcher.Settings) string, put func(*watcher.Settings, string)) fyne.CanvasObject {
	return widgets.Inset(settingEdge, 12, settingEdge, 14, p.field(name, get, put))
}

func (p *settingsPage) field(name string, get func(*watcher.Settings) string, put func(*watcher.Settings, string)) *widgets.Field {
	field := widgets.NewField(p.say(name), p.hint(name))
	shown := ""
	p.shown(func() {
		if kept := get(&p.settings); field.Text() == shown && field.Problem() == "" { // nothing is being typed
			shown = kept
			field.SetText(kept)
		}
	})
	keep := func() {
		text := strings.TrimSpace(field.Text())
		if text == get(&p.settings) {
			p.blame(field, "")
			shown = field.Text()
			return
		}
		p.keep(func(s *watcher.Settings) { put(s, text) }, func(err error) {
			if err != nil {
				p.blame(field, p.h.Explain(err))
				return
			}
			p.blame(field, "")
			if strings.TrimSpace(field.Text()) == text {
				shown = get(&p.settings)
				field.SetText(shown)
			}
		})
	}
	p.kept(field, keep)
	return field
}

// kept has what is typed kept when the person leaves the field, presses Return, or leaves the page.
func (p *settingsPage) kept(field *widgets.Field, keep func()) {
	field.Entry.OnSubmitted = func(string) { keep() }
	field.Entry.OnLeft = keep
	p.leaves = append(p.leaves, keep)
}

// blame says at a field what is wrong with it; "" takes it back.
func (p *settingsPage) blame(field *widgets.Field, problem string) {
	if field.Problem() != problem {
		field.SetProblem(problem)
		p.content.Refresh()
	}
}

// documentsRoot is where new companies go, typed or chosen.
func (p *settingsPage) documentsRoot() fyne.CanvasObject {
	field := p.field("documentsRoot", func(s *watcher.Settings) string { return s.DocumentsRoot },
		func(s *watcher.Settings, text string) { s.DocumentsRoot = text })
	choose := widgets.NewButton(p.say("choose"), func() {
		p.h.ChooseFolder(p.say("documentsRoot.ask"), func(chosen string) {
			if chosen != "" && !p.closed {
				field.SetText(chosen)
				field.Entry.OnSubmitted(chosen)
			}
		})
	})
	return widgets.Inset(settingEdge, 12, settingEdge, 14,
		widgets.Column(widgets.GapPart, field, widgets.Line(0, choose, widgets.Spring())))
}

// The ways to a proxy, in the order of their pills.
const (
	proxySystem = iota
	proxyNone
	proxyManual
)

// proxy is the system's, none, or an address.
func (p *settingsPage) proxy() fyne.CanvasObject {
	address := p.field("proxy.address", func(s *watcher.Settings) string {
		if s.Proxy == "none" {
			return ""
		}
		return s.Proxy
	}, func(s *watcher.Settings, text string) { s.Proxy = text })
	address.Entry.SetPlaceHolder("http://proxy.example:8080")
	below := widgets.Inset(settingEdge, 0, settingEdge, 14, address)
	pills := widgets.NewChoices(nil, p.say("proxy.system"), p.say("proxy.none"), p.say("proxy.manual"))
	arrange := func() { visible(below, pills.Chosen() == proxyManual) }
	p.shown(func() {
		switch {
		case p.settings.Proxy == "none":
			set(pills, proxyNone)
		case p.settings.Proxy != "":
			set(pills, proxyManual)
		case pills.Chosen() == proxyManual && address.Text() == "" || address.Problem() != "":
			// an address is about to be typed
		default:
			set(pills, proxySystem)
		}
		arrange()
	})
	pills.OnChosen = func(i int) {
		arrange()
		p.content.Refresh()
		switch i {
		case proxySystem:
			p.choose(func(s *watcher.Settings) { s.Proxy = "" })
		case proxyNone:
			p.choose(func(s *watcher.Settings) { s.Proxy = "none" })
		case proxyManual:
			p.h.Window().Canvas().Focus(address.Entry)
		}
	}
	return widgets.Column(0, p.row("proxy", pills), below)
}

// quietHours are two times of day between which no pop-up comes; both empty is none.
func (p *settingsPage) quietHours() fyne.CanvasObject {
	from, to := widgets.NewField(p.say("quietFrom"), ""), widgets.NewField(p.say("quietTo"), "")
	from.Entry.SetPlaceHolder("20:00")
	to.Entry.SetPlaceHolder("07:00")
	shown := [2]string{}
	p.shown(func() {
		if from.Text() == shown[0] && to.Text() == shown[1] {
			shown = [2]string{p.settings.QuietFrom, p.settings.QuietTo}
			from.SetText(shown[0])
			to.SetText(shown[1])
		}
	})
	keep := func() {
		a, b := clockText(from.Text()), clockText(to.Text())
		if (a == "") != (b == "") || a == p.settings.QuietFrom && b == p.settings.QuietTo {
			return // half of it is no span yet
		}
		p.keep(func(s *watcher.Settings) { s.QuietFrom, s.QuietTo = a, b }, func(err error) {
			if err != nil {
				p.blame(from, p.say("quiet.bad"))
				return
			}
			p.blame(from, "")
			shown = [2]string{p.settings.QuietFrom, p.settings.QuietTo}
			from.SetText(shown[0])
			to.SetText(shown[1])
		})
	}
	p.kept(from, keep)
	p.kept(to, keep)
	return widgets.Inset(settingEdge, 12, settingEdge, 14, widgets.Column(6,
		widgets.NewText(p.say("quiet"), widgets.Name), widgets.NewParagraph(p.say("quiet.hint"), widgets.Muted),
		widgets.AtMost(280, widgets.Beside(widgets.GapGroup, from, to))))
}
