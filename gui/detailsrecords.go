package gui

import (
	"context"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"postroom/gui/widgets"
	"postroom/gui/wording"
	"postroom/watcher"
)

// searchFrom is the number of records from which they can be searched: more than a look takes in.
const searchFrom = 20

// recordsPart are the records of what the details show: how many there are of each kind, a search where they are many, and
// the table. What is not loaded is asked of the engine, away from the screen.
type recordsPart struct {
	w       *Window
	grown   func() // it takes another height
	content *fyne.Container
	counts  *widgets.Text
	search  *widgets.Entry
	place   *fyne.Container // of the table
	note    *widgets.Paragraph
	table   *widgets.Table

	lines []wording.Line                                                 // that are loaded
	rest  func(ctx context.Context, text string) ([]wording.Line, error) // finds more than is loaded; nil where nothing is
	first string                                                         // said of records of which only some are loaded
	asked int                                                            // searches so far: an answer to an older one comes too late
}

func newRecordsPart(w *Window, grown func()) *recordsPart {
	r := &recordsPart{w: w, grown: grown}
	r.counts = widgets.NewText("", widgets.Name)
	r.search = widgets.NewEntry()
	r.search.SetPlaceHolder(w.speaker.Say("window.records.search"))
	r.search.OnChanged = r.find
	r.search.OnEscape = func() {
		if r.search.Text != "" {
			r.search.SetText("")
			return
		}
		w.files.closeDetails()
	}
	r.place = container.NewStack()
	r.note = widgets.NewParagraph("", widgets.Muted)
	r.content = widgets.Column(widgets.GapPart, r.counts, r.search, r.place, r.note)
	r.clear()
	return r
}

// clear shows nothing.
func (r *recordsPart) clear() {
	r.lines, r.rest, r.first, r.table = nil, nil, "", nil
	r.asked++
	r.place.Objects = nil
	r.search.Text = ""
	r.search.Refresh()
	r.content.Hide()
}

// showOutcomes shows what a result says of each record.
func (r *recordsPart) showOutcomes(d *watcher.Detail) {
	s, id := r.w.speaker, d.ID
	head := s.Say("window.record." + d.Scope)
	if !s.Has("window.record." + d.Scope) {
		head = s.Say("window.record")
	}
	r.first, r.rest = "", nil
	switch {
	case d.Result != nil && d.Result.Cut:
		r.first = s.Say("window.outcomes.cut")
	case d.Result != nil && d.Result.Records > len(d.Outcomes):
		r.first = s.Say("window.records.first", map[string]any{"count": len(d.Outcomes)})
	}
	if d.Result != nil && d.Result.Records > len(d.Outcomes) {
		r.rest = func(ctx context.Context, text string) ([]wording.Line, error) {
			found, err := r.w.engine.Outcomes(ctx, id, text)
			return s.OutcomeLines(found), err
		}
	}
	r.show(s.OutcomeLines(d.Outcomes), s.OutcomeCounts(d.Result), head, s.Say("window.outcome"), s.Say("window.reason"))
}

// showChanges shows what has changed in a list.
func (r *recordsPart) showChanges(l watcher.List, changes []watcher.RecordChange) {
	s := r.w.speaker
	r.first, r.rest = "", nil
	if all := l.Added + l.Changed + l.Removed + l.Missing; !l.First && all > len(changes) {
		r.first = s.Say("window.changes.first", map[string]any{"count": len(changes)})
	}
	r.show(s.ChangeLines(changes), s.ChangeCounts(l), s.Say("window.record"), s.Say("window.change"), s.Say("window.change.what"))
}

func (r *recordsPart) show(lines []wording.Line, counts, first, second, third string) {
	if len(lines) == 0 {
		r.clear()
		return
	}
	if r.table == nil {
		r.table = widgets.NewTable(first, second, third, func(left int) string {
			return r.w.speaker.Say("window.more", map[string]any{"count": left})
		})
		r.table.OnGrown = r.grown
		r.place.Objects = []fyne.CanvasObject{r.table}
	}
	same := reflect.DeepEqual(r.lines, lines)
	r.lines = lines
	r.counts.Set(counts)
	visible(r.counts, counts != "")
	visible(r.search, len(lines) > searchFrom || r.rest != nil)
	r.content.Show()
	if !same || len(r.place.Objects) == 0 {
		r.find(r.search.Text)
	}
}

// find shows the records with a text. Those that are loaded are there at once; others are asked for.
func (r *recordsPart) find(text string) {
	if r.table == nil {
		return
	}
	r.asked++
	if r.rest == nil || text == "" {
		r.found(wording.Matching(r.lines, text), text)
		return
	}
	asked, rest := r.asked, r.rest
	var lines []wording.Line
	r.w.work(func(ctx context.Context) (err error) {
		lines, err = rest(ctx, text)
		return err
	}, func(err error) {
		switch {
		case asked != r.asked:
		case err != nil:
			r.w.tell(widgets.ColorProblem, r.w.speaker.Failure(err))
		default:
			r.found(lines, text)
		}
	})
}

func (r *recordsPart) found(lines []wording.Line, text string) {
	r.table.Set(tableOf(lines))
	said := ""
	switch {
	case len(lines) == 0:
		said = r.w.speaker.Say("window.records.none", map[string]any{"text": text})
	case text == "":
		said = r.first
	}
	r.note.Set(said, widgets.Muted)
	visible(r.note, said != "")
	visible(r.place, len(lines) > 0)
	r.grown()
}
