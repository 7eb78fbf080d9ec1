package sage_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"postroom/sage"
	"postroom/sage/callback"
)

const (
	walkToken    = "walk-token"
	walkApproval = "https://shop.test" + callback.ApprovalPath + walkToken
	walkNews     = "https://shop.test" + callback.NotificationPath + walkToken
)

// ears receive the sandbox's calls with the listener that the product has, by the client's profile.
type ears struct {
	listener *callback.Listener

	mu            sync.Mutex // guards what follows
	calls         []heardCall
	approvals     []callback.Approval
	notifications []callback.Notification
}

// heardCall is how a call came.
type heardCall struct {
	path, method string
	form         sage.Form
}

func listenBy(t *testing.T, client *sage.Profile) *ears {
	t.Helper()
	e := &ears{}
	known := []callback.Registration{{ID: "shop", Token: walkToken}}
	var err error
	e.listener, err = callback.New(callback.Options{
		Tokens:    func(token string) (callback.Registration, bool) { return callback.Match(known, token) },
		Callbacks: func(callback.Registration) ([]sage.Callbacks, error) { return []sage.Callbacks{client.Callbacks}, nil },
		OnApproval: func(_ context.Context, _ callback.Registration, a callback.Approval) error {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.approvals = append(e.approvals, a)
			return nil
		},
		OnNotification: func(_ context.Context, _ callback.Registration, n callback.Notification) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.notifications = append(e.notifications, n)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// RoundTrip takes a call of the sandbox.
func (e *ears) RoundTrip(r *http.Request) (*http.Response, error) {
	form := sage.FormQuery
	switch r.Header.Get("Content-Type") {
	case "application/json":
		form = sage.FormJSON
	case "application/x-www-form-urlencoded":
		form = sage.FormURLEncoded
	}
	e.mu.Lock()
	e.calls = append(e.calls, heardCall{r.URL.Path, r.Method, form})
	e.mu.Unlock()
	answer := httptest.NewRecorder()
	e.listener.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// approval is the last key that was delivered.
func (e *ears) approval() (callback.Approval, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.approvals) == 0 {
		return callback.Approval{}, errors.New("no key was delivered")
	}
	return e.approvals[len(e.approvals)-1], nil
}

// notification is the last hint that came.
func (e *ears) notification() (callback.Notification, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.notifications) == 0 {
		return callback.Notification{}, errors.New("no hint came")
	}
	return e.notifications[len(e.notifications)-1], nil
}

// renamesCallback shows a name of the platform's calls: the listener reads it where the client's profile has it, and
// the usual name besides.
func renamesCallback(t *testing.T, w *walker) {
	t.Helper()
	if err := goThrough(t, w.changed, w.changed, nil); err != nil {
		t.Errorf("with the changed value on both sides: %v", err)
	}
	if err := goThrough(t, w.before, w.changed, nil); err == nil {
		t.Error("the sandbox does not follow: a listener without the change understands it all the same")
	}
	if err := goThrough(t, w.changed, w.before, nil); err != nil {
		t.Errorf("the usual name is not read any more: %v", err)
	}
}

// calledBy shows how the platform calls: the sandbox follows, the listener takes every way.
func calledBy(path, method string, form sage.Form) func(*testing.T, *walker) {
	return func(t *testing.T, w *walker) {
		for _, client := range []*sage.Profile{w.before, w.changed} {
			err := goThrough(t, client, w.changed, func(x *world) {
				if !slices.Contains(x.ears.calls, heardCall{path, method, form}) {
					t.Errorf("called as %v", x.ears.calls)
				}
			})
			if err != nil {
				t.Error(err)
			}
		}
		if err := goThrough(t, w.changed, w.before, nil); err != nil {
			t.Errorf("another way is not taken any more: %v", err)
		}
	}
}

func approvesBy(method string, form sage.Form) func(*testing.T, *walker) {
	return calledBy(callback.ApprovalPath+walkToken, method, form)
}

func notifiesBy(method string, form sage.Form) func(*testing.T, *walker) {
	return calledBy(callback.NotificationPath+walkToken, method, form)
}
