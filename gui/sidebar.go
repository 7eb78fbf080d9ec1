package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
	"postroom/gui/wording"
	"postroom/watcher"
)

// sidebar is the companies at the left, and the places to go to.
type sidebar struct {
	w          *Window
	content    fyne.CanvasObject
	companies  *fyne.Container
	names      []string // of the entries that stand, to keep them while nothing changes
	items      []*widgets.SideItem
	add        *widgets.SideItem
	connection *widgets.SideItem
	settings   *widgets.SideItem
}

func newSidebar(w *Window) *sidebar {
	s := &sidebar{w: w, companies: widgets.Column(2)}
	say := w.speaker.Say
	s.add = widgets.NewSideItem("plus", say("window.addCompany"), func() { w.goWizard("") })
	s.connection = widgets.NewSideItem("key", "", func() { w.goConnection(w.company) })
	s.settings = widgets.NewSideItem("settings", say("window.settings"), func() { w.goSettings() })
	places := widgets.Column(2, s.connection, s.settings)
	s.content = widgets.Inset(8, widgets.GapGroup, 8, widgets.GapGroup,
		container.New(pinned{}, widgets.Scroll(s.companies), places))
	s.companies.Objects = []fyne.CanvasObject{s.add}
	return s
}

// pinned keeps the second object at the foot and gives the first the room above it.
type pinned struct{}

func (pinned) Layout(o []fyne.CanvasObject, size fyne.Size) {
	foot := o[1].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, size.Height-foot-widgets.GapPart))
	o[1].Move(fyne.NewPos(0, size.Height-foot))
	o[1].Resize(fyne.NewSize(size.Width, foot))
}

func (pinned) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[1].MinSize().AddWidthHeight(0, 3*widgets.RowHeight)
}

// show follows the overview.
func (s *sidebar) show() {
	s.keepEntries()
	for i, c := range s.w.overview.Companies {
		look := signOf(wording.CompanySign(c, s.w.overview.Paused || c.Paused))
		here := c.Name == s.w.company && s.w.place != placeSettings
		paused := s.w.overview.Paused || c.Paused
		tip := c.Name + "\n" + s.w.speaker.CompanyState(c, paused)
		if c.Practice {
			tip += "\n" + s.w.speaker.Say("company.practice")
		}
		s.items[i].SetTip(tip)
		s.items[i].SetMark(s.mark(c))
		s.items[i].Set(look.icon, look.tone, c.Name, here)
	}
	for i, d := range s.unfinished() {
		name := d.Input.Company
		if name == "" {
			name = s.w.speaker.Say("window.draft")
		}
		s.items[len(s.w.overview.Companies)+i].Set("company-offline", widgets.ColorWaiting, name, false)
	}
	current := s.w.current()
	s.connection.SetShort(s.w.speaker.ConnectionState(current))
	s.connection.Set("key", widgets.ColorMuted, s.w.speaker.ConnectionLine(current), s.w.place == placeConnection && current.Name == "")
	if (current.Name != "") != s.connection.Visible() {
		if current.Name != "" {
			s.connection.Show()
		} else {
			s.connection.Hide()
		}
		s.content.Refresh()
	}
	s.settings.Set("settings", widgets.ColorMuted, s.w.speaker.Say("window.settings"), s.w.place == placeSettings)
}

// mark is what tells a company that is for practice from a real one.
func (s *sidebar) mark(c watcher.Company) string {
	if c.Practice {
		return s.w.speaker.Say("page.practice")
	}
	return ""
}

// unfinished are the drafts that the person can go on with. One that renews a company's consent is found on that
// company's connection page.
func (s *sidebar) unfinished() []watcher.Draft {
	var open []watcher.Draft
	for _, d := range s.w.drafts {
		if d.Step != watcher.StepDone && d.Step != watcher.StepWelcome && d.Reconnects == "" {
			open = append(open, d)
		}
	}
	return open
}

// keepEntries makes the entries anew when there are others than before, so that the focus is not lost for nothing.
func (s *sidebar) keepEntries() {
	var names []string
	for _, c := range s.w.overview.Companies {
		names = append(names, "c:"+c.Name)
	}
	for _, d := range s.unfinished() {
		names = append(names, "d:"+d.ID)
	}
	if slices.Equal(names, s.names) {
		return
	}
	s.names, s.items = names, nil
	objects := make([]fyne.CanvasObject, 0, len(names)+1)
	for _, c := range s.w.overview.Companies {
		s.items = append(s.items, widgets.NewCompanyItem("", "", c.Name, func() { s.w.goFiles(c.Name) }))
	}
	for _, d := range s.unfinished() {
		s.items = append(s.items, widgets.NewCompanyItem("", "", "", func() { s.w.goWizard(d.ID) }))
	}
	for _, i := range s.items {
		objects = append(objects, i)
	}
	s.companies.Objects = append(objects, s.add)
	s.companies.Refresh()
}
