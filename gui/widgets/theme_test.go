package widgets

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

var variants = map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark}

func TestEveryColourOfFyneHasOneOfOurs(t *testing.T) {
	for _, choice := range []string{LookLight, LookDark, LookContrastLight, LookContrastDark} {
		test.AssertAllColorNamesDefined(t, NewTheme(choice), choice)
	}
}

// luminance and contrast are WCAG 2.1's.
func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	part := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.03928 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n.R) + 0.7152*part(n.G) + 0.0722*part(n.B)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryPairOfTextAndGroundKeepsItsContrast(t *testing.T) {
	const text, shape = 4.5, 3.0 // WCAG AA for text, and for icons and the ring of the focus
	for choice, variant := range variants {
		keepsContrast(t, NewTheme(choice), variant, text, shape)
	}
}

func TestHighContrastKeepsTheHighestLevelAndShowsEveryEdge(t *testing.T) {
	const text, shape = 7, 4.5 // WCAG AAA for text; more than it asks for shapes
	for _, variant := range variants {
		look := NewTheme(LookContrast)
		keepsContrast(t, look, variant, text, shape)
		for _, edge := range []fyne.ThemeColorName{ColorLine, ColorEdge, theme.ColorNameInputBorder, theme.ColorNameScrollBar} {
			for _, ground := range []fyne.ThemeColorName{ColorPage, ColorSurface} {
				if got := contrast(look.Color(edge, variant), look.Color(ground, variant)); got < shape {
					t.Errorf("variant %d: the edge %s on %s has %.2f:1", variant, edge, ground, got)
				}
			}
		}
		if got := contrast(look.Color(ColorFaint, variant), look.Color(ColorSurface, variant)); got < 4.5 {
			t.Errorf("variant %d: what cannot be used has %.2f:1", variant, got)
		}
	}
}

func TestHighContrastIsLightOrDarkAsTheSystemIsUnlessItSaysWhich(t *testing.T) {
	for choice, want := range map[string][2]fyne.ThemeVariant{
		LookContrast:      {theme.VariantLight, theme.VariantDark},
		LookContrastLight: {theme.VariantLight, theme.VariantLight},
		LookContrastDark:  {theme.VariantDark, theme.VariantDark},
	} {
		for i, system := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
			if got := NewTheme(choice).Variant(system); got != want[i] {
				t.Errorf("%s on a system with %d shows %d", choice, system, got)
			}
		}
	}
}

// keepsContrast asks that every text and every shape is told from each ground that it may stand on.
func keepsContrast(t *testing.T, look *Theme, variant fyne.ThemeVariant, text, shape float64) {
	t.Helper()
	states := []fyne.ThemeColorName{ColorGood, ColorAttention, ColorProblem, ColorWaiting, ColorAccent}
	type row struct {
		least   float64
		inks    []fyne.ThemeColorName
		grounds []fyne.ThemeColorName
	}
	rows := []row{
		{text, []fyne.ThemeColorName{ColorText, ColorMuted}, []fyne.ThemeColorName{
			ColorPage, ColorSurface, ColorSelected, ColorHovered, ColorNote, ColorNoteProblem, ColorNoteQuiet,
		}},
		{text, []fyne.ThemeColorName{ColorGood, ColorAttention, ColorProblem, ColorWaiting}, []fyne.ThemeColorName{ColorPage, ColorSurface}},
		{text, []fyne.ThemeColorName{ColorAttention}, []fyne.ThemeColorName{ColorNote}},
		{text, []fyne.ThemeColorName{ColorProblem}, []fyne.ThemeColorName{ColorNoteProblem}},
		{text, []fyne.ThemeColorName{ColorMuted}, []fyne.ThemeColorName{ColorNoteQuiet}},
		{text, []fyne.ThemeColorName{ColorOnAccent}, []fyne.ThemeColorName{ColorAccent, ColorAccentHover}},
		{text, []fyne.ThemeColorName{theme.ColorNamePlaceHolder}, []fyne.ThemeColorName{theme.ColorNameInputBackground}},
		{text, []fyne.ThemeColorName{ColorText}, []fyne.ThemeColorName{theme.ColorNameSelection, theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground}},
		{text, []fyne.ThemeColorName{theme.ColorNameForegroundOnError}, []fyne.ThemeColorName{theme.ColorNameError}},
		{text, []fyne.ThemeColorName{theme.ColorNameForegroundOnSuccess}, []fyne.ThemeColorName{theme.ColorNameSuccess}},
		{text, []fyne.ThemeColorName{theme.ColorNameForegroundOnWarning}, []fyne.ThemeColorName{theme.ColorNameWarning}},
		{shape, states, []fyne.ThemeColorName{ColorPage, ColorSurface, ColorSelected, ColorHovered}},
		{shape, []fyne.ThemeColorName{ColorAccent}, []fyne.ThemeColorName{ColorTrack}}, // what is filled of a progress
	}
	for _, r := range rows {
		for _, ink := range r.inks {
			for _, ground := range r.grounds {
				if got := contrast(look.Color(ink, variant), look.Color(ground, variant)); got < r.least {
					t.Errorf("%q, variant %d: %s on %s has %.2f:1, want %.1f:1", look.choice, variant, ink, ground, got, r.least)
				}
			}
		}
	}
}

// The figures of the design, each as it is written there.
func TestTheColoursAreThoseOfTheDesign(t *testing.T) {
	for name, want := range map[fyne.ThemeColorName][2]uint32{
		ColorPage: {0xF6F7F5, 0x14171A}, ColorSurface: {0xFFFFFF, 0x1C2024}, ColorLine: {0xDFE3E6, 0x30363C},
		ColorSelected: {0xE8EFF8, 0x243044}, ColorText: {0x1B1F24, 0xE7EAED}, ColorMuted: {0x586069, 0xA2ABB4},
		ColorAccent: {0x1F5FA8, 0x8AB8F5}, ColorOnAccent: {0xFFFFFF, 0x10151B}, ColorGood: {0x1A7446, 0x66CC95},
		ColorAttention: {0x9A5B00, 0xEDB458}, ColorProblem: {0xB3261E, 0xFF9A8F}, ColorWaiting: {0x5F6872, 0xA2ABB4},
	} {
		for i, choice := range []string{"light", "dark"} {
			if got := NewTheme(choice).Color(name, theme.VariantLight); got != hex(want[i]) {
				t.Errorf("%s in %s is %v", name, choice, got)
			}
		}
	}
}

func TestTheSystemsLookIsFollowedUnlessThePersonChose(t *testing.T) {
	for choice, variant := range variants {
		other := theme.VariantLight + theme.VariantDark - variant
		if NewTheme(choice).Variant(other) != variant {
			t.Errorf("%s does not stay", choice)
		}
		if NewTheme("").Variant(variant) != variant {
			t.Errorf("the system's %s is not followed", choice)
		}
	}
}

func TestTheThemeHasFontsIconsAndSizes(t *testing.T) {
	look := NewTheme("")
	if look.Font(fyne.TextStyle{}) != regular || look.Font(fyne.TextStyle{Bold: true}) != semiBold {
		t.Error("the text is not in Inter")
	}
	if look.Font(fyne.TextStyle{Monospace: true}) == regular {
		t.Error("what must keep its columns is not in a font for that")
	}
	for _, name := range []fyne.ThemeIconName{theme.IconNameConfirm, theme.IconNameCancel, theme.IconNameArrowDropDown, theme.IconNameHome} {
		if look.Icon(name) == nil {
			t.Errorf("no icon %s", name)
		}
	}
	for _, name := range []fyne.ThemeSizeName{
		theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameHeadingText, theme.SizeNameSubHeadingText, theme.SizeNamePadding,
		theme.SizeNameInnerPadding, theme.SizeNameInlineIcon, theme.SizeNameInputRadius, theme.SizeNameScrollBar,
		theme.SizeNameScrollBarSmall, theme.SizeNameSeparatorThickness, theme.SizeNameInputBorder,
	} {
		if look.Size(name) <= 0 {
			t.Errorf("size %s is nothing", name)
		}
	}
}

func TestDigitsInAColumnAreOfOneWidth(t *testing.T) {
	themed(t, "light")
	for _, style := range []Style{Figure, Figure.Strong()} {
		if a, b := style.Measure("11:11").Width, style.Measure("08:48").Width; math.Abs(float64(a-b)) > 0.1 {
			t.Errorf("%+v: 11:11 takes %g, 08:48 takes %g", style, a, b)
		}
	}
	if a, b := Muted.Measure("11:11").Width, Muted.Measure("08:48").Width; math.Abs(float64(a-b)) < 1 {
		t.Error("the ordinary digits are of one width as well: nothing is tested here")
	}
}
