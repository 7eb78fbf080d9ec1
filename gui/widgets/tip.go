package widgets

import (
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// tipDelay is how long the pointer rests on something before its tip is shown.
const tipDelay = 450 * time.Millisecond

// tipLayers holds the layer of tips of each window. A tip lies in the window's own content, above everything else:
// a pop-up would take the pointer away from what it explains.
var tipLayers sync.Map // fyne.Canvas -> *tipLayer

// WithTips lays the tips of a window over its content. Call it once for each content that a window is given.
func WithTips(content fyne.CanvasObject, over fyne.Canvas) fyne.CanvasObject {
	layer := &tipLayer{tip: newTip()}
	layer.tip.Hide()
	tipLayers.Store(over, layer)
	layer.place = container.NewWithoutLayout(layer.tip)
	return container.NewStack(content, layer.place)
}

type tipLayer struct {
	tip   *tip
	place *fyne.Container
	of    fyne.CanvasObject
}

func tipsOver(o fyne.CanvasObject) *tipLayer {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if layer, ok := tipLayers.Load(c); ok {
		return layer.(*tipLayer)
	}
	return nil
}

// showTipSoon shows a tip for an object once the pointer has rested on it. hideTip undoes it.
func showTipSoon(of fyne.CanvasObject, pointer fyne.Position, text func() string) *time.Timer {
	layer := tipsOver(of)
	if layer == nil {
		return nil
	}
	layer.of = of
	return time.AfterFunc(tipDelay, func() {
		fyne.Do(func() {
			if layer.of == of {
				layer.show(text(), pointer)
			}
		})
	})
}

func hideTip(of fyne.CanvasObject, timer *time.Timer) {
	if timer != nil {
		timer.Stop()
	}
	if layer := tipsOver(of); layer != nil && layer.of == of {
		layer.of = nil
		layer.tip.Hide()
	}
}

func (l *tipLayer) show(text string, pointer fyne.Position) {
	room := l.place.Size()
	l.tip.words.Set(text, Body)
	width := min(l.tip.natural(), room.Width-2*GapPart)
	size := fyne.NewSize(width, l.tip.words.HeightFor(width-2*GapPart)+2*6)
	left := min(max(pointer.X, GapPart), room.Width-size.Width-GapPart)
	top := pointer.Y + 20
	if top+size.Height > room.Height {
		top = pointer.Y - size.Height - 8
	}
	l.tip.Move(fyne.NewPos(left, top))
	l.tip.Resize(size)
	l.tip.Show()
}

type tip struct {
	widget.BaseWidget
	words *Paragraph
}

func newTip() *tip {
	t := &tip{words: NewParagraph("", Body)}
	t.ExtendBaseWidget(t)
	return t
}

// natural is the width of the widest line.
func (t *tip) natural() float32 {
	t.words.HeightFor(10000)
	var widest float32
	for _, line := range t.words.lines {
		for _, p := range line {
			widest = max(widest, p.left+p.style.Measure(p.text).Width)
		}
	}
	return widest + 2*GapPart + 1
}

func (t *tip) CreateRenderer() fyne.WidgetRenderer {
	ground := newBox()
	d := &drawn{objects: append(ground.objects(), t.words)}
	d.min = func() fyne.Size { return fyne.NewSize(20, 20) }
	d.layout = func(size fyne.Size) {
		ground.resize(size)
		t.words.Move(fyne.NewPos(GapPart, 6))
		t.words.Resize(fyne.NewSize(size.Width-2*GapPart, size.Height-12))
	}
	d.refresh = func() { ground.colour(ColorSurface, ColorEdge) }
	d.refresh()
	return d
}

// Tipped lays over a text that stands by itself what rows do for theirs: it is shown whole when the pointer rests on
// it and a part of it is cut.
func Tipped(text *Text) fyne.CanvasObject {
	t := &tipped{text: text}
	t.ExtendBaseWidget(t)
	return t
}

type tipped struct {
	widget.BaseWidget
	text *Text
	tip  *time.Timer
}

func (t *tipped) MouseIn(event *desktop.MouseEvent) {
	if t.text.IsCut() {
		t.tip = showTipSoon(t, event.AbsolutePosition, func() string { return t.text.Text })
	}
}

func (t *tipped) MouseMoved(*desktop.MouseEvent) {}

func (t *tipped) MouseOut() {
	hideTip(t, t.tip)
	t.tip = nil
}

func (t *tipped) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.text) }
