package watcher

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/outbox"
)

// silent is a file system that tells nothing; folders are swept.
type silent struct{}

func (silent) Watch(string, func(outbox.Notice)) (func(), error) { return func() {}, nil }

// agent opens an engine that carries files, and runs it; stop ends it as SIGTERM would.
func (r *onboardingRig) agent() (e *Engine, stop func() error) {
	r.t.Helper()
	r.options.Agent, r.options.Events = true, silent{}
	e = r.open()
	r.options.Agent = false
	ctx, cancel := context.WithCancel(r.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return errors.Join(<-ended, e.Close())
	}
	r.t.Cleanup(func() { _ = stop() })
	return e, stop
}

// only is the one connection there is.
func only(t *testing.T, e *Engine) Connection {
	t.Helper()
	connections := must(e.Connections(t.Context()))(t)
	if len(connections) != 1 {
		t.Fatalf("%d connections: %+v", len(connections), connections)
	}
	return connections[0]
}

func TestARunningAgentTakesUpWhatACommandConnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		agent, stop := r.agent()
		settle()
		command, end := r.onboard()
		in := r.input()
		in.CallbackListen = "127.0.0.1:9090" // the command's own
		in.CallbackBase = "http://127.0.0.1:9090"
		d := r.connected(command, in)
		end()
		settle()
		if agent.linkOf(d.Connection) == nil {
			t.Fatalf("not taken up\n%s", r.log)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if c := only(t, agent); c.Key.State != KeyGood || c.Problem != nil || c.Key.KeptIn != "memory" {
			t.Errorf("it is %+v", c)
		}
		if err := stop(); err != nil {
			t.Errorf("the agent ended with %v", err)
		}
		if _, err := os.Stat(filepath.Join(r.desk, "Acme - Söhne", "Outbox", "orders")); err != nil {
			t.Error(err)
		}
	})
}

func TestTheTimelineTellsWhatWentByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		agent, _ := r.agent()
		r.connected(agent, r.input())
		time.Sleep(time.Minute)
		if err := r.platform.ExpireKey("", ""); err != nil {
			t.Fatal(err)
		}
		if err := agent.CheckNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		settle()
		time.Sleep(time.Minute)
		if err := agent.Rotate(t.Context(), r.input().Company, ""); err != nil {
			t.Fatal(err)
		}
		settle()
		var told []string
		for _, line := range must(agent.Renewals(t.Context(), only(t, agent).ID))(t) {
			told = append(told, line.Kind+" "+line.Args["by"])
		}
		if want := []string{"renewed person", "renewed itself", "connected "}; !slices.Equal(told, want) {
			t.Errorf("the timeline says %q, want %q", told, want)
		}
		if c := only(t, agent); c.Key.State != KeyGood || time.Since(c.Key.RenewedAt) > time.Minute {
			t.Errorf("its key: %+v", c.Key)
		}
		if violations := r.platform.Violations(); len(violations) > 0 {
			t.Error(violations)
		}
	})
}

func TestANewConsentEndsWhatWasWrongWithTheOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		agent, _ := r.agent()
		old := r.connected(agent, r.input())
		time.Sleep(time.Minute)
		if err := r.platform.RevokeKey("", ""); err != nil {
			t.Fatal(err)
		}
		if err := agent.CheckNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		settle()
		if c := only(t, agent); c.Key.State != KeyRevoked || c.Problem == nil {
			t.Fatalf("after the withdrawal: %+v", c)
		}
		d := must(agent.Reconnect(t.Context(), old.Connection))(t)
		d = must(agent.RequestPasscode(t.Context(), d.ID))(t)
		if err := r.platform.Grant(d.Passcode, r.input().Company); err != nil {
			t.Fatal(err)
		}
		settle()
		time.Sleep(time.Minute)
		synctest.Wait()
		if c := only(t, agent); c.Key.State != KeyGood || c.Problem != nil || c.ID != old.Connection {
			t.Errorf("after the new consent: %+v\n%s", c, r.log)
		}
	})
}

func TestADisconnectedCompanyIsLetGoAndItsOutboxIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newOnboardingRig(t, sandbox.Options{})
		agent, _ := r.agent()
		d := r.connected(agent, r.input())
		settle()
		if err := agent.Disconnect(t.Context(), d.Connection); err != nil {
			t.Fatal(err)
		}
		settle()
		if agent.linkOf(d.Connection) != nil || len(must(agent.Connections(t.Context()))(t)) != 0 {
			t.Error("it is still there")
		}
		if err := agent.Disconnect(t.Context(), d.Connection); !errors.Is(err, ErrNotFound) {
			t.Errorf("once more: %v", err)
		}

		// Another home may have the folder now.
		other := newOnboardingRig(t, sandbox.Options{})
		other.desk = r.desk
		next, _ := other.agent()
		taken := other.connected(next, other.input())
		settle()
		if next.linkOf(taken.Connection) == nil {
			t.Errorf("the next home could not take the folder\n%s", other.log)
		}
	})
}

func TestAnOutboxThatAnotherHomeHasIsToldAndTakenWhenItIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newOnboardingRig(t, sandbox.Options{})
		holder, stop := first.agent()
		first.connected(holder, first.input())
		settle()

		second := newOnboardingRig(t, sandbox.Options{})
		second.desk = first.desk
		agent, _ := second.agent()
		d := second.connected(agent, second.input())
		settle()
		reports := agent.reports()
		if agent.linkOf(d.Connection) != nil || len(reports) != 1 || reports[0].Code != "outboxHeld" {
			t.Fatalf("while another home has it: %+v", reports)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		settle()
		if agent.linkOf(d.Connection) == nil || len(agent.reports()) != 0 {
			t.Errorf("when it is free: %+v\n%s", agent.reports(), second.log)
		}
	})
}
