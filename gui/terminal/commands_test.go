package terminal_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postroom/sage/sandbox"
)

func TestASecondAgentOnTheSameHomeSaysWhoHoldsIt(t *testing.T) {
	c := newComputer(t)
	first := c.agent()
	_, second := c.do("run")
	if status := second.end(); status != 1 {
		t.Errorf("the second agent ended with %d", status)
	}
	namesThisComputer(t, second)
	first.stop()
	c.agent().stop() // and now the home is free
}

func TestASecondHomeOnTheSameOutboxSaysWhoHoldsIt(t *testing.T) {
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	company := c.pasted(p)
	first := c.agent()
	appears(t, filepath.Join(company, "Outbox", ".postroom.lock"))
	other := c.another()
	if err := os.CopyFS(filepath.Join(other.home, "connections"), os.DirFS(filepath.Join(c.home, "connections"))); err != nil {
		t.Fatal(err)
	}
	_, second := other.do("run")
	if status := second.end(); status != 1 || !strings.Contains(second.errs.String(), company) {
		t.Errorf("the second agent ended with %d: %s", status, second.errs)
	}
	namesThisComputer(t, second)
	first.stop()
}

// namesThisComputer makes sure that a person is told where to look for who is in the way.
func namesThisComputer(t *testing.T, p *process) {
	t.Helper()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(p.errs.String(), host) {
		t.Errorf("it does not say who is in the way: %s", p.errs)
	}
}

func TestAPlatformOnPlainHTTPIsRefusedBeforeAnythingIsSent(t *testing.T) {
	c := newComputer(t)
	for _, args := range [][]string{
		{"register", "--platform", "http://platform.example", "--name", "A", "--email", "a@example.com", "--company-name", "B", "--application", "C", "--domain", "ecommerce"},
		{"connect", "--platform", "http://platform.example", "--developer-id", "D", "--application-id", "E", "--domain", "ecommerce", "--company", "F", "--folder", c.t.TempDir(), "--paste"},
	} {
		lines, p := c.do(args...)
		if p.end() != 1 || len(lines) != 0 || !strings.Contains(p.errs.String(), "https") {
			t.Errorf("%s ended with %d, put out %q and said %s", args[0], p.end(), lines, p.errs)
		}
	}
}

func TestAWrongKeyIsExplainedAndNothingIsConnected(t *testing.T) {
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	developer, application := c.register(p, "")
	connecting := c.connect(p, developer, application, t.TempDir(), "--paste")
	object[passcode](connecting)
	fmt.Fprintln(connecting.in, "this-is-not-the-key-that-sage-gave")
	if status := connecting.end(); status != 1 || connecting.errs.String() == "" {
		t.Errorf("a wrong key ended with %d: %s", status, connecting.errs)
	}
	if strings.Contains(connecting.errs.String(), "this-is-not") {
		t.Error("the key was said again")
	}
	if s := c.status(); len(s.Connections) != 0 {
		t.Errorf("connected all the same: %+v", s.Connections)
	}
}

func TestConnectingEndsWhenItIsInterrupted(t *testing.T) {
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	developer, application := c.register(p, freePort(t))
	connecting := c.connect(p, developer, application, t.TempDir(), "--callback-listen", freePort(t))
	object[passcode](connecting)
	if err := connecting.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status := connecting.end(); status != 1 {
		t.Errorf("an interrupted command ended with %d", status)
	}
}

func TestAHomeMayHaveAVeryLongName(t *testing.T) {
	c := newComputer(t)
	c.home = filepath.Join(c.home, strings.Repeat("long/", 30), "home")
	agent := c.agent()
	if s := c.status(); len(s.Transfers) != 0 {
		t.Errorf("a new home has %+v", s)
	}
	agent.stop()
}

func TestTheSandboxCommandServesItsPages(t *testing.T) {
	c := newComputer(t)
	p := c.start("sandbox", "--listen", "127.0.0.1:0", "--json")
	at := object[struct{ URL string }](p)
	answer, err := http.Get(at.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "<html") {
		t.Errorf("its first page: %d, %v, %.100s", answer.StatusCode, err, page)
	}
	http.DefaultClient.CloseIdleConnections()
	p.stop()
}

func TestTheDemonstrationRunsWithoutAWindow(t *testing.T) {
	c := newComputer(t)
	dir := filepath.Join(t.TempDir(), "demo")
	lines, p := c.do("demo", "--dir", dir, "--drop-sample", "--pace", "0s")
	if status := p.end(); status != 0 {
		t.Fatalf("the demonstration ended with %d: %s", status, p.errs)
	}
	if !strings.Contains(strings.Join(lines, "\n"), dir) {
		t.Errorf("it does not say where its files are: %q", lines)
	}
	for _, name := range []string{
		"Inbox/results/orders-23-11.result.json", "Inbox/results/orders-24-11.result.json", "Inbox/products/products.json",
		"Inbox/customers/customers.json", "Sample orders/orders-25-11.json", "Sample orders/orders-with-a-mistake.json",
	} {
		if !there(filepath.Join(dir, "Acme Ltd", filepath.FromSlash(name))) {
			t.Errorf("%s is not there", name)
		}
	}
}

func TestAFurtherApplicationWhoseIDComesAtOnceIsConnectedWithoutTypingIt(t *testing.T) {
	p := newPlatform(t, sandbox.Options{IDAtOnce: true})
	c := newComputer(t)
	developer, _ := c.register(p, "")
	lines := c.must("register", "--json", "--platform", p.url, "--developer-id", developer, "--application", "Second", "--domain", "ecommerce")
	if len(lines) != 1 || !strings.Contains(lines[0], `"registrationUrl":""`) {
		t.Errorf("register put out %q", lines)
	}
	connecting := c.start("connect", "--json", "--domain", "ecommerce", "--company", "Acme Ltd", "--folder", t.TempDir(), "--paste")
	code := object[passcode](connecting)
	if err := p.Grant(code.Passcode, "Acme Ltd"); err != nil {
		t.Fatal(err)
	}
	key, err := p.InitialKey("Acme Ltd", "ecommerce")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(connecting.in, key.Reveal())
	if done := object[connected](connecting); !done.Connected || connecting.end() != 0 {
		t.Errorf("connecting ended with %+v: %s", done, connecting.errs)
	}
}

func TestAnAgentWithoutItsPassphraseIsGivenItLater(t *testing.T) {
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	company := c.pasted(p)
	silent := *c
	silent.env = append(silent.env, "CREDENTIALS_DIRECTORY=")
	agent := silent.agent()
	appears(t, filepath.Join(company, "Outbox", ".postroom.lock"))
	if _, rotating := silent.do("rotate", "Acme Ltd"); rotating.end() != 1 || !strings.Contains(rotating.errs.String(), "postroom unlock") {
		t.Errorf("with a locked vault, rotate ended with %d: %s", rotating.end(), rotating.errs)
	}
	for passphrase, want := range map[string]int{"wrong horse battery": 1, "correct horse battery": 0} {
		unlocking := silent.start("unlock", "--passphrase-fd", "0")
		fmt.Fprintln(unlocking.in, passphrase)
		if status := unlocking.end(); status != want {
			t.Errorf("with %q, unlock ended with %d: %s", passphrase, status, unlocking.errs)
		}
	}
	silent.must("rotate", "Acme Ltd")
	drop(t, company, "orders.json", order("W-5"))
	appears(t, filepath.Join(company, "Inbox", "results", "orders.result.json"))
	agent.stop()
	holds(t, c.home, "the passphrase", "horse battery")

	refused := silent.start("run", "--passphrase-fd", "0")
	fmt.Fprintln(refused.in, "wrong horse battery")
	if status := refused.end(); status != 1 || refused.errs.String() == "" {
		t.Errorf("with a wrong passphrase the agent ended with %d: %s", status, refused.errs)
	}
}
