package sandbox

import (
	"fmt"

	"postroom/sage"
)

// Setup is what Connect makes. Fields left empty have the value that stands beside them.
type Setup struct {
	Company         string      // "Acme Ltd"
	Domain          string      // "ecommerce"
	Application     string      // "Postroom for <company>"; an application of that name is used again
	ApprovalURL     string      // none
	NotificationURL string      // none
	Secret          sage.Secret // a new one
}

// Credentials are what an application knows after a consent.
type Credentials struct {
	DeveloperID   sage.ID
	ApplicationID sage.ID
	Secret        sage.Secret
	InitialKey    sage.Secret
}

// Connect goes all the way from a registration to a granted consent, for tests and demonstrations that begin with a
// connected company.
func (s *Sandbox) Connect(setup Setup) (Credentials, error) {
	setup.Company = or(setup.Company, "Acme Ltd")
	setup.Domain = or(setup.Domain, "ecommerce")
	setup.Application = or(setup.Application, "Postroom for "+setup.Company)
	if setup.Secret.IsZero() {
		setup.Secret = sage.GenerateSecret()
	}
	var made Credentials
	err := s.do(func(t *tx) error {
		app := t.names[fold(setup.Application)]
		if app == nil {
			var err error
			if app, err = t.introduce(setup); err != nil {
				return err
			}
		}
		p := t.newPasscodeFor(app, setup.Secret.Reveal())
		c, err := t.consent(p.Code, setup.Company)
		if err != nil {
			return err
		}
		made = Credentials{
			DeveloperID: sage.NewID(app.DeveloperID), ApplicationID: sage.NewID(app.ID),
			Secret: setup.Secret, InitialKey: sage.NewSecret(t.key(c, 0)),
		}
		return nil
	})
	if err != nil {
		return Credentials{}, fmt.Errorf("sandbox: connecting %s: %w", setup.Company, err)
	}
	return made, nil
}

// introduce registers an application whose developer has solved the captcha.
func (t *tx) introduce(setup Setup) (*application, error) {
	app := &application{
		Name: setup.Application, Domain: setup.Domain,
		ApprovalURL: setup.ApprovalURL, NotificationURL: setup.NotificationURL,
	}
	if err := first(t.checkApplication(app), checkURLs(app)); err != nil {
		return nil, err
	}
	const email = "developer@example.com"
	d := t.emails[email]
	if d == nil {
		d = &developer{ID: t.newID(), Name: "Robin Sample", Email: email, Company: "Sample Software", Created: t.now}
		t.addDeveloper(d)
		t.save(kindDeveloper, d.ID, d)
	}
	t.register(d, app)
	t.confirm(app)
	return app, nil
}
