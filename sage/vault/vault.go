package vault

import (
	"context"
	"errors"

	"postroom/sage"
)

// Item names one of the things kept per connection. Its text is part of the name in the keyring.
type Item string

// The items.
const (
	DeveloperID   Item = "developer-id"
	ApplicationID Item = "application-id"
	Secret        Item = "secret"         // chosen by us with the passcode, needed for every rotation
	PendingSecret Item = "pending-secret" // of a renewal whose answer is not known yet
	InitialKey    Item = "initial-key"    // never overwritten
	CurrentKey    Item = "current-key"
	PreviousKey   Item = "previous-key"
	KeyProof      Item = "key-proof"     // tells a current key that was stored whole from one that was not; see Keys
	CandidateKey  Item = "candidate-key" // delivered, not yet tried
)

// Items lists all items.
func Items() []Item {
	return []Item{
		DeveloperID, ApplicationID, Secret, PendingSecret,
		InitialKey, CurrentKey, PreviousKey, KeyProof, CandidateKey,
	}
}

// The errors a caller decides on. None of them, nor any error of this package, holds a secret.
var (
	ErrNotFound   = errors.New("there is no such item in the vault")
	ErrNoKeyring  = errors.New("this computer offers no keyring")
	ErrLocked     = errors.New("the vault is locked")
	ErrTimeout    = errors.New("the keyring does not answer")
	ErrTooLong    = errors.New("longer than the 2,560 bytes that every keyring takes")
	ErrReadBack   = errors.New("the keyring gives back something else than was put in")
	ErrInitialKey = errors.New("the initial key is there already and is never overwritten")
	ErrPassphrase = errors.New("the passphrase is not the right one")
	ErrDamaged    = errors.New("the vault file is damaged")
)

// MaxSecret is the longest secret that can be kept, in bytes: Windows' limit, held everywhere so that a vault can
// move.
const MaxSecret = 2560

// Vault keeps secrets. All calls are safe for use by several goroutines, and may take as long as a deadline of
// their own allows: never call one on a user interface's thread.
type Vault interface {
	// Get returns an item; an error that is ErrNotFound when it is not there.
	Get(ctx context.Context, connection string, item Item) (sage.Secret, error)
	// Set stores an item and reads it back; a zero value removes it. Setting an initial key that is there with
	// another value is ErrInitialKey, and it goes with Delete alone.
	Set(ctx context.Context, connection string, item Item, value sage.Secret) error
	// Delete removes all items of a connection. That there are none is no error.
	Delete(ctx context.Context, connection string) error
	// Kind is "keyring", "file" or "memory".
	Kind() string
	// Locked reports whether a passphrase is needed first. It does not ask a keyring, which unlocks by itself.
	Locked() bool
}
