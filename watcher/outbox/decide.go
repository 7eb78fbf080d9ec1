package outbox

import (
	"io/fs"
	"time"

	"postroom/watcher/disk"
)

// Everything that is decided about one file is here: without a clock (the moment is an argument), without the file
// system (what a look saw is one too), and without words for a person but the code of a problem.

// Pace is how patient a Watcher is. Zero values are the product's own; a test or a simulation may set others.
type Pace struct {
	Settle time.Duration // between the two looks that see a file unchanged; 60 ms
	Calm   time.Duration // unchanged for so long before a mistake that no further byte can mend is told; 2 s
	Cut    time.Duration // unchanged for so long before a file that is not complete is told as cut; 60 s
	Absent time.Duration // away for so long before a told file is told as gone: some programs save by removing; 500 ms
	Sweep  time.Duration // between sweeps of a folder whose events arrive; 30 s
	Blind  time.Duration // between sweeps of a folder without events, and between tries for one that is gone; 3 s
	Clock  time.Duration // between looks at the clock, which tell that the computer slept; 5 s
}

func (p Pace) fill() Pace {
	set := func(d *time.Duration, preset time.Duration) {
		if *d <= 0 {
			*d = preset
		}
	}
	set(&p.Settle, 60*time.Millisecond)
	set(&p.Calm, 2*time.Second)
	set(&p.Cut, time.Minute)
	set(&p.Absent, 500*time.Millisecond)
	set(&p.Sweep, 30*time.Second)
	set(&p.Blind, 3*time.Second)
	set(&p.Clock, 5*time.Second)
	return p
}

// slow is after how long a file that keeps changing is mentioned to the person.
const slow = 3 * time.Second

// patience bounds the pause between tries for a file that cannot be read or told.
const patience = 10 * time.Second

// never is a moment that does not come.
const never = moment(1 << 62)

// moment is package time since the Watcher began. It knows no jumps of the clock.
type moment time.Duration

func (m moment) plus(d time.Duration) moment { return m + moment(d) }

// mark is what tells one content of a file from another without reading it.
type mark struct {
	size     int64
	modTime  int64 // nanoseconds since 1970
	identity string
	kind     fs.FileMode // type bits; zero for a regular file
}

func markOf(i disk.Info) mark {
	return mark{size: i.Size, modTime: i.ModTime.UnixNano(), identity: i.Identity, kind: i.Mode.Type()}
}

// file is what the Watcher remembers of one name. There may be 100,000 of them: it is kept small.
type file struct {
	mark  mark
	told  mark   // as it was told last, when hasTold
	since moment // since when mark is what it is
	first moment // when the name was first seen, or first seen changed after it was told
	due   moment // the next look; 0 when a change is waited for
	seen  uint32 // the last sweep that listed it

	stage   stage
	hasTold bool
	tries   uint8 // looks, checks or tellings in a row that failed
}

// stage is how far a file is.
type stage uint8

const (
	unseen    stage = iota
	settling        // not known to be at rest
	checking        // at rest, being read
	waiting         // read, and not told: incomplete, or a mistake that is perhaps mended just now
	odd             // no regular file
	told            // told as it is
	leaving         // told, and away at the last look
	difficult       // cannot be read; tried again
)

// action is what the Watcher is to do next about a file.
type action uint8

const (
	nothing  action = iota
	again           // look again when due
	check           // read it now
	tell            // tell the engine what the check found
	tellGone        // tell the engine that it is gone
	forget          // drop it: it is not there and nobody has been told
)

// trusted is for how long a file has been as it is by its own word: a time stamp that lies back further than a look
// makes a second look needless, because it was renamed into place (or was there all along). Not on network drives,
// whose clock is another; and a stamp of whole seconds may be two of them late.
func trusted(i disk.Info, wall time.Time, remote bool) time.Duration {
	if remote {
		return 0
	}
	age := wall.Sub(i.ModTime)
	if i.ModTime.Nanosecond() == 0 {
		age -= 2 * time.Second
	}
	return max(age, 0)
}

// look decides after a look that saw the file as m. Trust is for how long it has been so by its own word.
func (f *file) look(now moment, m mark, trust time.Duration, pace Pace) action {
	switch {
	case m.kind != 0:
		f.mark, f.stage, f.due = m, odd, 0
		return nothing
	case f.hasTold && m == f.told:
		f.mark, f.stage, f.due = m, told, 0
		return nothing
	case f.stage == unseen || f.stage == told || f.stage == leaving || m != f.mark:
		if f.stage == unseen || f.stage == told {
			f.first = now
		}
		f.mark, f.stage, f.tries = m, settling, 0
		f.since = now - moment(min(trust, pace.Calm))
	case f.stage == checking, f.stage == waiting && (f.due == 0 || now < f.due), f.stage == difficult && now < f.due:
		return nothing
	}
	if rest := f.since.plus(pace.Settle); now < rest {
		f.stage, f.due = settling, rest
		return again
	}
	if m.size == 0 {
		return f.empty(now, pace)
	}
	f.stage, f.due = checking, 0
	return check
}

// empty decides about a file that has nothing in it. One that had something when it was told, and that nobody has written for
// as long as a cut one is waited for, is gone: whoever empties a file and writes it anew has done so by then.
func (f *file) empty(now moment, pace Pace) action {
	f.stage, f.due = waiting, 0
	if !f.hasTold {
		return nothing
	}
	if cut := f.since.plus(pace.Cut); now < cut {
		f.due = cut
		return again
	}
	return tellGone
}

// absent decides after a look that found nothing.
func (f *file) absent(now moment, pace Pace) action {
	switch {
	case !f.hasTold:
		return forget
	case f.stage != leaving:
		f.stage, f.due = leaving, now.plus(pace.Absent)
		return again
	case now >= f.due:
		return tellGone
	}
	return nothing
}

// failed decides after a look that was answered with an error.
func (f *file) failed(now moment) action {
	f.stage, f.due = difficult, now.plus(f.pause())
	return again
}

// pause grows from a quarter of a second to patience, until the file changes.
func (f *file) pause() time.Duration {
	if f.tries < 8 {
		f.tries++
	}
	return min(125*time.Millisecond<<f.tries, patience)
}

// judged decides after a check that read the file as m.
func (f *file) judged(now moment, m mark, v verdict, pace Pace) action {
	if f.stage != checking || m != f.mark {
		return nothing // it has changed since; another look is on its way
	}
	quiet := time.Duration(now - f.since)
	switch v.class {
	case fine, unclear, invalid:
		return tell
	case broken:
		if quiet >= pace.Calm && !v.held {
			return tell
		}
		return f.wait(now, f.since.plus(pace.Calm), pace.Calm)
	case incomplete:
		if quiet >= pace.Cut && !v.held {
			return tell
		}
		return f.wait(now, f.since.plus(pace.Cut), pace.Cut/6)
	case moved:
		f.stage, f.due = difficult, now.plus(f.pause()/4) // the next look sees how it is now, and lets it settle
		return again
	case absent:
		return f.absent(now, pace)
	}
	return f.failed(now)
}

// wait has the file read again at a moment, or, when that has passed already, after a pause.
func (f *file) wait(now, at moment, pause time.Duration) action {
	f.stage, f.due = waiting, max(at, now.plus(pause/8))
	if at <= now {
		f.due = now.plus(pause)
	}
	return again
}

// delivered notes what the engine has taken over.
func (f *file) delivered(m mark) {
	f.told, f.hasTold = m, true
	if f.mark == m {
		f.stage, f.due, f.tries = told, 0, 0
	}
}

// undelivered has the file looked at and told again later.
func (f *file) undelivered(now moment) {
	if f.stage == leaving || f.stage == waiting {
		f.due = now.plus(f.pause())
		return
	}
	f.stage, f.due = difficult, now.plus(f.pause())
}
