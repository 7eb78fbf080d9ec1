package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
)

// listener is an application's end: it keeps what it is called with.
type listener struct {
	mu      sync.Mutex
	calls   []called
	answers []int // statuses of the next calls; 200 after them, 0 for no answer
}

type called struct {
	method, url, kind, body string
	at                      time.Time
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, called{r.Method, r.URL.String(), r.Header.Get("Content-Type"), string(body), time.Now()})
	status := 200
	if len(l.answers) > 0 {
		status, l.answers = l.answers[0], l.answers[1:]
	}
	if status == 0 {
		return nil, errors.New("no route to host")
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: r}, nil
}

func (l *listener) heard() []called {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}

func (l *listener) one(t *testing.T) called {
	t.Helper()
	calls := l.heard()
	if len(calls) != 1 {
		t.Fatalf("%d calls, want 1: %+v", len(calls), calls)
	}
	return calls[0]
}

func callable() sandbox.Setup {
	return sandbox.Setup{ApprovalURL: "https://app.example/approval/x", NotificationURL: "https://app.example/notification/x?y=1"}
}

func TestAGrantTellsTheKeyToTheApprovalURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		r := newRig(t, sandbox.Options{Callbacks: l})
		made, err := r.Connect(callable())
		must(t, err)
		call := l.one(t)
		if call.method != "POST" || call.url != "https://app.example/approval/x" || call.kind != "application/json" {
			t.Errorf("called %+v", call)
		}
		var got map[string]string
		must(t, json.Unmarshal([]byte(call.body), &got))
		for name, want := range map[string]string{
			"apikey": made.InitialKey.Reveal(), "applicationId": made.ApplicationID.Reveal(), "domain": "ecommerce",
			"company": "Acme Ltd",
		} {
			if got[name] != want {
				t.Errorf("%s is %q, want %q", name, got[name], want)
			}
		}
		if got["passcode"] == "" || got["expires"] == "" {
			t.Errorf("body %s", call.body)
		}
		if c := r.Calls(); len(c) != 1 || !c[0].Done || c[0].Outcome != "answered 200" {
			t.Errorf("calls %+v", c)
		}
	})
}

func TestTheApprovalFollowsTheProfile(t *testing.T) {
	for overlay, check := range map[string]func(*testing.T, called, string){
		`{"method":"GET","form":"query","key":["ApiKey"]}`: func(t *testing.T, c called, key string) {
			u, err := url.Parse(c.url)
			must(t, err)
			if c.method != "GET" || u.Query().Get("ApiKey") != key || c.body != "" {
				t.Errorf("called %+v", c)
			}
		},
		`{"method":"PUT","form":"form"}`: func(t *testing.T, c called, key string) {
			v, err := url.ParseQuery(c.body)
			must(t, err)
			if c.method != "PUT" || v.Get("apikey") != key || c.kind != "application/x-www-form-urlencoded" {
				t.Errorf("called %+v", c)
			}
		},
		`{"form":"query"}`: func(t *testing.T, c called, key string) {
			u, err := url.Parse(c.url)
			must(t, err)
			if c.method != "POST" || u.Query().Get("apikey") != key || c.kind != "" {
				t.Errorf("called %+v", c)
			}
		},
		`{"key":["grant.apikey"]}`: func(t *testing.T, c called, key string) {
			if !strings.Contains(c.body, `"grant":{"apikey":"`+key+`"}`) {
				t.Errorf("called %+v", c)
			}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &listener{}
			r := newRig(t, sandbox.Options{Callbacks: l, Profile: profile(t, `{"callbacks":{"approval":`+overlay+`}}`)})
			made, err := r.Connect(callable())
			must(t, err)
			check(t, l.one(t), made.InitialKey.Reveal())
		})
	}
}

func TestNamesCanComeInUpperCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		r := newRig(t, sandbox.Options{Callbacks: l, Dialect: sandbox.Dialect{UpperCaseNames: true, TextCodes: true}})
		_, err := r.Connect(callable())
		must(t, err)
		if call := l.one(t); !strings.Contains(call.body, `"APIKEY":"`) {
			t.Errorf("called %+v", call)
		}
		if a := r.call("GET", latestProducts, nil); a.fields["CODE"] != "2105" {
			t.Errorf("answered %s", a.body)
		}
	})
}

func TestANewListIsAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		r := newRig(t, sandbox.Options{Callbacks: l})
		setup := callable()
		setup.ApprovalURL = ""
		made, err := r.Connect(setup)
		must(t, err)
		must(t, r.Publish("", "customers", sandbox.SampleCustomers(1)))
		call := l.one(t)
		if call.url != "https://app.example/notification/x?y=1" || call.method != "POST" {
			t.Errorf("called %+v", call)
		}
		var got map[string]string
		must(t, json.Unmarshal([]byte(call.body), &got))
		latest := r.call("GET", "/api/domains/ecommerce/scopes/customers/files/latest", nil, "apikey", made.InitialKey.Reveal())
		for name, want := range map[string]string{
			"applicationId": made.ApplicationID.Reveal(), "domain": "ecommerce", "scope": "customers",
			"fileId": latest.text("fileId"), "downloadUrl": latest.text("downloadUrl"),
		} {
			if got[name] != want {
				t.Errorf("%s is %q, want %q", name, got[name], want)
			}
		}
	})
}

func TestACallThatFailsIsTriedAgainEverLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{answers: []int{0, 500, 404}}
		r := newRig(t, sandbox.Options{Callbacks: l})
		_, err := r.Connect(callable())
		must(t, err)
		start := time.Now()
		time.Sleep(time.Hour)
		var waited []time.Duration
		for _, c := range l.heard() {
			waited = append(waited, c.at.Sub(start))
		}
		want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second}
		if len(waited) != len(want) {
			t.Fatalf("tried at %v, want %v", waited, want)
		}
		for i := range want {
			if waited[i] != want[i] {
				t.Errorf("tried at %v, want %v", waited, want)
			}
		}
	})
}

func TestACallThatNeverSucceedsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{answers: []int{500, 500, 500, 500, 500}}
		r := newRig(t, sandbox.Options{Callbacks: l, Limits: sandbox.Limits{CallbackTries: 3}})
		_, err := r.Connect(callable())
		must(t, err)
		time.Sleep(time.Hour)
		if got := r.Calls()[0]; len(l.heard()) != 3 || got.Done || !got.Over || got.Outcome != "answered 500" {
			t.Errorf("%d calls, %+v", len(l.heard()), got)
		}
	})
}

func TestCallsAreLostAndDoubledOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		r := newRig(t, sandbox.Options{Callbacks: l})
		r.AddFault(sandbox.Fault{Kind: sandbox.FaultLoseCallback, Op: sandbox.OpApproval, Times: 1})
		r.AddFault(sandbox.Fault{Kind: sandbox.FaultDoubleCallback, Op: sandbox.OpNotification, Times: 1})
		_, err := r.Connect(callable())
		must(t, err)
		time.Sleep(time.Hour)
		if got := l.heard(); len(got) != 0 {
			t.Errorf("a lost call was made: %+v", got)
		}
		must(t, r.Publish("", "products", sandbox.SampleProducts(1)))
		time.Sleep(time.Hour)
		if got := l.heard(); len(got) != 2 || got[0].body != got[1].body {
			t.Errorf("doubled: %+v", got)
		}
		must(t, r.Publish("", "products", sandbox.SampleProducts(1)))
		if got := l.heard(); len(got) != 3 {
			t.Errorf("the fault went on: %d calls", len(got))
		}
	})
}

func TestCloseEndsACallThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hanging := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		})
		r := newRig(t, sandbox.Options{Callbacks: hanging, Limits: sandbox.Limits{CallbackTimeout: time.Hour}})
		_, err := r.Connect(callable())
		must(t, err)
		synctest.Wait()
		must(t, r.Close())
		if got := r.Calls()[0]; got.Over {
			t.Errorf("given up because of the end: %+v", got)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
