package watcher

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
	"postroom/sage/vault"
)

func TestACompanyIsConnectedFromItsRegistrationToItsFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		ctx := t.Context()

		d := must(e.NewDraft(ctx, r.input()))(t)
		if d.Step != StepIDs {
			t.Fatalf("a new draft is at %q", d.Step)
		}
		d = must(e.Register(ctx, d.ID))(t)
		if d.Step != StepEmail || d.RegistrationURL == "" || !strings.HasPrefix(d.ApprovalURL, "http://127.0.0.1:8484/approval/") {
			t.Fatalf("after the registration: %+v", d)
		}
		mail := r.confirm(d.RegistrationURL)
		d = must(e.SetIDs(ctx, d.ID, mail.Body, ""))(t) // the whole e-mail
		if d.Step != StepFolder || !strings.HasSuffix(mail.ApplicationID, d.ApplicationTail) || d.ApplicationTail == "" {
			t.Fatalf("after the e-mail: %+v", d)
		}
		d = must(e.RequestPasscode(ctx, d.ID))(t)
		if d.Step != StepPasscode || d.Outcome != OutcomeWaiting || d.ExpiresAt.Sub(d.IssuedAt) != 15*time.Minute {
			t.Fatalf("with the passcode: %+v", d)
		}
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		d = must(e.Draft(ctx, d.ID))(t)
		if d.Step != StepDone || d.Outcome != OutcomeReceived || d.Connection == "" {
			t.Fatalf("after the consent: %+v\n%s", d, r.log)
		}
		for i, code := range []string{"vault", "reach", "key", "folder"} {
			if d.Checks[i].Code != code || d.Checks[i].State != "passed" {
				t.Errorf("tick %d is %+v", i, d.Checks[i])
			}
		}
		for _, folder := range []string{"Outbox/orders", "Inbox", "Sent", "Failed"} {
			if info, err := os.Stat(filepath.Join(r.desk, "Acme - Söhne", folder)); err != nil || !info.IsDir() {
				t.Errorf("%s: %v", folder, err)
			}
		}
		account := must(e.account(d.Connection))(t)
		if account.Company != "Acme / Söhne" || account.Platform != rigPlatform || account.CallbackListen != "127.0.0.1:8484" {
			t.Errorf("recorded: %+v", account)
		}
		if violations := r.platform.Violations(); len(violations) > 0 {
			t.Error(violations)
		}
	})
}

func TestNothingSecretIsKeptOutsideTheVault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		d := r.connected(e, r.input())
		if err := e.Rotate(t.Context(), "acme / söhne", ""); err != nil {
			t.Fatal(err)
		}
		settle()
		for _, item := range vault.Items() {
			value, err := r.vault.Get(t.Context(), d.ID, item)
			if errors.Is(err, vault.ErrNotFound) {
				if item != vault.PendingSecret && item != vault.CandidateKey {
					t.Errorf("the vault has no %s", item)
				}
				continue
			}
			findSecret(t, value.Reveal(), r.log.Bytes(), r.home, r.desk)
		}
	})
}

func TestEveryStepSurvivesTheEndOfTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		ctx := t.Context()
		var id string
		var mail sandbox.Mail
		steps := []struct {
			name string
			do   func(e *Engine) (Draft, error)
			then DraftStep
		}{
			{"begin", func(e *Engine) (Draft, error) { return e.NewDraft(ctx, r.input()) }, StepIDs},
			{"register", func(e *Engine) (Draft, error) { return e.Register(ctx, id) }, StepEmail},
			{"enter IDs", func(e *Engine) (Draft, error) {
				mail = r.confirm(must(e.Draft(ctx, id))(t).RegistrationURL)
				return e.SetIDs(ctx, id, mail.DeveloperID, mail.ApplicationID)
			}, StepFolder},
			{"choose a folder", func(e *Engine) (Draft, error) { return e.UpdateDraft(ctx, id, StepPasscode, r.input()) }, StepPasscode},
			{"ask for a passcode", func(e *Engine) (Draft, error) { return e.RequestPasscode(ctx, id) }, StepPasscode},
		}
		for _, step := range steps {
			e, stop := r.onboard()
			d := must(step.do(e))(t)
			id = d.ID
			stop()
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			next := r.open()
			drafts := must(next.Drafts(ctx))(t)
			if len(drafts) != 1 || drafts[0].ID != id || drafts[0].Step != step.then {
				t.Fatalf("after %s and a new start: %+v", step.name, drafts)
			}
		}
		// The consent is granted while nothing listens; the platform tries again.
		if err := r.platform.Grant(must(r.open().Draft(ctx, id))(t).Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		e, _ := r.onboard()
		time.Sleep(time.Minute)
		synctest.Wait()
		if d := must(e.Draft(ctx, id))(t); d.Step != StepDone {
			t.Errorf("in the end: %+v\n%s", d, r.log)
		}
	})
}

func TestWhatACommandDoesIsSeenByTheAgentBesideIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		command, stop := r.onboard()
		d := r.waiting(command, r.input())

		agent, _ := r.onboard() // started meanwhile; the command has the address
		events := must(agent.Events(t.Context()))(t)
		settle()
		if shown := must(agent.Draft(t.Context(), d.ID))(t); len(shown.Warnings) != 1 || shown.Warnings[0].Code != "listenBusy" {
			t.Errorf("while the command listens the agent says %+v", shown.Warnings)
		}
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		stop()
		settle()
		if got := must(agent.Draft(t.Context(), d.ID))(t); got.Step != StepDone || len(got.Warnings) != 0 {
			t.Errorf("the agent sees %+v", got)
		}
		if accounts := must(agent.readAccounts())(t); len(accounts) != 1 {
			t.Errorf("the agent sees %d connections", len(accounts))
		}
		heard := false
		for len(events) > 0 {
			event := <-events
			heard = heard || event.Kind == EventDraft && event.ID == d.ID
		}
		if !heard {
			t.Error("no event told of the draft")
		}
		r.net.mu.Lock()
		defer r.net.mu.Unlock()
		if r.net.bound["127.0.0.1:8484"] == nil {
			t.Error("the agent does not listen in the command's place")
		}
	})
}
