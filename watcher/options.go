package watcher

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"postroom/sage/vault"
	"postroom/watcher/disk"
	"postroom/watcher/outbox"
)

// Options are the doors an engine is opened with. Everything it does to the world goes through one of them, so a
// simulation that owns them owns the engine's whole world. A nil door is the real one.
type Options struct {
	Home    string // the state directory; required
	Agent   bool   // carries files: takes the home's lock and runs lanes. Without it only queries and short commands work
	Version string // shown in Overview

	FS        disk.FS                                    // files and folders
	Events    outbox.Events                              // hints that a folder changed; nil: the system's
	Pace      outbox.Pace                                // how patient Outboxes are looked at; zero: the product's own
	Vault     vault.Vault                                // keys and secrets; nil: the keyring, or the encrypted file where there is none
	Transport http.RoundTripper                          // the network; nil: sage's own transport
	Journal   func(ctx context.Context) (Journal, error) // the durable record; nil: journal.db in the home
	Locks     Locker                                     // of the home and of Outboxes; nil: FileLocks
	Now       func() time.Time                           // wall time; durations are package time's
	Random    func() float64                             // jitter, in [0, 1)
	Logger    *slog.Logger                               // nil: discards
	Trash     func(name string) error                    // moves a file to the trash; nil: disk.Trash
	LogLines  func(most int) ([]string, error)           // the last lines of the log, the oldest first, for Support; nil: none
	// Unique gives random bytes for the ID of what; nil: the system's. A simulation makes them of what they are for, so
	// that two that are drawn at the same time cannot be swapped.
	Unique func(what string) [16]byte
	// Tick is how soon what another process of this home did is seen at the latest; zero: 2 s.
	Tick time.Duration
	// Exclude waits until no other process of this home holds the name; nil: lock files in the home's locks/.
	Exclude func(ctx context.Context, name string) (release func() error, err error)
	// Listen binds the address at which the platform delivers keys and notifications; nil: TCP.
	Listen   func(ctx context.Context, address string) (net.Listener, error)
	Practice func(ctx context.Context) (Practised, error) // starts the sandbox for a practice company; nil: there is none
	// StatusPage opens the status page for a browser; nil: there is none.
	StatusPage func(ctx context.Context) (StatusPage, error)

	Profile string // path of a profile that overrides the built-in one for new drafts, "" none
}

// Practised is where a practice company's platform listens, and how its person's part is done.
type Practised struct {
	Platform string // base URL
	Profile  string // path of its profile, "" the built-in one
	// Consent plays the person in "Sage 50" who enters the passcode and grants it. It returns the key.
	Consent func(ctx context.Context, passcode, company string) (key string, err error)
	// IDs plays the captcha and the e-mail.
	IDs func(ctx context.Context, registrationURL string) (developerID, applicationID string, err error)
}

// fill puts the real door where none is given.
func (o Options) fill() Options {
	if o.FS == nil {
		o.FS = disk.OS()
	}
	if o.Trash == nil {
		o.Trash = disk.Trash
	}
	if o.Locks == nil {
		o.Locks = FileLocks{Remote: o.FS.Remote}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Tick == 0 {
		o.Tick = tickEvery
	}
	if o.Unique == nil {
		o.Unique = unique
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
