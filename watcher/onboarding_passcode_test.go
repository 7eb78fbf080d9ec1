package watcher

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
)

// spy looks at every request before it goes out.
type spy struct {
	to   http.RoundTripper
	look func(*http.Request)
}

func (s spy) RoundTrip(r *http.Request) (*http.Response, error) {
	s.look(r)
	return s.to.RoundTrip(r)
}

func TestTheSecretIsInTheVaultBeforeAPasscodeIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		asked := 0
		var draft string
		r.options.Transport = spy{r.platform.RoundTripper(), func(request *http.Request) {
			if strings.HasSuffix(request.URL.Path, "/passcodes") {
				asked++
				if _, err := r.vault.Get(t.Context(), draft, vault.Secret); err != nil {
					t.Errorf("when the passcode is asked for: %v", err)
				}
			}
		}}
		e := r.open()
		d := r.registered(e, r.input())
		draft = d.ID
		must(e.RequestPasscode(t.Context(), d.ID))(t)
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
	})
}

// forgetful is a keyring that takes a secret and does not keep it.
type forgetful struct{ vault.Vault }

func (f forgetful) Set(ctx context.Context, connection string, item vault.Item, value sage.Secret) error {
	if item == vault.Secret {
		return vault.ErrReadBack
	}
	return f.Vault.Set(ctx, connection, item, value)
}

func TestNoPasscodeIsAskedForWhereTheSecretCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		r.options.Vault = forgetful{r.vault}
		r.options.Transport = spy{r.platform.RoundTripper(), func(request *http.Request) {
			if strings.HasSuffix(request.URL.Path, "/passcodes") {
				t.Error("a passcode was asked for")
			}
		}}
		e := r.open()
		d := r.registered(e, r.input())
		d, err := e.RequestPasscode(t.Context(), d.ID)
		told, ok := errors.AsType[*ProblemError](err)
		if !ok || told.Problem.Code != "vaultForgets" || d.Problem == nil || d.Problem.Code != "vaultForgets" {
			t.Errorf("told %v, the draft says %+v", err, d.Problem)
		}
	})
}

func TestAPasscodeRunsByTheServersClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{Now: func() time.Time { return time.Now().Add(5 * time.Hour) }})
		e, _ := r.onboard()
		d := r.waiting(e, r.input())
		if left := time.Until(d.ExpiresAt); left < 15*time.Minute-3*time.Second || left > 15*time.Minute {
			t.Errorf("%s are left", left)
		}
		time.Sleep(14 * time.Minute)
		synctest.Wait()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Outcome != OutcomeWaiting {
			t.Errorf("a minute before its end it is %q", d.Outcome)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		record := must(e.readDraft(d.ID))(t)
		if record.Outcome != OutcomeRanOut || record.Step != StepPasscode {
			t.Errorf("after its end: %+v", record)
		}

		again := must(e.RequestPasscode(t.Context(), d.ID))(t)
		if again.Passcode == d.Passcode || again.Outcome != OutcomeWaiting {
			t.Errorf("the next one: %+v", again)
		}
		if err := r.platform.Grant(again.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Step != StepDone {
			t.Errorf("with the second passcode: %+v", d)
		}
	})
}

func TestAnOpenPasscodeIsGivenAgainAndNotAskedForTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		d := r.waiting(e, r.input())
		if again := must(e.RequestPasscode(t.Context(), d.ID))(t); again.Passcode != d.Passcode {
			t.Errorf("first %s, then %s", d.Passcode, again.Passcode)
		}
	})
}

func TestAnApplicationHasOneOpenPasscode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		first := r.waiting(e, r.input())
		mail := r.platform.Mailbox()[0]
		begin := func(company string) Draft {
			in := r.input()
			in.Company = company
			d := must(e.NewDraft(t.Context(), in))(t)
			return must(e.SetIDs(t.Context(), d.ID, mail.DeveloperID, mail.ApplicationID))(t)
		}

		_, err := e.RequestPasscode(t.Context(), begin("Beta").ID)
		told, ok := errors.AsType[*ProblemError](err)
		if !ok || told.Problem.Code != "passcodeOpen" || told.Problem.Args["company"] != first.Input.Company || !errors.Is(err, ErrBusy) {
			t.Errorf("another company: %v", err)
		}

		// The same company begun again, as by a command that was ended: it goes on with what there is.
		twin := must(e.RequestPasscode(t.Context(), begin(first.Input.Company).ID))(t)
		if twin.Passcode != first.Passcode || twin.ExpiresAt != first.ExpiresAt {
			t.Errorf("the twin has %+v", twin)
		}
		if _, err := e.Draft(t.Context(), first.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("the draft before it: %v", err)
		}
		if err := r.platform.Grant(twin.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		if d := must(e.Draft(t.Context(), twin.ID))(t); d.Step != StepDone {
			t.Errorf("the twin: %+v\n%s", d, r.log)
		}
		if err := e.Rotate(t.Context(), first.Input.Company, ""); err != nil { // with the secret that was taken over
			t.Errorf("rotating: %v", err)
		}
	})
}

func TestTheOutcomeIsAskedForWhereTheProfileNamesACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		profile := filepath.Join(t.TempDir(), "profile.json")
		text := `{"operations":{"passcodeOutcome":{"path":"/api/developers/{developerId}/applications/{applicationId}/passcodes/{passcode}"}}}`
		if err := os.WriteFile(profile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		loaded, err := sage.LoadProfile(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		r := newOnboardingRig(t, sandbox.Options{Profile: loaded})
		e, _ := r.onboard()
		in := r.input()
		in.ProfilePath, in.CallbackBase, in.CallbackListen = profile, "", ""
		d := r.waiting(e, in)
		time.Sleep(time.Minute)
		synctest.Wait()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Outcome != OutcomeWaiting || d.Problem != nil {
			t.Fatalf("before the consent: %+v", d)
		}
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Step != StepDone {
			t.Errorf("after it: %+v\n%s", d, r.log)
		}
		if !slices.Equal(must(e.readAccounts())(t), must(e.loadAccounts(t.Context()))(t)) {
			t.Error("the connection cannot be loaded")
		}
	})
}
