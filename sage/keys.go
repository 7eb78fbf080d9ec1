package sage

import (
	"context"
	"errors"
	"time"
)

// RotatedKey is the answer to a rotation.
type RotatedKey struct {
	Key     Secret
	Expires time.Time // by this computer's clock, the difference to the server's allowed for; zero if not told
}

// RotateKey asks for a new key. The old one is to be thought dead from the moment the platform has taken the call,
// also when the answer is lost. [D] 3. Connections rotate through Keys, which survives that.
func (c *Client) RotateKey(ctx context.Context, initial, secret Secret) (RotatedKey, error) {
	return RotatedKey{}, errors.ErrUnsupported
}

// RenewSecret replaces the secret, which also unlocks a key that is locked for a time. [S] 3. Connections renew
// through Keys, which survives a lost answer.
func (c *Client) RenewSecret(ctx context.Context, initial, secret, newSecret Secret) error {
	return errors.ErrUnsupported
}
