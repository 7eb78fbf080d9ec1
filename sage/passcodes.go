package sage

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
)

// mostPasscode bounds what a person is asked to type, in bytes.
const mostPasscode = 256

// Passcode is a short-lived code that the user types into Sage 50.
type Passcode struct {
	Code       string
	Expires    time.Time // by the server's clock; zero if the answer has no readable time
	ServerTime time.Time // the server's clock when it answered (its Date header); ours if it has none
}

// Left is how long the code lasted when the answer came, whatever this computer's clock says; 0 if that is not known.
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
	o, names := c.profile.Operations.CreatePasscode, c.profile.Names.Passcode
	holes := map[string]string{"developerId": developer.Reveal(), "applicationId": application.Reveal()}
	hide := map[string]string{"developerId": developer.String(), "applicationId": application.String()}
	call, err := c.newRequest("createPasscode", o.Method, o.Path, holes, hide)
	if err != nil {
		return Passcode{}, err
	}
	call.confined = true
	call.guard(conceal(secret.Reveal()))
	call.place(o.Parameters, []param{{names.Secret, secret}})
	a, resp, err := c.ask(ctx, call)
	if err != nil {
		return Passcode{}, err
	}
	p := Passcode{Code: a.text(c.profile.Answers.Passcode), ServerTime: resp.date.UTC()}
	if p.Code == "" || len(p.Code) > mostPasscode || strings.ContainsFunc(p.Code, unicode.IsControl) {
		return Passcode{}, call.fail(ErrMalformed, errors.New("no passcode in it"))
	}
	if err := call.clean(c.profile.Answers.Passcode, p.Code); err != nil {
		return Passcode{}, err
	}
	p.Expires, _ = moment(a.text(c.profile.Answers.Expires), p.ServerTime)
	return p, nil
}

// PasscodeOutcome reads what became of a passcode, on platforms whose profile names such a call [A] 2.4. The key it
// gives is an initial key.
//
// Errors: ErrNoSuchCall where the profile names none, ErrNotConsented until the user has granted access,
// ErrPasscodeUnknown, ErrPasscodeExpired, ErrPasscodeRevoked.
func (c *Client) PasscodeOutcome(ctx context.Context, developer, application ID, code string) (Secret, error) {
	o := c.profile.Operations.PasscodeOutcome
	if o.Path == "" {
		return Secret{}, ErrNoSuchCall
	}
	holes := map[string]string{"developerId": developer.Reveal(), "applicationId": application.Reveal(), "passcode": code}
	hide := map[string]string{"developerId": developer.String(), "applicationId": application.String(), "passcode": masked}
	call, err := c.newRequest("passcodeOutcome", o.Method, o.Path, holes, hide)
	if err != nil {
		return Secret{}, err
	}
	call.confined = true
	a, _, err := c.ask(ctx, call)
	if err != nil {
		return Secret{}, err
	}
	return c.keyIn(call, a)
}
