package gui

import (
	"reflect"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
	"postroom/gui/wording"
	"postroom/watcher"
)

// detailsPane shows one item beside the list: what to do, what can be done, what became of its records, and its
// journey.
type detailsPane struct {
	p       *filesPage
	content *fyne.Container
	title   *widgets.Text
	close   *widgets.Button
	note    *widgets.Note
	buttons *fyne.Container
	quiet   *fyne.Container // buttons that few ask for
	records *recordsPart
	steps   *fyne.Container
	calls   *callsPart
	foot    *widgets.Paragraph
	scroll  *fyne.Container

	item    item
	detail  *watcher.Detail
	changes []watcher.RecordChange
	acts    []act
	pressed []*widgets.Button // one for each act
}

// act is one thing that can be done about an item.
type act struct {
	text string
	kind widgets.Kind
	do   func()
}

func newDetailsPane(p *filesPage) *detailsPane {
	d := &detailsPane{p: p}
	d.title = widgets.NewCutText("", widgets.Section, widgets.CutMiddle)
	d.close = widgets.NewPlainButton(p.w.speaker.Say("window.close"), p.closeDetails)
	d.note = widgets.NewNote(widgets.ColorAttention, "", "")
	d.buttons = widgets.Flow(widgets.GapPart)
	d.quiet = widgets.Flow(widgets.GapGroup)
	d.records = newRecordsPart(p.w, func() { d.content.Refresh() })
	d.calls = newCallsPart(p.w.speaker, func() { d.content.Refresh() })
	d.steps = widgets.Column(0)
	d.foot = widgets.NewParagraph("", widgets.Muted)
	body := widgets.Column(12, d.note, d.buttons, d.records.content, d.steps, d.foot, d.calls.content, d.quiet)
	d.scroll = widgets.Scroll(widgets.Inset(0, 0, widgets.GapGroup, widgets.GapGroup, body))
	head := widgets.Line(12, widgets.Grow(widgets.Tipped(d.title)), d.close)
	inside := container.New(detailsLayout{}, head, d.scroll)
	card := widgets.NewCard(inside)
	card.Inset = 0
	d.content = container.NewStack(card)
	return d
}

// detailsLayout keeps the title where it is while what is below it is scrolled.
type detailsLayout struct{}

func (detailsLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	const top, head = 10, 32
	o[0].Move(fyne.NewPos(group, top))
	o[0].Resize(fyne.NewSize(size.Width-2*group, head))
	o[1].Move(fyne.NewPos(group, top+head+8))
	o[1].Resize(fyne.NewSize(size.Width-group, size.Height-top-head-8))
}

func (detailsLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(280, 160) }

// show begins with an item, as far as its row knows it.
func (d *detailsPane) show(i item) {
	d.item, d.detail, d.changes, d.acts = i, nil, nil, nil
	d.title.Set(d.p.titleOf(i))
	d.steps.Objects = nil
	d.records.clear()
	d.calls.clear()
	d.fill()
	widgets.ScrollToTop(d.scroll)
}

// follow takes over what has become of the item's row.
func (d *detailsPane) follow(i item) {
	if reflect.DeepEqual(d.item, i) {
		return
	}
	d.item = i
	d.fill()
}

// loaded takes over the details.
func (d *detailsPane) loaded(o opened) {
	if o.transfer != nil {
		if reflect.DeepEqual(d.detail, o.transfer) {
			return
		}
		d.detail = o.transfer
		d.item = item{transfer: &o.transfer.Transfer}
		d.records.showOutcomes(o.transfer)
		d.showTimeline(o.transfer.Transfer, o.transfer.Timeline)
		d.calls.show(o.transfer.Exchanges)
	} else if d.item.list != nil && len(o.changes) > 0 && !reflect.DeepEqual(d.changes, o.changes) {
		d.changes = o.changes
		d.records.showChanges(*d.item.list, o.changes)
	}
	d.fill()
}

// fill shows the parts that the row alone decides.
func (d *detailsPane) fill() {
	s := d.p.w.speaker
	var say wording.Advice
	foot := ""
	switch {
	case d.item.transfer != nil:
		say = s.Explain(*d.item.transfer)
		foot = d.footOf(*d.item.transfer)
		d.showActs(d.transferActs(*d.item.transfer))
	case d.item.list != nil:
		say = s.ExplainList(*d.item.list)
		if len(d.changes) == 0 {
			foot = s.ListSentence(*d.item.list) + "."
		}
		d.showActs(d.listActs(*d.item.list))
	}
	d.note.Set(colours[say.Tone], say.Lead, say.Text)
	visible(d.note, say.Text != "")
	d.foot.Set(foot, widgets.Muted)
	visible(d.foot, foot != "")
	visible(d.steps, len(d.steps.Objects) > 0)
	d.content.Refresh()
}

// footOf is what only some ask for: the size, the platform's own word.
func (d *detailsPane) footOf(t watcher.Transfer) string {
	s := d.p.w.speaker
	if t.RemoteStatus == "" {
		return s.Say("window.foot", map[string]any{"size": s.Size(t.Size)})
	}
	return s.Say("window.foot.word", map[string]any{"size": s.Size(t.Size), "word": t.RemoteStatus})
}

// showActs keeps the buttons that are there while they stay the same: one under the pointer must not be another.
func (d *detailsPane) showActs(acts []act) {
	same := slices.EqualFunc(d.acts, acts, func(a, b act) bool { return a.text == b.text && a.kind == b.kind })
	d.acts = acts
	if same {
		for i, b := range d.pressed {
			b.OnTapped = acts[i].do
		}
		return
	}
	d.buttons.Objects, d.quiet.Objects, d.pressed = nil, nil, nil
	for _, a := range acts {
		b := widgets.NewButton(a.text, a.do)
		b.Kind = a.kind
		d.pressed = append(d.pressed, b)
		if a.kind == widgets.Plain {
			d.quiet.Add(b)
		} else {
			d.buttons.Add(b)
		}
	}
	visible(d.buttons, len(d.buttons.Objects) > 0)
	visible(d.quiet, len(d.quiet.Objects) > 0)
}

func (d *detailsPane) showTimeline(t watcher.Transfer, entries []watcher.TimelineEntry) {
	s := d.p.w.speaker
	d.steps.Objects = nil
	for _, e := range entries {
		look, words := s.timelineEntry(t, e)
		d.steps.Objects = append(d.steps.Objects, widgets.NewTimelineRow(look.icon, look.tone, words, s.Moment(e.At)))
	}
}
