package watcher

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
	"postroom/sage/vault"
)

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
