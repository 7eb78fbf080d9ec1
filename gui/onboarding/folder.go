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
	d := w.draft
	f := w.newForm(d.Input)
	if f.entered.Folder == "" {
		f.entered.Folder = w.proposal
	}
	if f.entered.Company == "" {
		f.entered.Company = f.entered.Firm
	}
	company := f.field(w, "company", func(in *watcher.DraftInput) *string { return &in.Company })
	folder := f.field(w, "folder", func(in *watcher.DraftInput) *string { return &in.Folder })
	result := widgets.NewParagraph("", widgets.Quiet)
	tell := func() {
		text := ""
		if name := strings.TrimSpace(company.Text()); name != "" && folder.Text() != "" {
			text = w.say("folder.result", map[string]any{"folder": filepath.Join(folder.Text(), name)})
		}
		result.Set(text, widgets.Quiet)
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
			if chosen != "" {
				folder.SetText(chosen)
			}
		})
	})
	warnings := widgets.Column(widgets.GapPart)
	warn := func(d watcher.Draft) {
		warnings.Objects = nil
		for _, problem := range d.Warnings {
			what, do := w.Words.Problem(problem.Code, problem.Args)
			warnings.Add(widgets.NewNote(widgets.ColorAttention, what, do))
		}
		warnings.Refresh()
	}
	next := widgets.NewFilledButton(w.say("folder.next"), nil)
	f.next = func() {
		f.stop()
		id, in := w.draft.ID, f.input()
		w.call(func(ctx context.Context) (watcher.Draft, error) {
			if _, err := w.Engine.UpdateDraft(ctx, id, watcher.StepPasscode, in); err != nil {
				return watcher.Draft{}, err
			}
			return w.Engine.RequestPasscode(ctx, id)
		}, nil)
	}
	next.OnTapped = f.next
	back := w.backTo(watcher.StepIDs)
	return &page{
		title:    w.say("folder"),
		subtitle: w.say("folder.sub"),
		body: []fyne.CanvasObject{
			company,
			widgets.Column(widgets.GapPart, folder, widgets.Line(0, choose, widgets.Spring())),
			result, warnings,
		},
		left:   []fyne.CanvasObject{widgets.NewButton(w.say("back"), back)},
		right:  []*widgets.Button{next},
		first:  company.Entry,
		update: warn,
		leave:  f.stop,
		back:   back,
	}
}
