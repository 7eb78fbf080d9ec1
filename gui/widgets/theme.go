package widgets

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"postroom/assets"
)

// The colours of the program. Each one is a name of the theme, so that light and dark differ in one table only.
// Every pair that text stands on keeps WCAG AA; a test computes them.
const (
	ColorPage        fyne.ThemeColorName = theme.ColorNameBackground
	ColorSurface     fyne.ThemeColorName = "postroom.surface"
	ColorLine        fyne.ThemeColorName = theme.ColorNameSeparator
	ColorTrack       fyne.ThemeColorName = "postroom.track" // of a progress, what is not filled yet; of what cannot be filled
	ColorEdge        fyne.ThemeColorName = "postroom.edge"  // of where files are dropped, and of tips
	ColorSelected    fyne.ThemeColorName = "postroom.selected"
	ColorHovered     fyne.ThemeColorName = "postroom.hovered"
	ColorText        fyne.ThemeColorName = theme.ColorNameForeground
	ColorMuted       fyne.ThemeColorName = "postroom.muted"
	ColorFaint       fyne.ThemeColorName = theme.ColorNameDisabled // of what cannot be used just now
	ColorAccent      fyne.ThemeColorName = theme.ColorNamePrimary
	ColorAccentHover fyne.ThemeColorName = "postroom.accentHover"
	ColorOnAccent    fyne.ThemeColorName = theme.ColorNameForegroundOnPrimary
	ColorGood        fyne.ThemeColorName = theme.ColorNameSuccess
	ColorAttention   fyne.ThemeColorName = theme.ColorNameWarning
	ColorProblem     fyne.ThemeColorName = theme.ColorNameError
	ColorWaiting     fyne.ThemeColorName = "postroom.waiting"
	ColorNote        fyne.ThemeColorName = "postroom.note"        // the ground of "What to do."
	ColorNoteProblem fyne.ThemeColorName = "postroom.noteProblem" // the same where something is broken
	ColorNoteQuiet   fyne.ThemeColorName = "postroom.noteQuiet"   // the same where there is only something to know
	ColorScrim       fyne.ThemeColorName = "postroom.scrim"       // over the window while a question waits
)

// The measures of the program, in Fyne's units: pixels at 100 %.
const (
	SizeHeadline = 22
	SizeSection  = 16
	SizeBody     = 14
	SizeMuted    = 12.5

	GapTight = 4  // inside a group
	GapPart  = 8  // between the parts of a row
	GapGroup = 16 // between groups
	GapEdge  = 24 // at the window's edge

	SidebarWidth  = 208
	RowHeight     = 56
	ControlHeight = 32
	IconSize      = 20
	Corner        = 8
	LineHeight    = 20 // of a paragraph's text

	innerPadding = 6.5 // of Fyne's widgets: an entry of one line is then ControlHeight high
)

// The looks that a person can choose. High contrast is light or dark as the system is, unless its look says which.
const (
	LookSystem        = ""
	LookLight         = "light"
	LookDark          = "dark"
	LookContrast      = "contrast"
	LookContrastLight = "contrast-light"
	LookContrastDark  = "contrast-dark"
)

// Theme is the look of the program, for one choice of the person.
type Theme struct {
	choice string
}

// NewTheme gives the look for one of the choices above.
func NewTheme(choice string) *Theme { return &Theme{choice: choice} }

type pair struct{ light, dark color.NRGBA }

func hex(rgb uint32) color.NRGBA {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xFF}
}

func both(light, dark uint32) pair { return pair{hex(light), hex(dark)} }

var clear = pair{}

// palette names every colour once. Fyne's own names stand for the nearest of ours, so that its widgets fit in.
var palette = map[fyne.ThemeColorName]pair{
	ColorPage:        both(0xF6F7F5, 0x14171A),
	ColorSurface:     both(0xFFFFFF, 0x1C2024),
	ColorLine:        both(0xDFE3E6, 0x30363C),
	ColorTrack:       both(0xDFE3E6, 0x30363C),
	ColorEdge:        both(0xB0B8BF, 0x4C555E),
	ColorSelected:    both(0xE8EFF8, 0x243044),
	ColorHovered:     both(0xF1F3F5, 0x252A30),
	ColorText:        both(0x1B1F24, 0xE7EAED),
	ColorMuted:       both(0x586069, 0xA2ABB4),
	ColorFaint:       both(0x8B939B, 0x6C757E),
	ColorAccent:      both(0x1F5FA8, 0x8AB8F5),
	ColorAccentHover: both(0x194F8D, 0xA3C8F8),
	ColorOnAccent:    both(0xFFFFFF, 0x10151B),
	ColorGood:        both(0x1A7446, 0x66CC95),
	ColorAttention:   both(0x9A5B00, 0xEDB458),
	ColorProblem:     both(0xB3261E, 0xFF9A8F),
	ColorWaiting:     both(0x5F6872, 0xA2ABB4),
	ColorNote:        both(0xFBF1E6, 0x2C2418),
	ColorNoteProblem: both(0xFCEEEC, 0x35201F),
	ColorNoteQuiet:   both(0xEEF2F6, 0x252B32),
	ColorScrim:       {color.NRGBA{A: 0x52}, color.NRGBA{A: 0x8C}},

	theme.ColorNameButton:              both(0xFFFFFF, 0x1C2024),
	theme.ColorNameDisabledButton:      both(0xF6F7F5, 0x14171A),
	theme.ColorNameFocus:               {color.NRGBA{0x1F, 0x5F, 0xA8, 0x30}, color.NRGBA{0x8A, 0xB8, 0xF5, 0x38}},
	theme.ColorNameHover:               both(0xF1F3F5, 0x252A30),
	theme.ColorNamePressed:             {color.NRGBA{0, 0, 0, 0x14}, color.NRGBA{0xFF, 0xFF, 0xFF, 0x14}},
	theme.ColorNameSelection:           both(0xCFE0F4, 0x33507A),
	theme.ColorNameForegroundOnError:   both(0xFFFFFF, 0x10151B),
	theme.ColorNameForegroundOnSuccess: both(0xFFFFFF, 0x10151B),
	theme.ColorNameForegroundOnWarning: both(0xFFFFFF, 0x10151B),
	theme.ColorNameHeaderBackground:    both(0xFFFFFF, 0x1C2024),
	theme.ColorNameHyperlink:           both(0x1F5FA8, 0x8AB8F5),
	theme.ColorNameInputBackground:     both(0xFFFFFF, 0x1C2024),
	theme.ColorNameInputBorder:         both(0xDFE3E6, 0x30363C),
	theme.ColorNameMenuBackground:      both(0xFFFFFF, 0x252A30),
	theme.ColorNameOverlayBackground:   both(0xFFFFFF, 0x1C2024),
	theme.ColorNamePlaceHolder:         both(0x586069, 0xA2ABB4),
	theme.ColorNameScrollBar:           {color.NRGBA{0x58, 0x60, 0x69, 0x80}, color.NRGBA{0xA2, 0xAB, 0xB4, 0x80}},
	theme.ColorNameScrollBarBackground: clear,
	theme.ColorNameShadow:              {color.NRGBA{A: 0x12}, color.NRGBA{A: 0x40}},
}

// contrasting is what differs where a person asks for high contrast: all text has 7:1 (WCAG AAA), and every edge 4.5:1.
var contrasting = map[fyne.ThemeColorName]pair{
	ColorPage:        both(0xFFFFFF, 0x000000),
	ColorSurface:     both(0xFFFFFF, 0x000000),
	ColorLine:        both(0x3F464D, 0xC4CAD0),
	ColorTrack:       both(0xC9D2DB, 0x3A424A),
	ColorEdge:        both(0x000000, 0xFFFFFF),
	ColorSelected:    both(0xB8D4FF, 0x12418C),
	ColorHovered:     both(0xE9EDF1, 0x23272C),
	ColorText:        both(0x000000, 0xFFFFFF),
	ColorMuted:       both(0x24292E, 0xE1E5E9),
	ColorFaint:       both(0x5C6369, 0xA4ABB2),
	ColorAccent:      both(0x003A94, 0xA5CFFF),
	ColorAccentHover: both(0x002766, 0xC7E1FF),
	ColorOnAccent:    both(0xFFFFFF, 0x000000),
	ColorGood:        both(0x004D28, 0x83F2B5),
	ColorAttention:   both(0x633600, 0xFFD470),
	ColorProblem:     both(0x8F0008, 0xFFBAB2),
	ColorWaiting:     both(0x2E353B, 0xDBE0E5),
	ColorNote:        both(0xFFF3DE, 0x241A06),
	ColorNoteProblem: both(0xFFE9E6, 0x2E0F0D),
	ColorNoteQuiet:   both(0xEDF2F7, 0x1B2026),
	ColorScrim:       {color.NRGBA{A: 0x99}, color.NRGBA{0x50, 0x55, 0x5A, 0xB0}},

	theme.ColorNameButton:            both(0xFFFFFF, 0x000000),
	theme.ColorNameDisabledButton:    both(0xFFFFFF, 0x000000),
	theme.ColorNameHover:             both(0xE9EDF1, 0x23272C),
	theme.ColorNameSelection:         both(0xA9CCFF, 0x1D4F9E),
	theme.ColorNameHeaderBackground:  both(0xFFFFFF, 0x000000),
	theme.ColorNameHyperlink:         both(0x003A94, 0xA5CFFF),
	theme.ColorNameInputBackground:   both(0xFFFFFF, 0x000000),
	theme.ColorNameInputBorder:       both(0x000000, 0xFFFFFF),
	theme.ColorNameMenuBackground:    both(0xFFFFFF, 0x000000),
	theme.ColorNameOverlayBackground: both(0xFFFFFF, 0x000000),
	theme.ColorNamePlaceHolder:       both(0x24292E, 0xE1E5E9),
	theme.ColorNameScrollBar:         both(0x3F464D, 0xC4CAD0),
}

// Color gives a colour by its name.
func (t *Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	variant = t.Variant(variant)
	p, ok := palette[name]
	if strong, has := contrasting[name]; has && t.contrasts() {
		p = strong
	}
	if !ok {
		return theme.DefaultTheme().Color(name, variant)
	}
	if variant == theme.VariantDark {
		return p.dark
	}
	return p.light
}

func (t *Theme) contrasts() bool { return strings.HasPrefix(t.choice, LookContrast) }

// Variant is the variant that is shown when the system asks for another.
func (t *Theme) Variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch t.choice {
	case LookLight, LookContrastLight:
		return theme.VariantLight
	case LookDark, LookContrastDark:
		return theme.VariantDark
	}
	return system
}

var (
	regular         = fyne.NewStaticResource("Inter-Regular.otf", assets.FontRegular)
	semiBold        = fyne.NewStaticResource("Inter-SemiBold.otf", assets.FontSemiBold)
	figures         = fyne.NewStaticResource("Figures-Regular.otf", assets.FontFigures)
	figuresSemiBold = fyne.NewStaticResource("Figures-SemiBold.otf", assets.FontFiguresSemiBold)
)

// Font is Inter, upright: semibold stands for bold.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Monospace, style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Bold:
		return semiBold
	}
	return regular
}

// Icon gives Fyne's own widgets our icons where we have one.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	switch name {
	case theme.IconNameConfirm:
		return resource("tick", ColorText)
	case theme.IconNameCancel:
		return resource("cross", ColorText)
	case theme.IconNameArrowDropDown:
		return resource("down", ColorText)
	}
	return theme.DefaultTheme().Icon(name)
}

// Size gives a measure by its name.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return SizeBody
	case theme.SizeNameCaptionText:
		return SizeMuted
	case theme.SizeNameHeadingText:
		return SizeHeadline
	case theme.SizeNameSubHeadingText:
		return SizeSection
	case theme.SizeNamePadding:
		return GapTight
	case theme.SizeNameInnerPadding:
		return innerPadding
	case theme.SizeNameInlineIcon:
		return 18
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius, theme.SizeNameCardRadius, theme.SizeNamePopupRadius,
		theme.SizeNameMenuRadius, theme.SizeNameDialogRadius, theme.SizeNameSelectionRadius:
		return Corner
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	}
	return theme.DefaultTheme().Size(name)
}

// shade is a colour as the program shows it now.
func shade(name fyne.ThemeColorName) color.Color { return theme.Color(name) }
