package sage

import (
	"context"
	"errors"
	"time"
)

// KeySet is everything a connection needs to stay connected.
type KeySet struct {
	Initial  Secret // the first key, needed for every rotation, kept for ever
	Current  Secret // the key that calls carry
	Previous Secret // the one before; equal to Current while a rotation is under way whose answer is not stored yet
	Secret   Secret // chosen with the passcode
	Pending  Secret // a new secret whose acceptance the platform has not confirmed (yet); zero for none
}

// KeyStore keeps a connection's keys durably. Each call returns after its effect is durable. No method changes the
// initial key.
type KeyStore interface {
	Load(ctx context.Context) (KeySet, error)
	// SaveCurrent stores previous, then current.
	SaveCurrent(ctx context.Context, current, previous Secret) error
	// SaveSecret stores pending, then secret; a zero pending removes it after secret is stored.
	SaveSecret(ctx context.Context, secret, pending Secret) error
}

// KeysOptions are what Keys needs from outside.
type KeysOptions struct {
	// Lock is held across processes while a key or secret is replaced; nil: no other process exists.
	Lock func(ctx context.Context) (unlock func(), err error)
	// OnChange hears of what happened to the key, after it is stored. It must not block.
	OnChange func(KeyEvent)
	// Expires is when the current key ends, if the consent told. Used where the profile rotates ahead.
	Expires time.Time
}

// KeyEventKind is what happened to a key.
type KeyEventKind string

// The kinds of key events.
const (
	KeyRotated       KeyEventKind = "rotated"       // we have a new key
	KeyAdopted       KeyEventKind = "adopted"       // another process had rotated already
	KeyRotateFailed  KeyEventKind = "rotateFailed"  // Err says why
	KeySecretRenewed KeyEventKind = "secretRenewed" // the new secret is confirmed
	KeyRenewFailed   KeyEventKind = "renewFailed"   // Err says why
)

// KeyEvent is something that happened to a connection's key or secret.
type KeyEvent struct {
	Kind KeyEventKind
	At   time.Time
	Err  error
}

// KeysState is what is known of a connection's key in this process.
type KeysState struct {
	RotatedAt time.Time // zero: not by this process
	Expires   time.Time // zero: not known
	Unsure    bool      // a rotation's answer may have been lost
	Pending   bool      // a renewal of the secret is not confirmed
}

// Keys holds one connection's keys and replaces them: one rotation at a time however many calls need it, also across
// processes; the new key is stored before it is used; a lost answer or a crash at any point leaves a way to a key.
type Keys struct {
	client *Client
	store  KeyStore
	opts   KeysOptions
}

// NewKeys makes the keys of one connection. There must be one Keys per connection and process.
func NewKeys(client *Client, store KeyStore, opts KeysOptions) *Keys {
	return &Keys{client: client, store: store, opts: opts}
}

// Rotate replaces the key now, with one PATCH. If a rotation is under way, in this process or another, its key is
// new enough.
func (k *Keys) Rotate(ctx context.Context) error { return errors.ErrUnsupported }

// RenewSecret replaces the secret by a new one of our own making, which also unlocks a key locked for a time.
func (k *Keys) RenewSecret(ctx context.Context) error { return errors.ErrUnsupported }

// Forget drops what is cached, so that the next call reads the store: after a reconnection.
func (k *Keys) Forget() {}

// State tells what is known.
func (k *Keys) State() KeysState { return KeysState{} }
