package callback

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"postroom/sage"
)

// renamed is a profile's calls with every name another one.
func renamed() sage.Callbacks {
	return sage.Callbacks{
		Approval: sage.ApprovalCall{
			Method: http.MethodPut, Form: sage.FormJSON,
			Key: sage.Lookup{"access.token"}, Passcode: sage.Lookup{"code"}, ApplicationID: sage.Lookup{"app"},
			Domain: sage.Lookup{"area"}, Company: sage.Lookup{"grant.firm", "firm"}, Expires: sage.Lookup{"until"},
		},
		Notification: sage.NotificationCall{
			Method: http.MethodPut, Form: sage.FormJSON,
			ApplicationID: sage.Lookup{"app"}, Domain: sage.Lookup{"area"}, Scope: sage.Lookup{"kind"},
			FileID: sage.Lookup{"document.number"}, Timestamp: sage.Lookup{"at"}, DownloadURL: sage.Lookup{"link"},
		},
	}
}

// follow makes a listener follow profiles.
func follow(profiles ...sage.Callbacks) func(*Options) {
	return func(o *Options) {
		o.Callbacks = func(Registration) ([]sage.Callbacks, error) { return profiles, nil }
	}
}

func inTheQuery() sage.Callbacks {
	c := renamed()
	c.Approval.Form, c.Notification.Form = sage.FormQuery, sage.FormQuery
	return c
}

func TestAnApprovalIsReadByTheNamesOfItsProfile(t *testing.T) {
	const at = "/approval/token-1"
	const form = "access.token=the-key&code=123+456&app=app-0001&area=ecommerce&firm=Acme&until=86400"
	for name, test := range map[string]struct {
		profile                    sage.Callbacks
		method, target, kind, body string
	}{
		"JSON": {renamed(), "PUT", at, "application/json", `{"access": {"token": "the-key"}, "code": "123 456", "app": "app-0001", "area": "ecommerce", "grant": {"firm": "Acme"}, "until": 86400}`},
		"JSON, in another case, in lists": {
			renamed(), "POST", at, "application/json",
			`[{"ACCESS": [{"To_Ken": "the-key"}], "Code": "123 456", "APP": "app-0001", "area": "ecommerce", "Grant": {"FIRM": "Acme"}, "UNTIL": "86400"}]`,
		},
		"JSON, within JSON": {
			renamed(), "POST", at, "application/json",
			`{"access": {"token": "the-key"}, "data": {"code": "123 456", "app": "app-0001", "area": "ecommerce", "firm": "Acme", "until": 86400}}`,
		},
		"JSON, beside usual names that mean something else": {
			renamed(), "POST", at, "application/json",
			`{"apikey": "not-this", "passcode": "none", "company": "Platform Ltd", "access": {"token": "the-key"}, "code": "123 456", "app": "app-0001", "area": "ecommerce", "firm": "Acme", "until": 86400}`,
		},
		"JSON, by the usual names": {
			renamed(), "POST", at, "application/json",
			`{"apikey": "the-key", "passcode": "123 456", "applicationId": "app-0001", "domain": "ecommerce", "company": "Acme", "expiresIn": 86400}`,
		},
		"a form":                          {renamed(), "POST", at, "application/x-www-form-urlencoded", form},
		"a query":                         {inTheQuery(), "GET", at + "?" + form, "", ""},
		"a query, beside JSON":            {inTheQuery(), "POST", at + "?" + form, "application/json", `{"access": {"token": "not-this"}, "code": "none"}`},
		"a query, beside what is no JSON": {inTheQuery(), "POST", at + "?" + form, "application/json", "OK"},
	} {
		t.Run(name, func(t *testing.T) {
			h := listen(t, follow(test.profile))
			if w := h.call(test.method, test.target, test.kind, test.body); w.Code != http.StatusOK || len(h.approvals) != 1 {
				t.Fatal(w.Code, h.approvals)
			}
			a := h.approvals[0]
			got := fmt.Sprint(a.Key.Reveal(), a.Passcode, a.ApplicationID.Reveal(), a.Domain, a.Company, a.Expires.Format(time.RFC3339))
			if got != fmt.Sprint("the-key", "123 456", "app-0001", "ecommerce", "Acme", "2026-11-25T12:00:00Z") {
				t.Error(got)
			}
		})
	}
}

func TestANotificationIsReadByTheNamesOfItsProfile(t *testing.T) {
	const form = "app=app-0001&area=ecommerce&kind=customers&document.number=7&at=1795521600&link=https://sage.example/f1"
	for name, test := range map[string]struct {
		profile      sage.Callbacks
		target, body string
	}{
		"JSON":    {renamed(), "/notification/token-1", `{"app":"app-0001","area":"ecommerce","kind":"customers","document":{"number":7},"at":1795521600,"link":"https://sage.example/f1"}`},
		"a form":  {renamed(), "/notification/token-1", form},
		"a query": {inTheQuery(), "/notification/token-1?" + form, ""},
		"a path":  {renamed(), "/hooks/sage?" + form, ""},
		"the usual names": {
			renamed(), "/hooks/sage",
			`{"applicationId":"app-0001","domain":"ecommerce","scope":"customers","id":"7","timestamp":"2026-11-24T12:00:00Z","downloadUrl":"https://sage.example/f1"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := listen(t, follow(test.profile))
			if w := h.call("POST", test.target, "", test.body); w.Code != 200 || len(h.notifications) != 1 {
				t.Fatal(w.Code, h.notifications)
			}
			n := h.notifications[0]
			got := fmt.Sprint(n.ApplicationID.Reveal(), n.Domain, n.Scope, n.FileID, n.Timestamp, n.DownloadURL)
			if want := fmt.Sprint("app-0001", "ecommerce", "customers", "7", noon, "https://sage.example/f1"); got != want {
				t.Error(got)
			}
		})
	}
}

func TestATimestampIsNotCountedFromNow(t *testing.T) {
	h := listen(t, nil)
	if w := h.call("POST", "/notification/token-1", "", `{"timestamp": 900}`); w.Code != 200 || !h.notifications[0].Timestamp.IsZero() {
		t.Error(w.Code, h.notifications)
	}
}

func TestAtACustomPathAKeyIsToldFromAHintByTheNamesOfAllItsProfiles(t *testing.T) {
	other := sage.DefaultProfile().Callbacks
	other.Approval.Key = sage.Lookup{"secretOfYours"}
	for body, isKey := range map[string]bool{
		`{"access": {"token": "the-key"}}`:    true,
		`{"secretOfYours": "the-key"}`:        true,
		`{"apiKey": "the-key"}`:               true,
		`{"access": {"kind": "customers"}}`:   false,
		`{"scope": "customers", "token": ""}`: false,
	} {
		h := listen(t, follow(renamed(), other))
		w := h.call("POST", "/hooks/sage", "", body)
		if w.Code != 200 || len(h.approvals) == 1 != isKey || len(h.notifications) == 1 == isKey {
			t.Errorf("%s: %d, %v, %v", body, w.Code, h.approvals, h.notifications)
		}
	}
}

func TestAProfileIsNotAskedForBeforeTheTokenIsKnown(t *testing.T) {
	asked := ""
	h := listen(t, func(o *Options) {
		o.Callbacks = func(r Registration) ([]sage.Callbacks, error) { asked += r.ID; return nil, nil }
		o.Burst = 1
	})
	h.call("POST", "/approval/forged", "", `{"apikey": "the-key"}`)
	if asked != "" {
		t.Error("for a forged call")
	}
	for range 3 {
		h.call("POST", "/approval/token-2", "", `{"apikey": "the-key"}`)
	}
	if asked != "draft-2" {
		t.Errorf("asked for %q", asked)
	}
}

func TestAKeyUnderANameThatCannotBeLookedUpMayBeDeliveredAgain(t *testing.T) {
	broken := errors.New("the profile is damaged: the-key")
	h := listen(t, func(o *Options) {
		o.Callbacks = func(Registration) ([]sage.Callbacks, error) {
			if broken != nil {
				return nil, broken
			}
			return []sage.Callbacks{renamed()}, nil
		}
	})
	const body = `{"access": {"token": "the-key"}}`
	for _, path := range []string{"/approval/token-1", "/hooks/sage"} {
		if w := h.call("POST", path, "", body); w.Code != 503 || w.Header().Get("Retry-After") == "" || len(h.from) > 0 {
			t.Error(path, w.Code, h.from)
		}
	}
	if w := h.call("POST", "/approval/token-1", "", `{"apikey": "the-key"}`); w.Code != 200 || len(h.approvals) != 1 {
		t.Error("by the usual name:", w.Code)
	}
	if w := h.call("POST", "/notification/token-1", "", `{}`); w.Code != 200 || len(h.notifications) != 1 {
		t.Error("a hint:", w.Code)
	}
	broken = nil
	if w := h.call("POST", "/approval/token-1", "", body); w.Code != 200 || len(h.approvals) != 2 {
		t.Error("when it can be looked up again:", w.Code)
	}
}

func TestHostileValuesAreRefusedUnderEveryName(t *testing.T) {
	for name, body := range map[string]string{
		"a key of two lines":   `{"access": {"token": "the-key\r\nX: y"}}`,
		"a key in an object":   `{"access": {"token": {"value": "the-key"}}}`,
		"a key that is a flag": `{"access": {"token": true}}`,
		"a key beside it":      `{"access": "the-key"}`,
		"no key":               `{"access": {"tokens": "the-key"}}`,
		"a query":              `{`,
	} {
		for _, profile := range []sage.Callbacks{renamed(), inTheQuery()} {
			h := listen(t, follow(profile))
			if w := h.call("POST", "/approval/token-1", "", body); w.Code != 400 || len(h.from) > 0 {
				t.Errorf("%s: %d, %v", name, w.Code, h.approvals)
			}
		}
	}
}
