package terminal_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"postroom/sage/sandbox"
)

// platform is a sandbox with an address.
type platform struct {
	*sandbox.Sandbox
	url string
}

func newPlatform(t *testing.T, o sandbox.Options) *platform {
	t.Helper()
	return newPlatformBehind(t, o, func(h http.Handler) http.Handler { return h })
}

// newPlatformBehind is a platform that answers through what stands before it.
func newPlatformBehind(t *testing.T, o sandbox.Options, before func(http.Handler) http.Handler) *platform {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(heardBy(t).before(before(s.Handler())))
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
func (c *computer) pasted(p *platform, more ...string) string {
	c.t.Helper()
	return c.pastedIn(p, c.t.TempDir(), more...)
}

// atWork is a platform, and a computer whose agent carries the files of one company.
func atWork(t *testing.T) (p *platform, c *computer, company string, agent *process) {
	t.Helper()
	p, c = newPlatform(t, sandbox.Options{}), newComputer(t)
	company, agent = c.pasted(p), c.agent()
	appears(t, filepath.Join(company, "Outbox", "orders"))
	return p, c, company, agent
}

// pastedIn does so in a folder of the caller's.
func (c *computer) pastedIn(p *platform, folder string, more ...string) string {
	c.t.Helper()
	developer, application := c.register(p, "")
	connecting := c.connect(p, developer, application, folder, append(more, "--paste")...)
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
