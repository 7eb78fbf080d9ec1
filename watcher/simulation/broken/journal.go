package broken

import (
	"context"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

func ofTheJournal() []Bug {
	return []Bug{
		each("does not write down that content may have gone out", func(o *watcher.Options) {
			onTransfers(o, func(t *journal.Transfer) { t.Doubt = false })
		}),
		each("calls a file accepted before it is", func(o *watcher.Options) {
			onTransfers(o, func(t *journal.Transfer) {
				if t.State == journal.Validating || t.State == journal.Processing {
					t.State = journal.Accepted
				}
			})
		}),
		each("counts the time to the next try wrong", func(o *watcher.Options) {
			onTransfers(o, func(t *journal.Transfer) {
				if !t.NextAttempt.IsZero() && t.Attempts > 0 {
					t.NextAttempt = t.NextAttempt.AddDate(10, 0, 0)
				}
			})
		}),
		everyThird("does not write down what it has seen", func(c journal.Change) bool {
			_, ok := c.(journal.Added)
			return ok
		}),
		everyThird("does not write down that a file ended", func(c journal.Change) bool {
			s, ok := c.(journal.Stepped)
			return ok && s.Transfer.State.Final()
		}),
		oldAddress(),
	}
}

// everyThird drops one change in three of some, and says that it was written.
func everyThird(name string, of func(journal.Change) bool) Bug {
	return Bug{name, func() func(o *watcher.Options) {
		var n counter
		return func(o *watcher.Options) {
			onJournal(o, func(ctx context.Context, next func(context.Context, ...journal.Change) error, changes []journal.Change) error {
				var kept []journal.Change
				for _, c := range changes {
					if !of(c) || n.next()%3 != 2 {
						kept = append(kept, c)
					}
				}
				if len(kept) == 0 {
					return nil
				}
				return next(ctx, kept...)
			})
		}
	}}
}

// oldAddress writes down the address of a record for all that follow.
func oldAddress() Bug {
	return Bug{"mixes up the addresses of two files", func() func(o *watcher.Options) {
		var first memory[journal.Transfer]
		return func(o *watcher.Options) {
			onTransfers(o, func(t *journal.Transfer) {
				if t.TrackingURL == "" {
					return
				}
				known := first.keep(t.Company+"/"+t.Scope, *t)
				t.TrackingURL, t.UploadURL = known.TrackingURL, known.UploadURL
			})
		}
	}}
}

// stopped is the moment at which a clock stands still.
func stopped(now func() time.Time) func() time.Time {
	at := now()
	return func() time.Time { return at }
}
