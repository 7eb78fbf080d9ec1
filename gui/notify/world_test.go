package notify

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// world is an engine as a Notifier sees it, and a desk that remembers what it was asked to show.
type world struct {
	events chan watcher.Event
	slow   time.Duration // how long the desk takes for a pop-up

	mu        sync.Mutex
	overview  watcher.Overview
	settings  watcher.Settings
	transfers map[string]watcher.Transfer
	lists     []watcher.List
	broken    error
	looks     int
	shown     []told
}

// told is a pop-up and when it was shown, counted from the beginning.
type told struct {
	at time.Duration
	Popup
}

var began time.Time

// inWorld runs a Notifier in a bubble with a clock of its own, for as long as play takes.
func inWorld(t *testing.T, play func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{events: make(chan watcher.Event), transfers: make(map[string]watcher.Transfer)}
		w.settings.Language = "en"
		began = time.Now()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- New(Options{Engine: w, Desk: w, Logger: slog.New(slog.DiscardHandler)}).Run(ctx)
		}()
		synctest.Wait()
		play(t, w)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the notifier ended with %v", err)
		}
	})
}

// becomes puts a transfer into a state and says so.
func (w *world) becomes(id string, s journal.State, change ...func(*watcher.Transfer)) {
	t := watcher.Transfer{
		ID: id, Company: "Acme", Scope: "orders", Name: id + ".json", State: s,
		UpdatedAt: time.Now(), EndedAt: time.Now(),
	}
	for _, c := range change {
		c(&t)
	}
	w.mu.Lock()
	w.transfers[id] = t
	w.mu.Unlock()
	w.events <- watcher.Event{Kind: watcher.EventTransfer, ID: id}
}

// wait lets time pass, which makes everything happen that is due within it.
func (w *world) wait(d time.Duration) {
	time.Sleep(d) // the bubble's time
	synctest.Wait()
}

// popups are what was shown since it was asked last.
func (w *world) popups() []told {
	w.mu.Lock()
	defer w.mu.Unlock()
	shown := w.shown
	w.shown = nil
	return shown
}

func (w *world) change(c func()) {
	w.mu.Lock()
	c()
	w.mu.Unlock()
	w.events <- watcher.Event{Kind: watcher.EventConnection}
}

func (w *world) Events(context.Context) (<-chan watcher.Event, error) { return w.events, nil }

func (w *world) Overview(context.Context) (watcher.Overview, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	return w.overview, w.broken
}

func (w *world) Settings(context.Context) (watcher.Settings, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.settings, w.broken
}

func (w *world) Transfer(_ context.Context, id string) (watcher.Detail, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, ok := w.transfers[id]
	if !ok {
		return watcher.Detail{}, errors.New("no such transfer")
	}
	return watcher.Detail{Transfer: t}, w.broken
}

func (w *world) Transfers(context.Context, watcher.Query) (watcher.Page, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return watcher.Page{Transfers: slices.Collect(maps.Values(w.transfers))}, w.broken
}

func (w *world) Lists(context.Context, string) ([]watcher.List, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lists, w.broken
}

func (w *world) Show(_ context.Context, p Popup) error {
	time.Sleep(w.slow) // the bubble's time
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shown = append(w.shown, told{time.Since(began), p})
	return w.broken
}

func (w *world) Close() error { return nil }

func bodies(shown []told) []string {
	var texts []string
	for _, s := range shown {
		texts = append(texts, s.Body)
	}
	return texts
}

func wantBodies(t *testing.T, w *world, want ...string) {
	t.Helper()
	if got := bodies(w.popups()); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}
