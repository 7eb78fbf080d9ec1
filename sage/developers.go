package sage

import (
	"context"
	"errors"
)

// Registration is what a developer registers with: an account and its first application.
type Registration struct {
	Name        string // the person's
	Email       string // where the IDs are sent
	Company     string
	Application Application
}

// Registered is the answer to a registration.
type Registered struct {
	RegistrationURL string // to be opened in a browser; "" if the application's ID came at once
	ApplicationID   ID     // zero until the e-mail comes, but for a platform that tells it at once
}

// RegisterDeveloper registers an account and its first application. The IDs come by e-mail after the user has
// opened RegistrationURL. [D] 2.1
//
// Errors: ErrEmailTaken, ErrApplicationTaken, ErrDomainInvalid.
func (c *Client) RegisterDeveloper(ctx context.Context, r Registration) (Registered, error) {
	return Registered{}, errors.ErrUnsupported
}
