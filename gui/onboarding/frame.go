package onboarding

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/assets"
	"postroom/gui/widgets"
	"postroom/watcher"
)

// steps are what the bar at the left shows. Waiting for the e-mail belongs to the second.
var steps = []watcher.DraftStep{
	watcher.StepWelcome, watcher.StepIDs, watcher.StepFolder, watcher.StepPasscode, watcher.StepTest, watcher.StepDone,
}

// page is one step on the screen.
type page struct {
	title, subtitle string
	body            []fyne.CanvasObject
	left            []fyne.CanvasObject // at the foot
	right           []*widgets.Button
	first           fyne.Focusable // where the keyboard is put

	update func(watcher.Draft) // shows the draft in place
	leave  func()              // ends what the page started
	back   func()              // what Escape does

	note *widgets.Note // made by the frame
	top  *fyne.Container
}

// wait keeps the page's buttons from being pressed twice.
func (p *page) wait(on bool) {
	for _, b := range p.right {
		if on {
			b.Disable()
		} else {
			b.Enable()
		}
	}
}

// trouble shows what went wrong and what to do; empty words take it away.
func (p *page) trouble(what, do string) {
	if what == "" && do == "" {
		if p.note.Visible() {
			p.note.Hide()
			p.top.Refresh()
		}
		return
	}
	p.note.Set(widgets.ColorProblem, what, do)
	p.note.Show()
	p.top.Refresh()
}

// frame is the bar of steps and the place of the page.
type frame struct {
	whole *fyne.Container
	list  *fyne.Container
	place *fyne.Container
	title string
}

func newFrame(title string) *frame {
	f := &frame{title: title, list: widgets.Column(18), place: container.NewStack()}
	bar := container.NewStack(
		widgets.Ground(widgets.ColorSurface),
		widgets.Inset(16, 26, 12, 16, widgets.Column(24, widgets.NewText(title, widgets.Section), f.list)),
	)
	side := container.NewHBox(container.New(&fixedWidth{widgets.SidebarWidth - 1}, bar), line())
	f.whole = container.NewBorder(nil, nil, side, nil, f.place)
	return f
}

func line() fyne.CanvasObject { return container.New(&fixedWidth{1}, widgets.HairLine()) }

// fixedWidth gives its one object a width and all the height there is.
type fixedWidth struct{ width float32 }

func (f *fixedWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(f.width, size.Height))
	}
}

func (f *fixedWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(f.width, objects[0].MinSize().Height)
}

// show lays a page out beside the steps.
func (f *frame) show(words *assets.Words, step watcher.DraftStep, p *page) {
	f.list.Objects = nil
	at := position(step)
	for i, s := range steps {
		icon, tone, style := "status-todo", widgets.ColorWaiting, widgets.Quiet
		switch {
		case i < at || step == watcher.StepDone:
			icon, tone = "status-done", widgets.ColorGood
		case i == at:
			icon, tone, style = "status-up", widgets.ColorAccent, widgets.Name
		}
		name := widgets.NewCutText(words.Say("wizard.step."+string(s)), style, widgets.CutEnd)
		f.list.Add(widgets.Line(10, widgets.NewIcon(icon, tone), widgets.Grow(name)))
	}
	f.list.Refresh()

	p.note = widgets.NewNote(widgets.ColorProblem, "", "")
	p.note.Hide()
	head := widgets.Column(widgets.GapPart, widgets.NewParagraph(p.title, widgets.Headline))
	if p.subtitle != "" {
		head.Add(widgets.NewParagraph(p.subtitle, widgets.Quiet))
	}
	p.top = widgets.Column(widgets.GapEdge, append([]fyne.CanvasObject{head, p.note}, p.body...)...)
	foot := append([]fyne.CanvasObject{}, p.left...)
	foot = append(foot, widgets.Spring())
	for _, b := range p.right {
		foot = append(foot, b)
	}
	bottom := widgets.Inset(0, widgets.GapGroup, 0, 0, widgets.Line(widgets.GapPart, foot...))
	f.place.Objects = []fyne.CanvasObject{
		widgets.Inset(56, 40, 56, 40, container.NewBorder(nil, bottom, nil, nil, widgets.Scroll(p.top))),
	}
	f.place.Refresh()
}

func position(step watcher.DraftStep) int {
	if step == watcher.StepEmail {
		step = watcher.StepIDs
	}
	for i, s := range steps {
		if s == step {
			return i
		}
	}
	return 0
}
