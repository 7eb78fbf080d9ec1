package terminal_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"postroom/sage/sandbox"
)

// The whole way of a file, by commands alone, with the platform in the test's own process.

func TestAFilesWholeWayByCommandsAlone(t *testing.T) {
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	callback, folder := freePort(t), t.TempDir()
	developer, application := c.register(p, callback)
	agent := c.agent()
	connecting := c.connect(p, developer, application, folder, "--callback-listen", callback)
	code := object[passcode](connecting)
	if left := time.Until(code.Expires); left < 10*time.Minute || left > 16*time.Minute {
		t.Errorf("the passcode is good for %v", left)
	}
	if err := p.Grant(code.Passcode, "Acme Ltd"); err != nil {
		t.Fatal(err)
	}
	if done := object[connected](connecting); !done.Connected || done.Company != "Acme Ltd" {
		t.Errorf("connecting ended with %+v", done)
	}
	if status := connecting.end(); status != 0 {
		t.Errorf("connecting ended with %d: %s", status, connecting.errs)
	}

	company := filepath.Join(folder, "Acme Ltd")
	appears(t, filepath.Join(company, "Outbox", "orders"))
	drop(t, company, "orders.json", order("W-1"))
	appears(t, filepath.Join(company, "Inbox", "results", "orders.result.json"))
	if err := p.Publish("Acme Ltd", "products", []byte(`[{"id":"P-1","name":"Pencil","netPrice":1.5,"tax":21,"discountByUnit":false}]`)); err != nil {
		t.Fatal(err)
	}
	appears(t, filepath.Join(company, "Inbox", "products", "products.json"))

	asked := c.status()
	for end := time.Now().Add(patience); len(asked.Lists) == 0 && time.Now().Before(end); {
		asked = c.status() // it lies there a moment before that is written down
	}
	checkStatus(t, asked, company)
	c.must("rotate", "Acme Ltd")
	if rotations := p.Installations()[0].Connections[0].Rotations; rotations != 1 {
		t.Errorf("one rotation made %d new keys", rotations)
	}
	agent.stop()
	checkStatus(t, c.status(), company) // from the journal
	leavesNoSecret(t, c, p, developer, application)
}

func checkStatus(t *testing.T, s status, company string) {
	t.Helper()
	if len(s.Connections) != 1 || s.Connections[0].Key.State != "good" || s.Connections[0].Folder != company {
		t.Errorf("connections %+v", s.Connections)
	}
	if len(s.Transfers) != 1 {
		t.Fatalf("transfers %+v", s.Transfers)
	}
	sent := s.Transfers[0]
	if sent.Name != "orders.json" || sent.State != "accepted" || len(sent.SHA256) != 64 || sent.Error != "" {
		t.Errorf("the transfer is %+v", sent)
	}
	if !there(sent.ResultPath) {
		t.Errorf("its result is not at %q", sent.ResultPath)
	}
	if len(s.Lists) != 1 || s.Lists[0].Scope != "products" || filepath.Base(s.Lists[0].Path) != "products.json" || !there(s.Lists[0].Path) ||
		s.Lists[0].Added == 0 {
		t.Errorf("lists %+v", s.Lists)
	}
}

// leavesNoSecret looks for what must not be found in anything that was written.
func leavesNoSecret(t *testing.T, c *computer, p *platform, developer, application string) {
	t.Helper()
	key, err := p.InitialKey("Acme Ltd", "ecommerce")
	if err != nil {
		t.Fatal(err)
	}
	for what, secret := range map[string]string{
		"the initial key": key.Reveal(), "the developer's ID": developer, "the application's ID": application,
		"the passphrase": passphrase,
	} {
		holds(t, c.home, what, secret)
	}
}

func TestAKeyIsPastedWithoutAnAgentAndUsedByOneLater(t *testing.T) {
	_, _, company, agent := atWork(t)
	drop(t, company, "orders.json", order("W-2"))
	appears(t, filepath.Join(company, "Inbox", "results", "orders.result.json"))
	agent.stop()
}

func TestARunningAgentPicksUpACompanyThatACommandConnected(t *testing.T) {
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	agent := c.agent()
	company := c.pasted(p)
	appears(t, filepath.Join(company, "Outbox", "orders"))
	drop(t, company, "orders.json", order("W-3"))
	appears(t, filepath.Join(company, "Inbox", "results", "orders.result.json"))
	agent.stop()
}

func TestTheSameContentWaitsForAnAnswerAndResolveGivesIt(t *testing.T) {
	_, c, company, agent := atWork(t)
	drop(t, company, "first.json", order("W-4"))
	appears(t, filepath.Join(company, "Inbox", "results", "first.result.json"))
	drop(t, company, "again.json", order("W-4"))
	id := c.waitForState("again.json", "held")
	if lines := c.must("resolve", id, "--send", "--json"); len(lines) != 1 || !strings.Contains(lines[0], `"resolved":true`) {
		t.Errorf("resolve put out %q", lines)
	}
	appears(t, filepath.Join(company, "Inbox", "results", "again.result.json"))
	for _, args := range [][]string{
		{"resolve", "no-such-list", "--gone"},
		{"resolve", "no-such-list", "--incomplete"},
		{"hold", "no-such-id"},
		{"release", "no-such-id"},
		{"correct", "no-such-id"},
		{"correct", id},
		{"hold", id},
		{"retry", "--all", "Nobody Ltd"},
	} {
		if _, failed := c.do(args...); failed.end() != 1 {
			t.Errorf("%q ended otherwise: %s", args, failed.errs)
		}
	}
	if lines := c.must("retry", "--all", "--json"); len(lines) != 1 || !strings.Contains(lines[0], `"retried":0`) {
		t.Errorf("retry --all put out %q", lines)
	}
	if _, failed := c.do("resolve", "no-such-id", "--leave"); failed.end() != 1 {
		t.Errorf("an answer for nothing ended with %d", failed.end())
	}
	agent.stop()
}

// waitForState asks for the status until a file is in a state, each time that something in the home has changed.
func (c *computer) waitForState(name, state string) (id string) {
	c.t.Helper()
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		c.t.Fatal(err)
	}
	defer watcher.Close()
	if err := watcher.Add(c.home); err != nil {
		c.t.Fatal(err)
	}
	end := time.After(patience)
	for {
		for _, t := range c.status().Transfers {
			if t.Name == name && t.State == state {
				return t.ID
			}
		}
		select {
		case <-watcher.Events:
		case <-end:
			c.t.Fatalf("%s does not become %s: %+v", name, state, c.status().Transfers)
		}
	}
}
