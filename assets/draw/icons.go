package main

import "math"

// Icons are drawn on a square of 20, one stroke for the whole family. Black stands for the colour that the theme
// puts in.
const (
	iconSide = 20
	stroke   = 1.6
)

func round(inside ...path) path {
	return join(append([]path{ring(10, 10, 8.2, stroke)}, inside...)...)
}

func arrow(tip, tail, wing float64) path {
	return join(
		line(stroke, point{10, tail}, point{10, tip}),
		line(stroke, point{10 - 3, wing}, point{10, tip}, point{10 + 3, wing}))
}

// arc is a stroke along a circle, angles in degrees, clockwise from the right.
func arc(x, y, r, from, to float64) path {
	var points []point
	const steps = 24
	for i := range steps + 1 {
		a := (from + (to-from)*float64(i)/steps) * math.Pi / 180
		points = append(points, point{x + r*math.Cos(a), y + r*math.Sin(a)})
	}
	return line(stroke, points...)
}

func triangle(width float64, inset float64) path {
	return outline(width, point{10, 2.6 + inset}, point{18 - inset, 16.6 - inset*0.6}, point{2 + inset, 16.6 - inset*0.6})
}

func exclamation(top, bottom, dot float64) path {
	return join(line(stroke, point{10, top}, point{10, bottom}), disc(10, dot, 1.05))
}

// icons are the window's, by file name.
func icons() map[string]path {
	l := func(points ...point) path { return line(stroke, points...) }
	return map[string]path{
		// What became of a file: shapes before they are colours.
		"status-done":      round(l(point{6.4, 10.4}, point{9, 12.9}, point{13.6, 7.6})),
		"status-up":        round(arrow(6.2, 13.8, 9.2)),
		"status-down":      round(arrow(13.8, 6.2, 10.8)),
		"status-waiting":   round(l(point{10, 5.8}, point{10, 10.2}, point{12.8, 11.9})),
		"status-problem":   round(l(point{7.2, 7.2}, point{12.8, 12.8}), l(point{12.8, 7.2}, point{7.2, 12.8})),
		"status-attention": join(triangle(stroke, 0), exclamation(7.6, 11, 13.9)),
		"status-unsure":    round(exclamation(5.8, 10.6, 13.6)),
		"status-paused":    round(l(point{8, 7}, point{8, 13}), l(point{12, 7}, point{12, 13})),
		"status-left":      round(l(point{6.4, 10}, point{13.6, 10})),
		"status-todo":      round(),

		// What state a company is in, beside its name.
		"company-good":      disc(10, 10, 5),
		"company-busy":      polygon(point{10, 4}, point{15.6, 14.6}, point{4.4, 14.6}),
		"company-attention": polygon(point{10, 3.6}, point{16.4, 10}, point{10, 16.4}, point{3.6, 10}),
		"company-problem":   roundRect(5.2, 5.2, 9.6, 9.6, 0.8),
		"company-paused":    join(roundRect(5.4, 5, 3.2, 10, 0.6), roundRect(11.4, 5, 3.2, 10, 0.6)),
		"company-offline":   ring(10, 10, 4.2, 2),

		"plus":    join(l(point{10, 3.4}, point{10, 16.6}), l(point{3.4, 10}, point{16.6, 10})),
		"cross":   join(l(point{5, 5}, point{15, 15}), l(point{15, 5}, point{5, 15})),
		"tick":    l(point{4, 10.6}, point{8.2, 14.8}, point{16, 5.8}),
		"key":     join(ring(6.8, 13.2, 3.9, stroke), l(point{9.6, 10.4}, point{17, 3}), l(point{14.6, 5.4}, point{17, 7.8})),
		"search":  join(ring(8.8, 8.8, 5.4, stroke), l(point{12.8, 12.8}, point{17, 17})),
		"left":    l(point{12.4, 4.6}, point{7, 10}, point{12.4, 15.4}),
		"right":   l(point{7.6, 4.6}, point{13, 10}, point{7.6, 15.4}),
		"down":    l(point{4.6, 7.6}, point{10, 13}, point{15.4, 7.6}),
		"refresh": join(arc(10, 10.4, 6.6, 10, 318), l(point{15.2, 2.2}, point{15.2, 6}, point{11.4, 6})),
		"copy": join(frame(6.6, 6.6, 10.4, 10.4, 2, stroke),
			l(point{12.6, 3.8}, point{5, 3.8}, point{3.8, 5}, point{3.8, 12.6})),
		"folder": outline(stroke, point{2.8, 4.6}, point{7.8, 4.6}, point{9.6, 6.8}, point{17.2, 6.8}, point{17.2, 15.8}, point{2.8, 15.8}),
		"file": join(outline(stroke, point{5, 2.8}, point{11.6, 2.8}, point{15.4, 6.6}, point{15.4, 17.2}, point{5, 17.2}),
			l(point{11.4, 3}, point{11.4, 6.8}, point{15.2, 6.8})),
		"mail": join(frame(2, 4, 16, 12, 1.8, stroke), l(point{3.2, 5.4}, point{10, 11}, point{16.8, 5.4})),
		"info": round(l(point{10, 9.4}, point{10, 13.8}), disc(10, 6.4, 1.05)),
		"eye": join(l(point{2.2, 10}, point{4.6, 7}, point{7.6, 5.2}, point{10, 4.8}, point{12.4, 5.2}, point{15.4, 7}, point{17.8, 10}, point{15.4, 13}, point{12.4, 14.8}, point{10, 15.2}, point{7.6, 14.8}, point{4.6, 13}, point{2.2, 10}),
			ring(10, 10, 2.4, stroke)),
		"external": join(l(point{9, 4.4}, point{4.2, 4.4}, point{4.2, 15.8}, point{15.6, 15.8}, point{15.6, 11}),
			l(point{9.2, 10.8}, point{16.2, 3.8}), l(point{11.8, 3.8}, point{16.2, 3.8}, point{16.2, 8.2})),
		"settings": join(
			l(point{2.8, 6.4}, point{9.2, 6.4}), ring(11.4, 6.4, 2.2, stroke), l(point{13.6, 6.4}, point{17.2, 6.4}),
			l(point{2.8, 13.6}, point{5.4, 13.6}), ring(7.6, 13.6, 2.2, stroke), l(point{9.8, 13.6}, point{17.2, 13.6})),
	}
}
