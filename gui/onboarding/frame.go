package onboarding

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui"
	"postroom/gui/widgets"
	"postroom/watcher"
)

// steps are what the bar at the left shows. Waiting for the e-mail belongs to the second.
var steps = []watcher.DraftStep{
	watcher.StepWelcome, watcher.StepIDs, watcher.StepFolder, watcher.StepPasscode, watcher.StepTest, watcher.StepDone,
}

// frame is the bar of steps and the place of the page.
type frame struct {
	w     *Wizard
	whole *fyne.Container
	list  *fyne.Container
	place *fyne.Container
}

func newFrame(w *Wizard) *frame {
	f := &frame{w: w, list: widgets.Column(18), place: container.NewStack()}
	steps := widgets.Inset(16, 26, 12, 0, widgets.Column(23, widgets.NewText(w.say("title"), widgets.Section), f.list))
	later := container.NewStack()
	if w.Companies > 0 {
		later.Add(widgets.Inset(8, 0, 8, 16, widgets.NewSideItem("left", w.say("later"), func() { w.Leave("") })))
	}
	f.whole = container.New(beside{}, widgets.Ground(widgets.ColorSurface), steps, later,
		widgets.Ground(widgets.ColorLine), f.place)
	return f
}

// beside lays out the bar's ground, the steps, what stands at the bar's foot, the line at its right, and the page.
type beside struct{}

func (beside) Layout(o []fyne.CanvasObject, size fyne.Size) {
	const bar = widgets.SidebarWidth - 1
	foot := o[2].MinSize().Height
	at := func(o fyne.CanvasObject, left, top, width, height float32) {
		o.Move(fyne.NewPos(left, top))
		o.Resize(fyne.NewSize(width, height))
	}
	at(o[0], 0, 0, bar, size.Height)
	at(o[1], 0, 0, bar, size.Height-foot)
	at(o[2], 0, size.Height-foot, bar, foot)
	at(o[3], bar, 0, 1, size.Height)
	at(o[4], bar+1, 0, size.Width-bar-1, size.Height)
}

func (beside) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(720, 520) }

// show lays a page out beside the steps.
func (f *frame) show(step watcher.DraftStep, p *page) {
	f.showSteps(step)
	w := f.w
	p.note = widgets.NewNote(widgets.ColorProblem, "", "")
	p.note.Hide()
	p.unlock = gui.NewUnlock(w.Engine, w.Words, w.Work, func() {
		if w.page == p && !w.closed {
			w.focusFirst()
			w.unlocked()
		}
	}, func() { p.asking(p.unlock.Asking()) })
	parts := []fyne.CanvasObject{}
	if p.title != "" {
		head := widgets.Column(widgets.GapTight, widgets.NewParagraph(p.title, widgets.Headline))
		if p.subtitle != "" {
			head.Add(widgets.NewParagraph(p.subtitle, widgets.Quiet))
		}
		parts = append(parts, head)
	}
	p.inner = widgets.Column(widgets.GapEdge, p.body...)
	p.top = widgets.Column(widgets.GapEdge, append(parts, p.note, p.unlock.Content(), p.inner)...)
	p.moment = widgets.NewText("", widgets.Quiet)
	p.scroll = widgets.Scroll(widgets.Inset(ringRoom, ringRoom, ringRoom, ringRoom, p.top))
	p.foot = container.New(&footLayout{left: len(p.left), right: len(p.right)}, footObjects(p)...)
	f.place.Objects = []fyne.CanvasObject{container.New(pageLayout{p}, p.scroll, p.foot)}
	f.place.Refresh()
}

func footObjects(p *page) []fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, b := range slices.Concat(p.left, p.right) {
		objects = append(objects, b)
	}
	return append(objects, p.moment)
}

// showSteps ticks the steps that are behind, and marks the present one.
func (f *frame) showSteps(step watcher.DraftStep) {
	f.list.Objects = nil
	at := position(step)
	for i, s := range steps {
		icon, tone, style := "status-waiting", widgets.ColorWaiting, widgets.Quiet
		switch {
		case i < at || step == watcher.StepDone:
			icon, tone = "status-done", widgets.ColorGood
		case i == at:
			icon, tone = "status-up", widgets.ColorAccent
		}
		if i == at {
			style = widgets.Name
		}
		name := widgets.NewCutText(f.w.say("step."+string(s)), style, widgets.CutEnd)
		f.list.Add(widgets.Line(10, widgets.NewIcon(icon, tone), widgets.Grow(name)))
	}
	f.list.Refresh()
}

// position is where a step stands in the bar, -1 for none yet.
func position(step watcher.DraftStep) int {
	if step == watcher.StepEmail {
		step = watcher.StepIDs
	}
	return slices.Index(steps, step)
}

// ringRoom is kept around what scrolls, so that the ring of what has the focus is not cut at the edge.
const ringRoom = 8

// pageLayout lays a page's body out above its foot, with less air around them in a small window.
type pageLayout struct{ p *page }

func (pageLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 300) }

func (l pageLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	side, above, between := float32(56), float32(40), float32(widgets.GapEdge)
	if size.Width < 640 {
		side = 32
	}
	if size.Height < 600 {
		above, between = 24, widgets.GapGroup
	}
	l.p.top.Layout = widgets.Column(between).Layout
	l.p.inner.Layout = l.p.top.Layout
	width := size.Width - 2*side
	o[1].Resize(fyne.NewSize(width, 0)) // it may need a second line
	foot := o[1].MinSize().Height
	o[0].Move(fyne.NewPos(side-ringRoom, above-ringRoom))
	o[0].Resize(fyne.NewSize(width+2*ringRoom, size.Height-2*above-foot+ringRoom-widgets.GapPart))
	o[1].Move(fyne.NewPos(side, size.Height-above-foot))
	o[1].Resize(fyne.NewSize(width, foot))
}

// footLayout puts the ways back at the left, the ways on at the right, and between them that a call is under way. What
// does not fit beside each other goes above each other, the ways on first.
type footLayout struct {
	left, right int
	width       float32
}

const footGap = 20

func (l *footLayout) groups(o []fyne.CanvasObject) (left, right []fyne.CanvasObject, moment fyne.CanvasObject) {
	return o[:l.left], o[l.left : l.left+l.right], o[l.left+l.right]
}

// wide is the width of a group.
func wide(group []fyne.CanvasObject, gap float32) float32 {
	var width float32
	for _, o := range group {
		if o.Visible() {
			if width > 0 {
				width += gap
			}
			width += o.MinSize().Width
		}
	}
	return width
}

func (l *footLayout) stacked(o []fyne.CanvasObject) bool {
	left, right, _ := l.groups(o)
	return l.width > 0 && wide(left, footGap)+footGap+wide(right, widgets.GapPart) > l.width
}

func (l *footLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	height := float32(widgets.ControlHeight)
	if l.stacked(o) {
		height = 2*height + widgets.GapPart
	}
	return fyne.NewSize(0, height)
}

func (l *footLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	left, right, moment := l.groups(o)
	line := func(group []fyne.CanvasObject, from, top, gap float32) float32 {
		for _, o := range group {
			if o.Visible() {
				s := fyne.NewSize(o.MinSize().Width, widgets.ControlHeight)
				o.Move(fyne.NewPos(from, top))
				o.Resize(s)
				from += s.Width + gap
			}
		}
		return from
	}
	const middle = widgets.ControlHeight / 2
	start := size.Width - wide(right, widgets.GapPart)
	below := float32(0)
	if l.stacked(o) {
		below = widgets.ControlHeight + widgets.GapPart
	}
	line(right, start, 0, widgets.GapPart)
	end := line(left, 0, below, footGap)
	s := moment.MinSize()
	moment.Resize(s)
	if below > 0 {
		end = 0
	}
	if at := start - s.Width - widgets.GapGroup; at >= end {
		moment.Move(fyne.NewPos(at, middle-s.Height/2))
	} else {
		moment.Move(fyne.NewPos(0, -widgets.ControlHeight)) // above the foot
	}
}
