package terminal_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"postroom/sage/sandbox"
)

// The whole way of a file, by commands alone, with the platform in the test's own process.

// platform is a sandbox with an address.
type platform struct {
	*sandbox.Sandbox
	url string
}

func newPlatform(t *testing.T, o sandbox.Options) *platform {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	if err := s.SetBaseURL(server.URL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		s.Close()
		for _, violation := range s.Violations() {
			t.Errorf("the client was not polite: %s", violation)
		}
	})
	return &platform{s, server.URL}
}

// ids solves the captcha and reads the e-mail.
func (p *platform) ids(t *testing.T, registrationURL string) (developer, application string) {
	t.Helper()
	if err := p.SolveCaptcha(registrationURL); err != nil {
		t.Fatal(err)
	}
	mails := p.Mailbox()
	newest := mails[len(mails)-1]
	return newest.DeveloperID, newest.ApplicationID
}

// freePort is an address nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

type (
	registered struct{ RegistrationURL string }
	passcode   struct {
		Passcode string
		Expires  time.Time
	}
	connected struct {
		Connected bool
		Company   string
	}
)

// register registers an application and gives its IDs.
func (c *computer) register(p *platform, callback string) (developer, application string) {
	c.t.Helper()
	args := []string{
		"register", "--json", "--platform", p.url, "--name", "Alex Example", "--email", "alex@example.com",
		"--company-name", "Example Ltd", "--application", "Example orders", "--domain", "ecommerce",
	}
	if callback != "" {
		args = append(args, "--callback", "http://"+callback)
	}
	var answer registered
	lines := c.must(args...)
	if len(lines) != 1 || json.Unmarshal([]byte(lines[0]), &answer) != nil || answer.RegistrationURL == "" {
		c.t.Fatalf("register put out %q", lines)
	}
	return p.ids(c.t, answer.RegistrationURL)
}

// connect begins connecting a company.
func (c *computer) connect(p *platform, developer, application, folder string, more ...string) *process {
	c.t.Helper()
	return c.start(append([]string{
		"connect", "--json", "--platform", p.url, "--developer-id", developer, "--application-id", application,
		"--domain", "ecommerce", "--company", "Acme Ltd", "--folder", folder,
	}, more...)...)
}

// pasted connects a company with the key pasted, and gives its folder.
func (c *computer) pasted(p *platform) string {
	c.t.Helper()
	folder := c.t.TempDir()
	developer, application := c.register(p, "")
	connecting := c.connect(p, developer, application, folder, "--paste")
	code := object[passcode](connecting)
	if err := p.Grant(code.Passcode, "Acme Ltd"); err != nil {
		c.t.Fatal(err)
	}
	key, err := p.InitialKey("Acme Ltd", "ecommerce")
	if err != nil {
		c.t.Fatal(err)
	}
	fmt.Fprintln(connecting.in, key.Reveal())
	if done := object[connected](connecting); !done.Connected || done.Company != "Acme Ltd" {
		c.t.Fatalf("connecting ended with %+v", done)
	}
	if status := connecting.end(); status != 0 {
		c.t.Fatalf("connecting ended with %d: %s", status, connecting.errs)
	}
	return filepath.Join(folder, "Acme Ltd")
}

// order is a file of one order.
func order(id string) string {
	const address = `{"id":"A-1","address1":"1 High Street","city":"York","country":"GB","postCode":"YO1 6HZ","telephone1":"+44 1904 555 019","timestamp":"2026-11-24T09:00:00Z"}`
	return `[{"id":"` + id + `","orderDate":"2026-11-24T09:00:00Z","deliveryAddress":` + address + `,"invoiceAddress":` + address + `,
 "customer":{"id":"C-1","firstName":"Tom","lastName":"Baker","email":"tom@example.com","addresses":[` + address + `],"timestamp":"2026-11-24T09:00:00Z"},
 "discount":0,"currencyRate":1.0,"paymentMethod":"card","totalShipping":4.95}]`
}

// drop lays a file into the Outbox in one step.
func drop(t *testing.T, company, name, content string) {
	t.Helper()
	outbox := filepath.Join(company, "Outbox", "orders")
	part := filepath.Join(outbox, name+".part")
	if err := os.WriteFile(part, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, filepath.Join(outbox, name)); err != nil {
		t.Fatal(err)
	}
}

// appears waits until a file is there.
func appears(t *testing.T, path string) {
	t.Helper()
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Close()
	end := time.After(patience)
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		// The nearest folder that is there already: the next one may be made at any moment.
		near := filepath.Dir(path)
		for !there(near) {
			near = filepath.Dir(near)
		}
		if err := watcher.Add(near); err != nil {
			t.Fatal(err)
		}
		if there(path) {
			return
		}
		select {
		case <-watcher.Events:
		case err := <-watcher.Errors:
			t.Fatal(err)
		case <-end:
			t.Fatalf("%s does not appear", path)
		}
	}
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

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
	if len(s.Lists) != 1 || s.Lists[0].Scope != "products" || !there(s.Lists[0].Path) {
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
		"the passphrase": "correct horse battery",
	} {
		holds(t, c.home, what, secret)
	}
}

func TestAKeyIsPastedWithoutAnAgentAndUsedByOneLater(t *testing.T) {
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	company := c.pasted(p)
	agent := c.agent()
	appears(t, filepath.Join(company, "Outbox", "orders"))
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
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t)
	company := c.pasted(p)
	agent := c.agent()
	appears(t, filepath.Join(company, "Outbox", "orders"))
	drop(t, company, "first.json", order("W-4"))
	appears(t, filepath.Join(company, "Inbox", "results", "first.result.json"))
	drop(t, company, "again.json", order("W-4"))
	id := c.waitForState("again.json", "held")
	if lines := c.must("resolve", id, "--send", "--json"); len(lines) != 1 || !strings.Contains(lines[0], `"resolved":true`) {
		t.Errorf("resolve put out %q", lines)
	}
	appears(t, filepath.Join(company, "Inbox", "results", "again.result.json"))
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
