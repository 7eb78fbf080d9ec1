package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"postroom/sage"
)

// The controls do what a person does on the web pages.

// Registrations are the registered applications, oldest first.
func (s *Sandbox) Registrations() []Registration {
	var list []Registration
	base := s.BaseURL()
	s.look(func(w *world, _ time.Time) {
		for _, a := range w.applications {
			d := w.developers[a.DeveloperID]
			list = append(list, Registration{
				URL: base + "/registration/" + a.Token, Name: d.Name, Email: d.Email, Company: d.Company,
				Application: a.Name, Domain: a.Domain, Confirmed: a.Confirmed, Fixed: a.Fixed, At: a.Created,
			})
		}
	})
	slices.SortStableFunc(list, func(a, b Registration) int {
		return or(a.At.Compare(b.At), strings.Compare(a.Application, b.Application))
	})
	return list
}

// SolveCaptcha does what a person does at a registrationUrl. The IDs are in the mailbox then.
func (s *Sandbox) SolveCaptcha(registrationURL string) error {
	u, err := url.Parse(registrationURL)
	if err != nil {
		return fmt.Errorf("sandbox: solving a captcha: %w", err)
	}
	return s.solve(path.Base(u.Path), func(*application) bool { return true })
}

// errAnswer says that the captcha was not solved.
var errAnswer = errors.New("that is not the answer")

func (s *Sandbox) solve(token string, right func(*application) bool) error {
	return s.do(func(t *tx) error {
		app := t.registrations[token]
		switch {
		case app == nil:
			return errNoPath
		case app.Confirmed:
			return nil
		case !right(app):
			t.newQuestion(app)
			t.save(kindApplication, app.ID, app)
			return errAnswer
		}
		t.confirm(app)
		return nil
	})
}

// ChangeApplication changes the addresses of an application, which is possible until its first passcode [D].
func (s *Sandbox) ChangeApplication(name, approvalURL, notificationURL string) error {
	changed := &application{ApprovalURL: approvalURL, NotificationURL: notificationURL}
	if err := checkURLs(changed); err != nil {
		return err
	}
	return s.do(func(t *tx) error {
		app := t.names[fold(name)]
		switch {
		case app == nil:
			return errNoApplication
		case app.Fixed:
			return errAppFixed
		}
		app.ApprovalURL, app.NotificationURL = approvalURL, notificationURL
		t.save(kindApplication, app.ID, app)
		return nil
	})
}

// Mailbox is all mail, oldest first.
func (s *Sandbox) Mailbox() []Mail {
	var list []Mail
	s.look(func(w *world, _ time.Time) {
		for _, m := range w.mails {
			list = append(list, m.view())
		}
	})
	return list
}

func (m *mail) view() Mail {
	return Mail{
		ID: m.ID, To: m.To, Subject: "Your IDs for " + m.Application,
		Body: fmt.Sprintf(`Dear %s,

thank you for registering the application %q for Sage 50 Cloud.

Developer ID (developerId): %s
Application ID (applicationId): %s

Keep both in a safe place. Your application needs them to make passcodes.

Sage 50 Cloud
(from the sandbox)
`, m.Name, m.Application, m.DeveloperID, m.ApplicationID),
		DeveloperID: m.DeveloperID, ApplicationID: m.ApplicationID, At: m.At, Read: m.Read,
	}
}

// Grant enters a passcode in a company's Sage 50 and grants what it asks for. Spaces, dashes and case of the passcode
// make no difference. A company that is new gets an installation, switched on.
func (s *Sandbox) Grant(passcode, company string) error {
	return s.do(func(t *tx) error {
		_, err := t.consent(passcode, company)
		return err
	})
}

// Deny enters a passcode in Sage 50 and denies what it asks for. Nobody is told.
func (s *Sandbox) Deny(passcode string) error {
	return s.do(func(t *tx) error { return t.deny(passcode) })
}

// ErrNoCompany says that no Sage 50 of that company, or none with such a scope or domain, is connected.
var ErrNoCompany = errors.New("sandbox: no such company is connected")

// ErrSwitchedOff says that a Sage 50 is off and can upload nothing.
var ErrSwitchedOff = errors.New("sandbox: Sage 50 is switched off")

// Publish uploads a new list (customers, products, ...) from a company's Sage 50, or from all of them for "". The
// list is not checked: tests publish what no Sage 50 would. Applications are told through notificationUrl.
func (s *Sandbox) Publish(company, scope string, list []byte) error {
	var targets []connection
	off := false
	s.look(func(w *world, _ time.Time) {
		for _, c := range w.matching(company, "") {
			sc, ok := s.profile.Domains[c.Domain].Scopes[scope]
			if !ok || sc.Direction != sage.Incoming {
				continue
			}
			off = off || w.installation(c.Company).Off
			targets = append(targets, *c)
		}
	})
	switch {
	case len(targets) == 0:
		return fmt.Errorf("%w: company %q, scope %q", ErrNoCompany, company, scope)
	case off:
		return ErrSwitchedOff
	}
	published := map[string]bool{}
	for _, c := range targets {
		if key := snapshotKey(c.Company, c.Domain, scope); !published[key] {
			published[key] = true
			if err := s.publish(c, scope, list); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Sandbox) publish(c connection, scope string, list []byte) error {
	stored, err := s.store.write(s.newName(), bytes.NewReader(list), int64(len(list)), int64(len(list)))
	if err != nil {
		return err
	}
	count := countRecords(list, scope)
	return s.do(func(t *tx) error {
		snap := &snapshot{
			ID: t.newID(), Company: c.Company, Domain: c.Domain, Scope: scope, Token: t.newToken(),
			Content: stored, Records: count, At: t.now,
		}
		if old := t.addSnapshot(snap); old != nil {
			t.then(func() { s.store.remove(old.Content.Name) })
		}
		t.save(kindSnapshot, snap.key(), snap)
		for _, con := range t.matching(c.Company, c.Domain) {
			if con.KeyState != keyRevoked && t.applications[con.ApplicationID].NotificationURL != "" {
				t.announce(&callback{Kind: callNotification, ConnectionID: con.ID, Scope: scope, FileID: snap.ID})
			}
		}
		return nil
	})
}

// matching are the connections of a company and a domain, newest first; "" matches all. Revoked ones count as long
// as no newer consent has taken their place.
func (w *world) matching(company, domain string) []*connection {
	type place struct{ application, company string }
	seen := map[place]bool{}
	var list []*connection
	for _, c := range slices.Backward(w.consents) {
		p := place{c.ApplicationID, fold(c.Company)}
		if seen[p] || (company != "" && p.company != fold(company)) || (domain != "" && c.Domain != domain) {
			continue
		}
		seen[p] = true
		list = append(list, c)
	}
	return list
}

// SetInstalled switches the Sage 50 of a company, or all of them for "", on or off.
func (s *Sandbox) SetInstalled(company string, on bool) error {
	err := s.do(func(t *tx) error {
		found := false
		for _, i := range t.companies {
			if company == "" || fold(i.Company) == fold(company) {
				found, i.Off = true, !on
				t.save(kindInstallation, i.Company, i)
			}
		}
		if !found {
			return ErrNoCompany
		}
		return nil
	})
	s.moveAll()
	return err
}

// ExpireKey lets the key of a company's connection expire now. Like the controls below it takes "" for every domain
// or every company, and leaves a revoked key revoked.
func (s *Sandbox) ExpireKey(company, domain string) error {
	return s.eachKey(company, domain, func(t *tx, c *connection) { c.KeyExpires = t.now })
}

// LockKey locks a key for Limits.KeyLock. Renewing the secret unlocks it.
func (s *Sandbox) LockKey(company, domain string) error {
	return s.eachKey(company, domain, func(t *tx, c *connection) {
		c.KeyState, c.LockedUntil = keyLocked, t.now.Add(s.limits.KeyLock)
	})
}

// LockKeyHard locks a key so that only support can unlock it: UnlockKey.
func (s *Sandbox) LockKeyHard(company, domain string) error {
	return s.eachKey(company, domain, func(_ *tx, c *connection) { c.KeyState = keyLockedHard })
}

// RevokeKey ends a consent.
func (s *Sandbox) RevokeKey(company, domain string) error {
	return s.eachKey(company, domain, func(_ *tx, c *connection) { c.KeyState = keyRevoked })
}

// UnlockKey takes every lock away, as support does.
func (s *Sandbox) UnlockKey(company, domain string) error {
	return s.eachKey(company, domain, func(t *tx, c *connection) {
		if c.KeyState == keyLocked || c.KeyState == keyLockedHard {
			t.unlock(c)
		}
	})
}

func (s *Sandbox) eachKey(company, domain string, change func(*tx, *connection)) error {
	return s.do(func(t *tx) error {
		list := t.matching(company, domain)
		if len(list) == 0 {
			return ErrNoCompany
		}
		for _, c := range list {
			if c.KeyState != keyRevoked {
				change(t, c)
				t.save(kindConnection, c.ID, c)
			}
		}
		return nil
	})
}

// InitialKey is the key that approvalUrl was told, for pasting it.
func (s *Sandbox) InitialKey(company, domain string) (sage.Secret, error) {
	key := ""
	s.look(func(w *world, _ time.Time) {
		if list := w.matching(company, domain); len(list) > 0 {
			key = w.key(list[0], 0)
		}
	})
	if key == "" {
		return sage.Secret{}, ErrNoCompany
	}
	return sage.NewSecret(key), nil
}

// Quarantine holds the files that come from now on in quarantine, or lets all of them go.
func (s *Sandbox) Quarantine(on bool) {
	_ = s.do(func(t *tx) error {
		t.switches.Quarantine = on
		t.save(kindSwitches, "", t.switches)
		return nil
	})
	s.moveAll()
}

// EndNext gives the next files received the final words told, in turn, whatever they hold. Accepted leaves a file to
// its content.
func (s *Sandbox) EndNext(words ...Status) error {
	for _, w := range words {
		if !w.Final() {
			return fmt.Errorf("sandbox: %s is not a final word", w)
		}
	}
	return s.do(func(t *tx) error {
		t.switches.EndNext = append(t.switches.EndNext, words...)
		t.save(kindSwitches, "", t.switches)
		return nil
	})
}

// RefuseRecord lets Sage 50 refuse every record with an id, with a reason; "" takes it back.
func (s *Sandbox) RefuseRecord(id, reason string) {
	_ = s.do(func(t *tx) error {
		if t.switches.RefuseRecords == nil {
			t.switches.RefuseRecords = map[string]string{}
		}
		t.switches.RefuseRecords[id] = reason
		if reason == "" {
			delete(t.switches.RefuseRecords, id)
		}
		t.save(kindSwitches, "", t.switches)
		return nil
	})
}

// AddFault makes something go wrong, and returns its number.
func (s *Sandbox) AddFault(f Fault) int { return s.faults.add(f) }

// RemoveFault takes a fault away.
func (s *Sandbox) RemoveFault(id int) { s.faults.remove(id) }

// ClearFaults takes all faults away.
func (s *Sandbox) ClearFaults() { s.faults.remove(0) }

// Faults are the faults that are set.
func (s *Sandbox) Faults() []Fault { return s.faults.all() }

// Content is the content of a file, its result or a list, as received or made. The caller closes it.
func (s *Sandbox) Content(fileID string) (io.ReadCloser, error) {
	return s.contentOf(fileID, func(f *file) content { return f.Content })
}

// Result is a file's result.
func (s *Sandbox) Result(fileID string) (io.ReadCloser, error) {
	return s.contentOf(fileID, func(f *file) content { return f.Result })
}

func (s *Sandbox) contentOf(fileID string, of func(*file) content) (io.ReadCloser, error) {
	var c content
	s.look(func(w *world, _ time.Time) {
		if f := w.files[fileID]; f != nil {
			c = of(f)
		}
		for _, snap := range w.snapshots {
			if snap.ID == fileID {
				c = snap.Content
			}
		}
	})
	if c.Name == "" {
		return nil, errNoFile
	}
	return s.store.open(c)
}
