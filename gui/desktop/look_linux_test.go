//go:build linux && !headless

package desktop

import (
	"errors"
	"testing"

	"postroom/gui/widgets"
)

func TestTheDesktopsHighContrastIsFollowedHoweverItSaysSo(t *testing.T) {
	type said map[string]any
	for name, c := range map[string]struct {
		said     said
		gtkTheme string
		want     string
	}{
		"nobody answers":                    {nil, "", widgets.LookLight},
		"light or dark, and no more":        {said{"color-scheme": uint32(1), "contrast": uint32(0)}, "", widgets.LookSystem},
		"the portal's contrast":             {said{"color-scheme": uint32(1), "contrast": uint32(1)}, "", widgets.LookContrast},
		"GNOME's switch":                    {said{"color-scheme": uint32(0), "high-contrast": true}, "", widgets.LookContrast},
		"contrast, and no light or dark":    {said{"contrast": uint32(1)}, "", widgets.LookContrastLight},
		"GTK's theme":                       {said{"color-scheme": uint32(0), "gtk-theme": "HighContrast"}, "", widgets.LookContrastLight},
		"GTK's theme, inverse":              {said{"color-scheme": uint32(0), "gtk-theme": "HighContrastInverse"}, "", widgets.LookContrastDark},
		"GTK's theme for this session only": {said{"color-scheme": uint32(0), "gtk-theme": "Adwaita"}, "HighContrast:dark", widgets.LookContrastDark},
		"another theme":                     {said{"color-scheme": uint32(2), "gtk-theme": "Adwaita"}, "", widgets.LookSystem},
	} {
		t.Run(name, func(t *testing.T) {
			read := func(_, key string) (any, error) {
				if v, ok := c.said[key]; ok {
					return v, nil
				}
				return nil, errors.New("no such setting")
			}
			if got := lookOf(read, c.gtkTheme); got != c.want {
				t.Errorf("it is shown as %q, want %q", got, c.want)
			}
		})
	}
}
