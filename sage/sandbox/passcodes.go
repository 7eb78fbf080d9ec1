package sandbox

import (
	"strings"
	"time"
)

// createPasscode is sage-api.md 2.3 [D]. A new passcode revokes the one before it [A], and from then on nothing of
// the application changes [D].
func (c *call) createPasscode() (answer, error) {
	secret, err := c.need(c.s.profile.Names.Passcode.Secret)
	if err != nil {
		return answer{}, err
	}
	var p *passcode
	var now time.Time
	err = c.s.do(func(t *tx) error {
		app, err := t.confirmedApplication(c.holes["developerId"], c.holes["applicationId"])
		if err != nil {
			return err
		}
		now, p = t.now, t.newPasscodeFor(app, secret)
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	names := c.s.profile.Answers
	return c.ok(field{names.Passcode, p.Code}, field{names.Expires, c.s.dialect.expires(p.Expires, now)}), nil
}

func (t *tx) newPasscodeFor(app *application, secret string) *passcode {
	for _, old := range t.passcodes {
		if old.ApplicationID == app.ID && old.State == passcodeOpen {
			old.State = passcodeRevoked
			t.save(kindPasscode, old.Code, old)
		}
	}
	if !app.Fixed {
		app.Fixed = true
		t.save(kindApplication, app.ID, app)
	}
	p := &passcode{
		Code: t.newPasscode(), ApplicationID: app.ID, SecretHash: digest(secret),
		Expires: t.now.Add(t.s.limits.PasscodeTTL), State: passcodeOpen,
	}
	t.passcodes[p.Code] = p
	t.save(kindPasscode, p.Code, p)
	return p
}

func (d Dialect) expires(at, now time.Time) any {
	switch d.ExpiresForm {
	case ExpiresEpoch:
		return at.Unix()
	case ExpiresMillis:
		return at.UnixMilli()
	case ExpiresSeconds:
		return int64(at.Sub(now) / time.Second)
	}
	return at.Format(time.RFC3339)
}

// passcodeOutcome is the optional look at what became of a passcode [A]. Of a denied one nobody is told [D].
func (c *call) passcodeOutcome() (answer, error) {
	var key string
	err := c.s.do(func(t *tx) error {
		p, err := t.passcodeAt(c.holes)
		if err != nil {
			return err
		}
		if p.State == passcodeConsented {
			key = t.key(t.connections[p.ConnectionID], 0)
			return nil
		}
		if err := p.usable(t.now); err != nil {
			return err
		}
		return errNotConsented
	})
	if err != nil {
		return answer{}, err
	}
	return c.ok(field{c.s.profile.Answers.Key, key}), nil
}

// passcodeAt finds the passcode of a path. The profile may leave out whose it is [A]; what the path does say has to be
// true.
func (w *world) passcodeAt(holes map[string]string) (*passcode, error) {
	developerID, ofDeveloper := holes["developerId"]
	if ofDeveloper && w.confirmedDeveloper(developerID) == nil {
		return nil, errNoDeveloper
	}
	applicationID, ofApplication := holes["applicationId"]
	if ofApplication {
		app := w.applications[applicationID]
		if app == nil || !app.Confirmed || ofDeveloper && app.DeveloperID != developerID {
			return nil, errNoApplication
		}
	}
	p := w.passcodes[tidyPasscode(holes["passcode"])]
	if p == nil || ofApplication && p.ApplicationID != applicationID ||
		ofDeveloper && w.applications[p.ApplicationID].DeveloperID != developerID {
		return nil, errNoPasscode
	}
	return p, nil
}

// usable reports why a passcode cannot be consented to any more. A denied one looks open until it runs out.
func (p *passcode) usable(now time.Time) error {
	switch {
	case p.State == passcodeConsented:
		return errConsented
	case p.State == passcodeRevoked:
		return errPasscodeRevoked
	case !now.Before(p.Expires):
		return errPasscodeExpired
	}
	return nil
}

// consent makes the connection that an administrator of a company agrees to. An earlier one of the same company,
// application and domain is over with it [A].
func (t *tx) consent(code, company string) (*connection, error) {
	p, app, err := t.openPasscode(code)
	if err != nil {
		return nil, err
	}
	company = strings.Join(strings.Fields(company), " ")
	if company == "" {
		return nil, errMalformed("The company has no name.")
	}
	inst := t.installation(company)
	if inst == nil {
		inst = &installation{Company: company, Created: t.now}
		t.addInstallation(inst)
		t.save(kindInstallation, inst.Company, inst)
	}
	for _, old := range t.consents {
		if old.ApplicationID == app.ID && fold(old.Company) == fold(company) && old.KeyState != keyRevoked {
			old.KeyState = keyRevoked
			t.save(kindConnection, old.ID, old)
		}
	}
	c := &connection{
		ID: t.newID(), ApplicationID: app.ID, Company: inst.Company, Domain: app.Domain, SecretHash: p.SecretHash,
		KeyExpires: t.now.Add(t.s.limits.KeyTTL), KeyState: keyGood, Created: t.now,
	}
	t.addConnection(c)
	t.save(kindConnection, c.ID, c)
	p.State, p.ConnectionID = passcodeConsented, c.ID
	t.save(kindPasscode, p.Code, p)
	if app.ApprovalURL != "" {
		t.announce(&callback{Kind: callApproval, ConnectionID: c.ID, Passcode: p.Code})
	}
	return c, nil
}

// openPasscode finds what a person typed in Sage 50.
func (t *tx) openPasscode(typed string) (*passcode, *application, error) {
	p := t.passcodes[tidyPasscode(typed)]
	if p == nil {
		return nil, nil, errNoPasscode
	}
	if p.State == passcodeDenied {
		return nil, nil, errPasscodeRevoked
	}
	if err := p.usable(t.now); err != nil {
		return nil, nil, err
	}
	return p, t.applications[p.ApplicationID], nil
}

// deny ends a passcode. No call is made: to the application it just runs out [D].
func (t *tx) deny(code string) error {
	p, _, err := t.openPasscode(code)
	if err != nil {
		return err
	}
	p.State = passcodeDenied
	t.save(kindPasscode, p.Code, p)
	return nil
}
