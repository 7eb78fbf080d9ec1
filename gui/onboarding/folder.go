package onboarding

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
	"postroom/watcher"
)

// folderPage asks for the company's name and where its folder is made.
func (w *Wizard) folderPage() *page {
	f := w.newForm(w.draft.Input)
	company := f.field("company", func(in *watcher.DraftInput) *string { return &in.Company })
	folder := f.field("folder", func(in *watcher.DraftInput) *string { return &in.Folder })
	if company.Text() == "" {
		company.SetText(w.draft.Input.Firm)
	}
	if folder.Text() == "" {
		folder.SetText(w.Settings.DocumentsRoot)
	}
	f.stop()
	result := widgets.NewParagraph("", widgets.Quiet)
	tell := func() {
		text := ""
		if name := strings.TrimSpace(company.Text()); name != "" && folder.Text() != "" {
			text = w.say("folder.result", map[string]any{"folder": filepath.Join(folder.Text(), name)})
		}
		result.Set(text, widgets.Quiet)
		if w.page != nil {
			w.page.relayout()
		}
	}
	for _, field := range []*widgets.Field{company, folder} {
		keep := field.Entry.OnChanged
		field.Entry.OnChanged = func(text string) {
			keep(text)
			tell()
		}
	}
	tell()
	choose := widgets.NewButton(w.say("folder.choose"), func() {
		w.ChooseFolder(func(chosen string) {
			if chosen != "" && !w.closed {
				folder.SetText(chosen)
			}
		})
	})
	warnings := w.newWarnings()
	p := &page{
		title:    w.say("folder"),
		subtitle: w.say("folder.sub"),
		body: []fyne.CanvasObject{
			company,
			widgets.Column(widgets.GapPart, folder, widgets.Line(0, choose, widgets.Spring())),
			result, warnings.column,
		},
		inside: []*widgets.Button{choose},
		first:  company.Entry,
		update: warnings.show,
		leave:  f.leave,
		blame:  f.blame,
		back:   f.back(watcher.StepIDs),
	}
	if w.draft.Reconnects != "" { // its place is settled
		company.Entry.Disable()
		folder.Entry.Disable()
		choose.Hide()
		p.first = nil
	}
	p.next = func() {
		f.stop()
		if !f.require("company", "folder") {
			return
		}
		id, in := w.draft.ID, f.input()
		w.call(func(ctx context.Context) (watcher.Draft, error) {
			if _, err := w.Engine.UpdateDraft(ctx, id, watcher.StepPasscode, in); err != nil {
				return watcher.Draft{}, err
			}
			return w.Engine.RequestPasscode(ctx, id)
		}, nil)
	}
	p.left = []*widgets.Button{widgets.NewButton(w.say("back"), p.back)}
	p.right = []*widgets.Button{widgets.NewFilledButton(w.say("folder.next"), p.next)}
	return p
}

// warnings are told of a draft that works, but not as well as it could.
type warnings struct {
	w      *Wizard
	column *fyne.Container
	codes  []string
}

func (w *Wizard) newWarnings() *warnings {
	n := &warnings{w: w, column: widgets.Column(widgets.GapPart)}
	n.column.Hide()
	return n
}

func (n *warnings) show(d watcher.Draft) {
	var said []string
	var notes []fyne.CanvasObject
	for _, problem := range d.Warnings {
		what, do := n.w.Words.Problem(problem.Code, problem.Args)
		said = append(said, what+do)
		notes = append(notes, widgets.NewNote(widgets.ColorAttention, what, do))
	}
	if strings.Join(said, "\n") == strings.Join(n.codes, "\n") {
		return
	}
	n.codes, n.column.Objects = said, notes
	if len(notes) > 0 {
		n.column.Show()
	} else {
		n.column.Hide()
	}
	n.w.page.relayout()
}
