package watcher

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
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
		if left := d.ExpiresAt.Sub(time.Now()); left < 15*time.Minute-3*time.Second || left > 15*time.Minute {
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

func TestWhatSageWasToldCannotBeChangedAndNoStepIsTakenWithoutItsGround(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		ctx := t.Context()
		code := func(_ Draft, err error) string {
			told, ok := errors.AsType[*ProblemError](err)
			if !ok {
				return "no problem"
			}
			return told.Problem.Code
		}
		d := must(e.NewDraft(ctx, r.input()))(t)
		for _, step := range []DraftStep{StepEmail, StepFolder, StepPasscode, StepTest, StepDone, "elsewhere"} {
			if got := code(e.UpdateDraft(ctx, d.ID, step, r.input())); got != "draftStep" {
				t.Errorf("%s at once: %s", step, got)
			}
		}
		must(e.Register(ctx, d.ID))(t)
		in := r.input()
		in.CallbackBase = "https://elsewhere.example"
		if got := code(e.UpdateDraft(ctx, d.ID, StepEmail, in)); got != "draftFixed" {
			t.Errorf("another address after the registration: %s", got)
		}
		in = r.input()
		in.Company = "Beta"
		if got := code(e.UpdateDraft(ctx, d.ID, StepEmail, in)); got != "no problem" {
			t.Errorf("another company: %s", got)
		}
		if got := code(e.Test(ctx, d.ID)); got != "keyMissing" {
			t.Errorf("testing without a key: %s", got)
		}
		if got := code(e.PasteKey(ctx, d.ID, "abcdefgh")); got != "keyTooEarly" {
			t.Errorf("pasting without a passcode: %s", got)
		}
		if got := code(e.RequestPasscode(ctx, d.ID)); got != "inputMissing" {
			t.Errorf("a passcode without IDs: %s", got)
		}
		for _, id := range []string{"", "../settings", "nosuchdraft0", strings.Repeat("x", 300)} {
			if _, err := e.Draft(ctx, id); !errors.Is(err, ErrNotFound) {
				t.Errorf("draft %q: %v", id, err)
			}
		}
	})
}

func TestWhatCannotBeRightIsRefusedBeforeAnythingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		r.options.Transport = spy{r.platform.RoundTripper(), func(request *http.Request) { t.Errorf("sent: %s", request.URL) }}
		e := r.open()
		for code, edit := range map[string]func(*DraftInput){
			"platformUnsafe": func(in *DraftInput) { in.Platform = "http://sage.example" },
			"callbackUnsafe": func(in *DraftInput) { in.CallbackBase = "http://shop.example" },
			"emailInvalid":   func(in *DraftInput) { in.Email = "Ann <ann@example.com>" },
			"settingListen":  func(in *DraftInput) { in.CallbackListen = "127.0.0.1" },
			"callbackPath":   func(in *DraftInput) { in.CallbackPath = "hooks?x" },
			"folderRelative": func(in *DraftInput) { in.Folder = "desk" },
			"domainUnknown":  func(in *DraftInput) { in.Domain = "../x" },
			"profileGone":    func(in *DraftInput) { in.ProfilePath = filepath.Join(r.home, "none.json") },
			"inputTooLong":   func(in *DraftInput) { in.Name = strings.Repeat("x", 5000) },
		} {
			in := r.input()
			edit(&in)
			_, err := e.NewDraft(t.Context(), in)
			told, ok := errors.AsType[*ProblemError](err)
			if !ok || told.Problem.Code != code || !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: %v", code, err)
			}
		}
		in := r.input()
		in.ApprovalURL = "http://they.example/key"
		if _, err := e.NewDraft(t.Context(), in); err == nil {
			t.Error("somebody else's address without https was taken")
		}
		if drafts := must(e.Drafts(t.Context()))(t); len(drafts) != 0 {
			t.Errorf("left behind: %+v", drafts)
		}
	})
}

func TestARegistrationThatSageRefusesIsToldAndCanBeCorrected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		r.registered(e, r.input())
		d := must(e.NewDraft(t.Context(), r.input()))(t)
		d, err := e.Register(t.Context(), d.ID)
		if err == nil || d.Problem == nil || d.Problem.Code != "emailTaken" || d.Problem.Args["email"] != "ann@example.com" {
			t.Fatalf("the same address again: %v, %+v", err, d.Problem)
		}
		in := d.Input
		in.Email, in.Application = "ben@example.com", "Another"
		d = must(e.UpdateDraft(t.Context(), d.ID, StepIDs, in))(t)
		if d = must(e.Register(t.Context(), d.ID))(t); d.RegistrationURL == "" || d.Problem != nil {
			t.Errorf("corrected: %+v", d)
		}
	})
}

func TestAFurtherApplicationIsRegisteredForAKnownDeveloper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, atOnce := range []bool{false, true} {
			r := newOnboardingRig(t, sandbox.Options{IDAtOnce: atOnce})
			e, _ := r.onboard()
			r.registered(e, r.input())
			developer := r.platform.Mailbox()[0].DeveloperID
			in := r.input()
			in.Application, in.Company = "Second", "Beta"
			d := must(e.NewDraft(t.Context(), in))(t)
			d = must(e.SetIDs(t.Context(), d.ID, developer, ""))(t)
			if d.Step != StepIDs {
				t.Errorf("with the developer's ID alone it is at %q", d.Step)
			}
			d = must(e.Register(t.Context(), d.ID))(t)
			if atOnce && (d.Step != StepFolder || d.ApplicationTail == "") {
				t.Errorf("an ID that came at once: %+v", d)
			}
			if !atOnce {
				mail := r.confirm(d.RegistrationURL)
				d = must(e.SetIDs(t.Context(), d.ID, "", mail.ApplicationID))(t)
			}
			d = must(e.RequestPasscode(t.Context(), d.ID))(t)
			if err := r.platform.Grant(d.Passcode, "Beta"); err != nil {
				t.Fatal(err)
			}
			settle()
			if d = must(e.Draft(t.Context(), d.ID))(t); d.Step != StepDone {
				t.Errorf("the second application: %+v", d)
			}
		}
	})
}

func TestADroppedDraftTakesItsSecretsAlongAndLeavesAConnectionAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		d := r.waiting(e, r.input())
		if err := e.DropDraft(t.Context(), d.ID); err != nil {
			t.Fatal(err)
		}
		for _, item := range vault.Items() {
			if _, err := r.vault.Get(t.Context(), d.ID, item); !errors.Is(err, vault.ErrNotFound) {
				t.Errorf("%s stayed: %v", item, err)
			}
		}
		if len(must(e.readCallbacks())(t).Registrations) != 1 {
			t.Error("the token that Sage was told is gone")
		}
		if err := e.DropDraft(t.Context(), d.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("dropped twice: %v", err)
		}

		in := r.input()
		in.Email, in.Application = "ben@example.com", "Another"
		done := r.connected(e, in)
		if err := e.DropDraft(t.Context(), done.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := r.vault.Get(t.Context(), done.ID, vault.InitialKey); err != nil {
			t.Errorf("the connection's first key: %v", err)
		}
	})
}

func TestAFinishedDraftIsClearedAwayAfterAWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		var later atomic.Int64 // by which the computer's clock is put on
		r.options.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
		e, _ := r.onboard()
		d := r.connected(e, r.input())
		later.Store(int64(6 * 24 * time.Hour))
		settle()
		must(e.Draft(t.Context(), d.ID))(t)
		later.Store(int64(8 * 24 * time.Hour))
		settle()
		if _, err := e.Draft(t.Context(), d.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("after a week: %v", err)
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
