//go:build !headless && !linux

package desktop

import (
	"image"

	"fyne.io/fyne/v2"
)

// picture is what a window shows. It is called off the UI thread.
func picture(w fyne.Window) (image.Image, error) {
	taken := make(chan image.Image, 1)
	fyne.Do(func() { taken <- w.Canvas().Capture() })
	return <-taken, nil
}
