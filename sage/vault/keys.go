package vault

import (
	"context"
	"errors"

	"postroom/sage"
)

// Keys is a connection's part of the vault as the client's rotation uses it.
func Keys(v Vault, connection string) sage.KeyStore { return &keys{v, connection} }

type keys struct {
	vault      Vault
	connection string
}

// entry is one item with the value it is to have.
type entry struct {
	item  Item
	value sage.Secret
}

// batcher is a vault that stores several items in one step.
type batcher interface {
	setAll(ctx context.Context, connection string, entries []entry) error
}

func (k *keys) Load(ctx context.Context) (sage.KeySet, error) {
	var set sage.KeySet
	for _, at := range []struct {
		item Item
		into *sage.Secret
	}{
		{InitialKey, &set.Initial},
		{CurrentKey, &set.Current},
		{PreviousKey, &set.Previous},
		{Secret, &set.Secret},
		{PendingSecret, &set.Pending},
	} {
		value, err := k.vault.Get(ctx, k.connection, at.item)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return sage.KeySet{}, err
		}
		*at.into = value
	}
	return set, nil
}

// SaveCurrent stores the previous key before the current one, so that a crash between the two loses neither.
func (k *keys) SaveCurrent(ctx context.Context, current, previous sage.Secret) error {
	return k.store(ctx, entry{PreviousKey, previous}, entry{CurrentKey, current})
}

// SaveSecret stores the pending secret before the secret when there is one, and removes it after the secret when
// there is none: at no moment is a secret that the platform may hold kept nowhere.
func (k *keys) SaveSecret(ctx context.Context, secret, pending sage.Secret) error {
	if pending.IsZero() {
		return k.store(ctx, entry{Secret, secret}, entry{PendingSecret, pending})
	}
	return k.store(ctx, entry{PendingSecret, pending}, entry{Secret, secret})
}

func (k *keys) store(ctx context.Context, entries ...entry) error {
	if b, ok := k.vault.(batcher); ok {
		return b.setAll(ctx, k.connection, entries)
	}
	for _, e := range entries {
		if err := k.vault.Set(ctx, k.connection, e.item, e.value); err != nil {
			return err
		}
	}
	return nil
}
