package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	var proof sage.Secret
	for _, at := range []struct {
		item Item
		into *sage.Secret
	}{
		{InitialKey, &set.Initial},
		{CurrentKey, &set.Current},
		{PreviousKey, &set.Previous},
		{KeyProof, &proof},
		{Secret, &set.Secret},
		{PendingSecret, &set.Pending},
	} {
		value, err := k.vault.Get(ctx, k.connection, at.item)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return sage.KeySet{}, err
		}
		*at.into = value
	}
	set.Unproven = !proof.IsZero() && !proof.Equal(proofOf(set.Current)) // a vault of before there were proofs has none
	return set, nil
}

// begun is the proof while a rotation is under way, which no key fits.
const begun = "begun"

// SaveCurrent stores the previous key before the current one, so that a crash between the two loses neither, and before
// both of them the current one's proof: a keyring that keeps half of something, and a process that ends before it can put
// that right, leave a key that does not fit its proof. So does a rotation that was begun, whatever becomes of the previous
// key that says the same.
func (k *keys) SaveCurrent(ctx context.Context, current, previous sage.Secret) error {
	proof := proofOf(current)
	if current.Equal(previous) {
		proof = sage.NewSecret(begun)
	}
	return k.store(ctx, entry{KeyProof, proof}, entry{PreviousKey, previous}, entry{CurrentKey, current})
}

// proofOf is what tells a key from any other and from a part of itself, and gives nothing of it away; zero for none.
func proofOf(key sage.Secret) sage.Secret {
	if key.IsZero() {
		return sage.Secret{}
	}
	sum := sha256.Sum256([]byte(key.Reveal()))
	return sage.NewSecret(hex.EncodeToString(sum[:16]))
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
