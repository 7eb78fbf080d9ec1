//go:build !headless

package desktop

import "fyne.io/fyne/v2"

// beCalm does nothing: on macOS Fyne relies on its own settings, and every computer has a graphics card.
func beCalm(fyne.App) {}
