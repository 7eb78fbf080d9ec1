package outbox

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"postroom/watcher/journal"
)

// Watcher follows the Outbox of one company. Run does the work; all other methods may be called at any time, from
// any goroutine, and return at once.
type Watcher struct {
	options Options
	pace    Pace
	log     *slog.Logger
	mail    *mailbox
	view    view

	// What follows belongs to the goroutine of Run.

	start   time.Time // package time at which moments begin
	ignored *ignored
	folders []*folder        // Outbox first, then the scopes by name
	known   map[string]mark  // what the journal holds, of folders not opened yet
	loose   map[string]Loose // by path
	dues    dues
	found   []telling
	readers sync.WaitGroup
	large   reader

	gone     *journal.Problem // why Outbox cannot be looked at
	sweepAt  moment
	swept    moment        // when the last full sweep ended
	took     time.Duration // how long it took
	clock    clock
	clockAt  moment
	showAt   moment // when the view was renewed last
	showLate bool   // it is to be renewed again
}

// New makes a Watcher. It touches nothing until Run.
func New(options Options) (*Watcher, error) {
	switch {
	case options.FS == nil, options.Checker == nil, options.Deliver == nil:
		return nil, errors.New("watching an Outbox: FS, Checker and Deliver are needed")
	case !filepath.IsAbs(options.Folder):
		return nil, errors.New("watching an Outbox: the company's folder is no absolute path")
	}
	ig, err := compileIgnore(options.Ignore)
	if err != nil {
		return nil, err
	}
	if err := validScopes(options.Scopes); err != nil {
		return nil, err
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Changed == nil {
		options.Changed = func() {}
	}
	if options.Jumped == nil {
		options.Jumped = func() {}
	}
	w := &Watcher{
		options: options,
		pace:    options.Pace.fill(),
		log:     options.Logger,
		mail:    newMailbox(),
		ignored: ig,
		known:   make(map[string]mark, len(options.Known)),
		loose:   make(map[string]Loose),
	}
	for _, k := range options.Known {
		w.known[k.Path] = markOf(k.Info)
	}
	w.options.Known = nil // kept once is enough
	return w, nil
}

// Run watches until ctx ends, and returns once every goroutine of the Watcher has ended. The error is ctx's. It is
// called once.
func (w *Watcher) Run(ctx context.Context) error {
	w.start = time.Now()
	w.clock = readClock(w.options.Now)
	w.setScopes(w.options.Scopes)
	timer := time.AfterFunc(time.Hour, w.mail.poke)
	stop := context.AfterFunc(ctx, w.mail.poke)
	for ctx.Err() == nil {
		w.turn(ctx)
		timer.Reset(w.rest())
		<-w.mail.wake
	}
	timer.Stop()
	stop()
	w.readers.Wait()
	for _, d := range w.folders {
		d.unwatch()
	}
	return context.Cause(ctx)
}

// turn does all that is to be done at this moment.
func (w *Watcher) turn(ctx context.Context) {
	mail := w.mail.take()
	for _, request := range mail.requests {
		request()
	}
	w.watchClock()
	for _, folderPath := range mail.ended {
		if d := w.folder(folderPath); d != nil {
			d.unwatch()
		}
	}
	if mail.lost || len(mail.ended) > 0 {
		w.sweepSoon()
	}
	for _, r := range mail.results {
		w.judge(r)
	}
	if w.now() >= w.sweepAt {
		w.sweepAll()
	}
	for _, h := range mail.hints {
		if d := w.folder(h.folder); d != nil && h.name == probeName {
			w.hearProbe(d)
			continue
		}
		if d := w.folder(h.folder); d != nil && w.gone == nil && !w.skip(d, h.name) {
			w.look(d, h.name)
		}
	}
	w.judgeProbes()
	w.sweepDue()
	w.lookDue()
	w.read(ctx)
	w.deliver(ctx)
	w.show()
}

// rest is how long there is nothing to do unless something happens.
func (w *Watcher) rest() time.Duration {
	next := min(w.sweepAt, w.clockAt)
	if w.gone == nil { // else everything waits for the sweep that finds Outbox again
		for _, d := range w.folders {
			next = min(next, d.sweepAt)
			if d.probeAt != 0 {
				next = min(next, d.probeAt)
			}
		}
		next = min(next, w.dues.first())
	}
	if w.showLate {
		next = min(next, w.showAt.plus(showEvery))
	}
	return max(time.Duration(next-w.now()), 0)
}

// now is package time since Run began, never 0: a due of 0 means none.
func (w *Watcher) now() moment { return moment(time.Since(w.start)) + 1 }

// Sweep looks at everything now.
func (w *Watcher) Sweep() { w.request(func() { w.sweepAt = 0 }) }

// Forget says that the engine has taken the file away (claimed it, or moved it to Failed or Held): its absence is
// not told as Gone. Identity is the Finding's; a new file that was dropped under the same name meanwhile stays new.
func (w *Watcher) Forget(filePath, identity string) {
	w.request(func() {
		d, name := w.find(filePath)
		if d == nil {
			delete(w.known, filePath)
			return
		}
		if f := d.files[name]; f != nil && f.hasTold && f.told.identity == identity {
			d.drop(w, name)
			w.look(d, name)
		}
	})
}

// Again has the file at path told again as if it were new: it was put back, or its answer could not be used. Should it be
// gone meanwhile, that is told.
func (w *Watcher) Again(filePath string) {
	w.request(func() {
		d, name := w.find(filePath)
		if d == nil {
			delete(w.known, filePath)
			return
		}
		d.drop(w, name)
		d.expect(name)
		w.look(d, name)
	})
}

// Ignore replaces the list of names that are left untouched.
func (w *Watcher) Ignore(patterns []string) error {
	ig, err := compileIgnore(patterns)
	if err != nil {
		return err
	}
	w.request(func() {
		w.ignored = ig
		for _, d := range w.folders {
			for name, f := range d.files {
				if !f.hasTold && ig.match(name) {
					d.drop(w, name)
				}
			}
		}
		w.sweepAt = 0
	})
	return nil
}

// Scopes replaces the scopes, when a further connection shares the company's folder.
func (w *Watcher) Scopes(scopes []Scope) error {
	if err := validScopes(scopes); err != nil {
		return err
	}
	w.request(func() { w.setScopes(scopes) })
	return nil
}

func (w *Watcher) request(do func()) {
	w.mail.post(func(m *mail) { m.requests = append(m.requests, do) })
}

// find splits a path into its folder and its name. The folder is nil where it is none of the watched ones.
func (w *Watcher) find(filePath string) (*folder, string) {
	dir, name := path.Split(filePath)
	return w.folder(strings.TrimSuffix(dir, "/")), name
}

func (w *Watcher) folder(folderPath string) *folder {
	for _, d := range w.folders {
		if d.path == folderPath {
			return d
		}
	}
	return nil
}

// clock is both clocks at one time.
type clock struct{ wall, steady time.Time }

func readClock(now func() time.Time) clock {
	return clock{wall: now().Round(0), steady: time.Now()}
}

// jump is by how much the wall clock went another way than package time.
func (c clock) jump(later clock) time.Duration {
	return (later.wall.Sub(c.wall) - later.steady.Sub(c.steady)).Abs()
}

// watchClock notices that the computer slept, that this process was stopped, or that the clock was set: events of that time
// may never come.
func (w *Watcher) watchClock() {
	if w.now() < w.clockAt {
		return
	}
	later := readClock(w.options.Now)
	jump, away := w.clock.jump(later), later.steady.Sub(w.clock.steady)
	if jump > w.pace.Clock || away > late*w.pace.Clock {
		w.log.Info("the clock jumped; looking at everything", "folder", w.options.Folder, "jump", jump, "away", away)
		w.sweepAt = 0
		w.options.Jumped()
	}
	w.clock = later
	w.clockAt = w.now().plus(w.pace.Clock)
}

// late is after how many times the usual pause between looks at the clock this process cannot have been running.
const late = 4
