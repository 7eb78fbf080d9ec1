package watcher

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"postroom/sage/sandbox"
)

func TestAPracticeCompanyIsConnectedAtOnceAndOnlyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		started := 0
		r.options.Practice = func(context.Context) (Practised, error) {
			started++
			return Practised{
				Platform: rigPlatform,
				IDs: func(_ context.Context, registrationURL string) (string, string, error) {
					mail := r.confirm(registrationURL)
					return mail.DeveloperID, mail.ApplicationID, nil
				},
				Consent: func(_ context.Context, passcode, company string) (string, error) {
					if err := r.platform.Grant(passcode, company); err != nil {
						return "", err
					}
					key, err := r.platform.InitialKey(company, practiceDomain)
					return key.Reveal(), err
				},
			}, nil
		}
		e, _ := r.onboard()
		s := e.settings()
		s.DocumentsRoot, s.Language = r.desk, "es"
		if err := e.SaveSettings(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		d := must(e.Practice(t.Context()))(t)
		account := must(e.account(d.Connection))(t)
		if d.Step != StepDone || !d.Practice || !account.Practice || account.Company != "Empresa de prácticas" {
			t.Fatalf("connected: %+v, %+v", d, account)
		}
		if again := must(e.Practice(t.Context()))(t); again.Connection != d.Connection || started != 1 {
			t.Errorf("asked for again: %+v, started %d times", again, started)
		}
	})
}

func TestAPracticeThatFailsLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		if _, err := e.Practice(t.Context()); !errors.Is(err, ErrWrongState) {
			t.Errorf("without a sandbox: %v", err)
		}
		broken := errors.New("no e-mail")
		r.options.Practice = func(context.Context) (Practised, error) {
			return Practised{
				Platform: rigPlatform,
				IDs:      func(context.Context, string) (string, string, error) { return "", "", broken },
			}, nil
		}
		e = r.open()
		if _, err := e.Practice(t.Context()); !errors.Is(err, broken) {
			t.Errorf("without an e-mail: %v", err)
		}
		if drafts := must(e.Drafts(t.Context()))(t); len(drafts) != 0 {
			t.Errorf("left behind: %+v", drafts)
		}
	})
}
