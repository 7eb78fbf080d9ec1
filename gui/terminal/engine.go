package terminal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"postroom/watcher"
	"postroom/watcher/control"
)

// engine is what the commands ask. *watcher.Engine and *control.Client satisfy it.
type engine interface {
	Overview(ctx context.Context) (watcher.Overview, error)
	Connections(ctx context.Context) ([]watcher.Connection, error)
	Transfers(ctx context.Context, q watcher.Query) (watcher.Page, error)
	Lists(ctx context.Context, company string) ([]watcher.List, error)
	Events(ctx context.Context) (<-chan watcher.Event, error)

	Resolve(ctx context.Context, id string, send bool, scope string) error
	Rotate(ctx context.Context, company, domain string) error

	Drafts(ctx context.Context) ([]watcher.Draft, error)
	Draft(ctx context.Context, id string) (watcher.Draft, error)
	NewDraft(ctx context.Context, in watcher.DraftInput) (watcher.Draft, error)
	UpdateDraft(ctx context.Context, id string, step watcher.DraftStep, in watcher.DraftInput) (watcher.Draft, error)
	Register(ctx context.Context, id string) (watcher.Draft, error)
	SetIDs(ctx context.Context, id, developerID, applicationID string) (watcher.Draft, error)
	RequestPasscode(ctx context.Context, id string) (watcher.Draft, error)
	PasteKey(ctx context.Context, id, key string) (watcher.Draft, error)
	Test(ctx context.Context, id string) (watcher.Draft, error)
	DropDraft(ctx context.Context, id string) error

	UnlockVault(ctx context.Context, passphrase string) error
}

var (
	_ engine = (*watcher.Engine)(nil)
	_ engine = (*control.Client)(nil)
)

// reached is the engine that a command speaks to.
type reached struct {
	engine
	own *watcher.Engine // the command's own, nil when the agent answers
	log *slog.Logger
}

// reach finds the agent, or opens an engine for this command where none runs.
func (c *console) reach(ctx context.Context) (*reached, error) {
	client, err := control.Dial(c.home) //nolint:contextcheck // it bounds itself
	if err == nil {
		return &reached{engine: client, log: c.log}, nil
	}
	if !errors.Is(err, control.ErrNoAgent) {
		return nil, fmt.Errorf("reaching the agent: %w", err)
	}
	own, err := watcher.Open(ctx, watcher.Options{
		Home: c.home, Version: c.parts.Version, Profile: c.profile, Logger: c.log,
	})
	if err != nil {
		return nil, err
	}
	return &reached{engine: own, own: own, log: c.log}, nil
}

// close lets go of the command's own engine. What it had to do is done by then, so that a failure is only logged.
func (r *reached) close() {
	if r.own == nil {
		return
	}
	if err := r.own.Close(); err != nil {
		r.log.Warn("the engine was not closed cleanly", slog.Any("error", err))
	}
}
