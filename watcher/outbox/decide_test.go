package outbox

import (
	"io/fs"
	"testing"
	"time"

	"postroom/watcher/disk"
)

var (
	now   = moment(time.Hour)
	pace  = Pace{}.fill()
	old   = mark{size: 10, modTime: 1, identity: "i"}
	young = mark{size: 20, modTime: 2, identity: "i"}
	empty = mark{modTime: 3, identity: "i"}
	link  = mark{identity: "l", kind: fs.ModeSymlink}
)

func ago(d time.Duration) moment { return now - moment(d) }

func TestWhatFollowsALook(t *testing.T) {
	for name, c := range map[string]struct {
		file  file
		saw   mark
		trust time.Duration
		want  action
		stage stage
		due   moment
	}{
		"first seen":                    {file{}, old, 0, again, settling, now.plus(pace.Settle)},
		"first seen, at rest for long":  {file{}, old, time.Minute, check, checking, 0},
		"first seen, at rest too short": {file{}, old, 40 * time.Millisecond, again, settling, now.plus(20 * time.Millisecond)},
		"first seen, empty":             {file{}, empty, time.Minute, nothing, waiting, 0},
		"first seen, a link":            {file{}, link, time.Minute, nothing, odd, 0},
		"settling, the same too soon":   {file{stage: settling, mark: old, since: ago(time.Millisecond)}, old, 0, again, settling, now.plus(pace.Settle - time.Millisecond)},
		"settling, the same":            {file{stage: settling, mark: old, since: ago(pace.Settle)}, old, 0, check, checking, 0},
		"settling, changed":             {file{stage: settling, mark: old, since: ago(time.Second)}, young, 0, again, settling, now.plus(pace.Settle)},
		"settling, now a link":          {file{stage: settling, mark: old, since: ago(time.Second)}, link, 0, nothing, odd, 0},
		"settling, now empty":           {file{stage: settling, mark: old, since: ago(time.Second)}, empty, 0, again, settling, now.plus(pace.Settle)},
		"empty still":                   {file{stage: waiting, mark: empty, since: ago(time.Hour)}, empty, 0, nothing, waiting, 0},
		"being read, the same":          {file{stage: checking, mark: old, since: ago(time.Second)}, old, 0, nothing, checking, 0},
		"being read, changed":           {file{stage: checking, mark: old, since: ago(time.Second)}, young, 0, again, settling, now.plus(pace.Settle)},
		"incomplete, the same":          {file{stage: waiting, mark: old, since: ago(time.Second), due: now + 1}, old, 0, nothing, waiting, now + 1},
		"incomplete, due":               {file{stage: waiting, mark: old, since: ago(time.Minute), due: now}, old, 0, check, checking, 0},
		"incomplete, changed":           {file{stage: waiting, mark: old, since: ago(time.Second), due: now + 1}, young, 0, again, settling, now.plus(pace.Settle)},
		"a link, now a file":            {file{stage: odd, mark: link}, old, time.Minute, check, checking, 0},
		"told, the same":                {file{stage: told, mark: old, told: old, hasTold: true}, old, 0, nothing, told, 0},
		"told, edited":                  {file{stage: told, mark: old, told: old, hasTold: true}, young, 0, again, settling, now.plus(pace.Settle)},
		"told, edited and back":         {file{stage: settling, mark: young, told: old, hasTold: true, since: now}, old, 0, nothing, told, 0},
		"told, emptied":                 {file{stage: settling, mark: empty, told: old, hasTold: true, since: ago(time.Second)}, empty, 0, again, waiting, ago(time.Second).plus(pace.Cut)},
		"told, empty for long":          {file{stage: waiting, mark: empty, told: old, hasTold: true, since: ago(pace.Cut), due: now}, empty, 0, tellGone, waiting, 0},
		"told, empty and written":       {file{stage: waiting, mark: empty, told: old, hasTold: true, since: ago(time.Second), due: now + 1}, young, 0, again, settling, now.plus(pace.Settle)},
		"told, away and back":           {file{stage: leaving, mark: old, told: old, hasTold: true, due: now + 1}, old, 0, nothing, told, 0},
		"told, away and another":        {file{stage: leaving, mark: old, told: old, hasTold: true, due: now + 1}, young, 0, again, settling, now.plus(pace.Settle)},
		"difficult, too soon":           {file{stage: difficult, mark: old, since: ago(time.Second), due: now + 1}, old, 0, nothing, difficult, now + 1},
		"difficult, due":                {file{stage: difficult, mark: old, since: ago(time.Second), due: now}, old, 0, check, checking, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.file
			if got := f.look(now, c.saw, c.trust, pace); got != c.want || f.stage != c.stage || f.due != c.due || f.mark != c.saw {
				t.Errorf("action %d, stage %d, due in %v; want %d, %d, %v", got, f.stage, time.Duration(f.due-now), c.want, c.stage, time.Duration(c.due-now))
			}
		})
	}
}

func TestWhatFollowsAnAbsence(t *testing.T) {
	for name, c := range map[string]struct {
		file  file
		want  action
		stage stage
	}{
		"never told":       {file{stage: settling}, forget, settling},
		"told":             {file{stage: told, hasTold: true}, again, leaving},
		"told and edited":  {file{stage: settling, hasTold: true}, again, leaving},
		"leaving too soon": {file{stage: leaving, hasTold: true, due: now + 1}, nothing, leaving},
		"gone for good":    {file{stage: leaving, hasTold: true, due: now}, tellGone, leaving},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.file
			if got := f.absent(now, pace); got != c.want || f.stage != c.stage {
				t.Errorf("action %d, stage %d; want %d, %d", got, f.stage, c.want, c.stage)
			}
		})
	}
}

func TestWhatFollowsACheck(t *testing.T) {
	reading := func(quiet time.Duration) file { return file{stage: checking, mark: old, since: ago(quiet)} }
	for name, c := range map[string]struct {
		file    file
		read    mark
		verdict verdict
		want    action
		due     moment
	}{
		"fine":                   {reading(time.Second), old, verdict{class: fine}, tell, 0},
		"unclear":                {reading(time.Second), old, verdict{class: unclear}, tell, 0},
		"breaks its contract":    {reading(time.Second), old, verdict{class: invalid}, tell, 0},
		"read before it changed": {reading(time.Second), young, verdict{class: fine}, nothing, 0},
		"changed since":          {file{stage: settling, mark: old}, old, verdict{class: fine}, nothing, 0},
		"broken, just now":       {reading(time.Second), old, verdict{class: broken}, again, now.plus(time.Second)},
		"broken, calm":           {reading(pace.Calm), old, verdict{class: broken}, tell, 0},
		"broken, held":           {reading(pace.Calm), old, verdict{class: broken, held: true}, again, now.plus(pace.Calm)},
		"cut, just now":          {reading(20 * time.Second), old, verdict{class: incomplete}, again, now.plus(40 * time.Second)},
		"cut, for long":          {reading(pace.Cut), old, verdict{class: incomplete}, tell, 0},
		"cut, for long, held":    {reading(pace.Cut), old, verdict{class: incomplete, held: true}, again, now.plus(pace.Cut / 6)},
		"gone, never told":       {reading(time.Second), old, verdict{class: absent}, forget, 0},
		"changed while read":     {reading(time.Second), old, verdict{class: moved}, again, now.plus(250 * time.Millisecond / 4)},
		"held by another":        {reading(time.Second), old, verdict{class: busy}, again, now.plus(250 * time.Millisecond)},
		"not readable":           {reading(time.Second), old, verdict{class: unreadable}, again, now.plus(250 * time.Millisecond)},
		"not readable for a long time": {
			file{stage: checking, mark: old, since: ago(time.Hour), tries: 8}, old, verdict{class: unreadable}, again, now.plus(patience),
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.file
			if got := f.judged(now, c.read, c.verdict, pace); got != c.want || f.due != c.due {
				t.Errorf("action %d, due in %v; want %d, %v", got, time.Duration(f.due-now), c.want, time.Duration(c.due-now))
			}
		})
	}
}

func TestHowLongAFileHasBeenAsItIsByItsOwnWord(t *testing.T) {
	wall := time.Date(2026, 11, 24, 10, 15, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		modified time.Time
		remote   bool
		want     time.Duration
	}{
		"just now":           {wall.Add(-time.Microsecond), false, time.Microsecond},
		"an hour ago":        {wall.Add(-time.Hour - 1), false, time.Hour + 1},
		"in the future":      {wall.Add(time.Hour + 1), false, 0},
		"whole seconds":      {wall.Add(-time.Minute), false, 58 * time.Second},
		"whole seconds, now": {wall.Add(-time.Second), false, 0},
		"another clock":      {wall.Add(-time.Hour - 1), true, 0},
	} {
		if got := trusted(disk.Info{ModTime: c.modified}, wall, c.remote); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestIgnoredNames(t *testing.T) {
	ig, err := compileIgnore(append(DefaultIgnore(), "backup*", "exact.json", "a*b", "[xy]?.json", " spaced ", ""))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		".a": true, ".postroom.lock": true, "~$a.json": true, "a.tmp": true, "A.TMP": true, "tmp": false, "a.tmp.json": false,
		"a.part": true, "part": false, "a.crdownload": true, "DESKTOP.INI": true, "desktop.ini.json": false, "thumbs.db": true,
		"backup.json": true, "Backup": true, "my backup": false, "exact.json": true, "axxb": true, "axxbc": false, "x1.json": true,
		"z1.json": false, "spaced": true, "orders.json": false, "": false,
	} {
		if got := ig.match(name); got != want {
			t.Errorf("%q ignored: %v", name, got)
		}
	}
}
