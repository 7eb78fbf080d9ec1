package sage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// KeySet is everything a connection needs to stay connected.
type KeySet struct {
	Initial Secret // the first key, needed for every rotation, kept for ever
	Current Secret // the key that calls carry
	// Previous is the key before. Equal to Current it says that a rotation was begun whose answer is not stored (yet):
	// the platform may have replaced the key.
	Previous Secret
	Secret   Secret // chosen with the passcode
	Pending  Secret // a new secret that the platform may have taken; zero for none
	// Unproven says that Current is not what was last to be stored: a store spoilt it, the process ended before it was
	// written, or a rotation was begun. It may be good all the same, so that it is no reason to replace it before the platform refuses it.
	Unproven bool
}

// inUse is the key that calls carry.
func (s KeySet) inUse() Secret {
	if s.Current.IsZero() {
		return s.Initial
	}
	return s.Current
}

// unsure tells that the platform may have replaced the key without our having the new one.
func (s KeySet) unsure() bool {
	return s.Unproven || s.Current.IsZero() || s.Current.Equal(s.Previous)
}

// KeyStore keeps a connection's keys durably. Each call returns after its effect is durable. No method changes the
// initial key.
type KeyStore interface {
	Load(ctx context.Context) (KeySet, error)
	// SaveCurrent stores previous, then current. A zero previous removes it. From before current is written until it is
	// there whole, Load says Unproven, and may say so for as long as current and previous are the same.
	SaveCurrent(ctx context.Context, current, previous Secret) error
	// SaveSecret stores pending, then secret; a zero pending is removed after secret is stored.
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
	KeyAdopted       KeyEventKind = "adopted"       // another process had seen to a new key
	KeyRotateFailed  KeyEventKind = "rotateFailed"  // Err says why
	KeySecretRenewed KeyEventKind = "secretRenewed" // the new secret is in force
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

	mu        sync.Mutex // guards what follows, and is never held over a call to the platform, the store or the lock
	set       KeySet
	shared    []concealed // what set holds, and held before, to be struck out of texts
	loaded    bool
	flight    *flight   // the replacement under way, nil for none
	shaken    bool      // a key could not be stored, so that what is stored may be neither the old one nor the new one
	asked     *Error    // the last rotation's, where the platform asked not to be called again before patience ends
	patience  time.Time // package time
	rotatedAt time.Time
	expires   time.Time
}

// NewKeys makes the keys of one connection. There must be one Keys per connection and process.
func NewKeys(client *Client, store KeyStore, opts KeysOptions) *Keys {
	return &Keys{client: client, store: store, opts: opts, expires: opts.Expires}
}

// Rotate replaces the key now, with one PATCH. If a rotation is under way, in this process or another, its key is
// new enough.
func (k *Keys) Rotate(ctx context.Context) error {
	used, err := k.held(ctx)
	if err != nil {
		return err
	}
	_, err = k.replace(ctx, asked, used)
	return err
}

// RenewSecret replaces the secret by a new one of our own making, which also unlocks a key that is locked for a time.
// After a failure the same call takes it up where it stands.
func (k *Keys) RenewSecret(ctx context.Context) error {
	_, err := k.replace(ctx, renewing, Secret{})
	return err
}

// Forget drops what is cached, so that the next call reads the store: after a reconnection.
func (k *Keys) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set, k.loaded, k.expires = KeySet{}, false, time.Time{}
}

// State tells what is known.
func (k *Keys) State() KeysState {
	k.mu.Lock()
	defer k.mu.Unlock()
	return KeysState{RotatedAt: k.rotatedAt, Expires: k.expires, Unsure: k.loaded && k.set.unsure(), Pending: !k.set.Pending.IsZero()}
}

// held is the key in use, read from the store the first time.
func (k *Keys) held(ctx context.Context) (Secret, error) {
	k.mu.Lock()
	set, loaded := k.set, k.loaded
	k.mu.Unlock()
	if !loaded {
		read, err := k.load(ctx)
		if err != nil {
			return Secret{}, err
		}
		k.mu.Lock()
		if !k.loaded { // else a replacement was quicker, and knows better
			k.set, k.loaded = read, true
		}
		set = k.set
		k.mu.Unlock()
	}
	if set.inUse().IsZero() {
		return Secret{}, fmt.Errorf("%w: it has no key", ErrKeyStore)
	}
	return set.inUse(), nil
}

// current is the key that a call is to carry. Where the profile rotates ahead of a known end, it sees to that; a
// failure of it does not matter yet, and is not repeated.
func (k *Keys) current(ctx context.Context) (Secret, error) {
	key, err := k.held(ctx)
	ahead := k.client.profile.RotateAhead
	if err != nil || ahead == 0 {
		return key, err
	}
	k.mu.Lock()
	due := !k.expires.IsZero() && !k.client.now().Add(ahead).Before(k.expires)
	k.mu.Unlock()
	if !due {
		return key, nil
	}
	if _, err := k.replace(ctx, asked, key); err != nil {
		k.ends(time.Time{})
	}
	return k.held(ctx)
}

// answer deals with an authorised call's failure and tells whether to make it again, with another key. [D] 3
//
// Expired, or a 401 without a readable code: a rotation. Not valid or revoked: no rotation, but another process may
// have replaced the key meanwhile; and where our own last rotation's answer was lost, or the store spoilt the key that it
// brought, the platform may well call what is stored so, which a rotation mends.
func (k *Keys) answer(ctx context.Context, used Secret, failure error) (again bool, err error) {
	switch {
	case expired(failure):
		return k.replace(ctx, required, used)
	case unknown(failure):
		return k.replace(ctx, doubted, used)
	}
	return false, nil
}

// unknown tells a refusal of a key that the platform does not know, or not any more.
func unknown(err error) bool { return errors.Is(err, ErrKeyInvalid) || errors.Is(err, ErrKeyRevoked) }

// reason is why a key or secret is replaced.
type reason int

const (
	required reason = iota // the platform says that the key expired
	doubted                // the platform does not know the key
	asked                  // a person or the profile wants a new one
	renewing               // a new secret, not a key
)

// flight is a replacement under way. Its fields but done are written before done is closed.
type flight struct {
	reason    reason
	done      chan struct{}
	again     bool
	err       error
	abandoned bool // whoever led it was called off
}

// replace sees to it that the key in use is no longer used (or the secret is renewed). Whoever comes first does it,
// in its own context; the others wait for its outcome.
func (k *Keys) replace(ctx context.Context, why reason, used Secret) (again bool, err error) {
	for {
		k.mu.Lock()
		if why != renewing && k.loaded && !k.set.inUse().Equal(used) {
			k.mu.Unlock()
			return true, nil
		}
		other := k.flight
		if other == nil {
			own := &flight{reason: why, done: make(chan struct{})}
			k.flight = own
			k.mu.Unlock()
			k.lead(ctx, own, used)
			return own.again, own.err
		}
		k.mu.Unlock()
		select {
		case <-other.done:
		case <-ctx.Done():
			return false, fmt.Errorf("waiting for a new key: %w", ctx.Err())
		}
		if other.reason == why && !other.abandoned {
			return other.again, other.err
		}
	}
}

// putOff notes for how long the platform does not want to be asked for a key.
func (k *Keys) putOff(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = nil
	if e, is := errors.AsType[*Error](err); is && e.RetryAfter > 0 {
		k.asked, k.patience = e, time.Now().Add(e.RetryAfter)
	}
}

// early is the error of a rotation that the platform does not want to be asked for yet, nil when it may be. A call that
// began before it said so, and needs a new key only now, gets no other word than the one before it.
func (k *Keys) early() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	left := time.Until(k.patience)
	if k.asked == nil || left <= 0 {
		return nil
	}
	again := *k.asked
	again.RetryAfter = left
	return &again
}

func (k *Keys) lead(ctx context.Context, f *flight, used Secret) {
	defer func() {
		k.mu.Lock()
		k.flight = nil
		k.mu.Unlock()
		close(f.done)
	}()
	if f.reason == renewing {
		f.err = k.renew(ctx)
	} else {
		f.again, f.err = k.rotate(ctx, f.reason, used)
		k.putOff(f.err)
	}
	f.abandoned = ctx.Err() != nil
}
