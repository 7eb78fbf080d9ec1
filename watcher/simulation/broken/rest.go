package broken

import (
	"time"

	"postroom/watcher"
	"postroom/watcher/outbox"
)

// deaf are events that do not tell that some were lost.
type deaf struct{ outbox.Events }

// Watch implements outbox.Events.
func (d deaf) Watch(folder string, hear func(outbox.Notice)) (stop func(), err error) {
	return d.Events.Watch(folder, func(n outbox.Notice) {
		if !n.Lost {
			hear(n)
		}
	})
}

func ofTheRest() []Bug {
	return []Bug{
		each("does not sweep, not even after an overflow", func(o *watcher.Options) {
			o.Events = deaf{o.Events}
			o.Pace.Sweep = 1000 * time.Hour
		}),
		each("waits a million times too long", func(o *watcher.Options) {
			o.Random = func() float64 { return 1e6 }
		}),
		each("has a clock that stands still", func(o *watcher.Options) { o.Now = stopped(o.Now) }),
	}
}
