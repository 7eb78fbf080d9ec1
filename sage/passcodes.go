package sage

import (
	"context"
	"errors"
	"time"
)

// Passcode is a short-lived code that the user types into Sage 50.
type Passcode struct {
	Code       string
	Expires    time.Time // by the server's clock; zero if the answer has no readable time
	ServerTime time.Time // the server's clock when it answered (its Date header); ours if it has none
}

// Left is how long the code lasted when the answer came, whatever this computer's clock says. Zero if not known.
func (p Passcode) Left() time.Duration {
	if p.Expires.IsZero() {
		return 0
	}
	return max(0, p.Expires.Sub(p.ServerTime))
}

// CreatePasscode asks for a passcode. The secret is needed again for every rotation: it has to be stored before this
// call. [D] 2.3
//
// Errors: ErrDeveloperUnknown, ErrApplicationUnknown.
func (c *Client) CreatePasscode(ctx context.Context, developer, application ID, secret Secret) (Passcode, error) {
	return Passcode{}, errors.ErrUnsupported
}

// PasscodeOutcome reads what became of a passcode, on platforms whose profile names such a call [A] 2.4. The key it
// gives is an initial key.
//
// Errors: ErrNoSuchCall where the profile names none, ErrNotConsented until the user has granted access,
// ErrPasscodeUnknown, ErrPasscodeExpired, ErrPasscodeRevoked.
func (c *Client) PasscodeOutcome(ctx context.Context, developer, application ID, code string) (Secret, error) {
	return Secret{}, errors.ErrUnsupported
}
