package sandbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"postroom/sage"
)

// registerDeveloper is sage-api.md 2.1 [D]. The IDs are not in the answer: they come by e-mail, after the captcha.
func (c *call) registerDeveloper() (answer, error) {
	n := c.s.profile.Names.Developer
	name, err1 := c.need(n.Name)
	email, err2 := c.need(n.Email)
	company, err3 := c.need(n.Company)
	if err := first(err1, err2, err3); err != nil {
		return answer{}, err
	}
	if !strings.Contains(email, "@") {
		return answer{}, errMalformed(fmt.Sprintf("%q is not an e-mail address.", n.Email))
	}
	app, err := c.application(n.Application)
	if err != nil {
		return answer{}, err
	}
	err = c.s.do(func(t *tx) error {
		if t.emails[fold(email)] != nil {
			return errEmailTaken
		}
		if err := t.checkApplication(app); err != nil {
			return err
		}
		d := &developer{ID: t.newID(), Name: name, Email: strings.TrimSpace(email), Company: company, Created: t.now}
		t.addDeveloper(d)
		t.save(kindDeveloper, d.ID, d)
		t.register(d, app)
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return c.ok(field{c.s.profile.Answers.RegistrationURL, c.s.registrationURL(app)}), nil
}

// registerApplication is sage-api.md 2.2 [D]: a further application, with a captcha again or its ID at once [A].
func (c *call) registerApplication() (answer, error) {
	if err := c.fill(); err != nil {
		return answer{}, err
	}
	app, err := c.applicationIn(c.params.body)
	if err != nil {
		return answer{}, err
	}
	err = c.s.do(func(t *tx) error {
		d := t.confirmedDeveloper(c.holes["developerId"])
		if d == nil {
			return errNoDeveloper
		}
		if err := t.checkApplication(app); err != nil {
			return err
		}
		t.register(d, app)
		if c.s.options.IDAtOnce {
			t.confirm(app)
		}
		return nil
	})
	switch {
	case err != nil:
		return answer{}, err
	case c.s.options.IDAtOnce:
		return c.ok(field{c.s.profile.Answers.ApplicationID, app.ID}), nil
	}
	return c.ok(field{c.s.profile.Answers.RegistrationURL, c.s.registrationURL(app)}), nil
}

// application reads the application within a developer's registration.
func (c *call) application(name string) (*application, error) {
	var object map[string]json.RawMessage
	if json.Unmarshal(c.params.body[name], &object) != nil || object == nil {
		return nil, errMalformed(fmt.Sprintf("%q is missing.", name))
	}
	return c.applicationIn(object)
}

func (c *call) applicationIn(object map[string]json.RawMessage) (*application, error) {
	n := c.s.profile.Names.Application
	app := &application{}
	for name, value := range map[string]*string{
		n.Name: &app.Name, n.Description: &app.Description, n.Domain: &app.Domain,
		n.ApprovalURL: &app.ApprovalURL, n.NotificationURL: &app.NotificationURL,
	} {
		text, err := textOf(object, name)
		if err != nil {
			return nil, err
		}
		*value = strings.TrimSpace(text)
	}
	if app.Name == "" {
		return nil, errMalformed(fmt.Sprintf("The application's %q is missing.", n.Name))
	}
	return app, checkURLs(app)
}

// checkURLs wants addresses that can be called. None at all is possible: then the key is handed over by a person.
func checkURLs(app *application) error {
	for _, text := range []string{app.ApprovalURL, app.NotificationURL} {
		if text == "" {
			continue
		}
		if u, err := url.Parse(text); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return errMalformed("approvalUrl and notificationUrl must be http or https addresses.")
		}
	}
	return nil
}

func (t *tx) checkApplication(app *application) error {
	if _, ok := t.s.profile.Domains[app.Domain]; !ok {
		return errDomain
	}
	if t.names[fold(app.Name)] != nil {
		return errNameTaken
	}
	return nil
}

// register notes an application whose captcha is still to be solved.
func (t *tx) register(d *developer, app *application) {
	app.ID, app.DeveloperID, app.Token, app.Created = t.newID(), d.ID, t.newToken(), t.now
	t.newQuestion(app)
	t.addApplication(app)
	t.save(kindApplication, app.ID, app)
}

// newQuestion makes the captcha: two numbers to add.
func (t *tx) newQuestion(app *application) {
	b := t.random(2)
	app.Left, app.Right = 2+int(b[0])%8, 2+int(b[1])%8
}

// confirm sends the e-mail with the two IDs.
func (t *tx) confirm(app *application) {
	d := t.developers[app.DeveloperID]
	app.Confirmed = true
	t.save(kindApplication, app.ID, app)
	m := &mail{
		ID: t.newID(), To: d.Email, Name: d.Name, Application: app.Name,
		DeveloperID: d.ID, ApplicationID: app.ID, At: t.now,
	}
	t.mails = append(t.mails, m)
	t.save(kindMail, m.ID, m)
}

// confirmedDeveloper is the developer of an ID that has been told to anybody.
func (w *world) confirmedDeveloper(id string) *developer {
	for _, app := range w.applications {
		if app.DeveloperID == id && app.Confirmed {
			return w.developers[id]
		}
	}
	return nil
}

// confirmedApplication finds an application by both of its IDs.
func (w *world) confirmedApplication(developerID, applicationID string) (*application, error) {
	if w.confirmedDeveloper(developerID) == nil {
		return nil, errNoDeveloper
	}
	app := w.applications[applicationID]
	if app == nil || !app.Confirmed || app.DeveloperID != developerID {
		return nil, errNoApplication
	}
	return app, nil
}

func (s *Sandbox) registrationURL(app *application) string {
	return s.url("/registration/" + app.Token)
}

// url makes an address below the base URL.
func (s *Sandbox) url(path string) string { return s.BaseURL() + path }

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// scope is a scope of the profile.
func (s *Sandbox) scope(domain, scope string) (sage.Scope, error) {
	d, ok := s.profile.Domains[domain]
	if !ok {
		return sage.Scope{}, errDomain
	}
	sc, ok := d.Scopes[scope]
	if !ok {
		return sage.Scope{}, errScope
	}
	return sc, nil
}
