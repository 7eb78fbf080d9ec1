package notify

import (
	"testing"
	"time"

	"postroom/watcher"
)

func TestQuietHours(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	none := time.Time{}
	for name, c := range map[string]struct {
		now      time.Time
		from, to string
		asked    time.Time
		want     time.Time
	}{
		"no hours set":                         {now: at(24, 23, 0), want: none},
		"before they begin":                    {now: at(24, 21, 59), from: "22:00", to: "07:00", want: none},
		"as they begin":                        {now: at(24, 22, 0), from: "22:00", to: "07:00", want: at(25, 7, 0)},
		"after midnight":                       {now: at(25, 3, 0), from: "22:00", to: "07:00", want: at(25, 7, 0)},
		"as they end":                          {now: at(25, 7, 0), from: "22:00", to: "07:00", want: none},
		"within a day":                         {now: at(24, 12, 30), from: "12:00", to: "13:00", want: at(24, 13, 0)},
		"the same time twice is no hours":      {now: at(24, 12, 0), from: "12:00", to: "12:00", want: none},
		"nonsense is no hours":                 {now: at(24, 12, 0), from: "25:99", to: "now", want: none},
		"one of the two alone is no hours":     {now: at(24, 23, 0), from: "22:00", want: none},
		"an hour asked for":                    {now: at(24, 12, 0), asked: at(24, 13, 0), want: at(24, 13, 0)},
		"an hour asked for that is over":       {now: at(24, 14, 0), asked: at(24, 13, 0), want: none},
		"the later of the two":                 {now: at(24, 22, 30), from: "22:00", to: "07:00", asked: at(24, 23, 0), want: at(25, 7, 0)},
		"an hour asked for that goes on later": {now: at(25, 6, 30), from: "22:00", to: "07:00", asked: at(25, 7, 30), want: at(25, 7, 30)},
	} {
		t.Run(name, func(t *testing.T) {
			got := quietUntil(c.now, watcher.Settings{QuietFrom: c.from, QuietTo: c.to}, c.asked)
			if !got.Equal(c.want) {
				t.Errorf("quiet until %v, want %v", got, c.want)
			}
		})
	}
}

func TestQuietHoursEndByTheClockOnTheWallWhenClocksChange(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Skip("no time zones here: ", err)
	}
	night := time.Date(2026, 10, 24, 23, 0, 0, 0, madrid) // clocks go back at three
	got := quietUntil(night, watcher.Settings{QuietFrom: "22:00", QuietTo: "07:00"}, time.Time{})
	if got.Hour() != 7 || got.Sub(night) != 9*time.Hour {
		t.Errorf("quiet until %v, %v later", got, got.Sub(night))
	}
}

func TestWhatAPersonWantsToHearOf(t *testing.T) {
	for setting, want := range map[string]map[kind]bool{
		"":        {accepted: true, refused: true, trouble: true},
		"all":     {accepted: true, list: true, refused: true, trouble: true},
		"needsMe": {accepted: false, list: false, partly: true, refused: true, asks: true, oddList: true, trouble: true},
		"none":    {accepted: false, refused: false, trouble: false},
	} {
		for k, yes := range want {
			if wants(setting)(k) != yes {
				t.Errorf("with %q, kind %d is wanted: %v", setting, k, !yes)
			}
		}
	}
}
