//go:build linux && !headless

package desktop

import (
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/image/draw"
)

// The pictures of docs/guide.md, and the light that they are taken under.
var guidePictures = []string{
	"wizard-1-welcome", "wizard-2-ids", "wizard-3-folder", "wizard-4-passcode", "first-file", "main", "details", "error", "locked",
	"connection-locked", "practice", "settings",
}

func guideLight() light { return everyLight[0] }

// A contact sheet has a line for each screen and a column for each light, so that what differs lies side by side.
const (
	thumbWide = 300
	thumbHigh = 216
	thumbGap  = 8
)

// bind makes a contact sheet and a page of all pictures in a folder.
func bind(folder string) error {
	columns := slices.DeleteFunc(slices.Clone(everyLight), func(l light) bool { return l.only != nil })
	sheet := image.NewRGBA(image.Rect(0, 0, len(columns)*(thumbWide+thumbGap)+thumbGap, len(everyScreen)*(thumbHigh+thumbGap)+thumbGap))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.RGBA{0x80, 0x86, 0x8C, 0xFF}), image.Point{}, draw.Src)
	for y, p := range everyScreen {
		for x, l := range columns {
			taken, err := open(filepath.Join(folder, l.String(), p.name+".png"))
			if err != nil {
				return err
			}
			corner := image.Pt(thumbGap+x*(thumbWide+thumbGap), thumbGap+y*(thumbHigh+thumbGap))
			draw.CatmullRom.Scale(sheet, fitting(taken.Bounds().Size()).Add(corner), taken, taken.Bounds(), draw.Src, nil)
		}
	}
	f, err := os.Create(filepath.Join(folder, "contact.png"))
	if err != nil {
		return fmt.Errorf("making the contact sheet: %w", err)
	}
	defer f.Close()
	if err := png.Encode(f, sheet); err != nil {
		return fmt.Errorf("writing the contact sheet: %w", err)
	}
	return bindPage(folder)
}

// fitting is the room that a picture takes in its place.
func fitting(size image.Point) image.Rectangle {
	part := min(float64(thumbWide)/float64(size.X), float64(thumbHigh)/float64(size.Y))
	return image.Rect(0, 0, int(part*float64(size.X)), int(part*float64(size.Y)))
}

func open(name string) (image.Image, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening a picture: %w", err)
	}
	defer f.Close()
	taken, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("reading the picture %s: %w", name, err)
	}
	return taken, nil
}

var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Postroom, every screen</title>
<style>
body{font:14px system-ui,sans-serif;margin:16px;background:#80868c;color:#fff}
table{border-spacing:8px}th{text-align:left;font-weight:600;vertical-align:top;position:sticky;left:0;background:#80868c}
thead th{position:sticky;top:0}img{width:300px;display:block}
</style>
<h1>Every screen</h1>
<table><thead><tr><th><th>{{range .Lights}}{{.Title}}<th>{{end}}</tr></thead>
{{range $p := .Screens}}<tr><th>{{$p}}{{range $.Lights}}<td>{{if .Has $p}}<a href="{{.Folder}}/{{$p}}.png"><img loading="lazy" alt="{{$p}}, {{.Title}}" src="{{.Folder}}/{{$p}}.png"></a>{{end}}{{end}}</tr>
{{end}}</table></html>
`))

type pageLight struct {
	Title, Folder string
	only          []string
}

// Has is the template's.
func (l pageLight) Has(screen string) bool { return l.only == nil || slices.Contains(l.only, screen) }

func bindPage(folder string) error {
	var shown struct {
		Screens []string
		Lights  []pageLight
	}
	for _, p := range everyScreen {
		shown.Screens = append(shown.Screens, p.name)
	}
	for _, l := range everyLight {
		shown.Lights = append(shown.Lights, pageLight{title(l), l.String(), l.only})
	}
	f, err := os.Create(filepath.Join(folder, "index.html"))
	if err != nil {
		return fmt.Errorf("making the page of pictures: %w", err)
	}
	defer f.Close()
	if err := page.Execute(f, shown); err != nil {
		return fmt.Errorf("writing the page of pictures: %w", err)
	}
	return nil
}

// paletted has at most 256 colours, the most frequent ones, each other dot in the nearest: small enough to be committed.
func paletted(of image.Image) image.Image {
	b := of.Bounds()
	count := make(map[color.RGBA]int)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[color.RGBAModel.Convert(of.At(x, y)).(color.RGBA)]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		if n := count[b] - count[a]; n != 0 {
			return n
		}
		return (int(a.R)<<16 + int(a.G)<<8 + int(a.B)) - (int(b.R)<<16 + int(b.G)<<8 + int(b.B))
	})
	palette := make(color.Palette, 0, 256)
	for _, c := range all[:min(len(all), 256)] {
		palette = append(palette, c)
	}
	small := image.NewPaletted(b, palette)
	draw.Draw(small, b, of, b.Min, draw.Src)
	return small
}
