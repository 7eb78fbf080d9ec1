package callback

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// heard is a Listener with what came through it.
type heard struct {
	*Listener
	mu            sync.Mutex // guards what follows
	approvals     []Approval
	notifications []Notification
	from          []string
	now           time.Time
	refuse        error
}

func listen(t testing.TB, change func(*Options)) *heard {
	t.Helper()
	h := &heard{now: noon}
	known := []Registration{{ID: "draft-1", Token: "token-1"}, {ID: "draft-2", Token: "token-2"}}
	opts := Options{
		Tokens: func(token string) (Registration, bool) { return Match(known, token) },
		Paths: func(path string) (Registration, bool) {
			return Registration{ID: "elsewhere", Path: "/hooks/sage"}, path == "/hooks/sage"
		},
		OnApproval: func(_ context.Context, r Registration, a Approval) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.approvals, h.from = append(h.approvals, a), append(h.from, r.ID)
			return h.refuse
		},
		OnNotification: func(_ context.Context, r Registration, n Notification) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.notifications, h.from = append(h.notifications, n), append(h.from, r.ID)
		},
		Now: func() time.Time {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.now
		},
	}
	if change != nil {
		change(&opts)
	}
	l, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	h.Listener = l
	return h
}

func (h *heard) call(method, target, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAKeyIsReadHoweverItIsDelivered(t *testing.T) {
	const at = "/approval/token-1"
	for _, test := range []struct{ name, method, target, kind, body string }{
		{"JSON", "POST", at, "application/json", `{"apikey": "the-key", "passcode": "123 456", "applicationId": "app-0001", "domain": "ecommerce", "company": "Acme", "expires": "2026-11-25T12:00:00Z"}`},
		{"JSON by PUT, in another case", "PUT", at, "application/json; charset=utf-8", `{"ApiKey": "the-key", "PassCode": "123 456", "ApplicationID": "app-0001", "DOMAIN": "ecommerce", "Company": "Acme", "Expires": "2026-11-25T13:00:00+01:00"}`},
		{"JSON of another type", "POST", at, "text/plain", `{"api_key": "the-key", "pass-code": "123 456", "application_id": "app-0001", "domain": "ecommerce", "company": "Acme", "expires": 1795608000}`},
		{"JSON without a type, with a mark", "POST", at, "", "\xef\xbb\xbf" + ` {"apikey": "the-key", "passcode": "123 456", "applicationid": "app-0001", "domain": "ecommerce", "company": "Acme", "expires": "1795608000000"}`},
		{"JSON within JSON", "POST", at, "application/json", `{"event": "approved", "data": {"apikey": "the-key", "passcode": "123 456", "applicationId": "app-0001", "domain": "ecommerce", "company": "Acme", "expires": 86400}}`},
		{"JSON in a list", "POST", at, "application/json", `[{"apikey": "the-key", "passcode": "123 456", "applicationId": "app-0001", "domain": "ecommerce", "company": "Acme", "expires": 86400.0}]`},
		{"a form", "POST", at, "application/x-www-form-urlencoded", "apikey=the-key&passcode=123+456&applicationId=app-0001&domain=ecommerce&company=Acme&expires=86400"},
		{"a form without a type", "POST", at, "", "APIKEY=the-key&passcode=123%20456&applicationId=app-0001&domain=ecommerce&company=Acme&expires=86400"},
		{"a query", "GET", at + "?apiKey=the-key&passcode=123+456&applicationId=app-0001&domain=ecommerce&company=Acme&expires=2026-11-25T12:00:00Z", "", ""},
		{"a query beside JSON", "POST", at + "?domain=ecommerce&company=Acme&expires=86400&apikey=", "application/json", `{"apikey": "the-key", "passcode": "123 456", "applicationId": "app-0001"}`},
		{"under another path", "POST", "/postroom" + at + "/", "application/json", `{"apikey": "the-key", "passcode": "123 456", "applicationId": "app-0001", "domain": "ecommerce", "company": "Acme", "expires": 86400}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := listen(t, nil)
			if w := h.call(test.method, test.target, test.kind, test.body); w.Code != http.StatusOK {
				t.Fatal(w.Code, w.Body)
			}
			if len(h.approvals) != 1 || h.from[0] != "draft-1" {
				t.Fatal(h.approvals, h.from)
			}
			a := h.approvals[0]
			got := fmt.Sprint(a.Key.Reveal(), a.Passcode, a.ApplicationID.Reveal(), a.Domain, a.Company, a.Expires.Format(time.RFC3339))
			if got != fmt.Sprint("the-key", "123 456", "app-0001", "ecommerce", "Acme", "2026-11-25T12:00:00Z") {
				t.Error(got)
			}
		})
	}
}

func TestAKeyThatStandsInOtherFieldsTooIsDroppedFromThem(t *testing.T) {
	h := listen(t, nil)
	body := `{"apikey":"Key-0123456789","domain":"key-0123456789","company":"of Key-0123456789","passcode":"KEY-0123456789","applicationId":"x-Key-0123456789"}`
	r := httptest.NewRequest(http.MethodPost, "/approval/token-1", strings.NewReader(body))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK || len(h.approvals) != 1 {
		t.Fatalf("%d, %d approvals", w.Code, len(h.approvals))
	}
	a := h.approvals[0]
	if a.Key.Reveal() != "Key-0123456789" || a.Domain+a.Company+a.Passcode+a.ApplicationID.Reveal() != "" {
		t.Errorf("%+v", a)
	}
}

func TestAKeyAloneIsEnough(t *testing.T) {
	h := listen(t, nil)
	if w := h.call("POST", "/approval/token-2", "application/json", `{"apikey": "the-key"}`); w.Code != 200 {
		t.Fatal(w.Code)
	}
	if a := h.approvals[0]; a.Key.Reveal() != "the-key" || !a.Expires.IsZero() || !a.ApplicationID.IsZero() || h.from[0] != "draft-2" {
		t.Errorf("%+v", a)
	}
}

func TestANotificationIsReadHoweverItComes(t *testing.T) {
	want := fmt.Sprint("app-0001", "ecommerce", "customers", "f1", noon, "https://sage.example/f1")
	for target, body := range map[string]string{
		"/notification/token-1": `{"applicationId":"app-0001","domain":"ecommerce","scope":"customers","fileId":"f1","timestamp":"2026-11-24T12:00:00Z","downloadUrl":"https://sage.example/f1"}`,
		"/hooks/sage":           `{"ApplicationID":"app-0001","Domain":"ecommerce","Scope":"customers","FileId":"f1","Timestamp":1795521600,"DownloadURL":"https://sage.example/f1"}`,
		"/notification/token-1?applicationid=app-0001&domain=ecommerce&scope=customers&fileid=f1&timestamp=1795521600000&downloadurl=https://sage.example/f1": "",
	} {
		h := listen(t, nil)
		if w := h.call("POST", target, "", body); w.Code != 200 || len(h.notifications) != 1 {
			t.Fatalf("%s: %d, %v", target, w.Code, h.notifications)
		}
		n := h.notifications[0]
		if got := fmt.Sprint(n.ApplicationID.Reveal(), n.Domain, n.Scope, n.FileID, n.Timestamp, n.DownloadURL); got != want {
			t.Errorf("%s: %s", target, got)
		}
	}
}

func TestANotificationThatSaysNothingIsAHintAllTheSame(t *testing.T) {
	for _, method := range []string{"GET", "POST", "PUT"} {
		h := listen(t, nil)
		if w := h.call(method, "/notification/token-1", "", ""); w.Code != 200 || len(h.notifications) != 1 {
			t.Error(method, w.Code)
		}
	}
}

func TestACustomPathIsMatchedExactly(t *testing.T) {
	h := listen(t, nil)
	if w := h.call("POST", "/hooks/sage", "", `{"apikey": "the-key"}`); w.Code != 200 || h.from[0] != "elsewhere" || len(h.approvals) != 1 {
		t.Error(w.Code, h.from)
	}
	for _, path := range []string{"/hooks/sage/", "/hooks/sageX", "/Hooks/sage", "/x/hooks/sage", "/hooks//sage"} {
		if w := h.call("POST", path, "", `{"apikey": "the-key"}`); w.Code != 404 {
			t.Error(path, w.Code)
		}
	}
}

func TestAForgedCallIsNotHeard(t *testing.T) {
	h := listen(t, nil)
	for _, target := range []string{
		"/", "/approval", "/approval/", "/approval/token-3", "/approval/TOKEN-1", "/approval/token-1/x", "/approval/token-1%2Fx",
		"/notification/", "/notification/token", "/approvals/token-1", "/approval?token=token-1", "/approval/token-1%00",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			if w := h.call(method, target, "application/json", `{"apikey": "forged"}`); w.Code != 404 {
				t.Errorf("%s %s: %d", method, target, w.Code)
			}
		}
	}
	if len(h.from) > 0 {
		t.Error(h.from)
	}
}

func TestTheBodyOfAForgedCallIsNotRead(t *testing.T) {
	h := listen(t, nil)
	r := httptest.NewRequest(http.MethodPost, "/approval/forged", unread{t})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 404 {
		t.Error(w.Code)
	}
}

type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, errors.New("unread")
}

func TestWhatIsNotWellFormedIsRefusedAndNotRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		target, kind, body string
		status             int
	}{
		"no key":                {"/approval/token-1", "application/json", `{"passcode": "123"}`, 400},
		"nothing":               {"/approval/token-1", "", "", 400},
		"an empty key":          {"/approval/token-1", "application/json", `{"apikey": " "}`, 400},
		"a key of two lines":    {"/approval/token-1", "application/json", `{"apikey": "the-key\r\nX: y"}`, 400},
		"a key with a space":    {"/approval/token-1", "application/json", `{"apikey": "the key"}`, 400},
		"a key in bad UTF-8":    {"/approval/token-1", "", "apikey=the-key%ff", 400},
		"a key that is a list":  {"/approval/token-1", "application/json", `{"apikey": ["the-key"]}`, 400},
		"an endless key":        {"/approval/token-1", "application/json", `{"apikey": "` + strings.Repeat("k", 2561) + `"}`, 400},
		"cut JSON":              {"/approval/token-1", "application/json", `{"apikey": "the-key"`, 400},
		"two JSON texts":        {"/approval/token-1", "application/json", `{"apikey": "the-key"} {}`, 400},
		"JSON that is a number": {"/approval/token-1", "application/json", `7`, 400},
		"an empty list":         {"/approval/token-1", "application/json", `[]`, 400},
		"deep JSON":             {"/approval/token-1", "application/json", strings.Repeat("[", 20000), 400},
		"multipart":             {"/approval/token-1", "multipart/form-data; boundary=x", "--x--", 400},
		"a broken form":         {"/approval/token-1", "", "apikey=the-key%zz", 400},
		"a broken query":        {"/approval/token-1?apikey=the-key%zz", "", "", 400},
		"a broken hint":         {"/notification/token-1", "application/json", `{"apikey": "the-key"`, 400},
		"a body too large":      {"/approval/token-1", "application/json", `{"apikey": "the-key", "x": "` + strings.Repeat("x", maxBody) + `"}`, 413},
	} {
		h := listen(t, nil)
		w := h.call("POST", test.target, test.kind, test.body)
		if w.Code != test.status || len(h.from) > 0 {
			t.Errorf("%s: %d, %v", name, w.Code, h.approvals)
		}
		if strings.Contains(w.Body.String(), "the-key") {
			t.Errorf("%s: the answer repeats the key", name)
		}
	}
	h := listen(t, nil)
	for _, method := range []string{"DELETE", "PATCH", "HEAD", "OPTIONS"} {
		if w := h.call(method, "/approval/token-1?apikey=the-key", "", ""); w.Code != 405 || w.Header().Get("Allow") == "" {
			t.Error(method, w.Code)
		}
	}
}

func TestAKeyThatCouldNotBeStoredMayBeDeliveredAgain(t *testing.T) {
	h := listen(t, nil)
	h.refuse = errors.New("the keyring is locked: the-key")
	w := h.call("POST", "/approval/token-1", "", `{"apikey": "the-key"}`)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "the-key") {
		t.Error(w.Code, w.Body)
	}
	h.refuse = nil
	if w := h.call("POST", "/approval/token-1", "", `{"apikey": "the-key"}`); w.Code != 200 {
		t.Error(w.Code)
	}
}

func TestStoringGoesOnWhenTheCallerHangsUp(t *testing.T) {
	h := listen(t, func(o *Options) {
		o.OnApproval = func(ctx context.Context, _ Registration, _ Approval) error { return ctx.Err() }
	})
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	r := httptest.NewRequestWithContext(ctx, "POST", "/approval/token-1", strings.NewReader(`{"apikey": "the-key"}`))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Error(w.Code)
	}
}

func TestOfManyKeysAtOnceSomeHaveToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		h := listen(t, func(o *Options) {
			o.OnApproval = func(context.Context, Registration, Approval) error { <-release; return nil }
		})
		codes := make(chan int, maxAtOnce+5)
		for range maxAtOnce + 5 {
			go func() { codes <- h.call("POST", "/approval/token-1", "", `{"apikey": "the-key"}`).Code }()
		}
		synctest.Wait()
		if len(codes) != 5 {
			t.Errorf("%d calls were answered", len(codes))
		}
		for range 5 {
			if code := <-codes; code != 503 {
				t.Error(code)
			}
		}
		close(release)
		for range maxAtOnce {
			if code := <-codes; code != 200 {
				t.Error(code)
			}
		}
	})
}

func TestWhoCallsTooOftenIsTold(t *testing.T) {
	h := listen(t, func(o *Options) { o.Limit, o.Burst = 1, 3 })
	count := func(target string, n int) (refused int) {
		for range n {
			if w := h.call("POST", target, "", `{"apikey": "the-key"}`); w.Code == 429 {
				refused++
				if w.Header().Get("Retry-After") == "" {
					t.Error("it is not told when to call again")
				}
			}
		}
		return refused
	}
	if n := count("/approval/forged", 10); n != 7 {
		t.Errorf("%d of 10 forged calls were refused", n)
	}
	if n := count("/approval/token-1", 3); n != 0 {
		t.Error("forged calls took the place of the platform's")
	}
	if n := count("/approval/token-1", 2); n != 2 {
		t.Errorf("%d of 2 calls too many were refused", n)
	}
	if n := count("/approval/token-2", 3); n != 0 {
		t.Error("one registration's calls took the place of another's")
	}
	h.mu.Lock()
	h.now = h.now.Add(2 * time.Second)
	h.mu.Unlock()
	if n := count("/approval/forged", 10); n != 8 {
		t.Errorf("after two seconds %d of 10 forged calls were refused", n)
	}
}

func TestASlowBodyIsCutOff(t *testing.T) {
	h := listen(t, nil)
	w := &deadlined{ResponseRecorder: httptest.NewRecorder()}
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/approval/token-1", strings.NewReader(`{"apikey": "the-key"}`)))
	if left := time.Until(w.deadline); left <= 0 || left > bodyTimeout {
		t.Errorf("the body may take %v", left)
	}
}

type deadlined struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (d *deadlined) SetReadDeadline(at time.Time) error {
	d.deadline = at
	return nil
}

func TestAListenerNeedsItsHandlers(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("a listener that hears nothing was made")
	}
}

func TestMatchFindsATokenAndNoEmptyOne(t *testing.T) {
	known := []Registration{{ID: "path", Path: "/x"}, {ID: "a", Token: "t"}, {ID: "b", Token: "u"}}
	if r, ok := Match(known, "u"); !ok || r.ID != "b" {
		t.Error(r, ok)
	}
	for _, token := range []string{"", "T", "tu", "t\x00"} {
		if r, ok := Match(known, token); ok {
			t.Errorf("%q matches %v", token, r)
		}
	}
}
