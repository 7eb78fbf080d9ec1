package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
)

// leave closes the page that is shown, if one is.
func (w *Window) leave() {
	if w.page == nil {
		return
	}
	page := w.page
	w.page, w.place = nil, placeFiles
	page.Close()
}

// goFiles shows a company's files.
func (w *Window) goFiles(company string) {
	w.leave()
	if company != "" {
		w.setCompany(company)
	}
	w.arrange()
}

// goConnection shows how a company is connected to Sage.
func (w *Window) goConnection(company string) {
	w.setCompany(company)
	w.goPage(placeConnection, w.opts.Connection, company)
}

// goSettings shows the person's choices.
func (w *Window) goSettings() { w.goPage(placeSettings, w.opts.Settings, "") }

// goWizard connects a company, or goes on with a draft.
func (w *Window) goWizard(draft string) { w.goPage(placeWizard, w.opts.Wizard, draft) }

func (w *Window) goPage(at place, make PageMaker, about string) {
	if make == nil {
		return
	}
	w.leave()
	w.page, w.place = make(&Host{w}, about), at
	w.arrange()
}

// arrange lays the screen out for where the person is.
func (w *Window) arrange() {
	var shown fyne.CanvasObject
	switch {
	case w.page != nil && w.place == placeWizard:
		shown = w.page.Content()
	case w.page != nil:
		shown = besides(w.sidebar.content, w.page.Content())
	default:
		shown = besides(w.sidebar.content, w.files.content)
	}
	w.waits.quiet(w.place == placeWizard) // it says so where the person pressed
	shown = container.New(banded{w.band}, w.band.content, shown)
	w.frame.Objects = []fyne.CanvasObject{widgets.Ground(widgets.ColorPage), shown, w.waits.content}
	w.frame.Refresh()
	w.sidebar.show()
	w.keepFocus()
}

// besides puts something beside the sidebar.
func besides(side, main fyne.CanvasObject) fyne.CanvasObject {
	return container.New(sideways{}, widgets.Ground(widgets.ColorSurface), side, widgets.Ground(widgets.ColorLine), main)
}

// sideways lays out the sidebar's ground, the sidebar, the line at its right, and what stands beside it.
type sideways struct{}

func (sideways) Layout(o []fyne.CanvasObject, size fyne.Size) {
	const width = widgets.SidebarWidth
	o[0].Resize(fyne.NewSize(width-1, size.Height))
	o[1].Resize(fyne.NewSize(width-1, size.Height))
	o[2].Move(fyne.NewPos(width-1, 0))
	o[2].Resize(fyne.NewSize(1, size.Height))
	o[3].Move(fyne.NewPos(width, 0))
	o[3].Resize(fyne.NewSize(size.Width-width, size.Height))
}

func (sideways) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(720, 520).Max(o[3].MinSize().AddWidthHeight(widgets.SidebarWidth, 0))
}

// escape goes one step back: out of the details, out of a page.
func (w *Window) escape() {
	switch {
	case w.page != nil && w.page.Escape():
	case w.page != nil && w.place != placeWizard:
		w.goFiles("")
	case w.page == nil:
		w.files.escape()
	}
}
