package assets

import (
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/number"
)

// noBreak keeps a figure and its unit on one line.
const noBreak = "\u00a0"

// Number writes a whole number as the language does: 12,480 or 12.480.
func (w *Words) Number(n int64) string {
	return w.numbers.Sprint(number.Decimal(n))
}

// Percent writes a figure from 0 to 100: "62 %".
func (w *Words) Percent(percent float64) string {
	return w.numbers.Sprint(number.Decimal(percent, number.MaxFractionDigits(0))) + noBreak + "%"
}

// Size writes a number of bytes as a person says it: "84 KB", "1.2 MB".
func (w *Words) Size(bytes int64) string {
	units := strings.Fields(w.Say("words.size.units"))
	value, unit := float64(bytes), -1
	for value >= 999.5 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	if unit < 0 {
		return w.Say("words.size.bytes", map[string]any{CountArg: bytes})
	}
	digits := 0
	if unit > 0 && value < 10 {
		digits = 1
	}
	return w.numbers.Sprint(number.Decimal(value, number.MaxFractionDigits(digits))) + noBreak + units[unit]
}

// Time is the hour and minute: "10:12", or "10:12 AM" where that is the habit.
func (w *Words) Time(t time.Time) string {
	if w.american() {
		return t.In(w.zone).Format("3:04" + noBreak + "PM")
	}
	return t.In(w.zone).Format("15:04")
}

// Clock is the time to the second.
func (w *Words) Clock(t time.Time) string {
	if w.american() {
		return t.In(w.zone).Format("3:04:05" + noBreak + "PM")
	}
	return t.In(w.zone).Format("15:04:05")
}

// Date is the day: "20 Nov", "20. Nov."; of another year than that of now it is the whole date as the language writes
// it: "20 Nov 2025", "20.11.2025", "20/11/2025".
func (w *Words) Date(t, now time.Time) string {
	t, now = t.In(w.zone), now.In(w.zone)
	months := strings.Fields(w.Say("words.months"))
	month := t.Month().String()[:3]
	if len(months) == 12 {
		month = months[t.Month()-1]
	}
	key := "words.date"
	if w.american() {
		key = "words.date.monthFirst"
	}
	if t.Year() != now.Year() {
		key += ".year"
	}
	day := t.Format("2")
	if t.Day() == 1 {
		day = w.Say("words.date.firstDay") // "1er" in French
	}
	// A sentence takes what its language needs: the day and the month's name, or both in two digits.
	return w.Say(key, map[string]any{
		"day": day, "month": month, "dd": t.Format("02"), "mm": t.Format("01"), "year": t.Format("2006"),
	})
}

// DateTime is the day and the time: "20 Nov 14:03"; the time alone if it is today.
func (w *Words) DateTime(t, now time.Time) string {
	if w.days(t, now) == 0 {
		return w.Time(t)
	}
	return w.Date(t, now) + " " + w.Time(t)
}

// Lately is the day and the time, the last two days by their names: "today 10:12", "yesterday 18:02", "20 Nov 14:03".
func (w *Words) Lately(t, now time.Time) string {
	switch w.days(t, now) {
	case 0:
		return w.Say("words.today") + " " + w.Time(t)
	case 1:
		return w.Say("words.yesterday") + " " + w.Time(t)
	}
	return w.Date(t, now) + " " + w.Time(t)
}

// When is when something ended, as short as it can be told: "10:12", "yesterday", "20 Nov"; nothing for a time that is
// not known.
func (w *Words) When(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch w.days(t, now) {
	case 0:
		return w.Time(t)
	case 1:
		return w.Say("words.yesterday")
	}
	return w.Date(t, now)
}

// Since is how long something has gone on: "just now", "2 min", "3 h", then the day it began; nothing for a time that
// is not known.
func (w *Words) Since(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch d := now.Sub(t); {
	case d < time.Minute: // also a clock that was set back
		return w.Say("words.justNow")
	case d < time.Hour:
		return w.Say("words.minutes.short", map[string]any{CountArg: int(d / time.Minute)})
	case d < 12*time.Hour:
		return w.Say("words.hours.short", map[string]any{CountArg: int(d / time.Hour)})
	}
	return w.When(t, now)
}

// Span says how long something took or how old it is: "4 days", "2 hours", "1 minute".
func (w *Words) Span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return w.Say("words.span.moment")
	case d < time.Hour:
		return w.Say("words.span.minutes", map[string]any{CountArg: int(d / time.Minute)})
	case d < 24*time.Hour:
		return w.Say("words.span.hours", map[string]any{CountArg: int(d / time.Hour)})
	}
	return w.Say("words.span.days", map[string]any{CountArg: int(d / (24 * time.Hour))})
}

// Ago says how long ago something was: "4 days ago", "vor 4 Tagen". It is no Span with a word around it: German says
// "4 Tage" and "vor 4 Tagen".
func (w *Words) Ago(d time.Duration) string {
	switch {
	case d < time.Minute: // also a clock that was set back
		return w.Say("words.ago.moment")
	case d < time.Hour:
		return w.Say("words.ago.minutes", map[string]any{CountArg: int(d / time.Minute)})
	case d < 24*time.Hour:
		return w.Say("words.ago.hours", map[string]any{CountArg: int(d / time.Hour)})
	}
	return w.Say("words.ago.days", map[string]any{CountArg: int(d / (24 * time.Hour))})
}

// days is how many midnights lie between t and now.
func (w *Words) days(t, now time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(w.zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(now).Sub(day(t)) / (24 * time.Hour))
}

// american tells whether the person's region puts the month first and counts to twelve twice.
func (w *Words) american() bool {
	region, confidence := w.tag.Region()
	base, _ := w.tag.Base()
	return confidence == language.Exact && region.String() == "US" && base.String() == "en"
}
