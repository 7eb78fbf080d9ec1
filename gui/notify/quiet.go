package notify

import (
	"time"

	"postroom/watcher"
)

// quietUntil is the end of the quiet that now falls into: the person's quiet hours, or the hour asked for in the
// tray, whichever ends later. It is zero when there is none.
func quietUntil(now time.Time, s watcher.Settings, asked time.Time) time.Time {
	var until time.Time
	if asked.After(now) {
		until = asked
	}
	from, okFrom := clock(s.QuietFrom)
	to, okTo := clock(s.QuietTo)
	if !okFrom || !okTo || from == to {
		return until
	}
	// The hours may begin yesterday and end today, or begin today and end tomorrow.
	for day := -1; day <= 0; day++ {
		begins := from.on(now, day)
		ends := to.on(now, day)
		if !begins.Before(ends) {
			ends = to.on(now, day+1)
		}
		if !now.Before(begins) && now.Before(ends) && ends.After(until) {
			until = ends
		}
	}
	return until
}

// hour is a time of day on a clock on the wall.
type hour struct{ h, m int }

// clock reads "22:00"; false for anything else.
func clock(text string) (hour, bool) {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return hour{}, false
	}
	return hour{t.Hour(), t.Minute()}, true
}

// on is this time of day, days away from now's day, in now's zone. It goes through time.Date so that the days on
// which clocks change have the right length.
func (c hour) on(now time.Time, days int) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+days, c.h, c.m, 0, 0, now.Location())
}

// wants tells which kinds a person wants to hear of, by the setting: all, needsMe or none.
func wants(setting string) func(kind) bool {
	switch setting {
	case "none":
		return func(kind) bool { return false }
	case "needsMe":
		return kind.needsYou
	}
	return func(kind) bool { return true }
}
