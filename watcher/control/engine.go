package control

import (
	"context"

	"postroom/watcher"
)

// Engine is what Serve makes reachable, and what a Client is to its user. The window and the commands state the calls that
// they make as interfaces of their own; a test holds them together.
type Engine interface {
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
	AddFiles(ctx context.Context, company, scope string, paths []string) error
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

	UnlockVault(ctx context.Context, passphrase string) error
	StatusPage(ctx context.Context) (watcher.StatusPage, error)
	Raise(ctx context.Context, paths []string) error
	Show(ctx context.Context, what watcher.Target) error
	FirstFrame(ctx context.Context) error
	Stop(ctx context.Context) error
	AgentVersion() string
}
