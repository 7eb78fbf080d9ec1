package sage

import (
	"context"
	"errors"
	"time"
)

// mostKey bounds a key, in bytes: Windows keeps no more than 2,560 in one item of its keyring.
const mostKey = 2048

// RotatedKey is the answer to a rotation.
type RotatedKey struct {
	Key     Secret
	Expires time.Time // by this computer's clock, the difference to the server's allowed for; zero if not told
}

// RotateKey asks for a new key. The old one is to be thought dead from the moment the platform has taken the call,
// also when the answer is lost. [D] 3. Connections rotate through Keys, which survives that.
func (c *Client) RotateKey(ctx context.Context, initial, secret Secret) (RotatedKey, error) {
	return c.rotateKey(ctx, initial, secret, nil)
}

// rotateKey is RotateKey, where more is known that the answer may repeat.
func (c *Client) rotateKey(ctx context.Context, initial, secret Secret, private []concealed) (RotatedKey, error) {
	o, names := c.profile.Operations.RotateKey, c.profile.Names.Rotation
	call, err := c.newRequest("rotateKey", o.Method, o.Path, nil, nil)
	if err != nil {
		return RotatedKey{}, err
	}
	call.confined = true
	call.guard(append([]concealed{conceal(initial.Reveal()), conceal(secret.Reveal())}, private...)...)
	call.place(o.Parameters, []param{{names.InitialKey, initial}, {names.Secret, secret}})
	a, resp, err := c.ask(ctx, call)
	if err != nil {
		return RotatedKey{}, err
	}
	key, err := c.keyIn(call, a)
	if err != nil {
		return RotatedKey{}, err
	}
	rotated := RotatedKey{Key: key}
	if expires, ok := moment(a.text(c.profile.Answers.Expires), resp.date); ok {
		rotated.Expires = c.now().Add(expires.Sub(resp.date))
	}
	return rotated, nil
}

// RenewSecret replaces the secret, which also unlocks a key that is locked for a time. [S] 3. Connections renew
// through Keys, which survives a lost answer.
func (c *Client) RenewSecret(ctx context.Context, initial, secret, newSecret Secret) error {
	return c.renewSecret(ctx, initial, secret, newSecret, nil)
}

// renewSecret is RenewSecret, where more is known that the answer may repeat.
func (c *Client) renewSecret(ctx context.Context, initial, secret, newSecret Secret, private []concealed) error {
	o, names := c.profile.Operations.RenewSecret, c.profile.Names.Renewal
	call, err := c.newRequest("renewSecret", o.Method, o.Path, nil, nil)
	if err != nil {
		return err
	}
	call.confined, call.silent, call.weighty = true, true, true
	call.guard(append([]concealed{conceal(initial.Reveal()), conceal(secret.Reveal()), conceal(newSecret.Reveal())}, private...)...)
	call.place(o.Parameters, []param{{names.InitialKey, initial}, {names.Secret, secret}, {names.NewSecret, newSecret}})
	_, _, err = c.ask(ctx, call)
	return err
}

// keyIn takes the key out of an answer. One that no header could carry is none.
func (c *Client) keyIn(call *request, a answer) (Secret, error) {
	key := a.text(c.profile.Answers.Key)
	if key == "" || len(key) > mostKey {
		return Secret{}, call.fail(ErrMalformed, errors.New("no key in it"))
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return Secret{}, call.fail(ErrMalformed, errors.New("its key has characters that no header carries"))
		}
	}
	return NewSecret(key), nil
}
