//go:build linux && !headless

package desktop

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"postroom/assets"
	"postroom/gui/widgets"
	"postroom/sage/sandbox"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// words are those on the screen.
var words = assets.For("en-GB")

// office is a window over an agent with a company that is connected to the sandbox.
type office struct {
	*session
	*person
	web   browser
	home  string
	agent *exec.Cmd
}

const officeCompany = "Acme Ltd"

func newOffice(t *testing.T) *office {
	t.Helper()
	return newOfficeIn(t, newSession(t))
}

// newOfficeIn is an office whose agent is the session's program.
func newOfficeIn(t *testing.T, s *session) *office {
	t.Helper()
	o := &office{session: s, home: filepath.Join(s.dir, "home")}
	platform := s.sandbox(t)
	o.web = browser{t: t, base: platform}
	o.agent = runAgent(t, s.program, o.home)
	t.Cleanup(func() { endAgent(t, o.agent) })
	client := dial(t, o.home)
	connectCompany(t, client, platform, s.dir, officeCompany)
	s.starts = func(ctx context.Context) error {
		agent, err := startAgent(ctx, s.program, o.home)
		if err == nil {
			o.agent = agent
		}
		return err
	}
	o.person = openWindow(t, s, client)
	o.sees("Drop order files here")
	return o
}

// give writes a file of orders and drops it on the window.
func (o *office) give(name string, content []byte) {
	o.t.Helper()
	file := filepath.Join(o.dir, name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		o.t.Fatal(err)
	}
	o.drop("Drop order files here", file)
}

// openRow clicks on the row of a file.
func (o *office) openRow(name string) {
	o.t.Helper()
	o.clickOn("the row of "+name, func(c fyne.CanvasObject) bool {
		row, is := c.(*widgets.Row)
		return is && row.Content().Title == name
	})
}

// shown is the next pop-up.
func (o *office) shown() string {
	o.t.Helper()
	select {
	case popup := <-o.daemon.Shown:
		return popup.Summary + " " + popup.Body
	case <-time.After(patienceTime):
		o.t.Fatal("no pop-up came")
		return ""
	}
}

func TestARefusedOrderIsReadPutRightAndDroppedAgain(t *testing.T) {
	if !alone(t) {
		return
	}
	o := newOffice(t)
	const reason = "Customer C-1042 has no e-mail address in Sage 50."
	refuse := func(reason string) {
		o.web.post("/faults/refuse", o.web.get("/faults"), url.Values{"id": {"A-2002"}, "reason": {reason}})
	}
	refuse(reason)
	o.give("orders-25-11.json", sandbox.SampleOrdersFrom(2001, 3))
	if of := o.transfer("orders-25-11.json", journal.Accepted); of.RefusedRecords != 1 || of.Records != 3 {
		t.Errorf("%d of %d are refused", of.RefusedRecords, of.Records)
	}
	for said := ""; !strings.Contains(said, "orders-25-11.json: 1 of 3"); { // the file may be told as accepted before its result is there
		said = o.shown()
	}
	o.sees("1 of 3 orders refused")
	o.openRow("orders-25-11.json")
	o.until("the order and its reason", func() bool {
		said := strings.Join(o.words(), "\n")
		return strings.Contains(said, "A-2002") && strings.Contains(said, strings.TrimSuffix(reason, "."))
	})
	o.picture("refused")
	o.click("Close")

	refuse("") // the person gave the customer an address
	o.give("orders-25-11-again.json", sandbox.SampleOrdersFrom(2002, 1))
	if of := o.transfer("orders-25-11-again.json", journal.Accepted); of.RefusedRecords != 0 || of.Records != 1 {
		t.Errorf("%d of %d are refused", of.RefusedRecords, of.Records)
	}
	o.sees("Accepted, 1 order")
	o.openRow("orders-25-11.json")
	o.click("Put aside")
	o.until("nothing to be done", func() bool { return len(o.needsYou()) == 0 })
}

// needsYou are the files that a person has to do something about.
func (o *office) needsYou() []watcher.Transfer {
	o.t.Helper()
	page, err := o.client.Transfers(o.t.Context(), watcher.Query{Filter: watcher.FilterNeedsYou})
	if err != nil {
		o.t.Fatal(err)
	}
	return page.Transfers
}

func TestALockedConnectionIsUnlockedAndItsFileGoesOn(t *testing.T) {
	if !alone(t) {
		return
	}
	o := newOffice(t)
	o.web.post("/sage50/company/1/key", o.web.get("/sage50/company/1"), url.Values{"do": {"lock"}, "domain": {"ecommerce"}})
	o.give("orders-26-11.json", sandbox.SampleOrders(5))
	o.sees("Connection: locked")
	o.click("Connection: locked")
	o.sees("Sage has locked this connection for a while.")
	o.picture("locked")
	o.click("Unlock")
	o.sees("Connection: working")
	o.transfer("orders-26-11.json", journal.Accepted)
	o.xdotool("key", "Escape")
	o.sees("Accepted, 5 orders")
}

func TestAnAgentThatIsKilledComesBackToTheOpenWindow(t *testing.T) {
	if !alone(t) {
		return
	}
	o := newOffice(t)
	o.give("orders-1.json", sandbox.SampleOrdersFrom(3001, 2))
	o.transfer("orders-1.json", journal.Accepted)
	o.sees("Accepted, 2 orders")

	away := words.Say("window.agent.away")
	o.killAgent()
	o.sees(away)
	o.sees("Accepted, 2 orders") // what was there is still to be read
	o.picture("agent-killed")
	o.agent = runAgent(t, o.program, o.home)
	o.seesNot(away)
	o.give("orders-2.json", sandbox.SampleOrdersFrom(3101, 3))
	o.transfer("orders-2.json", journal.Accepted)
	o.sees("Accepted, 3 orders")

	o.killAgent()
	o.sees(away)
	o.click(words.Say("window.agent.start"))
	o.seesNot(away) // already while it starts
	o.until("the agent to answer", func() bool {
		_, err := o.client.Overview(t.Context())
		return err == nil
	})
	o.give("orders-3.json", sandbox.SampleOrdersFrom(3201, 4))
	o.transfer("orders-3.json", journal.Accepted)
	o.sees("Accepted, 4 orders")
}

// killAgent ends the agent as a power cut does.
func (o *office) killAgent() {
	o.t.Helper()
	if err := o.agent.Process.Kill(); err != nil {
		o.t.Fatal(err)
	}
	_ = o.agent.Wait() // killed
}

// failing is how many files fail at once.
const failing = 40

func TestFortyFilesThatFailAtOnceAreOnePopUp(t *testing.T) {
	if !alone(t) {
		return
	}
	o := newOffice(t)
	beside := filepath.Join(o.dir, "export")
	if err := os.Mkdir(beside, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range failing {
		path := filepath.Join(beside, fmt.Sprintf("broken-%02d.json", i))
		if err := os.WriteFile(path, fmt.Appendf(nil, `["A-%d"]`, i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.drop("Drop order files here", beside) // a folder, as one drags it
	o.until("all of them to have failed", func() bool { return len(o.needsYou()) == failing })
	if said := o.shown(); !strings.Contains(said, fmt.Sprint(failing)) {
		t.Errorf("the pop-up says %q", said)
	}
	o.until("how many need the person", func() (seen bool) {
		o.look(func(c fyne.CanvasObject) bool {
			pill, is := c.(*widgets.Pill)
			seen = seen || is && pill.Count == failing
			return seen
		})
		return seen
	})
	o.picture("forty")
	o.give("orders-27-11.json", sandbox.SampleOrdersFrom(4001, 2))
	o.transfer("orders-27-11.json", journal.Accepted)
	if said := o.shown(); !strings.Contains(said, "orders-27-11.json") {
		t.Errorf("between the forty and the next file a pop-up says %q", said)
	}
}
