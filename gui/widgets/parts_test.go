package widgets

import (
	"bytes"
	"image"
	"image/png"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// same compares what two windows show.
func same(a, b image.Image) bool {
	var x, y bytes.Buffer
	if png.Encode(&x, a) != nil || png.Encode(&y, b) != nil {
		return false
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

func TestAQuestionHasItsKeysAtTheBoxToTickToo(t *testing.T) {
	themed(t, "light")
	w := window(t, "light", fyne.NewSize(600, 400), NewButton("Below", nil))
	remembered, escaped := 0, 0
	ask := func() *Sheet {
		return Ask(w.Canvas(), Question{
			Title: "Close?", Remember: "Remember", OnEscape: func() { escaped++ },
			Choices: []Choice{{Text: "Stop"}, {Text: "Keep", Do: func(remember bool) {
				if remember {
					remembered++
				}
			}}},
		})
	}
	s := ask()
	w.Canvas().Focus(s.remember)
	s.remember.TypedRune(' ')
	s.remember.TypedKey(key(fyne.KeyReturn))
	if remembered != 1 || w.Canvas().Overlays().Top() != nil {
		t.Errorf("Return at the ticked box: remembered %d times", remembered)
	}
	s = ask()
	w.Canvas().Focus(s.remember)
	s.remember.TypedKey(key(fyne.KeyEscape))
	if escaped != 1 || remembered != 1 || w.Canvas().Overlays().Top() != nil {
		t.Errorf("Escape at the box: escaped %d times", escaped)
	}
}

func TestARowShowsItsFigureOnALineOrAtTheRight(t *testing.T) {
	themed(t, "light")
	r := NewStaticRow(RowContent{Icon: "status-up", Tone: ColorAccent, Title: "a.json", Line: "Sage 50 is processing it", Figure: "62 %", Percent: 62, Time: "2 min"})
	w := window(t, "light", fyne.NewSize(600, RowHeight), r)
	if !r.parts.progress.Visible() || r.parts.time.Text != "2 min" {
		t.Error("where there is room the line is not filled")
	}
	w.Resize(fyne.NewSize(340, RowHeight))
	if r.parts.progress.Visible() || r.parts.line.Text != "Sage 50 is processing it, 62 %" {
		t.Errorf("with less room: %q", r.parts.line.Text)
	}
	w.Resize(fyne.NewSize(240, RowHeight))
	if r.parts.time.Text != "62 %" {
		t.Errorf("with little room the figure is %q", r.parts.time.Text)
	}
}

func TestARowsButtonIsInThePlaceOfTheTime(t *testing.T) {
	themed(t, "light")
	pressed := false
	r := NewStaticRow(RowContent{Title: "a.json", Line: "3 of 40 orders refused", Time: "10:06", Action: "What to do"})
	r.OnAction = func() { pressed = true }
	window(t, "light", fyne.NewSize(600, RowHeight), r)
	if r.parts.time.Visible() {
		t.Error("time and button lie on each other")
	}
	test.Tap(r.Action())
	if !pressed {
		t.Error("the button does nothing")
	}
	if r.AccessibilityLabel() != "a.json. 3 of 40 orders refused. 10:06" {
		t.Errorf("read out as %q", r.AccessibilityLabel())
	}
}

func TestWhatIsCutIsShownWholeAfterAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		themed(t, "light")
		name := strings.Repeat("very-long-", 20) + "name.json"
		r := NewStaticRow(RowContent{Title: name, Line: "Accepted", Time: "10:06"})
		w := test.NewTempWindow(t, container.NewWithoutLayout())
		w.SetContent(WithTips(r, w.Canvas()))
		defer Forget(w.Canvas())
		w.Resize(fyne.NewSize(400, 300))
		layer := tipsOver(r)
		in := &desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(200, 30)}}

		r.MouseIn(in)
		r.MouseOut()
		synctest.Wait()
		if layer.tip.Visible() {
			t.Error("a pointer that only passes by brings a tip")
		}
		r.MouseIn(in)
		time.Sleep(2 * tipDelay) // the time of the bubble
		synctest.Wait()
		if !layer.tip.Visible() || layer.tip.words.Text() != name {
			t.Errorf("the tip says %q", layer.tip.words.Text())
		}
		if right := layer.tip.Position().X + layer.tip.Size().Width; right > 400 || layer.tip.Size().Height < 3*LineHeight {
			t.Errorf("the tip reaches to %g and is %g high", right, layer.tip.Size().Height)
		}
		r.MouseOut()
		if layer.tip.Visible() {
			t.Error("the tip stays")
		}
	})
}

func TestATextByItselfIsShownWholeToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		themed(t, "light")
		text := NewCutText(strings.Repeat("word ", 40), Headline, CutEnd)
		o := Tipped(text)
		w := test.NewTempWindow(t, container.NewWithoutLayout())
		w.SetContent(WithTips(o, w.Canvas()))
		defer Forget(w.Canvas())
		w.Resize(fyne.NewSize(300, 200))
		o.(desktop.Hoverable).MouseIn(&desktop.MouseEvent{})
		time.Sleep(2 * tipDelay)
		synctest.Wait()
		if layer := tipsOver(o); !layer.tip.Visible() || layer.tip.words.Text() != text.Text {
			t.Errorf("the tip says %q", layer.tip.words.Text())
		}
		o.(desktop.Hoverable).MouseOut()
		if tipsOver(o).tip.Visible() {
			t.Error("the tip stays")
		}
	})
}

func TestATableShowsMoreWhenItIsAsked(t *testing.T) {
	themed(t, "light")
	var rows []TableRow
	for i := range 150 {
		rows = append(rows, TableRow{First: "A-" + strconv.Itoa(i), Second: "Refused", Third: "Customer unknown", Tone: ColorProblem})
	}
	table := NewTable("Order", "Outcome", "Reason", func(left int) string { return "Show " + strconv.Itoa(left) + " more" })
	grown := 0
	table.OnGrown = func() { grown++ }
	table.Set(rows)
	window(t, "light", fyne.NewSize(400, 900), Scroll(table))
	if table.Shown() != tableStart || table.More().Text != "Show 130 more" {
		t.Errorf("shown %d, %q", table.Shown(), table.More().Text)
	}
	before := table.MinSize().Height
	test.Tap(table.More())
	if table.Shown() != tableStart+tableStep || table.MinSize().Height <= before || grown != 1 {
		t.Errorf("then shown %d, %g high", table.Shown(), table.MinSize().Height)
	}
	test.Tap(table.More())
	if table.Shown() != 150 {
		t.Errorf("at last shown %d", table.Shown())
	}
	table.Set(rows[:3])
	if table.Shown() != 3 {
		t.Errorf("fewer rows: shown %d", table.Shown())
	}
}

func TestAQuestionIsAnsweredByReturnAndLeftByEscape(t *testing.T) {
	themed(t, "light")
	w := window(t, "light", fyne.NewSize(720, 520), NewText("below", Body))
	var answers []string
	question := Question{
		Title: "Close?", Text: "Then files wait.", Remember: "Remember",
		Choices: []Choice{
			{Text: "Stop", Do: func(bool) { answers = append(answers, "stop") }},
			{Text: "Keep", Kind: Filled, Do: func(r bool) { answers = append(answers, "keep "+strconv.FormatBool(r)) }},
		},
		OnEscape: func() { answers = append(answers, "escape") },
	}
	s := Ask(w.Canvas(), question)
	if s.card.Size().Height < 120 || s.card.Position().Y > 100 {
		t.Errorf("the question stands at %v, %v", s.card.Position(), s.card.Size())
	}
	look(t, w, "question")
	s.Remember().SetChecked(true)
	w.Canvas().Focused().TypedKey(key(fyne.KeyReturn))
	s = Ask(w.Canvas(), question)
	w.Canvas().Focused().TypedKey(key(fyne.KeyLeft))
	w.Canvas().Focused().TypedKey(key(fyne.KeySpace))
	Ask(w.Canvas(), question)
	w.Canvas().Focused().TypedKey(key(fyne.KeyEscape))
	if got := strings.Join(answers, ", "); got != "keep true, stop, escape" {
		t.Errorf("answers: %s", got)
	}
	if w.Canvas().Overlays().Top() != nil || len(s.Buttons()) != 2 {
		t.Error("a question stays on the screen")
	}
}

func TestAFlowGoesOnInTheNextLine(t *testing.T) {
	themed(t, "light")
	f := Flow(8, NewButton("Copy for whoever made this file", nil), NewButton("Open result", nil), NewButton("Show in folder", nil))
	window(t, "light", fyne.NewSize(320, 300), Column(0, f))
	for _, o := range f.Objects {
		if o.Position().X+o.Size().Width > 320 {
			t.Errorf("%q reaches to %g", o.(*Button).Text, o.Position().X+o.Size().Width)
		}
	}
	if f.Size().Height != 2*ControlHeight+8 {
		t.Errorf("two lines are %g high", f.Size().Height)
	}
}

func TestALineGivesWhatIsLeftToWhatGrows(t *testing.T) {
	themed(t, "light")
	left, middle, right := NewButton("A", nil), NewCutText("long", Body, CutEnd), NewButton("B", nil)
	window(t, "light", fyne.NewSize(300, 40), Line(8, left, Grow(middle), right))
	if right.Position().X+right.Size().Width != 300 {
		t.Errorf("the last ends at %g", right.Position().X+right.Size().Width)
	}
	spring := NewButton("C", nil)
	window(t, "light", fyne.NewSize(300, 40), Line(8, NewButton("A", nil), Spring(), spring))
	if end := spring.Position().X + spring.Size().Width; end != 300 {
		t.Errorf("behind a spring the last ends at %g", end)
	}
}

func TestEveryWidgetFollowsAChangeOfTheLook(t *testing.T) {
	a := themed(t, "light")
	w := window(t, "light", fyne.NewSize(720, 900), gallery())
	light := w.Canvas().Capture()
	a.Settings().SetTheme(NewTheme("dark"))
	w.Content().Refresh()
	dark := w.Canvas().Capture()
	fresh := window(t, "dark", fyne.NewSize(720, 900), gallery())
	if same(light, dark) || !same(dark, fresh.Canvas().Capture()) {
		look(t, w, "changed-to-dark")
		t.Error("something keeps the colours of the other look")
	}
}

func TestMirroredCorners(t *testing.T) {
	const shape = "M0,0 H8 C3.58,0 0,3.58 0,8 Z"
	for _, c := range []struct {
		x, y bool
		want string
	}{
		{false, false, shape},
		{true, false, "M8,0 H0 C4.42,0 8,3.58 8,8 Z"},
		{false, true, "M0,8 H8 C3.58,8 0,4.42 0,0 Z"},
	} {
		if got := mirrored(shape, c.x, c.y); got != c.want {
			t.Errorf("%v %v: %s, want %s", c.x, c.y, got, c.want)
		}
	}
}

func TestTheTextOfAnEntryStandsOffItsEdgeAndIsPressedWhereItIsSeen(t *testing.T) {
	themed(t, "light")
	e := NewEntry()
	e.SetText("iiiiiiiiii")
	w := window(t, "light", fyne.NewSize(300, 60), container.NewWithoutLayout(e))
	e.Resize(fyne.NewSize(200, ControlHeight))
	for range 2 { // what is refreshed stays where it was
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(entryText(t, e))
		if left := at.X - e.Position().X; left < 9 || left > 13 {
			t.Errorf("the text begins %g after the edge", left)
		}
		e.Refresh()
	}
	letter := Body.Measure("i").Width
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(entryText(t, e))
	press := at.AddXY(5*letter+1, LineHeight/2)
	e.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: press.Subtract(e.Position())}, Button: desktop.MouseButtonPrimary})
	if e.CursorColumn != 5 {
		t.Errorf("the caret stands before letter %d", e.CursorColumn)
	}
	_ = w
}

// entryText is the text of an entry as it is drawn.
func entryText(t *testing.T, e *Entry) (text *canvas.Text) {
	t.Helper()
	var look func(o fyne.CanvasObject)
	look = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *canvas.Text:
			if o.Text == e.Text {
				text = o
			}
		case *fyne.Container:
			for _, child := range o.Objects {
				look(child)
			}
		case fyne.Widget:
			for _, child := range test.WidgetRenderer(o).Objects() {
				look(child)
			}
		}
	}
	look(e)
	if text == nil {
		t.Fatal("no text is drawn")
	}
	return text
}
