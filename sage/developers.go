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
	RegistrationURL string // absolute, to be opened in a browser; "" if the application's ID came at once
	ApplicationID   ID     // zero until the e-mail comes, but for a platform that tells it at once
}

// RegisterDeveloper registers an account and its first application. The IDs come by e-mail after the user has
// opened RegistrationURL. [D] 2.1
//
// Errors: ErrEmailTaken, ErrApplicationTaken, ErrDomainInvalid.
func (c *Client) RegisterDeveloper(ctx context.Context, r Registration) (Registered, error) {
	o, names := c.profile.Operations.RegisterDeveloper, c.profile.Names.Developer
	call, err := c.newRequest("registerDeveloper", o.Method, o.Path, nil, nil)
	if err != nil {
		return Registered{}, err
	}
	call.confined = true
	call.json([]param{
		{names.Name, r.Name},
		{names.Email, r.Email},
		{names.Company, r.Company},
		{names.Application, c.applicationParams(r.Application)},
	})
	return c.register(ctx, call)
}

// register makes a call of which either a registrationUrl or an applicationId is the answer. [D] 2.1, [A] 2.2
func (c *Client) register(ctx context.Context, call *request) (Registered, error) {
	a, _, err := c.ask(ctx, call)
	if err != nil {
		return Registered{}, err
	}
	registered := Registered{ApplicationID: NewID(a.text(c.profile.Answers.ApplicationID))}
	address := a.text(c.profile.Answers.RegistrationURL)
	if address == "" {
		if registered.ApplicationID.IsZero() {
			return Registered{}, call.fail(ErrMalformed, errors.New("neither a registration address nor an ID"))
		}
		return registered, nil
	}
	// A browser opens it: it must be a web address, and none inside the user's own network.
	u, err := c.follow(address)
	if err != nil {
		return Registered{}, call.fail(kindOf(err), err)
	}
	registered.RegistrationURL = u.String()
	return registered, nil
}
