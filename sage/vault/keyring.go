package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/zalando/go-keyring"

	"postroom/sage"
)

// Service is the name under which the keyring shows our items.
const Service = "Postroom"

const (
	keyringTimeout = 20 * time.Second // of a call, unless the options say otherwise
	keyringGrace   = 3                // deadlines after which a call that hangs no longer holds up the others
	keyringHung    = 8                // calls that may hang at once; then no more are begun
)

// Store is the keyring as a call knows it: the door through which it is reached. Its errors for a missing item
// are keyring.ErrNotFound.
type Store interface {
	Get(service, account string) (string, error)
	Set(service, account, secret string) error
	Delete(service, account string) error
}

// KeyringOptions change how the keyring is used. The zero value is right for the program.
type KeyringOptions struct {
	Service string        // "" is Service
	Timeout time.Duration // deadline of one call; 0 is 20 seconds
	Store   Store         // nil is the operating system's keyring
}

// Keyring is the vault in the operating system's keyring.
//
// One call is under way at a time, so that a locked keyring asks its owner once. A call that passes its deadline
// is abandoned with ErrTimeout: it may still end later, when the owner answers, and what it wrote by then is put
// right if something newer was stored meanwhile.
func Keyring(opts KeyringOptions) Vault { return newRing(opts) }

// Probe asks whether there is a keyring to use. The error is ErrNoKeyring (no session bus, no service on it),
// ErrLocked, or ErrTimeout (it waits for its owner, most likely).
func Probe(ctx context.Context) error { return newRing(KeyringOptions{}).probe(ctx) }

func newRing(opts KeyringOptions) *ring {
	r := &ring{
		service: opts.Service, timeout: opts.Timeout, store: opts.Store,
		turn: make(chan struct{}, 1), hung: make(chan struct{}, keyringHung),
		latest: map[string]write{},
	}
	if r.service == "" {
		r.service = Service
	}
	if r.timeout <= 0 {
		r.timeout = keyringTimeout
	}
	if r.store == nil {
		r.store = system{}
	}
	return r
}

type ring struct {
	service string
	timeout time.Duration
	store   Store
	turn    chan struct{} // holds a token while a call is under way
	hung    chan struct{} // holds a token per call that was begun and has not ended

	mu     sync.Mutex       // guards latest
	latest map[string]write // per account, what was stored last
}

// write is what an account is to hold. An empty value means that it is to be gone.
type write struct {
	sequence int
	value    sage.Secret
}

func (r *ring) Kind() string { return "keyring" }
func (r *ring) Locked() bool { return false }

func (r *ring) probe(ctx context.Context) error {
	_, err := r.get(ctx, "probe")
	if err == nil || errors.Is(err, ErrNotFound) {
		return nil
	}
	return fmt.Errorf("vault: looking for the keyring: %w", err)
}

func (r *ring) Get(ctx context.Context, connection string, item Item) (sage.Secret, error) {
	value, err := r.get(ctx, account(connection, item))
	if err != nil {
		return sage.Secret{}, failed("reading", connection, item, err)
	}
	return value, nil
}

func (r *ring) Set(ctx context.Context, connection string, item Item, value sage.Secret) error {
	if value.IsZero() && item != InitialKey {
		return r.remove(ctx, connection, item)
	}
	if err := storable(connection, value); err != nil {
		return failed("storing", connection, item, err)
	}
	name := account(connection, item)
	old, err := r.get(ctx, name)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return failed("storing", connection, item, discreet(err, value))
	case old.Equal(value):
		return nil // what is not written cannot be spoilt
	case err == nil && item == InitialKey:
		return failed("storing", connection, item, ErrInitialKey)
	}
	err = r.replace(ctx, name, value, old)
	if errors.Is(err, errSpoilt) && item != KeyProof { // a spoilt proof is a doubt, and none at all says that there is none
		err = errors.Join(err, r.put(ctx, name, sage.Secret{}))
	}
	if err != nil {
		return failed("storing", connection, item, err)
	}
	return nil
}

// errSpoilt says that what an account holds is neither the new value nor the old one.
var errSpoilt = errors.New("the old value could not be put back")

// replace stores a value in the place of an old one, which may be zero, and reads it back. Whatever the keyring says, what
// it gives back is what counts; errSpoilt where a value that is neither of both has stayed.
func (r *ring) replace(ctx context.Context, name string, value, old sage.Secret) error {
	err := r.put(ctx, name, value)
	if errors.Is(err, ErrTimeout) || ctx.Err() != nil {
		return err // it does not answer, or nobody waits for it any more
	}
	switch back, readErr := r.get(ctx, name); {
	case readErr != nil && !errors.Is(readErr, ErrNotFound):
		return errors.Join(err, fmt.Errorf("reading back: %w", readErr))
	case back.Equal(value):
		return nil
	case back.Equal(old) && err != nil:
		return err
	case back.Equal(old) || back.IsZero():
		return errors.Join(err, ErrReadBack)
	}
	return errors.Join(err, ErrReadBack, r.restore(ctx, name, old))
}

// discreet is an error without a secret that it repeats.
func discreet(err error, value sage.Secret) error {
	if strings.Contains(err.Error(), value.Reveal()) {
		return errors.New("the keyring refused it")
	}
	return err
}

// restore has the keyring hold the old value again; errSpoilt where it does not come to that.
func (r *ring) restore(ctx context.Context, name string, old sage.Secret) error {
	err := r.put(ctx, name, old)
	if back, readErr := r.get(ctx, name); readErr == nil && back.Equal(old) || errors.Is(readErr, ErrNotFound) {
		return nil
	}
	return errors.Join(err, errSpoilt)
}

func (r *ring) Delete(ctx context.Context, connection string) error {
	for _, item := range Items() {
		if err := r.remove(ctx, connection, item); err != nil {
			return err
		}
	}
	return nil
}

func (r *ring) remove(ctx context.Context, connection string, item Item) error {
	err := r.put(ctx, account(connection, item), sage.Secret{})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return failed("removing", connection, item, err)
	}
	return nil
}

func (r *ring) get(ctx context.Context, name string) (sage.Secret, error) {
	var value string
	err := r.call(ctx, func() (err error) {
		value, err = r.store.Get(r.service, name)
		return err
	})
	if err != nil {
		return sage.Secret{}, err
	}
	return sage.NewSecret(value), nil
}

// put stores a value, or removes the item when it is zero. A call that was abandoned and ends after a newer one
// writes the newer one's value again.
func (r *ring) put(ctx context.Context, name string, value sage.Secret) error {
	r.mu.Lock()
	mine := write{sequence: r.latest[name].sequence + 1, value: value}
	r.latest[name] = mine
	r.mu.Unlock()
	err := r.call(ctx, func() error {
		err := r.write(name, mine.value)
		for done := mine; ; {
			r.mu.Lock()
			newest := r.latest[name]
			r.mu.Unlock()
			if newest.sequence == done.sequence {
				return err
			}
			done = newest
			_ = r.write(name, newest.value)
		}
	})
	switch {
	case err == nil || value.IsZero():
		return err
	case errors.Is(err, ErrNotFound):
		return ErrNoKeyring // there is nothing to put it into
	}
	return discreet(err, value)
}

func (r *ring) write(name string, value sage.Secret) error {
	if value.IsZero() {
		return r.store.Delete(r.service, name)
	}
	return r.store.Set(r.service, name, value.Reveal())
}

// call runs do when its turn comes and abandons it at the deadline. It then keeps its turn for a while: beginning
// another call would only ask the owner of the keyring a second time.
func (r *ring) call(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, r.timeout, ErrTimeout)
	defer cancel()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case r.hung <- struct{}{}:
	default:
		<-r.turn
		return ErrTimeout
	}
	var once sync.Once
	release := func() { once.Do(func() { <-r.turn }) }
	ended := make(chan error, 1)
	go func() {
		grace := time.AfterFunc(keyringGrace*r.timeout, release)
		defer func() {
			grace.Stop()
			release()
			<-r.hung
		}()
		ended <- classify(guarded(do))
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// guarded turns a panic of the keyring's library (it has one when the bus goes away while its owner is asked) into
// an error.
func guarded(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the keyring went away")
		}
	}()
	return do()
}

// classify gives the errors of the library the names callers decide on.
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return ErrTooLong
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return ErrNoKeyring
	}
	return classifySystem(err)
}
