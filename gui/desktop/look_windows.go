//go:build !headless

package desktop

import (
	"context"
	"unsafe"

	"golang.org/x/sys/windows"

	"postroom/gui/widgets"
)

var (
	user32            = windows.NewLazySystemDLL("user32.dll")
	systemParameters  = user32.NewProc("SystemParametersInfoW")
	systemColour      = user32.NewProc("GetSysColor")
	getHighContrast   = uintptr(0x42) // SPI_GETHIGHCONTRAST
	colourOfAWindow   = uintptr(5)    // COLOR_WINDOW
	highContrastIsOn  = uint32(1)     // HCF_HIGHCONTRASTON
	middleOfOneColour = uintptr(0x80)
)

// highContrast is HIGHCONTRASTW.
type highContrast struct {
	size   uint32
	flags  uint32
	scheme *uint16
}

// systemLook is high contrast where Windows has it on, light or dark as its windows are. It is "" else: Fyne finds out by itself.
func systemLook(context.Context) string {
	asked := highContrast{size: uint32(unsafe.Sizeof(highContrast{}))}
	ok, _, _ := systemParameters.Call(getHighContrast, uintptr(asked.size), uintptr(unsafe.Pointer(&asked)), 0)
	if ok == 0 || asked.flags&highContrastIsOn == 0 {
		return widgets.LookSystem
	}
	colour, _, _ := systemColour.Call(colourOfAWindow)
	if green := colour >> 8 & 0xFF; green < middleOfOneColour {
		return widgets.LookContrastDark
	}
	return widgets.LookContrastLight
}
