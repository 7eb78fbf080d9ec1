// Command draw makes the program's icons: the window's as SVG, the app's in every size, the tray's for every state.
// Run it with `make icons` after a change; what it writes is committed. With a second name it also writes a sheet that shows
// every icon at 16, 20 and 32 pixels on both grounds.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) < 2 || len(os.Args) > 3 {
		fmt.Fprintln(os.Stderr, "use: draw FOLDER [SHEET]")
		os.Exit(2)
	}
	out := make(map[string][]byte)
	for name, data := range files() {
		out[filepath.Join(os.Args[1], name)] = data
	}
	if len(os.Args) == 3 {
		out[os.Args[2]] = pngOf(sheet())
	}
	for name, data := range out {
		if err := write(name, data); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil { //nolint:gosec // in the folder that was named
		return fmt.Errorf("make the folder of %s: %w", name, err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil { //nolint:gosec // a picture that is committed, in the folder that was named
		return fmt.Errorf("write icon: %w", err)
	}
	return nil
}

// files is everything that is drawn, by its name under the folder.
func files() map[string][]byte {
	out := make(map[string][]byte)
	for name, p := range icons() {
		out["icons/"+name+".svg"] = svgFile(iconSide, layer{fill: black, path: p})
	}
	out["app/icon.svg"] = svgFile(appSide, appLayers()...)
	for _, size := range []int{16, 24, 32, 48, 64, 128, 256, 512} {
		out[fmt.Sprintf("app/icon-%d.png", size)] = encode(size, appLayers())
	}
	out["app/icon.ico"] = icon(appLayers(), 16, 20, 24, 32, 48, 64, 256)
	for _, state := range trayStates {
		out["tray/"+state+".svg"] = svgFile(appSide, trayLayers(state)...)
		out["tray/"+state+".png"] = encode(64, trayLayers(state))
		out["tray/"+state+"-template.png"] = encode(44, inInk(trayLayers(state), black))
		out["tray/"+state+".ico"] = icon(trayLayers(state), 16, 20, 24, 32)
	}
	return out
}

func icon(layers []layer, sizes ...int) []byte {
	var pictures []*image.NRGBA
	for _, size := range sizes {
		pictures = append(pictures, raster(size, appSide, layers...))
	}
	return ico(pictures...)
}

func encode(size int, layers []layer) []byte { return pngOf(raster(size, appSide, layers...)) }

func pngOf(picture image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return b.Bytes()
}
