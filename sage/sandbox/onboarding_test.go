package sandbox_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
)

func TestRegistrationSendsTheIDsByMailAfterTheCaptcha(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	a := r.call("POST", "/api/developers", registration()).want(t, 201, 0)
	if len(a.fields) != 1 {
		t.Errorf("the answer holds more than the registrationUrl: %s", a.body)
	}
	if len(r.Mailbox()) != 0 {
		t.Error("mail came before the captcha was solved")
	}
	if err := r.SolveCaptcha(a.text("registrationUrl")); err != nil {
		t.Fatal(err)
	}
	mails := r.Mailbox()
	if len(mails) != 1 || mails[0].To != "robin@example.com" {
		t.Fatalf("mailbox: %+v", mails)
	}
	for _, id := range []string{mails[0].DeveloperID, mails[0].ApplicationID} {
		if id == "" || !strings.Contains(mails[0].Body, id) {
			t.Errorf("the mail does not hold the ID %q", id)
		}
	}
	if err := r.SolveCaptcha(a.text("registrationUrl")); err != nil || len(r.Mailbox()) != 1 {
		t.Errorf("solving twice: %v, %d mails", err, len(r.Mailbox()))
	}
	r.polite()
}

func TestRegistrationRefusesWhatIsTakenOrWrong(t *testing.T) {
	change := func(top, app object) object {
		reg := registration()
		for k, v := range top {
			reg[k] = v
		}
		for k, v := range app {
			reg["application"].(object)[k] = v
		}
		return reg
	}
	for name, c := range map[string]struct {
		body   any
		status int
		code   int
	}{
		"e-mail taken":             {change(nil, object{"name": "Other"}), 400, 2200},
		"e-mail in another case":   {change(object{"email": " ROBIN@example.com"}, object{"name": "Other"}), 400, 2200},
		"name taken":               {change(object{"email": "a@b.c"}, object{"name": " postROOM"}), 400, 2210},
		"domain not valid":         {change(object{"email": "a@b.c"}, object{"name": "Other", "domain": "weather"}), 400, 2000},
		"no domain":                {change(object{"email": "a@b.c"}, object{"name": "Other", "domain": ""}), 400, 2000},
		"no e-mail":                {change(object{"email": ""}, nil), 400, 1000},
		"not an e-mail":            {change(object{"email": "robin"}, nil), 400, 1000},
		"e-mail is a number":       {change(object{"email": 7}, nil), 400, 1000},
		"no application":           {change(object{"application": nil}, nil), 400, 1000},
		"application without name": {change(object{"email": "a@b.c"}, object{"name": " "}), 400, 1000},
		"address cannot be called": {change(object{"email": "a@b.c"}, object{"name": "O", "approvalUrl": "ftp://x"}), 400, 1000},
		"not JSON":                 {"{", 400, 1000},
		"an array":                 {"[]", 400, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, sandbox.Options{})
			r.call("POST", "/api/developers", registration()).want(t, 201, 0)
			r.call("POST", "/api/developers", c.body).want(t, c.status, c.code)
			if n := len(r.Registrations()); n != 1 {
				t.Errorf("%d registrations", n)
			}
		})
	}
}

func TestAFurtherApplicationHasItsOwnCaptchaOrItsIDAtOnce(t *testing.T) {
	more := object{"name": "Second", "domain": "comp-nominalv1"}
	t.Run("captcha", func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		developer, _ := r.registered(registration())
		a := r.call("POST", "/api/developers/"+developer+"/applications", more).want(t, 201, 0)
		if err := r.SolveCaptcha(a.text("registrationUrl")); err != nil {
			t.Fatal(err)
		}
		mails := r.Mailbox()
		if len(mails) != 2 || mails[1].DeveloperID != developer {
			t.Errorf("mailbox: %+v", mails)
		}
	})
	t.Run("at once", func(t *testing.T) {
		r := newRig(t, sandbox.Options{IDAtOnce: true})
		developer, _ := r.registered(registration())
		a := r.call("POST", "/api/developers/"+developer+"/applications", more).want(t, 201, 0)
		r.call("POST", passcodes(developer, a.text("applicationId")), object{"secret": "s"}).want(t, 201, 0)
	})
	t.Run("unknown developer", func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		r.call("POST", "/api/developers/nobody/applications", more).want(t, 404, 2205)
	})
}

func TestIDsAreNotKnownBeforeTheMail(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	r.call("POST", "/api/developers", registration()).want(t, 201, 0)
	r.call("POST", passcodes("guessed", "guessed"), object{"secret": "s"}).want(t, 404, 2205)
	developer, _ := r.registered(object{
		"name": "A", "email": "a@b.c", "company": "C", "application": object{"name": "A", "domain": "ecommerce"},
	})
	r.call("POST", passcodes(developer, "guessed"), object{"secret": "s"}).want(t, 404, 2215)
}

func TestPasscodeIsConsentedToOnce(t *testing.T) {
	r := newRig(t, sandbox.Options{Profile: profile(t, `{"operations":{"passcodeOutcome":{"path":"`+outcomePath+`"}}}`)})
	developer, application := r.registered(object{
		"name": "A", "email": "a@b.c", "company": "C", "application": object{"name": "A", "domain": "ecommerce"},
	})
	a := r.call("POST", passcodes(developer, application), object{"secret": "s"}).want(t, 201, 0)
	code := a.text("passcode")
	if at, err := time.Parse(time.RFC3339, a.text("expires")); err != nil || time.Until(at).Round(time.Minute) != 15*time.Minute {
		t.Errorf("expires %q: %v", a.text("expires"), err)
	}
	outcome := passcodes(developer, application) + "/" + code
	r.call("GET", outcome, nil).want(t, 400, 2315)
	typed := strings.ToLower(code[:3] + " " + code[3:6] + "-" + code[6:])
	if err := r.Grant(typed, "  Acme   Ltd "); err != nil {
		t.Fatal(err)
	}
	if got := r.Installations(); len(got) != 1 || got[0].Company != "Acme Ltd" || !got[0].On {
		t.Errorf("installations: %+v", got)
	}
	key := r.call("GET", outcome, nil).want(t, 200, 0).text("apikey")
	if want, err := r.InitialKey("acme ltd", "ecommerce"); err != nil || want.Reveal() != key {
		t.Errorf("another key than the connection's: %v", err)
	}
	if err := r.Grant(code, "Acme Ltd"); sandbox.Code(err) != 2320 {
		t.Errorf("granted twice: %v", err)
	}
	r.call("GET", passcodes(developer, application)+"/NOSUCHONE", nil).want(t, 404, 2300)
	r.polite()
}

const outcomePath = "/api/developers/{developerId}/applications/{applicationId}/passcodes/{passcode}"

func TestAnOutcomeIsFoundByWhateverItsPathNames(t *testing.T) {
	const ok = 0
	for path, refused := range map[string]struct{ unknownDeveloper, otherDeveloper, unknownApplication, otherApplication int }{
		outcomePath:                            {2205, 2215, 2215, 2215},
		"/outcomes/{developerId}.{passcode}":   {2205, 2300, ok, ok},
		"/outcomes/{applicationId}/{passcode}": {ok, ok, 2215, 2300},
		"/outcomes/{passcode}":                 {ok, ok, ok, ok},
	} {
		t.Run(path, func(t *testing.T) {
			r := newRig(t, sandbox.Options{Profile: profile(t, `{"operations":{"passcodeOutcome":{"path":"`+path+`"}}}`)})
			developer, application := r.registered(registration())
			otherDeveloper, otherApplication := r.registered(object{
				"name": "A", "email": "a@b.c", "company": "C", "application": object{"name": "A", "domain": "ecommerce"},
			})
			code := r.call("POST", passcodes(developer, application), object{"secret": "s"}).want(t, 201, 0).text("passcode")
			at := func(developer, application, code string) string {
				return strings.NewReplacer("{developerId}", developer, "{applicationId}", application, "{passcode}", code).Replace(path)
			}
			r.call("GET", at(developer, application, code), nil).want(t, 400, 2315)
			r.call("GET", at(developer, application, "NOSUCHONE"), nil).want(t, 404, 2300)
			if err := r.Grant(code, "Acme"); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				path string
				code int
			}{
				{at(developer, application, code), ok},
				{at("nobody", application, code), refused.unknownDeveloper},
				{at(otherDeveloper, application, code), refused.otherDeveloper},
				{at(developer, "nothing", code), refused.unknownApplication},
				{at(developer, otherApplication, code), refused.otherApplication},
			} {
				if c.code != ok {
					r.call("GET", c.path, nil).want(t, 404, c.code)
				} else if key := r.call("GET", c.path, nil).want(t, 200, 0).text("apikey"); key == "" {
					t.Errorf("%s: no key", c.path)
				}
			}
			r.polite()
		})
	}
}

func TestPasscodesRunOutAreReplacedAndAreDenied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{
			Limits:  sandbox.Limits{PasscodeTTL: time.Minute},
			Profile: profile(t, `{"operations":{"passcodeOutcome":{"path":"`+outcomePath+`"}}}`),
		})
		developer, application := r.registered(registration())
		next := func() string {
			return r.call("POST", passcodes(developer, application), object{"secret": "s"}).want(t, 201, 0).text("passcode")
		}
		first := next()
		second := next()
		outcome := func(code string, want int) {
			t.Helper()
			r.call("GET", passcodes(developer, application)+"/"+code, nil).want(t, 400, want)
		}
		outcome(first, 2310)
		if err := r.Grant(first, "Acme"); sandbox.Code(err) != 2310 {
			t.Errorf("a replaced passcode: %v", err)
		}
		if err := r.Deny(second); err != nil {
			t.Fatal(err)
		}
		outcome(second, 2315) // of a refusal nobody is told
		if err := r.Grant(second, "Acme"); sandbox.Code(err) != 2310 {
			t.Errorf("a denied passcode: %v", err)
		}
		third := next()
		time.Sleep(time.Minute)
		outcome(second, 2305)
		outcome(third, 2305)
		if err := r.Grant(third, "Acme"); sandbox.Code(err) != 2305 {
			t.Errorf("an expired passcode: %v", err)
		}
		if err := r.Grant("nothing", "Acme"); sandbox.Code(err) != 2300 {
			t.Errorf("an unknown passcode: %v", err)
		}
	})
}

func TestExpiryComesInEveryForm(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for form, want := range map[sandbox.ExpiresForm]any{
		sandbox.ExpiresRFC3339: "2026-11-24T10:15:00Z",
		sandbox.ExpiresEpoch:   float64(1795515300),
		sandbox.ExpiresMillis:  float64(1795515300000),
		sandbox.ExpiresSeconds: float64(900),
	} {
		r := newRig(t, sandbox.Options{
			Dialect: sandbox.Dialect{ExpiresForm: form}, Now: func() time.Time { return now },
		})
		developer, application := r.registered(registration())
		a := r.call("POST", passcodes(developer, application), object{"secret": "s"}).want(t, 201, 0)
		if a.fields["expires"] != want {
			t.Errorf("%q: expires %v, want %v", form, a.fields["expires"], want)
		}
		if a.header.Get("Date") != "Tue, 24 Nov 2026 10:00:00 GMT" {
			t.Errorf("Date %q is not the platform's own clock", a.header.Get("Date"))
		}
	}
}

func TestApplicationIsFixedByItsFirstPasscode(t *testing.T) {
	r := newRig(t, sandbox.Options{})
	developer, application := r.registered(registration())
	if err := r.ChangeApplication("Postroom", "https://example.com/other", ""); err != nil {
		t.Fatal(err)
	}
	r.call("POST", passcodes(developer, application), object{"secret": "s"}).want(t, 201, 0)
	if err := r.ChangeApplication("Postroom", "https://example.com/third", ""); sandbox.Code(err) != 2220 {
		t.Errorf("changed after a passcode: %v", err)
	}
	if err := r.ChangeApplication("Nothing", "", ""); sandbox.Code(err) != 2215 {
		t.Errorf("changed an unknown application: %v", err)
	}
}

func TestANewConsentEndsTheOneBefore(t *testing.T) {
	c := connect(t, sandbox.Options{})
	again, err := c.Connect(sandbox.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	c.create("a.json", 10).want(t, 401, 2115)
	c.key = again.InitialKey.Reveal()
	c.create("a.json", 10).want(t, 201, 0)
	if got := c.Installations(); len(got) != 1 || len(got[0].Connections) != 1 {
		t.Errorf("installations: %+v", got)
	}
}

func TestOneCompanyMayConnectTwoDomains(t *testing.T) {
	c := connect(t, sandbox.Options{})
	_, err := c.Connect(sandbox.Setup{Domain: "comp-nominalv1", Application: "Settings"})
	if err != nil {
		t.Fatal(err)
	}
	c.create("a.json", 10).want(t, 201, 0)
	if got := c.Installations(); len(got) != 1 || len(got[0].Connections) != 2 {
		t.Errorf("installations: %+v", got)
	}
}

// profile is the default one with some JSON laid over it.
func profile(t *testing.T, overlay string) *sage.Profile {
	t.Helper()
	p, err := sage.LoadProfile(strings.NewReader(overlay))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
