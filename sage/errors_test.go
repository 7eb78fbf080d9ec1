package sage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// fails makes a tracking call against a platform that answers so, and gives its error.
func fails(t *testing.T, status int, body string) *Error {
	t.Helper()
	c := over(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/apikey") {
			says(200, `{"apikey":"key-two"}`)(w, r)
			return
		}
		says(status, body)(w, r)
	})
	_, err := session(c).Track(t.Context(), platform+"/tracking/1")
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("status %d %s: error is %v", status, body, err)
	}
	return e
}

// TestEachCodeHasItsErrorAndItsAction holds the tables of sage-api.md, sections 2 to 4.
func TestEachCodeHasItsErrorAndItsAction(t *testing.T) {
	for _, c := range []struct {
		code, status int
		is           error
		do           Action
		retry        bool
	}{
		{2000, 400, ErrDomainInvalid, ActionStopLane, false},
		{2010, 400, ErrScopeInvalid, ActionStopLane, false},
		{2100, 401, ErrKeyExpired, ActionRetry, true},
		{2105, 401, ErrKeyInvalid, ActionReconnect, false},
		{2110, 403, ErrKeyNotAllowed, ActionStopLane, false},
		{2115, 401, ErrKeyRevoked, ActionReconnect, false},
		{2120, 401, ErrKeyLocked, ActionUnlock, false},
		{2125, 401, ErrKeyLockedHard, ActionSupport, false},
		{2200, 400, ErrEmailTaken, ActionCorrect, false},
		{2205, 404, ErrDeveloperUnknown, ActionCorrect, false},
		{2210, 400, ErrApplicationTaken, ActionCorrect, false},
		{2215, 404, ErrApplicationUnknown, ActionCorrect, false},
		{2220, 400, ErrApplicationFixed, ActionCorrect, false},
		{2300, 404, ErrPasscodeUnknown, ActionReconnect, false},
		{2305, 400, ErrPasscodeExpired, ActionReconnect, false},
		{2310, 400, ErrPasscodeRevoked, ActionReconnect, false},
		{2315, 400, ErrNotConsented, ActionNothing, false},
		{2320, 400, ErrAlreadyConsented, ActionReconnect, false},
		{2400, 423, ErrScopeBusy, ActionWait, true},
		{2405, 423, ErrQuarantined, ActionWait, true},
		{2410, 404, ErrFileNotFound, ActionAsk, false},
		{2415, 400, ErrWrongState, ActionTrack, false},
		{2420, 410, ErrNotUploaded, ActionSend, false},
		{2425, 413, ErrTooLarge, ActionRefuse, false},
		{2430, 400, ErrFormat, ActionRefuse, false},
		{2435, 404, ErrNothingThere, ActionNothing, false},
	} {
		e := fails(t, c.status, fmt.Sprintf(`{"code":%d,"message":"The words of %d."}`, c.code, c.code))
		retry, reason := Retryable(e)
		if !errors.Is(e, c.is) || e.Code != c.code || e.Status != c.status || Do(e) != c.do || retry != c.retry || reason == "" {
			t.Errorf("%d: %v, do %s, retry %v (%s)", c.code, e, Do(e), retry, reason)
		}
		if e.Message != fmt.Sprintf("The words of %d.", c.code) {
			t.Errorf("%d: the message is %q", c.code, e.Message)
		}
		for _, r := range rules {
			if !errors.Is(c.is, r.is) && errors.Is(e, r.is) {
				t.Errorf("%d is %v too", c.code, r.is)
			}
		}
	}
	if len(rules) != 26 {
		t.Errorf("%d rules, and 26 in this test", len(rules))
	}
}

func TestStatusesWithoutACodeHaveAMeaning(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		is     error // nil: none
		do     Action
		retry  bool
	}{
		{500, `{"code":5000}`, ErrServer, ActionRetry, true},
		{500, `{"code":2105}`, ErrServer, ActionRetry, true}, // a failing server's word ends nothing
		{502, `<html>Bad gateway</html>`, ErrServer, ActionRetry, true},
		{503, ``, ErrServer, ActionRetry, true},
		{599, ``, ErrServer, ActionRetry, true},
		{429, ``, ErrThrottled, ActionRetry, true},
		{429, `{"code":4290}`, ErrThrottled, ActionRetry, true},
		{401, ``, ErrUnauthorized, ActionRetry, true},
		{401, `<html>`, ErrUnauthorized, ActionRetry, true},
		{401, `{"code":401}`, ErrUnauthorized, ActionRetry, true},
		{401, `{"code":2199}`, nil, ActionCorrect, false},
		{403, ``, ErrKeyNotAllowed, ActionStopLane, false},
		{403, `{"code":2199}`, nil, ActionCorrect, false},
		{423, ``, ErrScopeBusy, ActionWait, true},
		{413, `nginx`, ErrTooLarge, ActionRefuse, false},
		{410, ``, ErrNotUploaded, ActionSend, false},
		{408, ``, nil, ActionRetry, true},
		{425, ``, nil, ActionRetry, true},
		{404, ``, nil, ActionRetry, true},
		{404, `{"code":2499}`, nil, ActionCorrect, false},
		{400, ``, nil, ActionCorrect, false},
		{418, ``, nil, ActionCorrect, false},
		{300, ``, ErrMalformed, ActionRetry, true},
		{304, ``, ErrMalformed, ActionRetry, true},
	} {
		e := fails(t, c.status, c.body)
		retry, reason := Retryable(e)
		if c.is != nil && !errors.Is(e, c.is) || c.is == nil && e.what() != nil || Do(e) != c.do || retry != c.retry || reason == "" {
			t.Errorf("%d %s: %v, do %s, retry %v (%s)", c.status, c.body, e, Do(e), retry, reason)
		}
	}
}

func TestRetryableHasOneReasonForEveryKind(t *testing.T) {
	for _, c := range []struct {
		err    error
		retry  bool
		reason string
		do     Action
	}{
		{nil, false, "no error", ActionNothing},
		{errors.New("anything"), false, "refused", ActionCorrect},
		{ErrNetwork, true, "network", ActionRetry},
		{ErrTruncated, true, "truncated", ActionRetry},
		{ErrTooBig, true, "too big", ActionRetry},
		{ErrMalformed, true, "not understood", ActionRetry},
		{fmt.Errorf("storing: %w: %w", ErrKeyStore, io.EOF), true, "key store", ActionRetry},
		{context.DeadlineExceeded, true, "deadline", ActionRetry},
		{context.Canceled, false, "cancelled", ActionRetry},
		{&Error{kind: ErrNetwork, Err: context.Canceled}, false, "cancelled", ActionRetry},
		{&Error{kind: ErrUnclear, Err: &Error{kind: ErrNetwork, Err: context.Canceled}}, false, "unclear", ActionAsk},
		{&Error{Status: 403, Foreign: true, Code: 2105}, false, "another host refused", ActionRecreate},
		{ErrUnsafeURL, false, "unsafe address", ActionCorrect},
		{ErrRedirect, false, "redirect", ActionCorrect},
		{ErrNoSuchCall, false, "no such call", ActionCorrect},
		{ErrNoPlatform, false, "no platform", ActionCorrect},
		{ErrContent, false, "content", ActionCorrect},
	} {
		retry, reason := Retryable(c.err)
		if retry != c.retry || reason != c.reason || Do(c.err) != c.do {
			t.Errorf("%v: %v, %q, %s", c.err, retry, reason, Do(c.err))
		}
	}
}

func TestAnotherHostsRefusalIsItsOwn(t *testing.T) {
	for _, e := range []*Error{
		{Status: 401, Foreign: true},
		{Status: 401, Code: 2100, Foreign: true},
		{Status: 403, Code: 2105, Foreign: true},
		{Status: 404, Foreign: true},
		{Status: 400, Foreign: true},
		{Status: 410, Foreign: true},
	} {
		if !errors.Is(e, ErrForeignHost) || errors.Is(e, ErrKeyExpired) || errors.Is(e, ErrKeyInvalid) || errors.Is(e, ErrUnauthorized) || expired(e) {
			t.Errorf("%v", e)
		}
	}
	for _, c := range []struct {
		e  *Error
		is error
	}{
		{&Error{Status: 400, Code: 2415, Foreign: true}, ErrWrongState},
		{&Error{Status: 413, Foreign: true}, ErrTooLarge},
		{&Error{Status: 429, Foreign: true}, ErrThrottled},
		{&Error{Status: 503, Foreign: true}, ErrServer},
	} {
		if !errors.Is(c.e, c.is) || errors.Is(c.e, ErrForeignHost) {
			t.Errorf("%v is not %v", c.e, c.is)
		}
	}
}

func TestErrorsCarryWhatThePlatformSaid(t *testing.T) {
	c := over(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "120")
		says(413, `{"error":{"code":"2425","message":"Too\nlarge \u001b[31m \u202e here","limit":"5242880"}}`)(w, r)
	})
	_, err := session(c).Create(t.Context(), "orders", NewFile{Name: "o.json", Size: 1 << 30})
	e := wantError(t, err, ErrTooLarge)
	if e.Limit != 5242880 || e.Message != "Too large [31m here" || RetryAfter(err) != 2*time.Minute || RetryAfter(io.EOF) != 0 {
		t.Errorf("%+v", e)
	}
	want := "createFile: POST https://platform.test/api/domains/ecommerce/scopes/orders/files: status 413, code 2425: file too large for the platform (Too large [31m here)"
	if e.Error() != want {
		t.Errorf("reads\n%s\nwant\n%s", e, want)
	}
}

func TestAnErrorsBodyIsReadAsFarAsItGoes(t *testing.T) {
	huge := `{"code":2415,"message":"` + strings.Repeat("x", 40_000) + `"}`
	if e := fails(t, 400, huge); !errors.Is(e, ErrWrongState) || len(e.Message) > 1000 {
		t.Errorf("%.200v", e)
	}
	endless := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}
	c, _ := served(t, http.HandlerFunc(endless))
	_, err := session(c).Track(t.Context(), "/t")
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != 400 || e.Code != 0 {
		t.Errorf("an endless body gives %v", err)
	}
	c, _ = served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusLocked)
		io.WriteString(w, `{"code":2405}`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}))
	_, err = session(c).Track(t.Context(), "/t")
	wantError(t, err, ErrQuarantined)
}

func TestNoErrorRepeatsASecretThatThePlatformEchoes(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text := fmt.Sprintf("%s %s %v", body, r.URL, r.Header)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"code":2999,"message":%q}`, text)
	}
	var logged strings.Builder
	c := over(t, echo, func(o *Options) { o.OnExchange = func(x Exchange) { fmt.Fprintf(&logged, "%+v", x) } })
	developer, application := NewID("developer-full"), NewID("application-full")
	secret, initial, renewed := NewSecret("secret/with+signs"), NewSecret("initial-key"), NewSecret("renewed-secret")
	var errs []error
	_, err := c.CreatePasscode(t.Context(), developer, application, secret)
	errs = append(errs, err)
	_, err = c.RegisterApplication(t.Context(), developer, Application{Name: "x"})
	errs = append(errs, err)
	_, err = c.RotateKey(t.Context(), initial, secret)
	errs = append(errs, err, c.RenewSecret(t.Context(), initial, secret, renewed))
	for _, place := range []Place{InQuery, InHeader} {
		elsewhere := over(t, echo, with(func(p *Profile) { p.Operations.RotateKey.Parameters = place }))
		_, err = elsewhere.RotateKey(t.Context(), initial, secret)
		errs = append(errs, err)
	}
	_, err = session(c).Track(t.Context(), platform+"/tracking/capability-in-it")
	errs = append(errs, err)
	for _, err := range errs {
		text := fmt.Sprintf("%v %+v %#v", err, err, err) + logged.String()
		for _, s := range []string{"developer-full", "application-full", "secret/with+signs", "secret%2Fwith", "initial-key", "key-initial", "renewed-secret", "capability"} {
			if strings.Contains(text, s) {
				t.Errorf("%s stands in %.400s", s, text)
			}
		}
	}
}
