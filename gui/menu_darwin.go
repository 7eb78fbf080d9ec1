package gui

import "fyne.io/fyne/v2"

// setMenu uses the system's menu bar, which every program has.
func (w *Window) setMenu(menu *fyne.MainMenu) { w.win.SetMainMenu(menu) }
