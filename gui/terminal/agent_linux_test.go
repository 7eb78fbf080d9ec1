package terminal_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"postroom/gui/notify/notifytest"
	"postroom/gui/tray/traytest"
	"postroom/sage/sandbox"
	"postroom/watcher/control"
)

func TestTheAgentShowsItsIconAndTellsWhatBecameOfAFile(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body", "body-markup", "actions")
	panel := traytest.Start(t, bus)
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t).with("DBUS_SESSION_BUS_ADDRESS=" + bus.Address)
	company := c.pasted(p)
	agent := c.agent()
	icon := panel.Item(t)
	icon.Await(t, "the headline", func(menu []traytest.Entry) bool {
		return slices.Contains(traytest.Labels(menu), "Nothing has been sent yet.")
	})

	const hostile = `<b>orders & "$(id)".json`
	drop(t, company, hostile, order("W-1"))
	select {
	case shown := <-daemon.Shown:
		if shown.Summary != "Acme Ltd" || !strings.Contains(shown.Body, "accepted") || strings.Contains(shown.Body, "<") {
			t.Errorf("the pop-up says %q: %q", shown.Summary, shown.Body)
		}
	case <-time.After(patience):
		t.Fatal("no pop-up came")
	}
	icon.Await(t, "the new headline", func(menu []traytest.Entry) bool {
		return slices.Contains(traytest.Labels(menu), "Everything is accepted.")
	})

	icon.Click(t, "Pause sending")
	icon.Await(t, "the pause", func(menu []traytest.Entry) bool {
		return slices.Contains(traytest.Labels(menu), "Resume sending")
	})
	icon.Click(t, "Stop Postroom (files wait)")
	if status := agent.end(); status != 0 {
		t.Errorf("stopped from its menu, the agent ended with %d: %s", status, agent.errs)
	}
}

func TestAFrozenDesktopDoesNotHoldUpTheAgent(t *testing.T) {
	bus := notifytest.StartBus(t)
	notifytest.StartDaemon(t, bus, "body")
	p := newPlatform(t, sandbox.Options{})
	c := newComputer(t).with("DBUS_SESSION_BUS_ADDRESS=" + bus.Address)
	company := c.pasted(p)
	agent := c.agent()
	bus.Freeze(t)
	defer bus.Thaw(t)
	drop(t, company, "orders.json", order("W-1"))
	appears(t, filepath.Join(company, "Inbox", "results", "orders.result.json"))
	agent.stop()
}

func TestSIGTERMEndsTheAgentCleanly(t *testing.T) {
	agent := newComputer(t).agent()
	asked := time.Now()
	if err := agent.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := agent.end(); status != 0 || time.Since(asked) > 5*time.Second {
		t.Errorf("the agent ended with %d after %v: %s", status, time.Since(asked), agent.errs)
	}
}

func TestWithoutANameTheAgentIsStartedOnceAndLivesOn(t *testing.T) {
	c := newComputer(t)
	t.Cleanup(func() { c.stopAgent() })
	_, first := c.do()
	if status := first.end(); status != 0 || !strings.Contains(first.errs.String(), "no window") {
		t.Fatalf("ended with %d: %s", status, first.errs)
	}
	socket, err := os.Lstat(filepath.Join(c.home, "agent.sock"))
	if err != nil {
		t.Fatal("no agent is left: ", err)
	}
	if _, second := c.do(); second.end() != 0 {
		t.Errorf("the second start ended with %d: %s", second.end(), second.errs)
	}
	if again, err := os.Lstat(filepath.Join(c.home, "agent.sock")); err != nil || !os.SameFile(socket, again) {
		t.Errorf("the second start made another agent: %v", err)
	}
	c.status()
	c.stopAgent()
}

// stopAgent ends an agent in the background, if one runs, and waits until it has gone.
func (c *computer) stopAgent() {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		c.t.Fatal(err)
	}
	defer watcher.Close()
	if err := watcher.Add(c.home); err != nil {
		return // there was none
	}
	client, err := control.Dial(c.home)
	if err != nil {
		return
	}
	if err := client.Stop(context.WithoutCancel(c.t.Context())); err != nil { // also when the test is being cleared up
		c.t.Error(err)
	}
	for end := time.After(patience); there(filepath.Join(c.home, "agent.sock")); {
		select {
		case <-watcher.Events:
		case <-end:
			c.t.Error("the agent does not end")
			return
		}
	}
}

func TestAnAgentThatCannotStartIsExplained(t *testing.T) {
	c := newComputer(t)
	c.home = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(c.home, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, p := c.do()
	if status := p.end(); status != 1 || !strings.Contains(p.errs.String(), c.home) {
		t.Errorf("ended with %d: %s", status, p.errs)
	}
}

func TestStartAtLoginFollowsTheSettings(t *testing.T) {
	c := newComputer(t)
	agent := c.agent()
	client, err := control.Dial(c.home)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := client.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings.StartAtLogin = true
	if err := client.SaveSettings(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(filepath.Dir(c.home), "config", "autostart")
	appears(t, folder)
	entry := filepath.Join(folder, onlyEntry(t, folder))
	if text, err := os.ReadFile(entry); err != nil || !strings.Contains(string(text), c.home) {
		t.Errorf("the entry does not start this home: %v\n%s", err, text)
	}
	agent.stop()
}

// onlyEntry waits for the one entry of a folder that is written to its end.
func onlyEntry(t *testing.T, folder string) string {
	t.Helper()
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Close()
	if err := watcher.Add(folder); err != nil {
		t.Fatal(err)
	}
	for end := time.After(patience); ; {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), ".desktop") {
				return entry.Name()
			}
		}
		select {
		case <-watcher.Events:
		case <-end:
			t.Fatalf("no entry appears in %s", folder)
		}
	}
}
