package control

import (
	"context"
	"fmt"
	"net"
	"testing"

	"go.uber.org/goleak"

	"postroom/watcher"
)

func TestMain(m *testing.M) {
	if actAsAnotherUser() {
		return
	}
	goleak.VerifyTestMain(m)
}

// recorder is an engine that notes what it is asked and answers with what it was given.
type recorder struct {
	asked  chan string
	err    error
	events chan watcher.Event
	block  chan struct{} // when set, Overview waits for it or for its context
	draft  watcher.Draft
}

func newRecorder() *recorder {
	return &recorder{
		asked:  make(chan string, 100),
		events: make(chan watcher.Event),
		draft:  watcher.Draft{ID: "d1", Step: watcher.StepIDs},
	}
}

func (r *recorder) note(what string, args ...any) error {
	r.asked <- fmt.Sprintln(append([]any{what}, args...)...)
	return r.err
}

func (r *recorder) Overview(ctx context.Context) (watcher.Overview, error) {
	err := r.note("Overview")
	if r.block != nil {
		select {
		case <-r.block:
		case <-ctx.Done():
			return watcher.Overview{}, ctx.Err()
		}
	}
	return watcher.Overview{Version: "1.2.3", AcceptedToday: 12}, err
}

func (r *recorder) Connections(context.Context) ([]watcher.Connection, error) {
	return []watcher.Connection{{ID: "c1", Key: watcher.Key{State: watcher.KeyGood}}}, r.note("Connections")
}

func (r *recorder) Renewals(_ context.Context, id string) ([]watcher.Renewal, error) {
	return []watcher.Renewal{{Kind: "renewed"}}, r.note("Renewals", id)
}

func (r *recorder) Transfers(_ context.Context, q watcher.Query) (watcher.Page, error) {
	return watcher.Page{Next: "n2", Transfers: []watcher.Transfer{{ID: "t1"}}}, r.note("Transfers", q)
}

func (r *recorder) Transfer(_ context.Context, id string) (watcher.Detail, error) {
	return watcher.Detail{Transfer: watcher.Transfer{ID: id}}, r.note("Transfer", id)
}

func (r *recorder) Lists(_ context.Context, company string) ([]watcher.List, error) {
	return []watcher.List{{ID: "l1"}}, r.note("Lists", company)
}

func (r *recorder) ListChanges(_ context.Context, id string) ([]watcher.RecordChange, error) {
	return []watcher.RecordChange{{ID: "r1"}}, r.note("ListChanges", id)
}

func (r *recorder) Events(ctx context.Context) (<-chan watcher.Event, error) {
	if r.err != nil {
		return nil, r.err
	}
	out := make(chan watcher.Event)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-r.events:
				select {
				case <-ctx.Done():
					return
				case out <- e:
				}
			}
		}
	}()
	return out, nil
}

func (r *recorder) Retry(_ context.Context, id string) error     { return r.note("Retry", id) }
func (r *recorder) SendAgain(_ context.Context, id string) error { return r.note("SendAgain", id) }
func (r *recorder) Cancel(_ context.Context, id string) error    { return r.note("Cancel", id) }
func (r *recorder) Resolve(_ context.Context, id string, send bool, scope string) error {
	return r.note("Resolve", id, send, scope)
}

func (r *recorder) Outcomes(_ context.Context, id, text string) ([]watcher.RecordOutcome, error) {
	return []watcher.RecordOutcome{{ID: "A-1"}}, r.note("Outcomes", id, text)
}

func (r *recorder) ResolveList(_ context.Context, id string, gone bool) error {
	return r.note("ResolveList", id, gone)
}

func (r *recorder) Hold(_ context.Context, id string) error { return r.note("Hold", id) }

func (r *recorder) RetryAll(_ context.Context, company string) (int, error) {
	return 3, r.note("RetryAll", company)
}

func (r *recorder) SendCorrected(_ context.Context, id string) (watcher.Placed, error) {
	return watcher.Placed{Path: "/p"}, r.note("SendCorrected", id)
}

func (r *recorder) Dismiss(_ context.Context, id string) error { return r.note("Dismiss", id) }
func (r *recorder) AddFiles(_ context.Context, company, scope string, paths []string) error {
	return r.note("AddFiles", company, scope, paths)
}
func (r *recorder) CheckNow(context.Context) error { return r.note("CheckNow") }
func (r *recorder) Doctor(context.Context) ([]watcher.Finding, error) {
	return []watcher.Finding{{Check: "room", Level: watcher.LevelWell, Problem: watcher.Problem{Code: "roomGood"}}}, r.note("Doctor")
}

func (r *recorder) Support(_ context.Context, names bool) (watcher.Support, error) {
	return watcher.Support{Log: []string{"a line"}}, r.note("Support", names)
}

func (r *recorder) Place(_ context.Context, company, scope string, paths []string) ([]watcher.Placed, error) {
	return []watcher.Placed{{Path: "/outbox/a"}}, r.note("Place", company, scope, paths)
}

func (r *recorder) PauseCompany(_ context.Context, company string) error {
	return r.note("PauseCompany", company)
}

func (r *recorder) ResumeCompany(_ context.Context, company string) error {
	return r.note("ResumeCompany", company)
}

func (r *recorder) Pause(context.Context) error                { return r.note("Pause") }
func (r *recorder) Resume(context.Context) error               { return r.note("Resume") }
func (r *recorder) Quiet(_ context.Context, minutes int) error { return r.note("Quiet", minutes) }
func (r *recorder) Rotate(_ context.Context, company, domain string) error {
	return r.note("Rotate", company, domain)
}

func (r *recorder) RenewSecret(_ context.Context, id string) error { return r.note("RenewSecret", id) }

func (r *recorder) Disconnect(_ context.Context, id string) error { return r.note("Disconnect", id) }

func (r *recorder) Forgetting(_ context.Context, company string) (watcher.Forgetting, error) {
	return watcher.Forgetting{Company: company, OnTheirWay: 2}, r.note("Forgetting", company)
}

func (r *recorder) Forget(_ context.Context, company string, how watcher.ForgetHow) error {
	return r.note("Forget", company, how)
}

func (r *recorder) KeepCompany(_ context.Context, company string) error {
	return r.note("KeepCompany", company)
}

func (r *recorder) AgentVersion() string { return "1.2.3" }

func (r *recorder) Settings(context.Context) (watcher.Settings, error) {
	return watcher.Settings{Theme: "dark"}, r.note("Settings")
}

func (r *recorder) SaveSettings(_ context.Context, s watcher.Settings) error {
	return r.note("SaveSettings", s.Theme, s.KeepSentDays)
}

func (r *recorder) Drafts(context.Context) ([]watcher.Draft, error) {
	return []watcher.Draft{r.draft}, r.note("Drafts")
}

func (r *recorder) Draft(_ context.Context, id string) (watcher.Draft, error) {
	return r.draft, r.note("Draft", id)
}

func (r *recorder) NewDraft(_ context.Context, in watcher.DraftInput) (watcher.Draft, error) {
	return r.draft, r.note("NewDraft", in.Company)
}

func (r *recorder) Reconnect(_ context.Context, id string) (watcher.Draft, error) {
	return r.draft, r.note("Reconnect", id)
}

func (r *recorder) UpdateDraft(_ context.Context, id string, step watcher.DraftStep, in watcher.DraftInput) (watcher.Draft, error) {
	return r.draft, r.note("UpdateDraft", id, step, in.Company)
}

func (r *recorder) Register(_ context.Context, id string) (watcher.Draft, error) {
	return r.draft, r.note("Register", id)
}

func (r *recorder) SetIDs(_ context.Context, id, developer, application string) (watcher.Draft, error) {
	return r.draft, r.note("SetIDs", id, developer, application)
}

func (r *recorder) RequestPasscode(_ context.Context, id string) (watcher.Draft, error) {
	return r.draft, r.note("RequestPasscode", id)
}

func (r *recorder) PasteKey(_ context.Context, id, key string) (watcher.Draft, error) {
	return r.draft, r.note("PasteKey", id, key)
}

func (r *recorder) Test(_ context.Context, id string) (watcher.Draft, error) {
	return r.draft, r.note("Test", id)
}

func (r *recorder) DropDraft(_ context.Context, id string) error { return r.note("DropDraft", id) }

func (r *recorder) Practice(context.Context) (watcher.Draft, error) {
	return r.draft, r.note("Practice")
}

func (r *recorder) UnlockVault(_ context.Context, passphrase string) error {
	return r.note("UnlockVault", passphrase)
}

func (r *recorder) StatusPage(context.Context) (watcher.StatusPage, error) {
	return watcher.StatusPage{URL: "http://127.0.0.1:1/"}, r.note("StatusPage")
}

func (r *recorder) Raise(_ context.Context, paths []string) error { return r.note("Raise", paths) }
func (r *recorder) Show(_ context.Context, what watcher.Target) error {
	return r.note("Show", what)
}
func (r *recorder) FirstFrame(context.Context) error { return r.note("FirstFrame") }
func (r *recorder) Stop(context.Context) error       { return r.note("Stop") }

// agent is an engine served at a home's address, as the program does it.
type agent struct {
	t     *testing.T
	stop  context.CancelFunc
	ended chan error
}

func startAgent(t *testing.T, engine Engine, home string) *agent {
	t.Helper()
	listener, err := Listen(home)
	if err != nil {
		t.Fatal(err)
	}
	return serveAgent(t, engine, listener)
}

func serveAgent(t *testing.T, engine Engine, listener net.Listener) *agent {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	a := &agent{t: t, stop: cancel, ended: make(chan error, 1)}
	go func() { a.ended <- ServeOn(ctx, engine, listener) }()
	t.Cleanup(a.end)
	return a
}

// end stops the agent and waits for it; ending one twice does no harm.
func (a *agent) end() {
	a.stop()
	if err, first := <-a.ended; first {
		close(a.ended)
		if err != nil {
			a.t.Errorf("serving ended with %v", err)
		}
	}
}
