package watcher

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/callback"
	"postroom/sage/sandbox"
)

// otherNames is a profile whose platform calls us by other names.
const otherNames = `{"callbacks":{
	"approval":{"method":"PUT","key":["access.token"],"passcode":["code"],"applicationId":["app"]},
	"notification":{"form":"query","scope":["kind"]}}}`

// namingRig is a platform that calls us by other names, and the profile's file that says so.
func namingRig(t *testing.T) (*onboardingRig, string) {
	t.Helper()
	loaded := must(sage.LoadProfile(strings.NewReader(otherNames)))(t)
	return newOnboardingRig(t, sandbox.Options{Profile: loaded}), profileFile(t, otherNames)
}

func profileFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "profile.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// addressOf is the registration behind a draft's approvalUrl.
func addressOf(t *testing.T, e *Engine, d Draft) callback.Registration {
	t.Helper()
	at, known := callback.Match(e.onboarding.callbacks.Load().tokens, d.ApprovalURL[strings.LastIndex(d.ApprovalURL, "/")+1:])
	if !known {
		t.Fatal("the token is not known")
	}
	return at
}

func TestAKeyIsTakenByTheNamesOfItsProfile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, profile := namingRig(t)
		e, _ := r.onboard()
		in := r.input()
		in.ProfilePath = profile
		d := r.connected(e, in)

		if err := e.fs.Remove(e.draftPath(d.ID)); err != nil {
			t.Fatal(err)
		}
		calls, err := e.callbacksFor(addressOf(t, e, d))
		if err != nil || len(calls) != 1 || calls[0].Notification.Scope.First() != "kind" {
			t.Errorf("once there is but the connection: %+v, %v", calls, err)
		}
	})
}

func TestAnApplicationsOwnPathFollowsItsProfileToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, profile := namingRig(t)
		e, _ := r.onboard()
		in := r.input()
		in.ProfilePath, in.CallbackBase, in.CallbackPath, in.ApprovalURL = profile, "", "/hooks/sage", "http://127.0.0.1:8484/hooks/sage"
		r.connected(e, in)
	})
}

func TestAKeyIsDeliveredAgainWhenItsProfileCanBeReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, profile := namingRig(t)
		e, _ := r.onboard()
		in := r.input()
		in.ProfilePath = profile
		d := r.waiting(e, in)
		if err := os.WriteFile(profile, []byte(`{"callbacks":`), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Outcome != OutcomeWaiting {
			t.Errorf("by names that cannot be known: %+v", d)
		}
		if !bytes.Contains(r.log.Bytes(), []byte("the names in the platform's calls")) {
			t.Error("nobody is told")
		}
		if err := os.WriteFile(profile, []byte(otherNames), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Step != StepDone {
			t.Errorf("when they are known again: %+v\n%s", d, r.log)
		}
	})
}

func TestAnAddressFollowsOnlyTheProfilesOfWhomItMayBelongTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, profile := namingRig(t)
		e := r.open()
		in := r.input()
		in.ProfilePath = profile
		own := r.registered(e, in)
		in.Email, in.Application, in.Company = "ben@example.com", "Another", "Beta"
		in.ProfilePath = profileFile(t, `{"callbacks":{"approval":{"key":["other"]}}}`)
		other := r.registered(e, in)
		in.Email, in.Application, in.Company, in.ProfilePath = "eve@example.com", "Third", "Gamma", ""
		plain := r.registered(e, in)
		for name, want := range map[string]struct {
			draft Draft
			key   string
		}{"its own": {own, "access.token"}, "another": {other, "other"}, "the built-in one": {plain, ""}} {
			calls, err := e.callbacksFor(addressOf(t, e, want.draft))
			got := ""
			for _, c := range calls {
				got += c.Approval.Key.First()
			}
			if err != nil || got != want.key {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	})
}
