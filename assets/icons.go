package assets

import (
	"embed"
	"fmt"
)

//go:generate go run ./draw . ../build/icons.png

//go:embed icons/*.svg
var icons embed.FS

//go:embed app
var appIcons embed.FS

// Icon is one of the window's icons as SVG: filled outlines in black on a square of 20, to be coloured by the theme.
// It panics on a name that is not there: names are written in code and tested.
func Icon(name string) []byte { return embedded(icons, "icons/"+name+".svg") }

// Icons lists the names that Icon takes.
func Icons() []string {
	entries, err := icons.ReadDir("icons")
	if err != nil {
		panic("assets: the embedded icons cannot be listed: " + err.Error())
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()[:len(e.Name())-len(".svg")]
	}
	return names
}

// AppIcon is the program's icon as PNG, 16, 24, 32, 48, 64, 128, 256 or 512 pixels wide.
func AppIcon(size int) []byte { return embedded(appIcons, fmt.Sprintf("app/icon-%d.png", size)) }

// AppIconSVG is the program's icon as a drawing.
func AppIconSVG() []byte { return embedded(appIcons, "app/icon.svg") }

func embedded(from embed.FS, name string) []byte {
	data, err := from.ReadFile(name)
	if err != nil {
		panic("assets: " + err.Error())
	}
	return data
}
