package sage

import (
	"context"
	"errors"
)

// Application is what an application is registered with. It can no longer be changed once it has a passcode. [D] 2.2
type Application struct {
	Name            string
	Description     string // optional
	Domain          string
	ApprovalURL     string // where the platform delivers keys; optional
	NotificationURL string // where the platform announces new files; optional
}

// RegisterApplication registers a further application of a developer. [D] 2.2; the form of the answer [A].
//
// Errors: ErrDeveloperUnknown, ErrApplicationTaken, ErrApplicationFixed, ErrDomainInvalid.
func (c *Client) RegisterApplication(ctx context.Context, developer ID, a Application) (Registered, error) {
	return Registered{}, errors.ErrUnsupported
}
