//go:build !headless

package desktop

import (
	"errors"
	"fmt"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// picture is what the screen shows of a window, as the X server has it: the front buffer that Fyne would read is black
// with software OpenGL. It is called off the UI thread.
func picture(w fyne.Window) (image.Image, error) {
	handle := make(chan uintptr, 1)
	fyne.Do(func() {
		w.(driver.NativeWindow).RunNative(func(native any) {
			x11, _ := native.(driver.X11WindowContext)
			handle <- x11.WindowHandle
		})
	})
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("reaching the display: %w", err)
	}
	defer conn.Close()
	window := xproto.Drawable(<-handle)
	place, err := xproto.GetGeometry(conn, window).Reply()
	if err != nil {
		return nil, fmt.Errorf("asking for the window's size: %w", err)
	}
	const allPlanes = 1<<32 - 1
	shown, err := xproto.GetImage(conn, xproto.ImageFormatZPixmap, window, 0, 0, place.Width, place.Height, allPlanes).Reply()
	if err != nil {
		return nil, fmt.Errorf("reading the window: %w", err)
	}
	return fromZPixmap(shown.Data, int(place.Width), int(place.Height))
}

// fromZPixmap reads the usual form of an X server's picture: four bytes for each dot, blue first.
func fromZPixmap(data []byte, width, height int) (image.Image, error) {
	if len(data) != 4*width*height {
		return nil, errors.New("the display does not keep four bytes for each dot")
	}
	read := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := 0; i < len(data); i += 4 {
		read.Pix[i], read.Pix[i+1], read.Pix[i+2], read.Pix[i+3] = data[i+2], data[i+1], data[i], 0xff
	}
	return read, nil
}
