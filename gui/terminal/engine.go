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
	Renewals(ctx context.Context, connection string) ([]watcher.Renewal, error)
	Transfers(ctx context.Context, q watcher.Query) (watcher.Page, error)
	Transfer(ctx context.Context, id string) (watcher.Detail, error)
	Lists(ctx context.Context, company string) ([]watcher.List, error)
	ListChanges(ctx context.Context, id string) ([]watcher.RecordChange, error)
	Outcomes(ctx context.Context, id, text string) ([]watcher.RecordOutcome, error)
	Events(ctx context.Context) (<-chan watcher.Event, error)

	Retry(ctx context.Context, id string) error
	SendAgain(ctx context.Context, id string) error
	Cancel(ctx context.Context, id string) error
	Resolve(ctx context.Context, id string, send bool, scope string) error
	ResolveList(ctx context.Context, id string, gone bool) error
	Hold(ctx context.Context, id string) error
	RetryAll(ctx context.Context, company string) (int, error)
	SendCorrected(ctx context.Context, id string) (watcher.Placed, error)
	Dismiss(ctx context.Context, id string) error
	Place(ctx context.Context, company, scope string, paths []string) ([]watcher.Placed, error)
	CheckNow(ctx context.Context) error
	Pause(ctx context.Context) error
	Resume(ctx context.Context) error
	PauseCompany(ctx context.Context, company string) error
	ResumeCompany(ctx context.Context, company string) error
	Quiet(ctx context.Context, minutes int) error

	Rotate(ctx context.Context, company, domain string) error
	RenewSecret(ctx context.Context, connection string) error
	Disconnect(ctx context.Context, connection string) error
	Forgetting(ctx context.Context, company string) (watcher.Forgetting, error)
	Forget(ctx context.Context, company string, how watcher.ForgetHow) error
	KeepCompany(ctx context.Context, company string) error

	Doctor(ctx context.Context) ([]watcher.Finding, error)
	Support(ctx context.Context, names bool) (watcher.Support, error)

	Settings(ctx context.Context) (watcher.Settings, error)
	SaveSettings(ctx context.Context, s watcher.Settings) error

	Drafts(ctx context.Context) ([]watcher.Draft, error)
	Draft(ctx context.Context, id string) (watcher.Draft, error)
	NewDraft(ctx context.Context, in watcher.DraftInput) (watcher.Draft, error)
	Reconnect(ctx context.Context, connection string) (watcher.Draft, error)
	UpdateDraft(ctx context.Context, id string, step watcher.DraftStep, in watcher.DraftInput) (watcher.Draft, error)
	Register(ctx context.Context, id string) (watcher.Draft, error)
	SetIDs(ctx context.Context, id, developerID, applicationID string) (watcher.Draft, error)
	RequestPasscode(ctx context.Context, id string) (watcher.Draft, error)
	PasteKey(ctx context.Context, id, key string) (watcher.Draft, error)
	Test(ctx context.Context, id string) (watcher.Draft, error)
	DropDraft(ctx context.Context, id string) error
	Practice(ctx context.Context) (watcher.Draft, error)

	StatusPage(ctx context.Context) (watcher.StatusPage, error)
	UnlockVault(ctx context.Context, passphrase string) error
	Stop(ctx context.Context) error
	AgentVersion() string
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
		Home: c.home, Version: c.parts.Version, Profile: c.profile, Logger: c.log, LogLines: loggedLines(c.home),
	})
	if err != nil {
		return nil, err
	}
	return &reached{engine: own, own: own, log: c.log}, nil
}

// reachOpen is reach, with the vault opened by the passphrase that was handed over, if one was.
func (c *console) reachOpen(ctx context.Context, from *passphraseSource) (*reached, error) {
	e, err := c.reach(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := from.handOver(ctx, e); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// agent tells whether the agent answers. Without one, the command's own engine reads the same home and carries nothing.
func (r *reached) agent() bool { return r.own == nil }

// close lets go of the command's own engine. What it had to do is done by then, so that a failure is only logged.
func (r *reached) close() {
	if r.own == nil {
		return
	}
	if err := r.own.Close(); err != nil {
		r.log.Warn("the engine was not closed cleanly", slog.Any("error", err))
	}
}
