package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Run is a piece of a paragraph in one style.
type Run struct {
	Text  string
	Style Style
}

// Paragraph is text over as many lines as its width needs, LineHeight each, in runs of different styles. Put it into
// a Column or a Scroll of this package: they ask for its height after they have given it its width.
type Paragraph struct {
	widget.BaseWidget
	Runs []Run

	lines [][]piece
	width float32
}

type piece struct {
	text  string
	style Style
	left  float32
}

// NewParagraph shows a text in one style.
func NewParagraph(text string, style Style) *Paragraph {
	return NewRuns(Run{text, style})
}

// NewRuns shows text in several styles.
func NewRuns(runs ...Run) *Paragraph {
	p := &Paragraph{Runs: runs}
	p.ExtendBaseWidget(p)
	return p
}

// Emphasised splits a text at pairs of asterisks: what stands between two is in semibold. Sentences of the
// catalogue mark words of Sage's own screens that way.
func Emphasised(text string, style Style) []Run {
	var runs []Run
	for i, part := range strings.Split(text, "*") {
		if part == "" {
			continue
		}
		s := style
		if i%2 == 1 {
			s = style.Strong()
		}
		runs = append(runs, Run{part, s})
	}
	return runs
}

// Set shows another text in one style.
func (p *Paragraph) Set(text string, style Style) { p.SetRuns(Run{text, style}) }

// SetRuns shows other text.
func (p *Paragraph) SetRuns(runs ...Run) {
	p.Runs = runs
	p.width = 0
	p.Refresh()
}

// Text is the whole text without its styles.
func (p *Paragraph) Text() string {
	var b strings.Builder
	for _, r := range p.Runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

// HeightFor is the height the paragraph takes in a width.
func (p *Paragraph) HeightFor(width float32) float32 {
	if width != p.width || p.lines == nil {
		p.width, p.lines = width, p.wrap(width)
	}
	return float32(len(p.lines)) * p.lineHeight()
}

func (p *Paragraph) lineHeight() float32 {
	height := float32(LineHeight)
	for _, r := range p.Runs {
		height = max(height, r.Style.Size*1.27)
	}
	return height
}

// wrap breaks at spaces and line ends; a word wider than the line is broken where it must be.
func (p *Paragraph) wrap(width float32) [][]piece {
	var lines [][]piece
	var line []piece
	var left float32
	end := func() {
		lines = append(lines, line)
		line, left = nil, 0
	}
	put := func(text string, style Style, w float32) {
		if last := len(line) - 1; last >= 0 && line[last].style == style {
			line[last].text += text
		} else {
			line = append(line, piece{text, style, left})
		}
		left += w
	}
	for _, r := range p.Runs {
		space := r.Style.Measure(" ").Width
		for i, block := range strings.Split(r.Text, "\n") {
			if i > 0 {
				end()
			}
			for j, word := range strings.Split(block, " ") {
				if j > 0 && left > 0 {
					put(" ", r.Style, space)
				}
				w := r.Style.Measure(word).Width
				if left > 0 && left+w > width {
					end()
				}
				for w > width && width > 0 {
					head := r.Style.breakAt(word, width)
					put(head, r.Style, 0)
					end()
					word = word[len(head):]
					w = r.Style.Measure(word).Width
				}
				if word != "" {
					put(word, r.Style, w)
				}
			}
		}
	}
	if len(line) > 0 || len(lines) == 0 {
		end()
	}
	return lines
}

// breakAt is the longest beginning of a word that fits, one letter at least.
func (s Style) breakAt(word string, width float32) string {
	runes := []rune(word)
	low, high := 1, len(runes)
	for low < high {
		middle := (low + high + 1) / 2
		if s.Measure(string(runes[:middle])).Width <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return string(runes[:low])
}

// Resize wraps the text anew.
func (p *Paragraph) Resize(size fyne.Size) {
	p.HeightFor(size.Width)
	p.BaseWidget.Resize(size)
}

// CreateRenderer is Fyne's.
func (p *Paragraph) CreateRenderer() fyne.WidgetRenderer {
	d := &drawn{}
	d.min = func() fyne.Size {
		width := p.Size().Width
		if width == 0 {
			width = 10000 // not laid out yet: as if there were room for one line
		}
		return fyne.NewSize(40, p.HeightFor(width))
	}
	d.layout = func(size fyne.Size) {
		p.HeightFor(size.Width)
		d.objects = d.objects[:0]
		height := p.lineHeight()
		for i, line := range p.lines {
			for _, piece := range line {
				t := canvas.NewText(piece.text, shade(piece.style.Colour))
				piece.style.apply(t)
				place(t, t.MinSize(), piece.left, (float32(i)+0.5)*height-opticalLift)
				d.objects = append(d.objects, t)
			}
		}
	}
	d.refresh = func() { p.lines = nil }
	d.layout(p.Size())
	return d
}
