package gui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"postroom/assets"
	"postroom/gui/widgets"
	"postroom/gui/wording"
	"postroom/watcher"
)

// speaker says what room wording says, in the window's colours. Which sentence fits is decided there.
type speaker struct{ wording.Speaker }

func newSpeaker(words *assets.Words, now func() time.Time) speaker {
	return speaker{wording.Speaker{Words: words, Now: now}}
}

func (s speaker) now() time.Time { return s.Now() }

// colours are the theme's names for the tones.
var colours = map[wording.Tone]fyne.ThemeColorName{
	wording.ToneText:      widgets.ColorText,
	wording.ToneMuted:     widgets.ColorMuted,
	wording.ToneAccent:    widgets.ColorAccent,
	wording.ToneGood:      widgets.ColorGood,
	wording.ToneAttention: widgets.ColorAttention,
	wording.ToneProblem:   widgets.ColorProblem,
	wording.ToneWaiting:   widgets.ColorWaiting,
}

// sign is an icon and its colour.
type sign struct {
	icon string
	tone fyne.ThemeColorName
}

func signOf(s wording.Sign) sign { return sign{s.Icon, colours[s.Tone]} }

func rowOf(r wording.Row) widgets.RowContent {
	return widgets.RowContent{
		Icon: r.Icon, Tone: colours[r.Tone], Title: r.Title, Line: r.Line,
		Figure: r.Figure, Percent: r.Percent, Action: r.Action, Time: r.Time,
	}
}

// tableOf makes a table's rows of lines.
func tableOf(lines []wording.Line) []widgets.TableRow {
	rows := make([]widgets.TableRow, 0, len(lines))
	for _, l := range lines {
		rows = append(rows, widgets.TableRow{First: l.First, Second: l.Second, Third: l.Third, Tone: colours[l.Tone], Joined: l.Joined})
	}
	return rows
}

// headline is the sentence over the list of a company, with the shape that agrees with it.
func (s speaker) headline(o watcher.Overview, company string, rows []item) (sign, string) {
	look, said := s.Headline(o, company, slices.ContainsFunc(rows, func(i item) bool { return !i.well() }))
	return signOf(look), said
}

// timelineEntry is one step of a transfer's journey.
func (s speaker) timelineEntry(t watcher.Transfer, e watcher.TimelineEntry) (sign, string) {
	look, said := s.TimelineEntry(t, e)
	return signOf(look), said
}
