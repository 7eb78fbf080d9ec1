//go:build linux && !headless

package desktop

import (
	"bytes"
	"fmt"
	"os/exec"
	"syscall"
	"testing"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

// An agent that is stopped still has its socket, and the system accepts calls on it: nobody refuses and nobody answers.
func TestAnAgentThatStopsAnsweringIsSpokenOfWhileTheWindowGoesOn(t *testing.T) {
	if !alone(t) {
		return
	}
	o := newOffice(t)
	o.give("orders-1.json", sandbox.SampleOrdersFrom(3001, 2))
	o.transfer("orders-1.json", journal.Accepted)
	o.sees("Accepted, 2 orders")

	if err := o.agent.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	goOn := func() { _ = o.agent.Process.Signal(syscall.SIGCONT) }
	t.Cleanup(goOn) // else it could not end
	before := o.pixels()
	o.xdotool("key", "F5")
	waits := words.Say("window.waits.agent")
	o.sees(waits)
	o.until("it to be painted", func() bool { return !bytes.Equal(before, o.pixels()) })
	o.picture("waits")
	o.click("Settings")
	o.sees("Start at login")
	o.xdotool("key", "Escape")
	o.openRow("orders-1.json")
	o.sees("Show in folder")
	o.sees(waits) // all this while nobody has answered

	goOn()
	o.seesNot(waits)
}

// pixels are what the window shows.
func (p *person) pixels() []byte {
	p.t.Helper()
	picture, err := exec.Command("import", "-window", fmt.Sprint(p.handle), "rgb:-").Output()
	if err != nil {
		p.t.Fatalf("no picture: %v", err)
	}
	return picture
}
