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

// TestAKillOfConnectLeavesNothingInTheWay kills the command `connect` at work, in a home of its own each time. Done once more,
// it connects, and files go.
func TestAKillOfConnectLeavesNothingInTheWay(t *testing.T) {
	f := newOffice(t, officeOptions{})
	kills := 0
	var steps map[string]int
	for todo := []target{{}}; len(todo) > 0; todo = todo[1:] {
		home := filepath.Join(t.TempDir(), "home")
		company := "Company " + strconv.Itoa(kills)
		p := f.connecting(home, company)
		tr := follow(t, p, todo[0])
		f.allows(p, company)
		<-tr.over
		if steps == nil { // the first is counted only
			steps = tr.counts
			todo = append(todo, targets(steps, 1)...)
		}
		if tr.killed {
			kills++
			f.fell = tr.steps[len(tr.steps)-1].String()
			p = f.connecting(home, company)
			if f.allows(p, company); p.end() != 0 {
				t.Fatalf("killed before %s, it does not connect: %s", f.fell, p.errs)
			}
		}
		f.carries(home, company)
		if t.Failed() {
			t.Fatal("the kill fell before ", f.fell)
		}
	}
	t.Logf("%d kills; steps: %v", kills, steps)
}

// connecting begins the command for a further company, in a home.
func (f *office) connecting(home, company string) *process {
	f.t.Helper()
	mails := f.platform.Mailbox()
	ids := mails[len(mails)-1]
	c := *f.computer
	c.home = home
	return c.start(
		"connect", "--json", "--platform", f.platform.url, "--developer-id", ids.DeveloperID, "--application-id", ids.ApplicationID,
		"--domain", "ecommerce", "--company", company, "--folder", filepath.Join(filepath.Dir(home), "desk"), "--paste",
	)
}

// allows plays the person who enters a passcode in Sage 50, receives the key and pastes it, if the command gets that far, and
// waits until it has ended.
func (f *office) allows(connecting *process, company string) {
	f.t.Helper()
	defer connecting.end()
	line, said := <-connecting.lines
	if !said {
		return
	}
	var code passcode
	if err := json.Unmarshal([]byte(line), &code); err != nil {
		f.t.Fatal(err)
	}
	const given = 2320 // the consent was given before the kill: the key is at hand already
	if err := f.platform.Grant(code.Passcode, company); err != nil && sandbox.Code(err) != given {
		f.t.Fatal(err)
	}
	key, err := f.platform.InitialKey(company, "ecommerce")
	if err != nil {
		f.t.Fatal(err)
	}
	fmt.Fprintln(connecting.in, key.Reveal()) // it may have been killed
}

// carries has an agent of a home carry one file of a company.
func (f *office) carries(home, company string) {
	f.t.Helper()
	c := *f.computer
	c.home = home
	agent := c.agent()
	f.through(filepath.Join(filepath.Dir(home), "desk", company))
	agent.stop()
}

// through waits until a company's folder is open, and one file is through.
func (f *office) through(folder string) {
	f.t.Helper()
	f.until(folder+" is open", func() bool { return there(filepath.Join(folder, "Outbox", "orders")) })
	drop(f.t, folder, "orders.json", order("W-"+folder))
	f.until("its file is through", func() bool { return there(filepath.Join(folder, "Inbox", "results", "orders.result.json")) })
}

// TestAKillWhileAKeyIsDeliveredLosesNoKey kills an agent to which the platform brings the key of a new company. Whether it
// has said that it has it, or will be asked again: the next agent must come to have it.
func TestAKillWhileAKeyIsDeliveredLosesNoKey(t *testing.T) {
	f := newOffice(t, officeOptions{sandbox: sandbox.Options{Limits: sandbox.Limits{CallbackBackoff: 20 * time.Millisecond, CallbackTries: 12}}})
	address, desk := freePort(t), t.TempDir()
	developer, application := f.furtherApplication("http://" + address)
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
		f.through(folder)
	}
	f.agent.stop()
	t.Logf("%d kills; steps: %v", kills, steps)
}

// furtherApplication registers one whose keys are delivered.
func (f *office) furtherApplication(callback string) (developer, application string) {
	f.t.Helper()
	var answer registered
	lines := f.must("register", "--json", "--platform", f.platform.url, "--developer-id", f.platform.Mailbox()[0].DeveloperID,
		"--application", "Delivered orders", "--domain", "ecommerce", "--callback", callback)
	if err := json.Unmarshal([]byte(lines[0]), &answer); err != nil {
		f.t.Fatal(err)
	}
	return f.platform.ids(f.t, answer.RegistrationURL)
}
