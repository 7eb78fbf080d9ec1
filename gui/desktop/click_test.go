//go:build linux && !headless

package desktop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/gofrs/flock"

	"postroom/gui/notify/notifytest"
	"postroom/gui/widgets"
	"postroom/sage/sandbox"
)

// TestAClickOnAPopUpOpensWhatItTellsInTheOpenWindow has a real agent and a real window. The process that the agent starts on a
// click finds that there is a window, because the test holds its lock, and hands over what is to be shown.
func TestAClickOnAPopUpOpensWhatItTellsInTheOpenWindow(t *testing.T) {
	if !alone(t) {
		return
	}
	s := newSession(t)
	s.program = windowProgram(t)
	o := newOfficeIn(t, s)
	locks := filepath.Join(o.home, "locks")
	if err := os.MkdirAll(locks, 0o700); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(filepath.Join(locks, "window.lock"), flock.SetPermissions(0o600))
	if first, err := lock.TryLock(); err != nil || !first {
		t.Fatalf("the window's lock is not to be had: %v", err)
	}
	t.Cleanup(func() { _ = lock.Close() })

	o.give("orders-29-11.json", sandbox.SampleOrdersFrom(5001, 2))
	one := o.popup()
	o.click("Settings")
	o.sees("Start at login")
	o.daemon.Press(t, one.ID, "show")
	o.sees(words.Say("window.copyDetails")) // stands in the details alone
	o.picture("clicked")
	o.click("Close")

	beside := filepath.Join(o.dir, "export")
	if err := os.Mkdir(beside, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"broken-1.json", "broken-2.json"} {
		if err := os.WriteFile(filepath.Join(beside, name), []byte(`["`+name+`"]`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.drop("Drop order files here", beside)
	o.until("all of them to have failed", func() bool { return len(o.needsYou()) == 2 })
	two := o.popup()
	if !strings.Contains(two.Body, "2 ") {
		t.Errorf("the two are told as %q", two.Body)
	}
	o.daemon.Click(t, two.ID)
	o.until("the list of what needs the person", func() (chosen bool) {
		o.look(func(c fyne.CanvasObject) bool {
			pill, is := c.(*widgets.Pill)
			chosen = chosen || is && pill.Selected && pill.Text == words.Say("window.filter.needsYou")
			return chosen
		})
		return chosen
	})
}

// popup is the next pop-up.
func (o *office) popup() notifytest.Shown {
	o.t.Helper()
	select {
	case p := <-o.daemon.Shown:
		return p
	case <-time.After(patienceTime):
		o.t.Fatal("no pop-up came")
		return notifytest.Shown{}
	}
}
