package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

func TestEveryCallArrivesWithItsArgumentsAndItsAnswer(t *testing.T) {
	home, engine := t.TempDir(), newRecorder()
	startAgent(t, engine, home)
	client, err := Dial(home)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	draft := func(d watcher.Draft, err error) (any, error) { return d.ID, err }
	bare := func(err error) (any, error) { return nil, err }
	query := watcher.Query{Company: "Acme", States: []journal.State{journal.Queued}, Limit: 7}
	calls := []struct {
		call   func() (any, error)
		asked  string
		answer any
	}{
		{func() (any, error) { o, err := client.Overview(ctx); return o.AcceptedToday, err }, "Overview", 12},
		{func() (any, error) { c, err := client.Connections(ctx); return c[0].Key.State, err }, "Connections", watcher.KeyGood},
		{func() (any, error) { r, err := client.Renewals(ctx, "c1"); return r[0].Kind, err }, "Renewals c1", "renewed"},
		{func() (any, error) { p, err := client.Transfers(ctx, query); return p.Next, err }, fmt.Sprint("Transfers ", query), "n2"},
		{func() (any, error) { d, err := client.Transfer(ctx, "t1"); return d.ID, err }, "Transfer t1", "t1"},
		{func() (any, error) { l, err := client.Lists(ctx, "Acme & Söhne"); return l[0].ID, err }, "Lists Acme & Söhne", "l1"},
		{func() (any, error) { c, err := client.ListChanges(ctx, "l1"); return c[0].ID, err }, "ListChanges l1", "r1"},
		{func() (any, error) { return bare(client.Retry(ctx, "t1")) }, "Retry t1", nil},
		{func() (any, error) { return bare(client.SendAgain(ctx, "t1")) }, "SendAgain t1", nil},
		{func() (any, error) { return bare(client.Cancel(ctx, "t1")) }, "Cancel t1", nil},
		{func() (any, error) { return bare(client.Resolve(ctx, "t1", true, "orders")) }, "Resolve t1 true orders", nil},
		{func() (any, error) { o, err := client.Outcomes(ctx, "t1", "C-1042"); return o[0].ID, err }, "Outcomes t1 C-1042", "A-1"},
		{func() (any, error) { return bare(client.ResolveList(ctx, "l1", true)) }, "ResolveList l1 true", nil},
		{func() (any, error) { return bare(client.Hold(ctx, "t1")) }, "Hold t1", nil},
		{func() (any, error) { n, err := client.RetryAll(ctx, "Acme"); return n, err }, "RetryAll Acme", 3},
		{func() (any, error) { p, err := client.SendCorrected(ctx, "t1"); return p.Path, err }, "SendCorrected t1", "/p"},
		{func() (any, error) { return bare(client.Dismiss(ctx, "t1")) }, "Dismiss t1", nil},
		{func() (any, error) { return bare(client.AddFiles(ctx, "Acme", "orders", []string{"/a", "/b\nc"})) }, "AddFiles Acme orders [/a /b\nc]", nil},
		{func() (any, error) {
			p, err := client.Place(ctx, "Acme", "orders", []string{"/a"})
			return p[0].Path, err
		}, "Place Acme orders [/a]", "/outbox/a"},
		{func() (any, error) { return bare(client.PauseCompany(ctx, "Acme")) }, "PauseCompany Acme", nil},
		{func() (any, error) { return bare(client.ResumeCompany(ctx, "Acme")) }, "ResumeCompany Acme", nil},
		{func() (any, error) { return bare(client.CheckNow(ctx)) }, "CheckNow", nil},
		{func() (any, error) { return bare(client.Pause(ctx)) }, "Pause", nil},
		{func() (any, error) { return bare(client.Resume(ctx)) }, "Resume", nil},
		{func() (any, error) { return bare(client.Quiet(ctx, 60)) }, "Quiet 60", nil},
		{func() (any, error) { return bare(client.Rotate(ctx, "Acme", "ecommerce")) }, "Rotate Acme ecommerce", nil},
		{func() (any, error) { return bare(client.RenewSecret(ctx, "c1")) }, "RenewSecret c1", nil},
		{func() (any, error) { return bare(client.Disconnect(ctx, "c1")) }, "Disconnect c1", nil},
		{func() (any, error) { f, err := client.Forgetting(ctx, "Acme"); return f.OnTheirWay, err }, "Forgetting Acme", 2},
		{func() (any, error) { return bare(client.Forget(ctx, "Acme", watcher.ForgetHow{Wait: true})) }, "Forget Acme {true false false}", nil},
		{func() (any, error) { return bare(client.KeepCompany(ctx, "Acme")) }, "KeepCompany Acme", nil},
		{func() (any, error) { f, err := client.Doctor(ctx); return f[0].Code, err }, "Doctor", "roomGood"},
		{func() (any, error) { s, err := client.Support(ctx, true); return s.Log[0], err }, "Support true", "a line"},
		{func() (any, error) { s, err := client.Settings(ctx); return s.Theme, err }, "Settings", "dark"},
		{func() (any, error) {
			return bare(client.SaveSettings(ctx, watcher.Settings{Theme: "light", KeepSentDays: 90}))
		}, "SaveSettings light 90", nil},
		{func() (any, error) { d, err := client.Drafts(ctx); return d[0].ID, err }, "Drafts", "d1"},
		{func() (any, error) { return draft(client.Draft(ctx, "d1")) }, "Draft d1", "d1"},
		{func() (any, error) { return draft(client.NewDraft(ctx, watcher.DraftInput{Company: "Acme"})) }, "NewDraft Acme", "d1"},
		{func() (any, error) { return draft(client.Reconnect(ctx, "c1")) }, "Reconnect c1", "d1"},
		{func() (any, error) {
			return draft(client.UpdateDraft(ctx, "d1", watcher.StepFolder, watcher.DraftInput{Company: "B"}))
		}, "UpdateDraft d1 folder B", "d1"},
		{func() (any, error) { return draft(client.Register(ctx, "d1")) }, "Register d1", "d1"},
		{func() (any, error) { return draft(client.SetIDs(ctx, "d1", "dev", "app")) }, "SetIDs d1 dev app", "d1"},
		{func() (any, error) { return draft(client.RequestPasscode(ctx, "d1")) }, "RequestPasscode d1", "d1"},
		{func() (any, error) { return draft(client.PasteKey(ctx, "d1", "k")) }, "PasteKey d1 k", "d1"},
		{func() (any, error) { return draft(client.Test(ctx, "d1")) }, "Test d1", "d1"},
		{func() (any, error) { return bare(client.DropDraft(ctx, "d1")) }, "DropDraft d1", nil},
		{func() (any, error) { return draft(client.Practice(ctx)) }, "Practice", "d1"},
		{func() (any, error) { return bare(client.UnlockVault(ctx, "open sesame")) }, "UnlockVault open sesame", nil},
		{func() (any, error) { p, err := client.StatusPage(ctx); return p.URL, err }, "StatusPage", "http://127.0.0.1:1/"},
		{func() (any, error) { return bare(client.Raise(ctx, []string{"/x"})) }, "Raise [/x]", nil},
		{func() (any, error) {
			return bare(client.Show(ctx, watcher.Target{Company: "A & B", Transfer: "t1"}))
		}, "Show company=A+%26+B&transfer=t1", nil},
		{func() (any, error) { return bare(client.FirstFrame(ctx)) }, "FirstFrame", nil},
		{func() (any, error) { return bare(client.Stop(ctx)) }, "Stop", nil},
	}
	// Events and AgentVersion have tests of their own; every other call of the interface has a line above.
	if want := reflect.TypeFor[Engine]().NumMethod() - 2; len(calls) != want {
		t.Errorf("%d calls are tried, the engine has %d", len(calls), want)
	}
	for _, c := range calls {
		got, err := c.call()
		if err != nil {
			t.Errorf("%s: %v", c.asked, err)
			continue
		}
		if asked := strings.TrimSuffix(<-engine.asked, "\n"); asked != c.asked || got != c.answer {
			t.Errorf("asked %q, answered %v; want %q, %v", asked, got, c.asked, c.answer)
		}
	}
}

func TestErrorsKeepTheirKindAndTheirSentence(t *testing.T) {
	home, engine := t.TempDir(), newRecorder()
	startAgent(t, engine, home)
	client := New(home)
	for _, kind := range []error{
		watcher.ErrNotFound, watcher.ErrWrongState, watcher.ErrInvalid, watcher.ErrVaultLocked, watcher.ErrBusy,
		context.DeadlineExceeded,
	} {
		engine.err = fmt.Errorf("doing a thing: %w", kind)
		err := client.Retry(t.Context(), "t1")
		if !errors.Is(err, kind) || !strings.Contains(err.Error(), "doing a thing") {
			t.Errorf("%v arrived as %v", kind, err)
		}
		if errors.Is(err, ErrNoAgent) {
			t.Errorf("%v was taken for an agent that is not there", err)
		}
	}

	engine.err = fmt.Errorf("asking: %w", &watcher.ProblemError{
		Problem: watcher.Problem{Code: "passcodeOpen", Args: map[string]string{"company": "Acme"}},
		Kind:    watcher.ErrBusy,
		Cause:   errors.New("what only this process may know"),
	})
	err := client.Retry(t.Context(), "t1")
	told, ok := errors.AsType[*watcher.ProblemError](err)
	if !ok || told.Problem.Code != "passcodeOpen" || told.Problem.Args["company"] != "Acme" || !errors.Is(err, watcher.ErrBusy) {
		t.Errorf("the problem arrived as %#v", err)
	}
	if strings.Contains(fmt.Sprintf("%+v", err), "only this process") {
		t.Errorf("the cause crossed the socket: %v", err)
	}

	engine.err = errors.New("disk on fire")
	if err := client.Retry(t.Context(), "t1"); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("an error without a kind arrived as %v", err)
	}
}

func TestNoAgentIsToldApartFromAnyOtherFailure(t *testing.T) {
	home := t.TempDir()
	if _, err := Dial(home); !errors.Is(err, ErrNoAgent) {
		t.Errorf("dialling an empty home: %v", err)
	}
	client := New(home)
	if err := client.Pause(t.Context()); !errors.Is(err, ErrNoAgent) {
		t.Errorf("calling without an agent: %v", err)
	}
	if _, err := client.Events(t.Context()); !errors.Is(err, ErrNoAgent) {
		t.Errorf("listening without an agent: %v", err)
	}

	engine := newRecorder()
	engine.block = make(chan struct{})
	startAgent(t, engine, home)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-engine.asked
		cancel()
	}()
	_, err := client.Overview(ctx)
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrNoAgent) {
		t.Errorf("a caller who gave up got %v", err)
	}
}

func TestAStoppingAgentEndsItsCallsAndAnswersThem(t *testing.T) {
	home, engine := t.TempDir(), newRecorder()
	engine.block = make(chan struct{})
	agent := startAgent(t, engine, home)
	answered := make(chan error, 1)
	go func() {
		_, err := New(home).Overview(context.Background())
		answered <- err
	}()
	<-engine.asked
	agent.end()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("the call under way got %v", err)
	}
}

func TestBodiesThatDoNotFitAreRefusedAndNeverQuoted(t *testing.T) {
	handler := Handler(newRecorder())
	post := func(kind, body string) (int, string) {
		request := httptest.NewRequest(http.MethodPost, "/v1/unlock-vault", strings.NewReader(body))
		request.Header.Set("Content-Type", kind)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer.Code, answer.Body.String()
	}
	const secret = "correct horse"
	bodies := map[string]struct{ kind, body string }{
		"no JSON":     {"application/json", secret},
		"wrong type":  {"application/json", `{"passphrase":["` + secret + `"]}`},
		"wrong kind":  {"text/plain", `{"passphrase":"` + secret + `"}`},
		"no kind":     {"", `{"passphrase":"` + secret + `"}`},
		"two values":  {"application/json", `{"passphrase":"a"} {"passphrase":"` + secret + `"}`},
		"cut":         {"application/json", `{"passphrase":"` + secret},
		"empty":       {"application/json", ""},
		"too large":   {"application/json", `{"passphrase":"` + strings.Repeat(secret, maxRequest/8) + `"}`},
		"invalid key": {"application/json", `{"passphrase":"\x` + secret + `"}`},
	}
	for name, c := range bodies {
		status, answer := post(c.kind, c.body)
		if status != http.StatusBadRequest || strings.Contains(answer, secret) {
			t.Errorf("%s: status %d, answer %s", name, status, answer)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(method, "/v1/stop", nil))
		if answer.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d", method, answer.Code)
		}
	}
}

func TestAnAnswerThatIsNoneOfOursIsAnError(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"not JSON":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
		"no reason": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
		"redirection": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/")
			w.WriteHeader(http.StatusFound)
		},
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		},
	}
	for name, handler := range answers {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			listener, err := Listen(home)
			if err != nil {
				t.Fatal(err)
			}
			server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
			ended := make(chan struct{})
			go func() { defer close(ended); _ = server.Serve(listener) }()
			defer func() { _ = server.Close(); <-ended }()
			if _, err := New(home).Overview(t.Context()); err == nil {
				t.Error("it was taken for an answer")
			}
		})
	}
}

func TestEveryAnswerTellsTheAgentsVersion(t *testing.T) {
	home, engine := t.TempDir(), newRecorder()
	startAgent(t, engine, home)
	client := New(home)
	if version := client.AgentVersion(); version != "" {
		t.Errorf("before anything was asked it is %q", version)
	}
	engine.err = watcher.ErrWrongState // an answer that a newer window cannot use tells it too
	if err := client.Pause(t.Context()); !errors.Is(err, watcher.ErrWrongState) {
		t.Fatal(err)
	}
	if version := client.AgentVersion(); version != "1.2.3" {
		t.Errorf("it is %q", version)
	}
}
