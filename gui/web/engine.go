package web

import (
	"context"

	"postroom/watcher"
	"postroom/watcher/control"
)

// Engine is what the pages ask. *watcher.Engine and *control.Client satisfy it.
type Engine interface {
	Overview(ctx context.Context) (watcher.Overview, error)
	Transfers(ctx context.Context, q watcher.Query) (watcher.Page, error)
	Transfer(ctx context.Context, id string) (watcher.Detail, error)
	Outcomes(ctx context.Context, id, text string) ([]watcher.RecordOutcome, error)
	Lists(ctx context.Context, company string) ([]watcher.List, error)
	ListChanges(ctx context.Context, id string) ([]watcher.RecordChange, error)
	Events(ctx context.Context) (<-chan watcher.Event, error)
	Settings(ctx context.Context) (watcher.Settings, error)

	Retry(ctx context.Context, id string) error
	Cancel(ctx context.Context, id string) error
	Resolve(ctx context.Context, id string, send bool, scope string) error
	Dismiss(ctx context.Context, id string) error
	Hold(ctx context.Context, id string) error
	SendCorrected(ctx context.Context, id string) (watcher.Placed, error)
	ResolveList(ctx context.Context, id string, gone bool) error
	CheckNow(ctx context.Context) error
	Pause(ctx context.Context) error
	Resume(ctx context.Context) error
	PauseCompany(ctx context.Context, company string) error
	ResumeCompany(ctx context.Context, company string) error
}

var (
	_ Engine = (*watcher.Engine)(nil)
	_ Engine = (*control.Client)(nil)
)
