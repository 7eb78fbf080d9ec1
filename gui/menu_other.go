//go:build !darwin

package gui

import (
	"fyne.io/fyne/v2"

	"postroom/gui/widgets"
)

// setMenu makes the commands' keys work without a menu bar in the window: our entries leave the
// window its keys.
func (w *Window) setMenu(menu *fyne.MainMenu) {
	for _, m := range menu.Items {
		for _, item := range m.Items {
			if item.Shortcut != nil {
				widgets.AddShortcut(w.win.Canvas(), item.Shortcut, item.Action)
			}
		}
	}
}
