package terminal_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"postroom/sage/sandbox"
)

// Commands that change keys are killed too, before every step where the soak asks for it, before some of each kind otherwise.

// targets are the steps to kill before, of so many steps by kind.
func targets(steps map[string]int, few int) (all []target) {
	for _, kind := range stepKinds {
		n := steps[kind]
		every := 1
		if !soaks() {
			every = max(1, n/few)
		}
		for nth := 0; nth < n; nth += every {
			all = append(all, target{kind, nth})
		}
	}
	return all
}

// TestAKillOfRotateLeavesAWayToAKey kills the command `rotate` where no agent runs, which then does the work itself.
func TestAKillOfRotateLeavesAWayToAKey(t *testing.T) {
	f := newOffice(t, officeOptions{})
	rotate := func(at target) *tracer {
		p := f.start("rotate", "Acme Ltd")
		tr := follow(t, p, at)
		p.end()
		<-tr.over
		return tr
	}
	steps := rotate(target{}).counts
	kills := 0
	for _, at := range targets(steps, 2) {
		tr := rotate(at)
		if tr.killed {
			kills++
			f.fell = tr.steps[len(tr.steps)-1].String()
		}
		f.aWayToAKeyIsLeft()
		f.live()
		f.file(fmt.Sprintf("after %s %d.json", at.kind, at.nth))
		f.drains()
		f.agent.stop()
		if t.Failed() {
			t.Fatal("the kill fell before ", f.fell)
		}
	}
	f.atLast()
	t.Logf("%d kills; steps: %v", kills, steps)
	if kills == 0 {
		t.Error("nothing was killed")
	}
}

// TestAKillOfConnectLeavesNothingInTheWay kills the command `connect` at work. Done once more, it connects, and files go.
func TestAKillOfConnectLeavesNothingInTheWay(t *testing.T) {
	f := newOffice(t, officeOptions{})
	mails := f.platform.Mailbox()
	ids := mails[len(mails)-1]
	round := 0
	var steps map[string]int
	for todo := []target{{}}; len(todo) > 0; todo = todo[1:] {
		at := todo[0]
		round++
		c := *f.computer
		c.home = filepath.Join(t.TempDir(), "home")
		company := "Company " + strconv.Itoa(round)
		connect := func(at target) (*process, *tracer) {
			p := c.start(
				"connect", "--json", "--platform", f.platform.url, "--developer-id", ids.DeveloperID, "--application-id", ids.ApplicationID,
				"--domain", "ecommerce", "--company", company, "--folder", filepath.Join(filepath.Dir(c.home), "desk"), "--paste",
			)
			tr := follow(t, p, at)
			if code, said := <-p.lines; said {
				grantAndPaste(t, f.platform, p, code, company)
			}
			p.end()
			<-tr.over
			return p, tr
		}
		p, tr := connect(at)
		if at.kind == "" { // the first is counted only
			steps = tr.counts
			todo = append(todo, targets(steps, 1)...)
		} else if p, _ = connect(target{}); p.cmd.ProcessState != nil && p.end() != 0 {
			t.Fatalf("killed before %v, it does not connect: %s", tr.steps[len(tr.steps)-1], p.errs)
		}
		agent := c.agent()
		folder := filepath.Join(filepath.Dir(c.home), "desk", company)
		f.until(company+" is connected", func() bool { return there(filepath.Join(folder, "Outbox", "orders")) })
		drop(t, folder, "orders.json", order("W-"+company))
		f.until("its file is through", func() bool { return there(filepath.Join(folder, "Inbox", "results", "orders.result.json")) })
		agent.stop()
		if t.Failed() {
			t.Fatal("the kill fell before ", tr.steps[len(tr.steps)-1])
		}
	}
	t.Logf("%d kills; steps: %v", round-1, steps)
}

// TestAKillWhileAKeyIsDeliveredLosesNoKey kills an agent to which the platform brings the key of a new company. Whether it
// has said that it has it, or will be asked again: the next agent must come to have it.
func TestAKillWhileAKeyIsDeliveredLosesNoKey(t *testing.T) {
	f := newOffice(t, officeOptions{sandbox: sandbox.Options{Limits: sandbox.Limits{CallbackBackoff: 20 * time.Millisecond, CallbackTries: 12}}})
	mails := f.platform.Mailbox()
	developer, address := mails[len(mails)-1].DeveloperID, freePort(t)
	var answer registered
	lines := f.must("register", "--json", "--platform", f.platform.url, "--developer-id", developer, "--application", "Delivered orders",
		"--domain", "ecommerce", "--callback", "http://"+address)
	if err := json.Unmarshal([]byte(lines[0]), &answer); err != nil {
		t.Fatal(err)
	}
	developer, application := f.platform.ids(t, answer.RegistrationURL)
	desk := t.TempDir()
	f.live()
	kills, round := 0, 0
	var steps map[string]int
	for todo := []target{{}}; len(todo) > 0; todo = todo[1:] {
		round++
		company := "Company " + strconv.Itoa(round)
		connecting := f.start(
			"connect", "--json", "--platform", f.platform.url, "--developer-id", developer, "--application-id", application,
			"--domain", "ecommerce", "--company", company, "--folder", desk, "--callback-listen", address,
		)
		code := object[passcode](connecting)
		tr := follow(t, f.agent, todo[0])
		if err := f.platform.Grant(code.Passcode, company); err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(desk, company)
		open := func() bool { return there(filepath.Join(folder, "Outbox", "orders")) }
		f.until("the agent is killed, or the company connected", func() bool { return f.agent.gone() || open() })
		f.dies(tr)
		connecting.cmd.Process.Kill()
		if steps == nil {
			steps = tr.counts
			todo = append(todo, targets(steps, 1)...)
		}
		if tr.killed {
			kills++
			f.fell = tr.steps[len(tr.steps)-1].String()
		}
		f.live()
		f.until(company+" is connected", open)
		drop(t, folder, "orders.json", order("W-"+company))
		f.until("its file is through", func() bool { return there(filepath.Join(folder, "Inbox", "results", "orders.result.json")) })
	}
	f.agent.stop()
	t.Logf("%d kills; steps: %v", kills, steps)
}

// grantAndPaste plays the person who enters a passcode in Sage 50, receives the key, and pastes it.
func grantAndPaste(t *testing.T, p *platform, connecting *process, line, company string) {
	t.Helper()
	var code passcode
	if err := json.Unmarshal([]byte(line), &code); err != nil {
		t.Fatal(err)
	}
	const given = 2320 // the consent was given before the kill: the key is at hand already
	if err := p.Grant(code.Passcode, company); err != nil && sandbox.Code(err) != given {
		t.Fatal(err)
	}
	key, err := p.InitialKey(company, "ecommerce")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(connecting.in, key.Reveal()) // it may have been killed
}
