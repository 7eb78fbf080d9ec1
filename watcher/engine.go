package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"postroom/sage/vault"
	"postroom/watcher/disk"
)

// Engine carries files. See the package comment.
//
// What onboarding hangs on it: settings.go gives openSettings and settings; keyring.go gives openVault; connections.go
// gives loadAccounts, dial and runConnections; onboarding and callbacks give runOnboarding. They call back adopt,
// abandon, noteKey and emit.
type Engine struct {
	options Options
	log     *slog.Logger
	fs      disk.FS
	now     func() time.Time
	journal Journal
	vault   vault.Vault
	hub     *hub
	locks   []*lock // released by Close, the home's last

	mu    sync.Mutex // guards links, companies and run; never held over an effect
	links map[string]*link
	run   *run // nil while the engine does not run

	onboarding onboarding // settings, drafts, callbacks: see onboarding.go
}

// run is one Run: the group that owns every goroutine of the engine and the context they live in.
type run struct {
	ctx   context.Context
	group *errgroup.Group
	stop  context.CancelCauseFunc
}

// Open readies an engine on a home: lock (Agent only), journal, settings, vault. It carries nothing until Run.
// A home that another agent holds is a *HeldError that says who.
func Open(ctx context.Context, options Options) (*Engine, error) {
	if options.Home == "" {
		return nil, errors.New("open engine: no home given")
	}
	options = options.fill()
	e := &Engine{
		options: options,
		log:     options.Logger,
		fs:      options.FS,
		now:     options.Now,
		hub:     newHub(),
		links:   make(map[string]*link),

		onboarding: newOnboarding(),
	}
	if err := e.open(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *Engine) open(ctx context.Context) error {
	if err := e.fs.MkdirAll(e.options.Home); err != nil {
		return fmt.Errorf("make home %s: %w", e.options.Home, err)
	}
	if e.options.Agent {
		if err := e.lockHome(ctx); err != nil {
			return err
		}
	}
	if err := e.openJournal(ctx); err != nil {
		return err
	}
	if err := e.openSettings(ctx); err != nil {
		return err
	}
	return e.openVault(ctx)
}

// Run carries files until ctx ends or Stop is called, and returns once every goroutine has ended. The error is nil
// for a clean stop. Only an engine opened as Agent runs, and only once at a time.
func (e *Engine) Run(ctx context.Context) error {
	if !e.options.Agent {
		return errors.New("run engine: it was opened for queries only")
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	group, ctx := errgroup.WithContext(ctx)
	r := &run{ctx: ctx, group: group, stop: stop}
	e.mu.Lock()
	if e.run != nil {
		e.mu.Unlock()
		return errors.New("run engine: it runs already")
	}
	e.run = r
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.run = nil
		e.mu.Unlock()
	}()

	group.Go(func() error { return e.runConnections(ctx) }) // adopts every recorded connection, also those that appear
	group.Go(func() error { return e.runOnboarding(ctx) })  // callback listeners, passcodes, delivered keys
	err := group.Wait()
	e.emit(Event{Kind: EventStopping})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
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
		errs = append(errs, e.locks[i].release())
	}
	e.locks = nil
	return errors.Join(errs...)
}

// Events streams what changes until ctx ends. See Event.
func (e *Engine) Events(ctx context.Context) (<-chan Event, error) { return e.hub.listen(ctx), nil }

// emit tells every listener; it never blocks and may be called from anywhere.
func (e *Engine) emit(ev Event) { e.hub.emit(ev) }
