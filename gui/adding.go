package gui

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
)

// Add gives files or folders to the company that is shown: whatever is dropped on the window, chosen in the dialog, or
// handed to a second start comes through here. The engine copies them into the Outbox, as if they had been put there.
func (w *Window) Add(paths []string) {
	if len(paths) == 0 {
		return
	}
	if !w.heard { // which company it is will only be known then
		w.handed = append(w.handed, paths...)
		return
	}
	company := w.current()
	if w.place == placeConnection || w.place == placeSettings || w.place == placeWizard && company.Name != "" {
		w.goFiles("")
	}
	if company.Name == "" {
		w.tell(widgets.ColorAttention, w.speaker.Say("window.noCompany"))
		return
	}
	scope := ""
	if scopes := outgoing(company); len(scopes) == 1 {
		scope = scopes[0]
	} else if slices.Contains(scopes, w.files.query.Scope) {
		scope = w.files.query.Scope
	}
	w.command(waitFiles, func(ctx context.Context) error { return w.engine.AddFiles(ctx, company.Name, scope, paths) })
}

// dropped is what the pointer let fall on the window.
func (w *Window) dropped(uris []fyne.URI) {
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, u.Path())
		}
	}
	w.Add(paths)
}

// chooseFiles asks the person for files.
func (w *Window) chooseFiles() {
	title := w.speaker.Say("window.choose.title")
	w.working.Go(func() {
		paths, err := w.opts.Choose(w.ctx, title)
		w.opts.Do(func() {
			switch {
			case errors.Is(err, ErrNoChooser):
				w.tell(widgets.ColorMuted, w.speaker.Say("window.noChooser"))
				w.openOutbox()
			case err != nil:
				w.tell(widgets.ColorProblem, w.speaker.Failure(err))
			default:
				w.Add(paths)
			}
		})
	})
}

// open shows a file or a folder in the program that the system has for it.
func (w *Window) open(path string) {
	w.command(waitOpen, func(context.Context) error { return w.opts.Open(path) })
}

// reveal shows a file in its folder.
func (w *Window) reveal(path string) {
	w.command(waitOpen, func(context.Context) error { return w.opts.Reveal(path) })
}

func (w *Window) openOutbox() { w.openFolder("Outbox") }

func (w *Window) openInbox() { w.openFolder("Inbox") }

func (w *Window) openFolder(name string) {
	if folder := w.current().Folder; folder != "" {
		w.open(filepath.Join(folder, name))
	}
}
