package gui

import (
	"context"

	"postroom/watcher"
)

// Engine is what the window, the tray and the commands may ask of the engine. Both *watcher.Engine (in the same
// process) and *control.Client (over the agent's socket) satisfy it. Nothing here hands out a key or a secret.
//
// Every call may take as long as a slow disk, keyring or network does: never call one on the UI thread.
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
	Resolve(ctx context.Context, id string, send bool, scope string) error // scope only for a file whose scope is not clear
	ResolveList(ctx context.Context, id string, gone bool) error
	Hold(ctx context.Context, id string) error
	RetryAll(ctx context.Context, company string) (int, error)
	SendCorrected(ctx context.Context, id string) (watcher.Placed, error)
	Dismiss(ctx context.Context, id string) error
	AddFiles(ctx context.Context, company, scope string, paths []string) error
	CheckNow(ctx context.Context) error
	Pause(ctx context.Context) error
	Resume(ctx context.Context) error
	PauseCompany(ctx context.Context, company string) error
	ResumeCompany(ctx context.Context, company string) error
	Quiet(ctx context.Context, minutes int) error

	Rotate(ctx context.Context, company, domain string) error // domain "" means every connection of the company
	RenewSecret(ctx context.Context, connection string) error
	Disconnect(ctx context.Context, connection string) error
	Forgetting(ctx context.Context, company string) (watcher.Forgetting, error) // what it would keep and delete
	Forget(ctx context.Context, company string, how watcher.ForgetHow) error
	KeepCompany(ctx context.Context, company string) error // while it waits to be forgotten

	Support(ctx context.Context, names bool) (watcher.Support, error) // for a bundle; may take minutes

	Settings(ctx context.Context) (watcher.Settings, error)
	SaveSettings(ctx context.Context, s watcher.Settings) error

	Drafts(ctx context.Context) ([]watcher.Draft, error)
	Draft(ctx context.Context, id string) (watcher.Draft, error)
	NewDraft(ctx context.Context, in watcher.DraftInput) (watcher.Draft, error)
	Reconnect(ctx context.Context, connection string) (watcher.Draft, error) // a draft at the passcode step
	UpdateDraft(ctx context.Context, id string, step watcher.DraftStep, in watcher.DraftInput) (watcher.Draft, error)
	Register(ctx context.Context, id string) (watcher.Draft, error) // developer, or a further application where the developer ID is known
	SetIDs(ctx context.Context, id, developerID, applicationID string) (watcher.Draft, error)
	RequestPasscode(ctx context.Context, id string) (watcher.Draft, error)
	PasteKey(ctx context.Context, id, key string) (watcher.Draft, error)
	Test(ctx context.Context, id string) (watcher.Draft, error) // real calls, then the connection exists
	DropDraft(ctx context.Context, id string) error
	Practice(ctx context.Context) (watcher.Draft, error) // a practice company, connected at once

	UnlockVault(ctx context.Context, passphrase string) error // opens the encrypted vault file, or makes it
	Raise(ctx context.Context, paths []string) error          // bring the window to the front, with files handed to it
	Show(ctx context.Context, what watcher.Target) error      // the same, with a place in it
	FirstFrame(ctx context.Context) error                     // the window reports that a person can see it
	Stop(ctx context.Context) error                           // ends the agent; files wait

	// AgentVersion is the version of the engine that answered last, "" while none has. It asks nobody.
	AgentVersion() string
}
