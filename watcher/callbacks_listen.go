package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"postroom/sage"
	"postroom/sage/callback"
)

const (
	bindEvery   = time.Second     // how often an address that another process holds is tried again
	callTimeout = 2 * time.Minute // for the whole of a call; storing a key in a keyring may take a while
	hangUp      = 2 * time.Second // for calls under way when the listener ends
)

// keepListening serves the addresses it is told of, and stops at those it is told no longer.
func (e *Engine) keepListening(ctx context.Context, addresses <-chan []string) error {
	// A key that is being stored when the engine stops gets as long as its listener to end.
	calls := &answering{}
	background, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer calls.under.Wait()
	defer cut()
	e.onboarding.callbacks.CompareAndSwap(nil, &callbackBook{}) // until keepDrafts has read the true one
	var err error
	if calls.handler, err = e.callbackHandler(background); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		serving := map[string]context.CancelFunc{}
		defer func() {
			for _, stop := range serving {
				stop()
			}
		}()
		for {
			var wanted []string
			select {
			case <-ctx.Done():
				return ctx.Err()
			case wanted = <-addresses:
			}
			for address, stop := range serving {
				if !slices.Contains(wanted, address) {
					stop()
					delete(serving, address)
				}
			}
			for _, address := range wanted {
				if serving[address] != nil {
					continue
				}
				one, stop := context.WithCancel(ctx)
				serving[address] = stop
				group.Go(func() error {
					e.listenAt(one, address, calls)
					return nil
				})
			}
		}
	})
	return group.Wait()
}

// answering is a handler whose calls can be waited for, also those that their server has given up.
type answering struct {
	handler http.Handler
	under   sync.WaitGroup
}

// ServeHTTP answers a call.
func (a *answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.under.Add(1)
	defer a.under.Done()
	a.handler.ServeHTTP(w, r)
}

// callbackHandler answers the platform's calls on every address: each serves every token of the home. What a call
// sets going lives in ctx, not in the call.
func (e *Engine) callbackHandler(ctx context.Context) (http.Handler, error) {
	return callback.New(callback.Options{
		Tokens: func(token string) (callback.Registration, bool) {
			return callback.Match(e.onboarding.callbacks.Load().tokens, token)
		},
		Paths: func(path string) (callback.Registration, bool) {
			registration, ok := e.onboarding.callbacks.Load().paths[path]
			return registration, ok
		},
		Callbacks: e.callbacksFor,
		OnApproval: func(_ context.Context, at callback.Registration, approval callback.Approval) error {
			return e.approved(ctx, at, approval)
		},
		OnNotification: func(_ context.Context, at callback.Registration, hint callback.Notification) {
			e.notified(at, hint)
		},
		Now: e.options.Now,
	})
}

// callbacksFor gives the platform's calls as they are described by the profiles of whom an address may belong to: the
// drafts that may be waiting there, then the connections of its application. The built-in profile's names are read
// anyway.
func (e *Engine) callbacksFor(at callback.Registration) ([]sage.Callbacks, error) {
	book := e.onboarding.callbacks.Load()
	reached := book.reachedBy(at)
	var paths []string
	drafts, draftsErr := e.readDrafts()
	for i := range drafts {
		if belongs(reached, book.Registrations, &drafts[i]) != never {
			paths = append(paths, drafts[i].Input.ProfilePath)
		}
	}
	accounts, accountsErr := e.readAccounts()
	for _, account := range accounts {
		for _, entry := range reached {
			if entry.Mark != "" && entry.Mark == account.ApplicationMark {
				paths = append(paths, account.Profile)
			}
		}
	}
	errs := []error{draftsErr, accountsErr}
	var found []sage.Callbacks
	for i, path := range paths {
		if path == "" || slices.Contains(paths[:i], path) {
			continue
		}
		profile, err := e.profile(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		found = append(found, profile.Callbacks)
	}
	err := errors.Join(errs...)
	e.complain("the names in the platform's calls", err)
	return found, err
}

// listenAt binds an address and serves it until ctx ends, trying again while another process has it: a command may
// be waiting for a key there, and an agent takes over when it is done.
func (e *Engine) listenAt(ctx context.Context, address string, handler http.Handler) {
	defer e.noteBinding(address, nil)
	for {
		listener, err := e.bindAddress(ctx, address)
		if ctx.Err() == nil {
			e.noteBinding(address, err)
		}
		if err == nil {
			err = e.serveAt(ctx, listener, handler)
			if err != nil {
				e.log.Warn("listening for the platform ended", "address", address, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(bindEvery):
		}
	}
}

func (e *Engine) bindAddress(ctx context.Context, address string) (net.Listener, error) {
	if e.options.Listen != nil {
		return e.options.Listen(ctx, address)
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", address)
}

// noteBinding remembers why an address is not served, for the drafts that wait there.
func (e *Engine) noteBinding(address string, err error) {
	e.onboarding.mu.Lock()
	_, was := e.onboarding.binding[address]
	if err == nil {
		delete(e.onboarding.binding, address)
	} else {
		e.onboarding.binding[address] = newProblem("listenBusy", "address", address)
	}
	e.onboarding.mu.Unlock()
	if was == (err != nil) {
		return
	}
	if err != nil {
		e.log.Warn("the address for the platform's calls cannot be bound yet", "address", address, "error", err)
	} else {
		e.log.Info("listening for the platform's calls", "address", address)
	}
	e.emit(Event{Kind: EventDraft})
}

// serveAt serves until ctx ends; it returns when nothing of it is left.
func (e *Engine) serveAt(ctx context.Context, listener net.Listener, handler http.Handler) error {
	under := &callsUnderWay{calls: map[net.Conn]bool{}, none: make(chan struct{})}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      callTimeout,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ConnState:         under.note,
		ErrorLog:          slog.NewLogLogger(e.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	server.SetKeepAlivesEnabled(false)
	_ = listener.Close()
	e.log.Debug("listening for the platform ends", "address", listener.Addr().String(), "error", <-ended)
	last := time.NewTimer(hangUp)
	defer last.Stop()
	select {
	case <-under.over():
	case <-last.C:
	}
	if err := server.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serving %s: %w", listener.Addr(), err)
	}
	return nil
}

// callsUnderWay knows the connections of a server on which a call is being answered. It waits for them as
// http.Server.Shutdown does, but for what happens and not for a while that is left to chance.
type callsUnderWay struct {
	mu     sync.Mutex // guards what follows
	calls  map[net.Conn]bool
	ending bool
	none   chan struct{} // closed when the server ends and there is none
}

// note is the server's ConnState.
func (u *callsUnderWay) note(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	was := len(u.calls)
	if state == http.StateActive {
		u.calls[c] = true
	} else {
		delete(u.calls, c)
	}
	if u.ending && was == 1 && len(u.calls) == 0 {
		close(u.none)
		u.ending = false // nobody waits any more
	}
}

// over begins the end of the server; what it gives is closed once no call is under way.
func (u *callsUnderWay) over() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.calls) == 0 {
		close(u.none)
	} else {
		u.ending = true
	}
	return u.none
}
