package onboarding

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"postroom/gui/widgets"
)

func TestPasscodesAreGrouped(t *testing.T) {
	for code, want := range map[string]string{
		"KX74PQ9TM":        "KX7 4PQ 9TM",
		"KX74PQ9T":         "KX74 PQ9T",
		"KX74PQ":           "KX7 4PQ",
		"KX74PQ9":          "KX7 4PQ 9",
		"KX74P":            "KX74P",
		"KX7-4PQ":          "KX7-4PQ",
		"KX7 4PQ":          "KX7 4PQ",
		"KX74PQ9TMKX74PQ9": "KX74 PQ9T MKX7 4PQ9",
		"":                 "",
		"ÄÖÜäöü":           "ÄÖÜ äöü",
	} {
		if got := grouped(code); got != want {
			t.Errorf("%q is shown as %q, want %q", code, got, want)
		}
	}
}

// TestAPasscodeOfAnyLengthHasRoom holds that every letter is shown, in its place in the card.
func TestAPasscodeOfAnyLengthHasRoom(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(widgets.NewTheme("light"))
	rapid.Check(t, func(t *rapid.T) {
		text := grouped(rapid.StringMatching(`[A-Z0-9-]{1,200}`).Draw(t, "passcode"))
		width := rapid.Float32Range(320, 900).Draw(t, "width")
		c := newCode(widgets.NewButton("Copiar", nil), widgets.NewRing(time.Minute))
		c.show(text, false)
		c.Resize(fyne.NewSize(width, 100))
		height := c.MinSize().Height
		c.Resize(fyne.NewSize(width, height))
		var shown strings.Builder
		for _, o := range test.WidgetRenderer(c).Objects() {
			at, size := o.Position(), o.Size()
			if at.X < 0 || at.X+size.Width > width+1 || at.Y < -6 || at.Y+size.Height > height+6 {
				t.Errorf("%T at %v, %v lies outside of %v x %v", o, at, size, width, height)
			}
			if letter, ok := o.(*widgets.Text); ok {
				shown.WriteString(letter.Text)
				if letter.Style.Size < codeSmallest {
					t.Errorf("letters of %v", letter.Style.Size)
				}
			}
		}
		if want := strings.ReplaceAll(text, " ", ""); shown.String() != want {
			t.Errorf("shown: %q, want %q", shown.String(), want)
		}
	})
}

func TestTheUsualPasscodeStandsAsLargeAsItCan(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(widgets.NewTheme("light"))
	c := newCode(widgets.NewButton("Copy", nil), widgets.NewRing(time.Minute))
	c.show("KX7 4PQ 9TM", false)
	if p := c.planFor(610); p.size != codeLargest || p.below || len(p.lines) != 1 {
		t.Errorf("in a wide card: %+v", p)
	}
	if p := c.planFor(420); p.size < codeGood || !p.below || len(p.lines) != 1 {
		t.Errorf("in a narrow card: %+v", p)
	}
}
