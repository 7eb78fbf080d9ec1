package watcher

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/callback"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
)

func TestAnApprovalFindsItsDraftOrNone(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	draft := func(id, application, passcode string, ends time.Duration) draftRecord {
		return draftRecord{
			Draft: Draft{
				ID: id, Passcode: passcode, Outcome: OutcomeWaiting, ExpiresAt: now.Add(ends),
				Input: DraftInput{Domain: "ecommerce"},
			},
			Mark: markOf(application),
		}
	}
	entry := func(application string, proven bool) callbackEntry {
		return callbackEntry{Token: "t", Domain: "ecommerce", Mark: markOf(application), Proven: proven}
	}
	key := callback.Approval{Key: sage.NewSecret("k")}
	with := func(edit func(*callback.Approval)) callback.Approval {
		a := key
		edit(&a)
		return a
	}
	one := []draftRecord{draft("acme", "app1", "ABC-123", time.Minute)}
	two := append(one[:1:1], draft("beta", "app2", "XYZ-789", time.Minute))
	for name, c := range map[string]struct {
		approval callback.Approval
		reached  callbackEntry
		drafts   []draftRecord
		all      map[string]callbackEntry // besides the one that was reached
		want     string
	}{
		"the key alone, for the application of the address": {key, entry("app1", true), two, nil, "acme"},
		"the key alone, for the other one":                  {key, entry("app2", false), two, nil, "beta"},
		"the key alone, and the address is nobody's yet":    {key, entry("", false), one, nil, "acme"},
		"the key alone, and two could be meant":             {key, entry("", false), two, nil, ""},
		"two, but one has an address of its own":            {key, entry("", false), two, map[string]callbackEntry{"o": entry("app2", true)}, "acme"},
		"an address that belongs to a third application":    {key, entry("app3", true), two, nil, ""},
		"no passcode is open":                               {key, entry("app1", true), []draftRecord{draft("acme", "app1", "A", -time.Second)}, nil, ""},
		"no draft at all":                                   {key, entry("app1", true), nil, nil, ""},
		"its passcode, grouped otherwise": {
			with(func(a *callback.Approval) { a.Passcode = "abc123" }), entry("", false), two, nil, "acme",
		},
		"another passcode": {with(func(a *callback.Approval) { a.Passcode = "QQQ-000" }), entry("app1", true), one, nil, ""},
		"its passcode, delivered late": {
			with(func(a *callback.Approval) { a.Passcode = "A" }), entry("app1", true), []draftRecord{draft("acme", "app1", "A", -time.Minute)}, nil, "acme",
		},
		"its passcode, delivered far too late": {
			with(func(a *callback.Approval) { a.Passcode = "A" }), entry("app1", true), []draftRecord{draft("acme", "app1", "A", -2*time.Hour)}, nil, "",
		},
		"the passcode of another application than the address's": {
			with(func(a *callback.Approval) { a.Passcode = "XYZ-789" }), entry("app1", true), two, nil, "",
		},
		"an application's ID": {
			with(func(a *callback.Approval) { a.ApplicationID = sage.NewID("app2") }), entry("", false), two, nil, "beta",
		},
		"an application's ID that is not the address's": {
			with(func(a *callback.Approval) { a.ApplicationID = sage.NewID("app2") }), entry("app1", true), two, nil, "",
		},
		"another domain": {with(func(a *callback.Approval) { a.Domain = "comp-nominalv1" }), entry("app1", true), one, nil, ""},
		"its domain, in capitals": {
			with(func(a *callback.Approval) { a.Domain = "ECOMMERCE" }), entry("app1", true), one, nil, "acme",
		},
		"an application whose IDs are not known": {key, entry("", false), []draftRecord{draft("acme", "", "A", time.Minute)}, nil, ""},
	} {
		reached := map[string]callbackEntry{"r": c.reached}
		all := map[string]callbackEntry{"r": c.reached}
		for id, other := range c.all {
			all[id] = other
		}
		got, fits := fitting(c.approval, reached, all, c.drafts, now)
		if got != c.want || fits != (c.want != "") {
			t.Errorf("%s: %q, %v", name, got, fits)
		}
	}
}

func TestOneAddressServesEveryTokenOfTheHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		in := r.input()
		first := r.registered(e, in)
		in.Email, in.Application, in.Company = "ben@example.com", "Another", "Beta"
		second := r.waiting(e, in)
		must(e.RequestPasscode(t.Context(), first.ID))(t)
		settle()
		if err := errors.Join(
			r.platform.Grant(second.Passcode, "Beta"),
			r.platform.Grant(must(e.Draft(t.Context(), first.ID))(t).Passcode, "Acme"),
		); err != nil {
			t.Fatal(err)
		}
		settle()
		for _, id := range []string{first.ID, second.ID} {
			if d := must(e.Draft(t.Context(), id))(t); d.Step != StepDone {
				t.Errorf("%s: %+v\n%s", id, d, r.log)
			}
		}
	})
}

func TestACommandBindsTheTokenOfAnEarlierRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		register := r.open()
		d := must(register.NewDraft(t.Context(), r.input()))(t)
		d = must(register.Register(t.Context(), d.ID))(t)
		mail := r.confirm(d.RegistrationURL)

		connect, _ := r.onboard() // another process, with the IDs alone
		in := r.input()
		in.CallbackBase = ""
		second := must(connect.NewDraft(t.Context(), in))(t)
		must(connect.SetIDs(t.Context(), second.ID, mail.DeveloperID, mail.ApplicationID))(t)
		second = must(connect.RequestPasscode(t.Context(), second.ID))(t)
		settle()
		if err := r.platform.Grant(second.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		if second = must(connect.Draft(t.Context(), second.ID))(t); second.Step != StepDone {
			t.Fatalf("connected: %+v\n%s", second, r.log)
		}
		if _, err := connect.Draft(t.Context(), d.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("the draft of the registration is still waiting for its e-mail: %v", err)
		}
	})
}

func TestAnApplicationOfAnotherMakingHasItsKeyAtItsOwnPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		// Registered by somebody else, with an address that leads here.
		elsewhere := newOnboardingRig(t, sandbox.Options{})
		elsewhere.options.Transport = r.platform.RoundTripper()
		elsewhere.platform = r.platform
		in := r.input()
		in.CallbackBase, in.ApprovalURL = "", "http://127.0.0.1:8484/hooks/sage"
		e0 := elsewhere.open()
		elsewhere.registered(e0, in)
		mail := r.platform.Mailbox()[0]

		e, _ := r.onboard()
		in = r.input()
		in.CallbackBase, in.CallbackPath = "", "/hooks/sage"
		d := must(e.NewDraft(t.Context(), in))(t)
		must(e.SetIDs(t.Context(), d.ID, mail.DeveloperID, mail.ApplicationID))(t)
		d = must(e.RequestPasscode(t.Context(), d.ID))(t)
		settle()
		if err := r.platform.Grant(d.Passcode, "Acme"); err != nil {
			t.Fatal(err)
		}
		settle()
		if d = must(e.Draft(t.Context(), d.ID))(t); d.Step != StepDone {
			t.Errorf("at a path of its own: %+v\n%s", d, r.log)
		}
	})
}

func TestForgedCallsChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		e, _ := r.onboard()
		d := r.waiting(e, r.input())
		settle()
		client := &http.Client{Transport: r.net.transport()}
		for _, path := range []string{"/approval/", "/approval/AAAAAAAAAAAAAAAAAAAAAAAAAA", "/", "/approval/" + d.ID, "/hooks/sage"} {
			answer, err := client.Post("http://127.0.0.1:8484"+path, "application/json", strings.NewReader(`{"apikey":"forged-key-0815"}`))
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s", path, answer.Status)
			}
		}
		if got := must(e.readDraft(d.ID))(t); len(got.Candidates) != 0 || got.Outcome != OutcomeWaiting {
			t.Errorf("the draft took one: %+v", got)
		}
		if _, err := r.vault.Get(t.Context(), candidateNames(d.ID)[0], vault.CandidateKey); !errors.Is(err, vault.ErrNotFound) {
			t.Errorf("the vault took one: %v", err)
		}
	})
}

func TestTheListenerTakesARealAddressAsSoonAsItIsFree(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := held.Addr().String()
	e, err := Open(t.Context(), Options{Home: t.TempDir(), Vault: vault.Memory()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	s := e.settings()
	s.CallbackListen = address
	if err := e.SaveSettings(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	events := must(e.Events(ctx))(t)
	var ended sync.WaitGroup
	ended.Go(func() { _ = e.Onboard(ctx) })
	defer ended.Wait()
	defer cancel()

	waitBinding := func(want bool) {
		for {
			e.onboarding.mu.Lock()
			_, failed := e.onboarding.binding[address]
			e.onboarding.mu.Unlock()
			if failed == want {
				return
			}
			<-events
		}
	}
	waitBinding(true)
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	waitBinding(false)
	answer, err := http.Get("http://" + address + "/approval/nobody")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("it answers %s", answer.Status)
	}
}
