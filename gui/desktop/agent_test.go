//go:build linux && !headless

package desktop

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/control"
	"postroom/watcher/journal"
)

func dial(t testing.TB, home string) *control.Client {
	t.Helper()
	client := control.New(home)
	deadline, cancel := context.WithTimeout(t.Context(), patienceTime)
	defer cancel()
	for {
		_, err := client.Overview(deadline)
		if err == nil {
			return client
		}
		select {
		case <-deadline.Done():
			t.Fatal("the agent does not answer: ", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// draft waits for the wizard's draft to be as wanted.
func (p *person) draft(wanted func(watcher.Draft) bool) (draft watcher.Draft) {
	p.t.Helper()
	p.until("the draft", func() bool {
		drafts, err := p.client.Drafts(p.t.Context())
		for _, d := range drafts {
			if err == nil && wanted(d) {
				draft = d
				return true
			}
		}
		return false
	})
	return draft
}

// transfer waits until a file has come to a state and its result is there.
func (p *person) transfer(name string, state journal.State) (transfer watcher.Transfer) {
	p.t.Helper()
	p.until(name+" "+string(state), func() bool {
		page, err := p.client.Transfers(p.t.Context(), watcher.Query{})
		if err != nil {
			return false
		}
		for _, t := range page.Transfers {
			if t.Name == name && t.State == state && t.ResultPath != "" {
				transfer = t
				return true
			}
		}
		return false
	})
	return transfer
}

func (p *person) renewals() []watcher.Renewal {
	p.t.Helper()
	connections, err := p.client.Connections(p.t.Context())
	if err != nil || len(connections) != 1 {
		p.t.Fatalf("%d connections: %v", len(connections), err)
	}
	renewals, err := p.client.Renewals(p.t.Context(), connections[0].ID)
	if err != nil {
		p.t.Fatal(err)
	}
	return renewals
}

func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// runAgent runs `postroom run` until endAgent, or until it is killed.
func runAgent(t testing.TB, program, home string) *exec.Cmd {
	t.Helper()
	agent, err := startAgent(t.Context(), program, home)
	if err != nil {
		t.Fatal(err)
	}
	return agent
}

// startAgent runs `postroom run` and returns when it answers. It outlives ctx.
func startAgent(ctx context.Context, program, home string) (*exec.Cmd, error) {
	agent := exec.CommandContext(context.WithoutCancel(ctx), program, "run", "--json", "--home", home)
	agent.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := agent.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := agent.Start(); err != nil {
		return nil, err
	}
	if said, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		_ = agent.Wait()
		return nil, fmt.Errorf("the agent said %q: %w", said, err)
	}
	return agent, nil
}

func endAgent(t testing.TB, agent *exec.Cmd) {
	t.Helper()
	if err := agent.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := agent.Wait(); err != nil {
		t.Fatal(err)
	}
}

// connectCompany goes through onboarding, with the sandbox's pages answered.
func connectCompany(t testing.TB, client *control.Client, platform, folder, company string) {
	t.Helper()
	web := browser{t: t, base: platform}
	address := freeAddress(t)
	ctx, cancel := context.WithTimeout(t.Context(), patienceTime)
	defer cancel()
	events, err := client.Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	step := func(d watcher.Draft, err error) watcher.Draft {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	draft := step(client.NewDraft(ctx, watcher.DraftInput{
		Platform: platform, Domain: "ecommerce", Company: company, Folder: folder, Name: "Alex Example", Firm: company,
		Email: strings.ReplaceAll(company, " ", "") + "@example.com", Application: company,
		CallbackBase: "http://" + address, CallbackListen: address,
	}))
	draft = step(client.Register(ctx, draft.ID))
	web.answerCaptcha(draft.RegistrationURL)
	developer, application := web.readMail()
	step(client.SetIDs(ctx, draft.ID, developer, application))
	draft = step(client.RequestPasscode(ctx, draft.ID))
	web.grant(draft.Passcode, company)
	for draft.Step != watcher.StepDone {
		if _, more := <-events; !more {
			t.Fatalf("the draft stays at %s: %v", draft.Step, ctx.Err())
		}
		draft = step(client.Draft(ctx, draft.ID))
	}
}
