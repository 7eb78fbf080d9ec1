//go:build linux && !headless

package desktop

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher"
	"postroom/watcher/journal"
)

func init() { runtime.LockOSThread() } // windows live on the main thread

// onMain runs functions on the main goroutine, where a window has to be.
var onMain = make(chan func())

func TestMain(m *testing.M) {
	os.Setenv("POSTROOM_TEST_HOME", os.Getenv("HOME")) // where Go's caches are
	go func() {
		status := m.Run()
		removePrograms()
		os.Exit(status) // also while the main goroutine is in a toolkit that does not end
	}()
	for f := range onMain {
		f()
	}
}

// TestScreenshotFromTheFirstStepToARenewal is one person's first half hour, in a real window: the wizard from its first step
// to "connected" with the sandbox's pages answered by hand, a file dropped on the window, its pop-up, its result, and
// a renewal. With POSTROOM_SCREENSHOTS it leaves a picture of each step there.
func TestScreenshotFromTheFirstStepToARenewal(t *testing.T) {
	if !alone(t) {
		return
	}
	s := newSession(t)
	platform := s.sandbox(t)
	home := s.agent(t)
	listen := freeAddress(t)
	client := dial(t, home)
	p := openWindow(t, s, client)
	web := browser{t: t, base: platform}

	p.sees("Welcome to Postroom")
	p.picture("1-welcome")
	p.click("Connect Sage 50")

	p.sees("The two IDs from Sage")
	p.click("Register for them")
	p.fill("Your name", "Alex Example")
	p.fill("E-mail", "alex@example.com")
	p.fill("Your company", "Acme Ltd")
	p.picture("2-register")
	p.fill("Its address", "http://"+listen)
	p.click("Advanced")
	p.fill("Platform address", platform)
	p.fill("Listen on", listen)
	p.click("Register")

	p.sees("Sage sends you an e-mail")
	p.picture("3-email")
	draft := p.draft(func(d watcher.Draft) bool { return d.RegistrationURL != "" })
	web.answerCaptcha(draft.RegistrationURL)
	developer, application := web.readMail()
	p.fill("Developer ID", developer)
	p.fill("Application ID", application)
	p.click("Next")

	p.sees("A folder for this company")
	p.fill("Company", "Acme Ltd")
	p.fill("Where its folder is made", s.dir)
	p.picture("4-folder")
	p.click("Get the passcode")

	p.sees("Enter this passcode in Sage 50")
	draft = p.draft(func(d watcher.Draft) bool { return d.Passcode != "" })
	p.sees("Waiting for Sage 50. You can close this window; Postroom goes on waiting.")
	p.picture("5-passcode")
	web.grant(draft.Passcode, "Acme Ltd")

	p.sees("Acme Ltd is connected")
	p.picture("6-done")
	p.click("Drop your first file")

	p.sees("Drop order files here")
	p.picture("7-empty")
	file := filepath.Join(s.dir, "orders-24-11.json")
	if err := os.WriteFile(file, sandbox.SampleOrders(40), 0o600); err != nil {
		t.Fatal(err)
	}
	p.drop("Drop order files here", file)

	done := p.transfer("orders-24-11.json", journal.Accepted)
	if done.ResultPath != filepath.Join(s.dir, "Acme Ltd", "Inbox", "results", "orders-24-11.result.json") {
		t.Errorf("the result lies at %s", done.ResultPath)
	}
	if _, err := os.Stat(done.ResultPath); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("the original was touched: ", err)
	}
	p.sees("Accepted, 40 orders")
	p.picture("8-accepted")
	select {
	case shown := <-s.daemon.Shown:
		if said := shown.Summary + " " + shown.Body; !strings.Contains(said, "Acme Ltd") {
			t.Errorf("the pop-up does not name the company: %q", said)
		}
	case <-time.After(20 * time.Second):
		t.Error("no pop-up came")
	}

	p.click("Connection: working")
	p.sees("Renewals")
	before := p.renewals()
	p.click("Renew access")
	p.until("a new line in the timeline", func() bool { return len(p.renewals()) == len(before)+1 })
	p.sees("because you asked for it")
	p.picture("9-renewed")

	p.click("Settings")
	p.sees("Start at login")
	p.picture("10-settings")
}

var question = regexp.MustCompile(`data-left="(\d+)" data-right="(\d+)"`)

func (b browser) answerCaptcha(address string) {
	b.t.Helper()
	page := b.get(address)
	asked := question.FindStringSubmatch(page)
	if asked == nil {
		b.t.Fatalf("no question on %s", address)
	}
	left, _ := strconv.Atoi(asked[1])
	right, _ := strconv.Atoi(asked[2])
	b.post(address, page, url.Values{"answer": {strconv.Itoa(left + right)}})
}

var (
	mailLink = regexp.MustCompile(`href="([^"]*/mailbox/[^"]+)"`)
	mailedID = regexp.MustCompile(`id="(developer|application)-id">([^<]+)<`)
)

func (b browser) readMail() (developer, application string) {
	b.t.Helper()
	links := mailLink.FindAllStringSubmatch(b.get("/mailbox"), -1)
	if len(links) == 0 {
		b.t.Fatal("the mailbox is empty")
	}
	for _, id := range mailedID.FindAllStringSubmatch(b.get(links[0][1]), -1) {
		if id[1] == "developer" {
			developer = id[2]
		} else {
			application = id[2]
		}
	}
	return developer, application
}

func (b browser) grant(passcode, company string) {
	b.t.Helper()
	page := b.post("/sage50/integration", b.get("/sage50/integration"), url.Values{"passcode": {passcode}})
	b.post("/sage50/consent", page, url.Values{"decision": {"grant"}, "company": {company}})
}
