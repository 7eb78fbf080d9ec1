package gui

import (
	"context"
	"path/filepath"

	"fyne.io/fyne/v2"

	"postroom/gui/support"
	"postroom/gui/widgets"
)

// support saves what somebody who helps needs to see, in a folder that the person chooses, and shows where it is.
func (p *settingsPage) support() fyne.CanvasObject {
	told := widgets.NewNote(widgets.ColorGood, "", "")
	told.Hide()
	var save *widgets.Button
	save = widgets.NewButton(p.say("support.save"), func() {
		p.h.ChooseFolder(p.say("support.ask"), func(folder string) {
			if folder != "" && !p.closed {
				p.saveSupport(folder, save, told)
			}
		})
	})
	return widgets.Inset(settingEdge, 12, settingEdge, 14, widgets.Column(widgets.GapPart,
		widgets.NewText(p.say("support"), widgets.Name), widgets.NewParagraph(p.hint("support"), widgets.Muted), told,
		widgets.Line(0, save, widgets.Spring())))
}

// saveSupport gathers and saves a bundle; meanwhile the button cannot be pressed again.
func (p *settingsPage) saveSupport(folder string, save *widgets.Button, told *widgets.Note) {
	save.Disable()
	told.Set(widgets.ColorMuted, "", p.say("support.busy"))
	visible(told, true)
	p.content.Refresh()
	path := filepath.Join(folder, support.Name(p.h.Now()))
	words, by := p.h.Words(), support.Program{Version: p.h.Overview().Version, Window: true}
	p.h.LongWork(func(ctx context.Context) error {
		s, err := p.h.Engine().Support(ctx, false)
		if err != nil {
			return err
		}
		return support.Save(path, words, s, by)
	}, func(err error) {
		if p.closed {
			return
		}
		save.Enable()
		if err != nil {
			told.Set(widgets.ColorProblem, "", p.h.Explain(err))
		} else {
			told.Set(widgets.ColorGood, "", p.say("support.saved", map[string]any{"file": path}))
			p.h.Reveal(path)
		}
		p.content.Refresh()
	})
}
