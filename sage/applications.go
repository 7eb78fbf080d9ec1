package sage

import "context"

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
	o := c.profile.Operations.RegisterApplication
	call, err := c.newRequest("registerApplication", o.Method, o.Path, map[string]string{"developerId": developer.Reveal()},
		map[string]string{"developerId": developer.String()})
	if err != nil {
		return Registered{}, err
	}
	call.confined = true
	call.json(c.applicationParams(a))
	return c.register(ctx, call)
}

// applicationParams are an application's values under the profile's names. What was not given is not sent.
func (c *Client) applicationParams(a Application) []param {
	names := c.profile.Names.Application
	params := []param{{names.Name, a.Name}}
	if a.Description != "" {
		params = append(params, param{names.Description, a.Description})
	}
	params = append(params, param{names.Domain, a.Domain})
	if a.ApprovalURL != "" {
		params = append(params, param{names.ApprovalURL, a.ApprovalURL})
	}
	if a.NotificationURL != "" {
		params = append(params, param{names.NotificationURL, a.NotificationURL})
	}
	return params
}
