package sage

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRegistrationSendsWhatTheContractSays(t *testing.T) {
	var calls record
	c := over(t, calls.of(says(201, `{"registrationUrl":"https://register.test/captcha?x=1"}`)))
	registered, err := c.RegisterDeveloper(t.Context(), Registration{
		Name: "Ann", Email: "ann@example.test", Company: "Acme",
		Application: Application{Name: "Shop", Description: "Orders", Domain: "ecommerce", ApprovalURL: "https://shop.test/a", NotificationURL: "https://shop.test/n"},
	})
	must(t, err)
	got := calls.one(t)
	want := `{"name":"Ann","email":"ann@example.test","company":"Acme","application":{"name":"Shop","description":"Orders","domain":"ecommerce",` +
		`"approvalUrl":"https://shop.test/a","notificationUrl":"https://shop.test/n"}}`
	if registered.RegistrationURL != "https://register.test/captcha?x=1" || !registered.ApplicationID.IsZero() {
		t.Errorf("%+v", registered)
	}
	if got.method != "POST" || got.path != "/api/developers" || got.body != want || got.header.Get("apikey") != "" {
		t.Errorf("%+v", got)
	}
}

func TestAFurtherApplicationIsRegisteredWithEitherAnswer(t *testing.T) {
	for body, want := range map[string]Registered{
		`{"registrationUrl":"/captcha/1"}`:                                {RegistrationURL: platform + "/captcha/1"},
		`{"applicationId":"application-1234"}`:                            {ApplicationID: NewID("application-1234")},
		`{"ApplicationID":17001234,"registration_url":"https://r.test/"}`: {ApplicationID: NewID("17001234"), RegistrationURL: "https://r.test/"},
	} {
		var calls record
		got, err := over(t, calls.of(says(200, body))).RegisterApplication(t.Context(), NewID("dev/1"), Application{Name: "Shop", Domain: "ecommerce"})
		must(t, err)
		if got.RegistrationURL != want.RegistrationURL || !got.ApplicationID.Equal(want.ApplicationID) {
			t.Errorf("%s: %+v, want %+v", body, got, want)
		}
		if asked := calls.one(t); asked.path != "/api/developers/dev%2F1/applications" || asked.body != `{"name":"Shop","domain":"ecommerce"}` {
			t.Errorf("%+v", asked)
		}
	}
	for body, want := range map[string]error{
		`{}`: ErrMalformed, `{"registrationUrl":""}`: ErrMalformed, `{"registrationUrl":"javascript:alert(1)"}`: ErrUnsafeURL,
		`{"registrationUrl":"file:///etc/passwd"}`: ErrUnsafeURL, `{"registrationUrl":"http://192.168.0.1/reboot"}`: ErrUnsafeURL,
	} {
		_, err := over(t, says(201, body)).RegisterApplication(t.Context(), NewID("d"), Application{})
		wantError(t, err, want)
	}
	if _, err := over(t, says(201, `{}`)).RegisterApplication(t.Context(), ID{}, Application{}); err == nil || errors.Is(err, ErrMalformed) {
		t.Errorf("without a developer's ID: %v", err)
	}
}

func TestAPasscodesTimeIsCountedByTheServersClock(t *testing.T) {
	server := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for _, expires := range []string{`"2026-11-24T10:15:00Z"`, `900`, `"900"`, `1795515300`, `"1795515300000"`} {
		var calls record
		c := over(t, calls.of(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", server.Format(http.TimeFormat))
			says(201, `{"Passcode":"ABCD-1234","expires":`+expires+`}`)(w, r)
		}))
		p, err := c.CreatePasscode(t.Context(), NewID("developer"), NewID("application"), NewSecret("s3cret"))
		must(t, err)
		if p.Code != "ABCD-1234" || p.Left() != 15*time.Minute || !p.Expires.Equal(server.Add(15*time.Minute)) || !p.ServerTime.Equal(server) {
			t.Errorf("%s: %+v, left %v", expires, p, p.Left())
		}
		if got := calls.one(t); got.path != "/api/developers/developer/applications/application/passcodes" || got.body != `{"secret":"s3cret"}` {
			t.Errorf("%+v", got)
		}
	}
	for body, left := range map[string]time.Duration{`{"passcode":1234}`: 0, `{"passcode":"x","expires":"soon"}`: 0, `{"passcode":"x","expires":"2001-01-01T00:00:00Z"}`: 0} {
		p, err := over(t, says(201, body)).CreatePasscode(t.Context(), NewID("d"), NewID("a"), NewSecret("s"))
		if err != nil || p.Code == "" || p.Left() != left {
			t.Errorf("%s: %+v, %v", body, p, err)
		}
	}
	for _, body := range []string{`{}`, `{"passcode":""}`, `{"passcode":"a\u0007b"}`, `{"passcode":"` + strings.Repeat("1", 300) + `"}`} {
		_, err := over(t, says(201, body)).CreatePasscode(t.Context(), NewID("d"), NewID("a"), NewSecret("s"))
		wantError(t, err, ErrMalformed)
	}
}

func TestParametersTravelWhereTheProfileSays(t *testing.T) {
	for place, want := range map[Place]seen{
		InBody:   {body: `{"initialApikey":"initial&key","secret":"the secret","newSecret":"n"}`},
		InQuery:  {query: "initialApikey=initial%26key&secret=the+secret&newSecret=n"},
		InHeader: {header: http.Header{"Initialapikey": {"initial&key"}, "Secret": {"the secret"}, "Newsecret": {"n"}}},
	} {
		var calls record
		c := over(t, calls.of(says(204, ``)), with(func(p *Profile) { p.Operations.RenewSecret.Parameters = place }))
		must(t, c.RenewSecret(t.Context(), NewSecret("initial&key"), NewSecret("the secret"), NewSecret("n")))
		got := calls.one(t)
		if got.method != "PATCH" || got.path != "/api/apikey/secret" || got.body != want.body || got.query != want.query {
			t.Errorf("%s: %+v", place, got)
		}
		for name, value := range want.header {
			if got.header.Get(name) != value[0] {
				t.Errorf("%s: %s is %q", place, name, got.header.Get(name))
			}
		}
		if place != InHeader && got.header.Get("Secret") != "" || got.header.Get("apikey") != "" {
			t.Errorf("%s: %+v", place, got.header)
		}
	}
}

func TestAPasscodesOutcomeIsReadWhereThereIsSuchACall(t *testing.T) {
	developer, application := NewID("developer"), NewID("application")
	_, err := over(t, says(200, `{"apikey":"k"}`)).PasscodeOutcome(t.Context(), developer, application, "code")
	wantError(t, err, ErrNoSuchCall)
	named := with(func(p *Profile) {
		p.Operations.PasscodeOutcome.Path = "/api/applications/{applicationId}/passcodes/{passcode}"
	})
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{
		{400, `{"code":2315}`, ErrNotConsented},
		{400, `{"code":2305}`, ErrPasscodeExpired},
		{400, `{"code":2310}`, ErrPasscodeRevoked},
		{404, `{"code":2300}`, ErrPasscodeUnknown},
		{200, `{}`, ErrMalformed},
		{200, `{"apikey":"bad\nkey"}`, ErrMalformed},
	} {
		_, err := over(t, says(c.status, c.body), named).PasscodeOutcome(t.Context(), developer, application, "code")
		wantError(t, err, c.want)
	}
	var calls record
	key, err := over(t, calls.of(says(200, `{"apiKey":"key-1"}`)), named).PasscodeOutcome(t.Context(), developer, application, "AB CD")
	must(t, err)
	if got := calls.one(t); key.Reveal() != "key-1" || got.method != "GET" || got.path != "/api/applications/application/passcodes/AB%20CD" {
		t.Errorf("%s %+v", key.Reveal(), got)
	}
}

func TestARotationsAnswerIsAKeyOrNone(t *testing.T) {
	for _, body := range []string{`{"apikey":"key-two"}`, `{"apiKey":"key-two"}`, `{"APIKEY":" key-two "}`, `{"api_key":"key-two","expires":3600}`} {
		rotated, err := over(t, says(200, body)).RotateKey(t.Context(), NewSecret("i"), NewSecret("s"))
		must(t, err)
		if rotated.Key.Reveal() != "key-two" {
			t.Errorf("%s: %s", body, rotated.Key.Reveal())
		}
	}
	for _, body := range []string{`{}`, `{"apikey":null}`, `{"apikey":""}`, `{"apikey":{"value":"x"}}`, `{"apikey":"a b"}`, `{"apikey":"ü"}`, `{"apikey":"` + strings.Repeat("x", 3000) + `"}`} {
		_, err := over(t, says(200, body)).RotateKey(t.Context(), NewSecret("i"), NewSecret("s"))
		wantError(t, err, ErrMalformed)
	}
}

func TestAKeysEndIsToldByOurOwnClock(t *testing.T) {
	ours, theirs := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	c := over(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", theirs.Format(http.TimeFormat))
		says(200, `{"apikey":"k","expires":"2026-11-25T10:00:00Z"}`)(w, r)
	}, func(o *Options) { o.Now = func() time.Time { return ours } })
	rotated, err := c.RotateKey(t.Context(), NewSecret("i"), NewSecret("s"))
	must(t, err)
	if !rotated.Expires.Equal(ours.Add(24 * time.Hour)) {
		t.Errorf("%v", rotated.Expires)
	}
}

func TestAClientIsMadeForSafeAddressesOnly(t *testing.T) {
	for address, want := range map[string]error{
		"": ErrNoPlatform, "http://sage.example": ErrUnsafeURL, "http://10.0.0.1": ErrUnsafeURL, "http://127.0.0.1.example": ErrUnsafeURL,
		"http://127.0.0.1:8080": nil, "http://localhost": nil, "http://[::1]:80": nil, "https://sage.example/broker/": nil, " https://sage.example ": nil,
	} {
		if _, err := New(Options{BaseURL: address}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", address, err, want)
		}
	}
	for _, address := range []string{"sage.example", "ftp://sage.example", "https://", "https://me:secret@sage.example", "https://sage.example?x=1", "https://sage.example#x", ":"} {
		if _, err := New(Options{BaseURL: address}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
	p := DefaultProfile()
	p.BaseURL = "https://sage.example/broker/"
	c, err := New(Options{Profile: p})
	must(t, err)
	if c.BaseURL() != "https://sage.example/broker" || c.Profile() != p {
		t.Errorf("%s", c.BaseURL())
	}
}
