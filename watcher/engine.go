package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"postroom/sage/contract"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// Engine carries files. See the package comment. It is safe for concurrent use.
type Engine struct {
	options Options
	log     *slog.Logger
	fs      disk.FS
	now     func() time.Time
	journal Journal
	checker *contract.Checker
	hub     *hub
	custody *custody
	traffic *traffic
	locks   []Lock    // released by Close, the home's last
	crashed time.Time // when the run before was last alive, if it did not end cleanly
	rescue  rescue    // of the journal, if it had to be rebuilt
	probing bool      // Outboxes try out whether the system's events arrive

	mu        sync.Mutex // guards what follows; never held over an effect
	links     map[string]*link
	companies map[string]*company // by their folder, folded
	run       *run                // nil while the engine does not run

	pauses     pauses
	openers    openers
	onboarding onboarding // settings, drafts, callbacks: see onboarding.go
}

// run is one Run: the group that owns every goroutine of the engine and the context they live in.
type run struct {
	ctx   context.Context //nolint:containedctx // it is the run's life, which adopt hands on
	group *errgroup.Group
	stop  context.CancelCauseFunc
}

// Open readies an engine on a home: lock (Agent only), journal, settings, vault. It carries nothing until Run.
// A home that another agent holds is a *HeldError that says who.
func Open(ctx context.Context, options Options) (*Engine, error) {
	if options.Home == "" {
		return nil, errors.New("opening the engine: no home given")
	}
	options = options.fill()
	checker, err := contract.New()
	if err != nil {
		return nil, fmt.Errorf("opening the engine: %w", err)
	}
	e := &Engine{
		options:   options,
		log:       options.Logger,
		fs:        options.FS,
		now:       options.Now,
		checker:   checker,
		hub:       newHub(),
		custody:   newCustody(),
		traffic:   newTraffic(),
		links:     make(map[string]*link),
		companies: make(map[string]*company),

		onboarding: newOnboarding(),
	}
	if err := e.open(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *Engine) open(ctx context.Context) error {
	if err := e.fs.MkdirAll(e.options.Home); err != nil {
		return fmt.Errorf("making the home %s: %w", e.options.Home, err)
	}
	if e.options.Agent {
		if err := e.lockHome(ctx); err != nil {
			return err
		}
	}
	for _, open := range []func(context.Context) error{e.openJournal, e.openRescue, e.openPauses, e.openSettings, e.openVault} {
		if err := open(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openJournal opens the durable record. An agent rebuilds a damaged one; others leave it to the agent.
func (e *Engine) openJournal(ctx context.Context) error {
	open := e.options.Journal
	if open == nil {
		file := filepath.Join(e.options.Home, journalFile)
		open = func(ctx context.Context) (Journal, error) {
			j, err := journal.Open(ctx, file, journal.Options{Thorough: e.options.Agent})
			if errors.Is(err, journal.ErrCorrupt) && e.options.Agent {
				return e.rescueJournal(ctx, file, err)
			}
			return j, err
		}
	}
	j, err := open(ctx)
	if _, told := errors.AsType[*ProblemError](err); told {
		return err
	}
	for _, known := range []struct {
		is   error
		code string
	}{{journal.ErrFull, "diskFull"}, {journal.ErrCorrupt, "journalDamaged"}, {journal.ErrNewer, "journalNewer"}} {
		if errors.Is(err, known.is) {
			told := refuse(nil, known.code, "folder", e.options.Home)
			told.Cause = err
			return told
		}
	}
	if err != nil {
		return err
	}
	e.journal = j
	return nil
}

const journalFile = "journal.db"

// Run carries files until ctx ends or Stop is called, and returns once every goroutine has ended. The error is nil for a
// clean stop, and ErrJournalDamaged when the journal turned out to be damaged meanwhile: closed and opened anew, it is
// rebuilt. Only an engine opened as Agent runs, and only once at a time.
func (e *Engine) Run(ctx context.Context) error {
	if !e.options.Agent {
		return errors.New("running the engine: it was opened for queries only")
	}
	life, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	group, ctx := errgroup.WithContext(life)
	if err := e.enter(&run{ctx: ctx, group: group, stop: stop}); err != nil {
		return err
	}
	defer e.leave()
	if err := e.begin(ctx); err != nil {
		if life.Err() != nil {
			return nil // stopped before it began
		}
		return fmt.Errorf("running the engine: %w", err)
	}
	if e.options.Events == nil {
		if close := e.listenToFolders(); close != nil {
			defer close()
		}
	}
	group.Go(func() error { return e.runConnections(ctx) }) // adopts every recorded connection, also those that appear
	group.Go(func() error { return e.runOnboarding(ctx) })  // callback listeners, passcodes, delivered keys
	group.Go(func() error { return e.stayAlive(ctx) })
	group.Go(func() error { return e.mindJournal(ctx) })
	group.Go(func() error { return e.followSettings(ctx) })
	group.Go(func() error { return e.tidyOn(ctx) })
	err := group.Wait()
	e.emit(Event{Kind: EventStopping})
	e.end(context.WithoutCancel(ctx))
	if life.Err() != nil {
		return nil
	}
	return err
}

func (e *Engine) enter(r *run) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.run != nil {
		return errors.New("running the engine: it runs already")
	}
	e.run = r
	return nil
}

func (e *Engine) leave() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.run = nil
	clear(e.links)
	clear(e.companies)
}

// listenToFolders asks the system for events. Where it has none to give, folders are swept.
func (e *Engine) listenToFolders() (close func()) {
	notifier, err := outbox.NewNotifier(e.log)
	if err != nil {
		e.log.Warn("no file events; folders are looked at every few seconds", "error", err)
		return nil
	}
	e.options.Events, e.probing = notifier, true
	return func() {
		e.options.Events, e.probing = nil, false
		if err := notifier.Close(); err != nil {
			e.log.Warn("file events were not ended cleanly", "error", err)
		}
	}
}

// Stop ends Run; files wait.
func (e *Engine) Stop(context.Context) error {
	e.mu.Lock()
	r := e.run
	e.mu.Unlock()
	if r != nil {
		r.stop(context.Canceled)
	}
	return nil
}

// Close lets go of the journal and the locks. Run must have returned.
func (e *Engine) Close() error {
	e.hub.close()
	var errs []error
	if e.journal != nil {
		errs = append(errs, e.journal.Close())
	}
	for i := len(e.locks) - 1; i >= 0; i-- {
		errs = append(errs, e.locks[i].Release())
	}
	e.locks = nil
	return errors.Join(errs...)
}

// Events streams what changes until ctx ends. See Event.
func (e *Engine) Events(ctx context.Context) (<-chan Event, error) { return e.hub.listen(ctx), nil }

// emit tells every listener; it never blocks and may be called from anywhere.
func (e *Engine) emit(ev Event) { e.hub.emit(ev) }

// followSettings has Outboxes watched as a person chooses, until ctx ends.
func (e *Engine) followSettings(ctx context.Context) error {
	for event := range e.hub.listen(ctx) {
		if event.Kind != EventSettings && event.Kind != EventAll {
			continue
		}
		ignore := e.settings().Ignore
		for _, c := range e.allCompanies() {
			c.ignore(ignore)
		}
	}
	return context.Cause(ctx)
}

// tell says that a transfer has changed.
func (e *Engine) tell(t *journal.Transfer) {
	e.emit(Event{Kind: EventTransfer, ID: t.ID, Company: t.Company})
}

// allCompanies gives the companies whose connections are adopted, by name.
func (e *Engine) allCompanies() []*company {
	e.mu.Lock()
	defer e.mu.Unlock()
	companies := make([]*company, 0, len(e.companies))
	for _, c := range e.companies {
		companies = append(companies, c)
	}
	slices.SortFunc(companies, func(a, b *company) int { return strings.Compare(a.name, b.name) })
	return companies
}

// companyOf finds an adopted company by its name, nil when there is none.
func (e *Engine) companyOf(name string) *company {
	for _, c := range e.allCompanies() {
		if c.name == name {
			return c
		}
	}
	return nil
}
