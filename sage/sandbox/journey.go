package sandbox

import (
	"context"
	"time"
)

// step is what happens next to a file on its way through the platform and through Sage 50.
type step int

const (
	stay     step = iota // until somebody changes something: a switch, the quarantine
	validate             // look into the content; then to the quarantine, to Sage 50, or the end
	hold                 // stands in quarantine and is let go
	fetch                // Sage 50 downloads it
	begin                // Sage 50 begins to process it
	advance              // Sage 50 gets a quarter further
	conclude             // Sage 50 is through: the final word
)

// next is the whole way of a file after its content has come, as one table:
//
//	validating  -> rejected                    when the content does not hold records
//	validating  -> quarantined                 while the quarantine is on
//	validating, quarantined -> available
//	available   -> downloaded                  when Sage 50 is on
//	downloaded  -> processing                  when Sage 50 is on
//	processing  -> processing, 25 % further    when Sage 50 is on and takes its time
//	processing  -> accepted, failed, badRequest
func (f *file) next(on, quarantine, slowly bool) step {
	switch f.Status {
	case Validating:
		return validate
	case Quarantined:
		if quarantine {
			return stay
		}
		return hold
	case Available:
		if on {
			return fetch
		}
	case Downloaded:
		if on {
			return begin
		}
	case Processing:
		switch {
		case !on:
		case slowly && f.Progress < 75:
			return advance
		default:
			return conclude
		}
	}
	return stay
}

// move brings a file as far as it gets without waiting: at once where that is quick, else on a goroutine of its
// own. It is called after the change that let the file move, without the lock. A file that is moving already is
// left to whoever moves it.
func (s *Sandbox) move(id string, size int64) {
	moving := false
	s.look(func(w *world, _ time.Time) {
		moving, w.files[id].moving = w.files[id].moving, true
	})
	switch {
	case moving:
	case s.options.Pace > 0:
		s.later(s.options.Pace, func() { s.moveSlowly(id) })
	case size > inMemory:
		s.spawn(func(ctx context.Context) { s.moveAtOnce(ctx, id) })
	default:
		s.moveAtOnce(s.ctx, id)
	}
}

func (s *Sandbox) moveAtOnce(ctx context.Context, id string) {
	for ctx.Err() == nil && s.take(ctx, id) {
	}
}

// moveSlowly takes one step after each pace. A large file's steps are work that the clerk must not wait for.
func (s *Sandbox) moveSlowly(id string) {
	work := func(ctx context.Context) {
		if s.take(ctx, id) {
			s.later(s.options.Pace, func() { s.moveSlowly(id) })
		}
	}
	large := false
	s.look(func(w *world, _ time.Time) { large = w.files[id].Content.Size > inMemory })
	if large {
		s.spawn(work)
		return
	}
	work(s.ctx)
}

// take makes one step of a file's way and reports whether another one follows. What needs the content is done
// without the lock, and counts only if the file is still where it was.
func (s *Sandbox) take(ctx context.Context, id string) bool {
	var f file
	var what step
	s.look(func(w *world, _ time.Time) {
		f = *w.files[id]
		what = w.nextOf(&f, s.options.Pace > 0)
		w.files[id].moving = what != stay
	})
	var v verdict
	switch what {
	case stay:
		return false
	case validate:
		v = s.validate(ctx, f)
	case conclude:
		v = s.process(ctx, f)
	}
	if ctx.Err() != nil {
		return false
	}
	follows := false
	err := s.do(func(t *tx) error {
		now := t.files[id]
		if now.Status == f.Status && now.Progress == f.Progress {
			t.make(now, what, v)
			t.save(kindFile, now.ID, now)
		} else if v.result.Name != "" {
			t.then(func() { s.store.remove(v.result.Name) })
		}
		follows = t.nextOf(now, s.options.Pace > 0) != stay
		now.moving = follows
		return nil
	})
	return err == nil && follows
}

func (w *world) nextOf(f *file, slowly bool) step {
	inst := w.installation(w.connections[f.ConnectionID].Company)
	return f.next(!inst.Off, w.switches.Quarantine, slowly)
}

// make changes a file's state as a step says. Without a pace the steps after it that need no look at the content are
// made with it.
func (t *tx) make(f *file, what step, v verdict) {
	t.makeOne(f, what, v)
	for t.s.options.Pace <= 0 {
		switch next := t.nextOf(f, false); next {
		case hold, fetch, begin:
			t.makeOne(f, next, verdict{})
		default:
			return
		}
	}
}

func (t *tx) makeOne(f *file, what step, v verdict) {
	switch what {
	case validate:
		f.Records, f.Reason = v.records, v.reason
		switch {
		case v.end != "":
			t.end(f, v)
		case t.switches.Quarantine:
			f.Status = Quarantined
		default:
			f.Status = Available
		}
	case hold:
		f.Status = Available
	case fetch:
		f.Status = Downloaded
	case begin:
		f.Status = Processing
	case advance:
		f.Progress += 25
	case conclude:
		t.end(f, v)
	}
}

// end says a file's final word. Its result can be downloaded from then on, or later.
func (t *tx) end(f *file, v verdict) {
	f.Status, f.Reason, f.Refused, f.Ended = v.end, v.reason, v.refused, t.now
	f.Progress = 0
	if v.result.Name != "" {
		f.Result, f.ResultToken, f.ResultAt = v.result, t.newToken(), t.now.Add(t.s.options.ResultDelay)
		t.tokens[f.ResultToken] = token{file: f}
	}
	if q := t.queue(lane{f.ConnectionID, f.Scope}); q.inFlight == f {
		q.inFlight = nil
	}
}

// resume moves everything that was on its way when the sandbox was closed, and delivers what was not delivered.
func (s *Sandbox) resume() {
	s.moveAll()
	var calls []*callback
	s.look(func(w *world, _ time.Time) {
		for _, c := range w.calls {
			if !c.Over {
				calls = append(calls, c)
			}
		}
	})
	for _, c := range calls {
		s.deliver(c)
	}
}

// moveAll moves every file that is on its way, after a switch was turned.
func (s *Sandbox) moveAll() {
	type moving struct {
		id   string
		size int64
	}
	var list []moving
	s.look(func(w *world, _ time.Time) {
		for _, f := range w.created {
			if f.Status != AwaitingUpload && !f.Status.Final() && w.nextOf(f, s.options.Pace > 0) != stay {
				list = append(list, moving{f.ID, f.Content.Size})
			}
		}
	})
	for _, m := range list {
		s.move(m.id, m.size)
	}
}
