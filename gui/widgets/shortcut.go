package widgets

import (
	"sync"

	"fyne.io/fyne/v2"
)

// shortcuts keeps what AddShortcut was given, by window and name: an entry with the focus gets every shortcut first
// and has no way to ask the window for its own.
var shortcuts sync.Map // shortcutKey -> func()

type shortcutKey struct {
	over fyne.Canvas
	name string
}

// AddShortcut makes a shortcut work in a window wherever the focus is, in an Entry of this package too.
func AddShortcut(over fyne.Canvas, shortcut fyne.Shortcut, do func()) {
	shortcuts.Store(shortcutKey{over, shortcut.ShortcutName()}, do)
	over.AddShortcut(shortcut, func(fyne.Shortcut) { do() })
}

func shortcutOver(o fyne.CanvasObject, shortcut fyne.Shortcut) func() {
	over := fyne.CurrentApp().Driver().CanvasForObject(o)
	if do, ok := shortcuts.Load(shortcutKey{over, shortcut.ShortcutName()}); ok {
		return do.(func())
	}
	return nil
}

// Forget drops what this package keeps for a window that is closed.
func Forget(over fyne.Canvas) {
	tipLayers.Delete(over)
	shortcuts.Range(func(key, _ any) bool {
		if key.(shortcutKey).over == over {
			shortcuts.Delete(key)
		}
		return true
	})
}
