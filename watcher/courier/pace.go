package courier

import (
	"time"

	"postroom/sage"
)

// Pace says how long is waited before something is tried again.
type Pace struct {
	Track Pause // between looks at what the platform does with a file
	Busy  Pause // while an earlier file of the scope is in the way
	Retry Pause // after the platform or the network failed
	File  Pause // after a file of ours could not be read or moved
	Stop  Pause // while something is wrong that only a person can mend
}

// Pause grows from First to Most, doubling.
type Pause struct{ First, Most time.Duration }

// PaceOf is the pace of a platform.
func PaceOf(p *sage.Profile) Pace {
	return Pace{
		Track: Pause{p.TrackFirst, p.TrackMost},
		Busy:  Pause{p.TrackFirst, p.TrackMost},
		Retry: Pause{time.Second, 5 * time.Minute},
		File:  Pause{2 * time.Second, 5 * time.Minute},
		Stop:  Pause{30 * time.Minute, 6 * time.Hour},
	}
}

// Delay is the pause after n pauses before it: exactly First at the least, and from the second on up to a quarter
// shorter, by a random number in [0, 1), so that what failed together is not tried together.
func (p Pause) Delay(n int, random float64) time.Duration {
	d := p.First
	for ; n > 0 && d < p.Most; n-- {
		d *= 2
	}
	d = min(d, p.Most)
	return max(d-time.Duration(random*float64(d)/4), min(p.First, d))
}
