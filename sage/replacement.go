package sage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// grace is how long a new key or secret may still be stored after its call was called off. It is in force on the
// platform already.
const grace = 3 * time.Second

// rotate replaces the key under the lock, unless another process has done so.
func (k *Keys) rotate(ctx context.Context, why reason, used Secret) (again bool, err error) {
	unlock, err := k.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	set, err := k.load(ctx)
	if err != nil {
		return false, err
	}
	if !set.inUse().Equal(used) && !set.Unproven && !k.unstored() {
		k.adopt(set)
		k.ends(time.Time{}) // the other process knows
		k.tell(KeyAdopted, nil)
		return true, nil
	}
	if why == doubted && !set.unsure() && !k.unstored() {
		return false, nil
	}
	if why != asked {
		if err := k.early(); err != nil {
			return false, err
		}
	}
	if err := k.newKey(ctx, &set); err != nil {
		k.tell(KeyRotateFailed, err)
		return false, err
	}
	k.tell(KeyRotated, nil)
	return true, nil
}

// newKey gets a new key with the secret in force, or with the one that may be after a renewal whose answer was lost.
func (k *Keys) newKey(ctx context.Context, set *KeySet) error {
	err := k.patch(ctx, set, set.Secret)
	if err == nil || set.Pending.IsZero() || !wrongSecret(err) {
		return err
	}
	switch second := k.patch(ctx, set, set.Pending); {
	case second == nil:
		return k.confirm(ctx, set)
	case notItEither(second):
		return err
	default:
		return second
	}
}

// patch is one rotation. That it was begun is stored before, and the new key before it is used: after a crash or a
// lost answer in between, the store says that the key may have been replaced.
func (k *Keys) patch(ctx context.Context, set *KeySet, secret Secret) error {
	before := *set
	if !set.unsure() {
		if err := k.save(ctx, set, set.Current, set.Current); err != nil {
			return err
		}
	}
	rotated, err := k.client.rotateKey(ctx, set.Initial, secret, k.private())
	lasting, stop := outlive(ctx)
	defer stop()
	if err != nil {
		if refused(err) && !before.unsure() { // nothing happened; an older doubt stays
			return errors.Join(err, k.save(lasting, set, before.Current, before.Previous))
		}
		return err
	}
	if err := k.save(lasting, set, rotated.Key, before.inUse()); err != nil {
		return err
	}
	k.mu.Lock()
	k.rotatedAt = k.client.now()
	k.mu.Unlock()
	k.ends(rotated.Expires)
	return nil
}

// renew replaces the secret under the lock. The new one is stored as pending before it is sent: an answer lost, both
// are known, and the next rotation or renewal finds out which is in force.
func (k *Keys) renew(ctx context.Context) error {
	unlock, err := k.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	set, err := k.load(ctx)
	if err != nil {
		return err
	}
	if err := k.newSecret(ctx, &set); err != nil {
		k.tell(KeyRenewFailed, err)
		return err
	}
	k.tell(KeySecretRenewed, nil)
	return nil
}

func (k *Keys) newSecret(ctx context.Context, set *KeySet) error {
	fresh := set.Pending.IsZero()
	if fresh {
		if err := k.saveSecret(ctx, set, set.Secret, GenerateSecret()); err != nil {
			return err
		}
	}
	err := k.client.renewSecret(ctx, set.Initial, set.Secret, set.Pending, k.private())
	switch {
	case err == nil:
		return k.confirm(ctx, set)
	case fresh && refused(err) && codeOfError(err) != 0: // the platform itself has not taken it
		lasting, stop := outlive(ctx)
		defer stop()
		return errors.Join(err, k.saveSecret(lasting, set, set.Secret, Secret{}))
	case fresh || !refused(err):
		return err
	}
	// An earlier renewal's answer was lost, and the old secret is refused: is the pending one in force already?
	second := k.patch(ctx, set, set.Pending)
	if errors.Is(second, ErrKeyLocked) {
		second = k.client.renewSecret(ctx, set.Initial, set.Pending, set.Pending, k.private())
	}
	switch {
	case second == nil:
		return k.confirm(ctx, set)
	case notItEither(second):
		return err
	}
	return second
}

// confirm makes the pending secret the one in force.
func (k *Keys) confirm(ctx context.Context, set *KeySet) error {
	lasting, stop := outlive(ctx)
	defer stop()
	return k.saveSecret(lasting, set, set.Pending, Secret{})
}

// refused tells an answer that says the call was not carried out.
func refused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status >= 400 && e.Status <= 499
}

// wrongSecret tells a refusal that may be due to the secret that was sent.
func wrongSecret(err error) bool {
	if !refused(err) || errors.Is(err, ErrKeyRevoked) || errors.Is(err, ErrKeyLocked) || errors.Is(err, ErrKeyLockedHard) {
		return false
	}
	e, _ := errors.AsType[*Error](err)
	return e.Status != http.StatusTooManyRequests && !e.later()
}

// notItEither tells that the platform itself does not take the pending secret, so that the refusal of the other one is
// what there is to tell. Too many calls, or somebody in between who lets nothing through, say nothing of a secret: the
// connection must not be given up for them.
func notItEither(err error) bool { return wrongSecret(err) && codeOfError(err) != 0 }

func codeOfError(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return 0
}

// outlive gives a context that goes on for a moment when ctx is called off.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	timer := time.AfterFunc(time.Hour, cancel)
	timer.Stop()
	release := context.AfterFunc(ctx, func() { timer.Reset(grace) })
	return lasting, func() {
		release()
		timer.Stop()
		cancel()
	}
}

func (k *Keys) lock(ctx context.Context) (unlock func(), err error) {
	if k.opts.Lock == nil {
		return func() {}, nil
	}
	if unlock, err = k.opts.Lock(ctx); err != nil {
		return nil, fmt.Errorf("%w: its lock: %w", ErrKeyStore, err)
	}
	return unlock, nil
}

func (k *Keys) load(ctx context.Context) (KeySet, error) {
	set, err := k.store.Load(ctx)
	if err != nil {
		return KeySet{}, fmt.Errorf("%w: reading: %w", ErrKeyStore, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.remember(set)
	return set, nil
}

// save stores keys, then uses them.
func (k *Keys) save(ctx context.Context, set *KeySet, current, previous Secret) error {
	err := k.store.SaveCurrent(ctx, current, previous)
	k.mu.Lock()
	k.shaken = err != nil
	k.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%w: writing the key: %w", ErrKeyStore, err)
	}
	set.Current, set.Previous, set.Unproven = current, previous, false
	k.adopt(*set)
	return nil
}

// unstored tells that the last key could not be stored.
func (k *Keys) unstored() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.shaken
}

// saveSecret stores secrets, then uses them.
func (k *Keys) saveSecret(ctx context.Context, set *KeySet, secret, pending Secret) error {
	if err := k.store.SaveSecret(ctx, secret, pending); err != nil {
		return fmt.Errorf("%w: writing the secret: %w", ErrKeyStore, err)
	}
	set.Secret, set.Pending = secret, pending
	k.adopt(*set)
	return nil
}

func (k *Keys) adopt(set KeySet) {
	k.mu.Lock()
	k.set, k.loaded = set, true
	k.remember(set)
	k.mu.Unlock()
}

// ends notes when the key in use ends, zero if that is not known.
func (k *Keys) ends(at time.Time) {
	k.mu.Lock()
	k.expires = at
	k.mu.Unlock()
}

func (k *Keys) tell(kind KeyEventKind, err error) {
	if k.opts.OnChange != nil {
		k.opts.OnChange(KeyEvent{Kind: kind, At: k.client.now(), Err: err})
	}
}
