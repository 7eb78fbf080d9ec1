package widgets

import (
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"
)

func TestALongNameKeepsBothItsEnds(t *testing.T) {
	themed(t, "light")
	name := "orders-of-the-shop-in-the-harbour-street-2026-11-24.json"
	text := NewCutText(name, Name, CutMiddle)
	window(t, "light", fyne.NewSize(200, 40), text)
	if !text.IsCut() || !strings.HasPrefix(text.Shown(), "orders-") || !strings.HasSuffix(text.Shown(), "24.json") {
		t.Errorf("shown as %q", text.Shown())
	}
	if Name.Measure(text.Shown()).Width > 200 {
		t.Errorf("%q is wider than its place", text.Shown())
	}
	text.Resize(fyne.NewSize(1000, 40))
	if text.IsCut() {
		t.Errorf("still cut where there is room: %q", text.Shown())
	}
}

func TestWhereThereIsLittleRoomTheShortWordsStand(t *testing.T) {
	themed(t, "light")
	item := NewSideItem("key", "Connection: locked by Sage", nil)
	item.SetShort("Locked by Sage")
	window(t, "light", fyne.NewSize(180, 40), item)
	if got := item.words.Shown(); got != "Locked by Sage" || !item.words.IsCut() {
		t.Errorf("shown as %q", got)
	}
	item.Resize(fyne.NewSize(400, 40))
	if got := item.words.Shown(); got != "Connection: locked by Sage" || item.words.IsCut() {
		t.Errorf("where there is room it is shown as %q", got)
	}
}

func TestWordsAreCutAtTheirEnd(t *testing.T) {
	themed(t, "light")
	if got := Muted.fit("List from Sage: 12 new, 3 changed", 120, CutEnd); !strings.HasPrefix(got, "List from") || !strings.HasSuffix(got, ellipsis) {
		t.Errorf("shown as %q", got)
	}
	if got := Muted.fit("never", 1, CutNever); got != "never" {
		t.Errorf("what must not be cut is %q", got)
	}
}

func TestACutTextFitsAndIsWhole(t *testing.T) {
	themed(t, "light")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		width := rapid.Float32Range(0, 300).Draw(t, "width")
		cut := rapid.SampledFrom([]Cut{CutEnd, CutMiddle}).Draw(t, "cut")
		got := Body.fit(text, width, cut)
		if !utf8.ValidString(got) && utf8.ValidString(text) {
			t.Fatalf("a letter was cut through: %q", got)
		}
		if got != text && got != ellipsis && Body.Measure(got).Width > width {
			t.Fatalf("%q is wider than %g", got, width)
		}
	})
}

func TestAParagraphBreaksAtSpacesAndAtLineEnds(t *testing.T) {
	themed(t, "light")
	p := NewParagraph("one two three\nfour", Body)
	if got := p.HeightFor(1000); got != 2*LineHeight {
		t.Errorf("two lines take %g", got)
	}
	narrow := Body.Measure("three").Width + 1
	if got := p.HeightFor(narrow); got != 4*LineHeight {
		t.Errorf("a word on each line takes %g", got)
	}
}

func TestAWordWiderThanTheLineIsBroken(t *testing.T) {
	themed(t, "light")
	p := NewParagraph("/home/ana/Documents/Postroom/Acme/Outbox/orders", Body)
	for _, line := range p.wrap(100) {
		for _, piece := range line {
			if w := piece.left + Body.Measure(piece.text).Width; w > 101 {
				t.Errorf("%q reaches to %g", piece.text, w)
			}
		}
	}
}

func TestAParagraphLosesNoWord(t *testing.T) {
	themed(t, "light")
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zñ.,]{1,20}`), 1, 20).Draw(t, "words")
		width := rapid.Float32Range(20, 400).Draw(t, "width")
		p := NewRuns(Run{strings.Join(words, " "), Body}, Run{" end", Name})
		var shown strings.Builder
		for _, line := range p.wrap(width) {
			for _, piece := range line {
				shown.WriteString(piece.text)
			}
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if bare(shown.String()) != bare(strings.Join(words, "")+"end") {
			t.Fatalf("shown %q of %q", shown.String(), words)
		}
	})
}

func TestAColumnGivesAParagraphItsHeight(t *testing.T) {
	themed(t, "light")
	p := NewParagraph(strings.Repeat("word ", 60), Body)
	below := NewText("below", Body)
	w := window(t, "light", fyne.NewSize(300, 600), Column(8, p, below))
	if p.Size().Height < 3*LineHeight || below.Position().Y < p.Position().Y+p.Size().Height {
		t.Errorf("the paragraph is %v, what is below it begins at %v", p.Size(), below.Position())
	}
	wide := p.Size().Height
	w.Resize(fyne.NewSize(900, 600))
	if p.Size().Height >= wide {
		t.Errorf("wider, it is %g high, before %g", p.Size().Height, wide)
	}
}

func TestEmphasisIsBetweenAsterisks(t *testing.T) {
	runs := Emphasised("Choose *Allow* there", Body)
	if len(runs) != 3 || runs[1].Text != "Allow" || !runs[1].Style.SemiBold || runs[2].Style.SemiBold {
		t.Errorf("runs %+v", runs)
	}
}
