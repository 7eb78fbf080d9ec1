package watcher

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/callback"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
)

// pasted is an input whose key somebody else receives.
func (r *onboardingRig) pasted() DraftInput {
	in := r.input()
	in.CallbackBase, in.CallbackListen, in.ApprovalURL = "", "", "https://they.example/key"
	return in
}

func TestAPastedKeyIsTriedBeforeItCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		ctx := t.Context()
		d := r.waiting(e, r.pasted())
		if d.ApprovalURL != "https://they.example/key" {
			t.Errorf("Sage was told %q", d.ApprovalURL)
		}
		d = must(e.PasteKey(ctx, d.ID, "  not-the-key-0815\n"))(t)
		if d.Outcome != OutcomeReceived || d.Step != StepTest {
			t.Errorf("a pasted key: %+v", d)
		}
		d, err := e.Test(ctx, d.ID)
		if err == nil || d.Problem == nil || d.Problem.Code != "candidateRefused" || d.Outcome != OutcomeWaiting {
			t.Errorf("the wrong key: %v, %+v", err, d)
		}
		if last := d.Checks[len(d.Checks)-1]; last.Code != "key" || last.State != "failed" || last.Problem.Code != "candidateRefused" {
			t.Errorf("the last tick is %+v", last)
		}
		if _, err := r.vault.Get(ctx, d.ID, vault.InitialKey); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("the wrong key was kept as the first: %v", err)
		}
		if accounts := must(e.readAccounts())(t); len(accounts) != 0 {
			t.Errorf("connected with the wrong key: %+v", accounts)
		}

		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		key := must(r.platform.InitialKey("Acme", "ecommerce"))(t)
		must(e.PasteKey(ctx, d.ID, `"`+key.Reveal()+`"`))(t)
		d = must(e.Test(ctx, d.ID))(t)
		if d.Step != StepDone {
			t.Errorf("the right key: %+v", d)
		}
		if again := must(e.Test(ctx, d.ID))(t); again.Connection != d.Connection || len(must(e.readAccounts())(t)) != 1 {
			t.Errorf("tested once more: %+v", again)
		}
	})
}

func TestWhatTheNetworkPreventsIsTriedAgainAndTheKeyWaitsInTheVault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, stop := r.onboard()
		ctx := t.Context()
		d := r.waiting(e, r.input())
		r.platform.AddFault(sandbox.Fault{Op: sandbox.OpLatest, Kind: sandbox.FaultDropRequest})
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		d = must(e.Draft(ctx, d.ID))(t)
		if d.Step != StepTest || d.Outcome != OutcomeReceived || d.Problem == nil || d.Problem.Code != "platformUnreachable" || d.RetryAt.IsZero() {
			t.Fatalf("without a network: %+v\n%s", d, r.log)
		}
		if last := d.Checks[len(d.Checks)-1]; last.Code != "reach" || last.State != "failed" {
			t.Errorf("the last tick is %+v", last)
		}
		if _, err := r.vault.Get(ctx, candidateNames(d.ID)[0], vault.CandidateKey); err != nil {
			t.Errorf("the key: %v", err)
		}
		if _, err := r.vault.Get(ctx, d.ID, vault.InitialKey); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("it counts already: %v", err)
		}

		stop() // and through a new start
		time.Sleep(time.Hour)
		r.platform.ClearFaults()
		e, _ = r.onboard()
		time.Sleep(lastRetrial + time.Minute)
		synctest.Wait()
		if d = must(e.Draft(ctx, d.ID))(t); d.Step != StepDone || d.Problem != nil || !d.RetryAt.IsZero() {
			t.Errorf("when it is back: %+v\n%s", d, r.log)
		}
		if _, err := r.vault.Get(ctx, candidateNames(d.ID)[0], vault.CandidateKey); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("the tried key stayed behind: %v", err)
		}
	})
}

func TestALockedOrForeignKeyIsKeptAndExplained(t *testing.T) {
	for code, spoil := range map[string]func(*sandbox.Sandbox) error{
		"candidateLocked":     func(s *sandbox.Sandbox) error { return s.LockKey("Acme", "") },
		"candidateLockedHard": func(s *sandbox.Sandbox) error { return s.LockKeyHard("Acme", "") },
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newOnboardingRig(t, sandbox.Options{})
			e := r.open()
			d := r.waiting(e, r.pasted())
			if err := errors.Join(r.platform.Grant(d.Passcode, "Acme"), spoil(r.platform)); err != nil {
				t.Fatal(err)
			}
			must(e.PasteKey(t.Context(), d.ID, must(r.platform.InitialKey("Acme", "ecommerce"))(t).Reveal()))(t)
			d, err := e.Test(t.Context(), d.ID)
			if err == nil || d.Problem == nil || d.Problem.Code != code || d.Outcome != OutcomeReceived || d.RetryAt.IsZero() {
				t.Errorf("%s: %v, %+v", code, err, d)
			}
			if err := r.platform.UnlockKey("Acme", ""); err != nil {
				t.Fatal(err)
			}
			if d = must(e.Test(t.Context(), d.ID))(t); d.Step != StepDone {
				t.Errorf("%s, unlocked: %+v", code, d)
			}
		})
	}
}

func TestAnExpiredKeyIsRotatedAtItsTrialAndStaysTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		d := r.waiting(e, r.pasted())
		if err := errors.Join(r.platform.Grant(d.Passcode, "Acme"), r.platform.ExpireKey("Acme", "")); err != nil {
			t.Fatal(err)
		}
		key := must(r.platform.InitialKey("Acme", "ecommerce"))(t)
		must(e.PasteKey(t.Context(), d.ID, key.Reveal()))(t)
		if d = must(e.Test(t.Context(), d.ID))(t); d.Step != StepDone {
			t.Fatalf("an expired key: %+v", d)
		}
		first := must(r.vault.Get(t.Context(), d.ID, vault.InitialKey))(t)
		current := must(r.vault.Get(t.Context(), d.ID, vault.CurrentKey))(t)
		if !first.Equal(key) || current.Equal(key) {
			t.Error("the first key is not the delivered one, or the current one is still it")
		}
		if violations := r.platform.Violations(); len(violations) > 0 {
			t.Error(violations)
		}
	})
}

func TestANewConsentKeepsTheFirstKeyTheFolderAndTheHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		ctx := t.Context()
		old := r.connected(e, r.input())
		first := must(r.vault.Get(ctx, old.ID, vault.InitialKey))(t)
		was := must(e.account(old.Connection))(t)
		if err := r.platform.RevokeKey("Acme / Söhne", ""); err != nil {
			t.Fatal(err)
		}

		d := must(e.Reconnect(ctx, old.Connection))(t)
		if d.Step != StepPasscode || d.Input.Company != was.Company || d.Reconnects != old.Connection {
			t.Fatalf("a new consent begins as %+v", d)
		}
		if again := must(e.Reconnect(ctx, old.Connection))(t); again.ID != d.ID {
			t.Error("a second new consent was begun beside the first")
		}
		d = must(e.RequestPasscode(ctx, d.ID))(t)
		if err := r.platform.Grant(d.Passcode, "Acme / Söhne"); err != nil {
			t.Fatal(err)
		}
		settle()
		d = must(e.Draft(ctx, d.ID))(t)
		if d.Step != StepDone || d.Connection != old.Connection {
			t.Fatalf("it ends as %+v\n%s", d, r.log)
		}
		now := must(e.account(old.Connection))(t)
		if now.Folder != was.Folder || now.ID != was.ID || now.vaultName() == was.vaultName() || !now.ConnectedAt.After(was.ConnectedAt) {
			t.Errorf("was %+v, is %+v", was, now)
		}
		if kept := must(r.vault.Get(ctx, old.ID, vault.InitialKey))(t); !kept.Equal(first) {
			t.Error("the first consent's key was overwritten")
		}
		if err := e.Rotate(ctx, was.Company, ""); err != nil {
			t.Errorf("rotating with the new consent: %v", err)
		}

		if err := e.Disconnect(ctx, old.Connection); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{old.ID, d.ID} {
			if _, err := r.vault.Get(ctx, name, vault.InitialKey); !errors.Is(err, vault.ErrNotFound) {
				t.Errorf("after the end the vault still has a key: %v", err)
			}
		}
		if _, err := os.Stat(filepath.Join(was.Folder, "Outbox", "orders")); err != nil {
			t.Errorf("the files went with the connection: %v", err)
		}
		if _, err := e.Renewals(ctx, old.Connection); !errors.Is(err, ErrNotFound) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestTheSameCompanyConnectedAgainIsANewConsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		old := r.connected(e, r.input())
		mail := r.platform.Mailbox()[0]
		d := must(e.NewDraft(t.Context(), r.input()))(t)
		must(e.SetIDs(t.Context(), d.ID, mail.DeveloperID, mail.ApplicationID))(t)
		d = must(e.RequestPasscode(t.Context(), d.ID))(t)
		if err := r.platform.Grant(d.Passcode, "Acme / Söhne"); err != nil {
			t.Fatal(err)
		}
		settle()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Connection != old.Connection {
			t.Errorf("it became %+v", d)
		}
		if accounts := must(e.readAccounts())(t); len(accounts) != 1 {
			t.Errorf("two connections have one Outbox: %+v", accounts)
		}
	})
}

func TestAKeyThatCannotBeStoredIsDeliveredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		locked := &lockable{Vault: r.vault}
		r.options.Vault = locked
		e, _ := r.onboard()
		d := r.waiting(e, r.input())
		locked.locked.Store(true)
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Outcome != OutcomeWaiting || d.Problem == nil || d.Problem.Code != "vaultLocked" {
			t.Errorf("while the vault is locked: %+v", d)
		}
		locked.locked.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Step != StepDone {
			t.Errorf("when it is open: %+v\n%s", d, r.log)
		}
	})
}

func TestAForgedKeyDoesNotPushOutTheTrueOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e := r.open()
		d := r.waiting(e, r.pasted())
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		true1 := must(r.platform.InitialKey("Acme", "ecommerce"))(t)
		for _, key := range []string{"forged-key-0001", true1.Reveal(), true1.Reveal(), "forged-key-0002"} {
			must(e.PasteKey(t.Context(), d.ID, key))(t)
		}
		if _, err := e.PasteKey(t.Context(), d.ID, "forged-key-0003"); !errors.Is(err, ErrBusy) {
			t.Errorf("one more: %v", err)
		}
		if d = must(e.Test(t.Context(), d.ID))(t); d.Step != StepDone {
			t.Fatalf("among forged ones: %+v", d)
		}
		if kept := must(r.vault.Get(t.Context(), d.ID, vault.InitialKey))(t); !kept.Equal(true1) {
			t.Error("a forged key was kept")
		}
	})
}

func TestAnApprovalThatFitsNoOpenPasscodeIsToldAndNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		d := r.registered(e, r.input())
		settle()
		token := d.ApprovalURL[strings.LastIndex(d.ApprovalURL, "/")+1:]
		at, known := callback.Match(e.onboarding.callbacks.Load().tokens, token)
		if !known {
			t.Fatal("the token is not known")
		}
		if err := e.approved(t.Context(), at, callback.Approval{Key: sage.NewSecret("stray-key-4711")}); err != nil {
			t.Errorf("the platform would deliver it again and again: %v", err)
		}
		if reports := e.reports(); len(reports) != 1 || reports[0].Code != "approvalUnexpected" {
			t.Errorf("told: %+v", reports)
		}
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Outcome != "" {
			t.Errorf("the draft took it: %+v", d)
		}
		findSecret(t, "stray-key-4711", r.log.Bytes(), r.home)
	})
}

// lockable is a vault that can be locked.
type lockable struct {
	vault.Vault
	locked atomic.Bool
}

func (l *lockable) Locked() bool { return l.locked.Load() }

func TestAKeyThatIsDeliveredTwiceIsUsedOnceAndNotComplainedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		r.platform.AddFault(sandbox.Fault{Op: sandbox.OpApproval, Kind: sandbox.FaultDoubleCallback})
		e, _ := r.onboard()
		d := r.connected(e, r.input())
		token := d.ApprovalURL[strings.LastIndex(d.ApprovalURL, "/")+1:]
		at, _ := callback.Match(e.onboarding.callbacks.Load().tokens, token)
		again := callback.Approval{Key: must(r.vault.Get(t.Context(), d.ID, vault.InitialKey))(t)}
		if err := e.approved(t.Context(), at, again); err != nil {
			t.Error(err)
		}
		if reports := e.reports(); len(reports) != 0 {
			t.Errorf("told: %+v", reports)
		}
		if accounts := must(e.readAccounts())(t); len(accounts) != 1 {
			t.Errorf("connected: %+v", accounts)
		}
	})
}

// failing is a network that counts what it lets fail.
type failing struct{ calls *atomic.Int64 }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) {
	f.calls.Add(1)
	return nil, errors.New("no route")
}

func TestWhatFailsAtOnceDoesNotSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		locked := &lockable{Vault: r.vault}
		r.options.Vault = locked
		first := r.open()
		d := r.waiting(first, r.pasted())
		must(first.PasteKey(t.Context(), d.ID, "some-key-0815"))(t)

		var calls atomic.Int64
		r.options.Transport = failing{&calls}
		_, stop := r.onboard()
		time.Sleep(time.Hour)
		stop()
		if n := calls.Load(); n < 10 || n > 40 { // 5 s, doubling up to 5 minutes
			t.Errorf("the network was tried %d times in an hour", n)
		}

		locked.locked.Store(true)
		before := r.log.Len()
		_, stop = r.onboard()
		time.Sleep(time.Hour)
		stop()
		if lines := bytes.Count(r.log.Bytes()[before:], []byte("a draft did not go on")); lines > 40 {
			t.Errorf("a locked vault was tried %d times in an hour", lines)
		}
	})
}
