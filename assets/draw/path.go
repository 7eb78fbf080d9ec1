package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"strings"

	"golang.org/x/image/vector"
)

// kappa places the handles of a cubic curve that stands for a quarter of a circle.
const kappa = 0.5522847498

type point struct{ x, y float64 }

// segment is a line to its last point, or a cubic curve over its first two.
type segment struct {
	curved bool
	c1, c2 point
	to     point
}

// contour is one closed outline. Contours of one path that turn the same way are united, a contour that turns the
// other way cuts a hole (non-zero winding), so every stroke here is a set of filled outlines.
type contour struct {
	from     point
	segments []segment
}

type path []contour

func polygon(points ...point) path {
	c := contour{from: points[0]}
	for _, p := range points[1:] {
		c.segments = append(c.segments, segment{to: p})
	}
	if area(points) < 0 {
		return path{c}.reversed()
	}
	return path{c}
}

func area(points []point) float64 {
	sum := 0.0
	for i, p := range points {
		q := points[(i+1)%len(points)]
		sum += p.x*q.y - q.x*p.y
	}
	return sum
}

func disc(x, y, r float64) path { return roundRect(x-r, y-r, 2*r, 2*r, r) }

// ring is a circle's stroke around the radius r.
func ring(x, y, r, width float64) path {
	return append(disc(x, y, r+width/2), disc(x, y, r-width/2).reversed()...)
}

func roundRect(x, y, w, h, r float64) path {
	k := r * (1 - kappa)
	c := contour{from: point{x + r, y}}
	corner := func(line, c1, c2, to point) {
		c.segments = append(c.segments, segment{to: line}, segment{curved: true, c1: c1, c2: c2, to: to})
	}
	corner(point{x + w - r, y}, point{x + w - k, y}, point{x + w, y + k}, point{x + w, y + r})
	corner(point{x + w, y + h - r}, point{x + w, y + h - k}, point{x + w - k, y + h}, point{x + w - r, y + h})
	corner(point{x + r, y + h}, point{x + k, y + h}, point{x, y + h - k}, point{x, y + h - r})
	corner(point{x, y + r}, point{x, y + k}, point{x + k, y}, point{x + r, y})
	return path{c}
}

// frame is the stroke of a rounded rectangle, inside the given edges.
func frame(x, y, w, h, r, width float64) path {
	inner := roundRect(x+width, y+width, w-2*width, h-2*width, max(r-width, 0.01))
	return append(roundRect(x, y, w, h, r), inner.reversed()...)
}

// line is a stroke with round ends and joints through all points.
func line(width float64, points ...point) path {
	r := width / 2
	var p path
	for i, at := range points {
		p = append(p, disc(at.x, at.y, r)...)
		if i == 0 {
			continue
		}
		from := points[i-1] //nolint:gosec // i is 1 at least here
		length := math.Hypot(at.x-from.x, at.y-from.y)
		nx, ny := -(at.y-from.y)/length*r, (at.x-from.x)/length*r
		p = append(p, polygon(
			point{from.x + nx, from.y + ny}, point{at.x + nx, at.y + ny},
			point{at.x - nx, at.y - ny}, point{from.x - nx, from.y - ny})...)
	}
	return p
}

// outline is a closed line.
func outline(width float64, points ...point) path {
	return line(width, append(points, points[0])...)
}

func join(parts ...path) path {
	var p path
	for _, part := range parts {
		p = append(p, part...)
	}
	return p
}

// reversed turns every contour the other way, to cut what lies under it.
func (p path) reversed() path {
	out := make(path, len(p))
	for i, c := range p {
		points := []point{c.from}
		for _, s := range c.segments {
			points = append(points, s.to)
		}
		r := contour{from: points[len(points)-1]}
		for j := len(c.segments) - 1; j >= 0; j-- {
			s := c.segments[j]
			r.segments = append(r.segments, segment{curved: s.curved, c1: s.c2, c2: s.c1, to: points[j]})
		}
		out[i] = r
	}
	return out
}

// moved is the path scaled and then shifted.
func (p path) moved(scale, dx, dy float64) path {
	m := func(q point) point { return point{q.x*scale + dx, q.y*scale + dy} }
	out := make(path, len(p))
	for i, c := range p {
		out[i].from = m(c.from)
		for _, s := range c.segments {
			out[i].segments = append(out[i].segments, segment{curved: s.curved, c1: m(s.c1), c2: m(s.c2), to: m(s.to)})
		}
	}
	return out
}

func (p path) svg() string {
	var b strings.Builder
	for _, c := range p {
		fmt.Fprintf(&b, "M%s", c.from)
		for _, s := range c.segments {
			if s.curved {
				fmt.Fprintf(&b, "C%s %s %s", s.c1, s.c2, s.to)
			} else {
				fmt.Fprintf(&b, "L%s", s.to)
			}
		}
		b.WriteString("Z")
	}
	return b.String()
}

func (p point) String() string {
	short := func(v float64) string {
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
	}
	return short(p.x) + "," + short(p.y)
}

// layer is a path in one colour, or one that is cut out of what lies under it.
type layer struct {
	fill  color.NRGBA
	path  path
	erase bool
}

// svgFile draws layers on a square of side units. What a layer cuts out is masked from all that was drawn before it.
func svgFile(side int, layers ...layer) []byte {
	body := ""
	for i, l := range layers {
		if l.erase {
			body = fmt.Sprintf(`<mask id="cut%[1]d"><path fill="#ffffff" d="M0,0H%[2]dV%[2]dH0Z"/><path d="%[3]s"/></mask>`+"\n"+
				`<g mask="url(#cut%[1]d)">`+"\n%[4]s</g>\n", i, side, l.path.svg(), body)
			continue
		}
		body += fmt.Sprintf(`<path fill="#%02x%02x%02x" d="%s"/>`+"\n", l.fill.R, l.fill.G, l.fill.B, l.path.svg())
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[1]d" viewBox="0 0 %[1]d %[1]d">`+"\n%[2]s</svg>\n", side, body)
}

// raster draws layers of side units into a square picture.
func raster(pixels, side int, layers ...layer) *image.NRGBA {
	into := image.NewNRGBA(image.Rect(0, 0, pixels, pixels))
	scale := float64(pixels) / float64(side)
	for _, l := range layers {
		z := vector.NewRasterizer(pixels, pixels)
		at := func(p point) (float32, float32) { return float32(p.x * scale), float32(p.y * scale) }
		for _, c := range l.path {
			z.MoveTo(at(c.from))
			for _, s := range c.segments {
				x, y := at(s.to)
				if s.curved {
					x1, y1 := at(s.c1)
					x2, y2 := at(s.c2)
					z.CubeTo(x1, y1, x2, y2, x, y)
				} else {
					z.LineTo(x, y)
				}
			}
			z.ClosePath()
		}
		if l.erase {
			mask := image.NewAlpha(into.Bounds())
			z.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
			cut(into, mask)
			continue
		}
		z.DrawOp = draw.Over
		z.Draw(into, into.Bounds(), image.NewUniform(l.fill), image.Point{})
	}
	return into
}

func cut(from *image.NRGBA, mask *image.Alpha) {
	for i, a := range mask.Pix {
		left := uint32(from.Pix[4*i+3]) * uint32(255-a)
		from.Pix[4*i+3] = uint8(left / 255)
	}
}
