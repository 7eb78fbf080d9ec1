//go:build !headless

package desktop

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/rymdport/portal/settings"

	"postroom/gui/widgets"
)

// portalTime is how long the desktop's portal has for an answer: it is another program, which may hang.
const portalTime = time.Second

// systemLook is what the desktop asks for beyond light and dark: high contrast, or light where it says nothing, since Fyne
// would go dark. It is "" where Fyne finds out by itself.
func systemLook(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, portalTime)
	defer cancel()
	answer := make(chan string, 1)
	go func() { answer <- lookOf(settings.ReadOne, os.Getenv("GTK_THEME")) }() // ends with the portal's answer or the program
	select {
	case look := <-answer:
		return look
	case <-ctx.Done():
		return widgets.LookLight
	}
}

// lookOf reads the portal's settings, newer names first, and the variable by which GTK's theme is set for one session.
func lookOf(read func(namespace, key string) (any, error), gtkTheme string) string {
	theme := gtkTheme
	if theme == "" {
		said, _ := read("org.gnome.desktop.interface", "gtk-theme") // not every desktop has it
		theme, _ = said.(string)
	}
	switch {
	case strings.HasPrefix(theme, "HighContrastInverse"), strings.HasPrefix(theme, "HighContrast:dark"):
		return widgets.LookContrastDark
	case strings.HasPrefix(theme, "HighContrast"):
		return widgets.LookContrastLight
	}
	higher, _ := read("org.freedesktop.appearance", "contrast")
	gnome, _ := read("org.gnome.desktop.a11y.interface", "high-contrast")
	scheme, err := read("org.freedesktop.appearance", "color-scheme")
	contrast := higher == uint32(1) || gnome == true
	switch {
	case contrast && err != nil:
		return widgets.LookContrastLight
	case contrast:
		return widgets.LookContrast
	case err != nil || scheme == nil:
		return widgets.LookLight
	}
	return widgets.LookSystem
}
