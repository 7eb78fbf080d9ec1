package tray

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"postroom/assets"
	"postroom/gui/notify/notifytest"
	"postroom/gui/tray/traytest"
	"postroom/watcher"
)

// asChild makes the test's own program show the tray, because systray can be run once in a process and wants its
// main goroutine.
const asChild = "POSTROOM_TRAY_TEST_COMPANIES"

func TestMain(m *testing.M) {
	if companies, child := os.LookupEnv(asChild); child {
		showTray(strings.Split(companies, ","))
		return
	}
	goleak.VerifyTestMain(m)
}

// showTray runs the tray until its standard input ends. What it is asked to do goes to standard output, a line each.
func showTray(companies []string) {
	ctx, end := context.WithCancel(context.Background())
	e := newEngine(companies...)
	asked := func(what string) { fmt.Println(what) }
	go func() {
		commands := bufio.NewScanner(os.Stdin)
		for commands.Scan() {
			e.becomes(func(o *watcher.Overview) { obey(o, commands.Text()) })
		}
		end()
	}()
	Run(ctx, Options{
		Engine: &loud{e, asked},
		Open:   func(context.Context) { asked("open") },
		Page:   func(context.Context) { asked("page") },
		Reveal: func(_ context.Context, folder string) { asked("reveal " + folder) },
		Logger: slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: onlyMessage})),
	})
	fmt.Println("ended")
}

// onlyMessage makes a line of the log one that a test can name.
func onlyMessage(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.MessageKey {
		return a
	}
	return slog.Attr{}
}

func obey(o *watcher.Overview, command string) {
	switch command {
	case "need":
		o.Companies[0].Counts.NeedsYou = 2
	case "pause":
		o.Paused = true
	case "connect":
		o.Companies = append(o.Companies, watcher.Company{Name: "Zeta", Folder: "/files/Zeta"})
	case "disconnect":
		o.Companies = o.Companies[:1]
	}
}

// loud is an engine that tells what it is asked for.
type loud struct {
	*engine
	asked func(string)
}

func (l *loud) Pause(context.Context) error      { l.asked("pause"); return nil }
func (l *loud) Resume(context.Context) error     { l.asked("resume"); return nil }
func (l *loud) Stop(context.Context) error       { l.asked("stop"); return nil }
func (l *loud) Quiet(context.Context, int) error { l.asked("quiet"); return nil }

// child is a process with a tray.
type child struct {
	t     *testing.T
	in    io.WriteCloser
	lines chan string
	cmd   *exec.Cmd
}

func startTray(t *testing.T, bus string, companies ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, lines: make(chan string, 100), cmd: exec.Command(self)}
	c.cmd.Env = append(os.Environ(), asChild+"="+strings.Join(companies, ","), "DBUS_SESSION_BUS_ADDRESS="+bus, "TZ=UTC")
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	})
	go func() {
		defer close(c.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			c.lines <- lines.Text()
		}
	}()
	return c
}

func (c *child) tell(command string) {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.in, command); err != nil {
		c.t.Fatal(err)
	}
}

func (c *child) wants(line string) {
	c.t.Helper()
	select {
	case got, more := <-c.lines:
		if !more || got != line {
			c.t.Fatalf("the tray did %q, want %q", got, line)
		}
	case <-time.After(20 * time.Second):
		c.t.Fatalf("the tray did not %q", line)
	}
}

// comesTo passes over what the tray does until it does this.
func (c *child) comesTo(line string) {
	c.t.Helper()
	end := time.After(20 * time.Second)
	for {
		select {
		case got, more := <-c.lines:
			if got == line {
				return
			}
			if !more {
				c.t.Fatalf("the tray ended before %q", line)
			}
		case <-end:
			c.t.Fatalf("the tray did not come to %q", line)
		}
	}
}

func (c *child) ends() {
	c.t.Helper()
	if err := c.in.Close(); err != nil {
		c.t.Fatal(err)
	}
	c.comesTo("ended")
}

func TestTheDesktopSeesIconAndMenu(t *testing.T) {
	bus := notifytest.StartBus(t)
	desktop := traytest.Start(t, bus)
	c := startTray(t, bus.Address, "Acme")
	icon := desktop.Item(t)
	want := []string{
		"Everything is accepted.", "Open Postroom", "Status page", "Open Outbox (to Sage)", "Open Inbox (from Sage)", "Pause sending",
		"Quiet for an hour", "Stop Postroom (files wait)",
	}
	menu := icon.Await(t, strings.Join(want, ", "), func(menu []traytest.Entry) bool {
		return slices.Equal(traytest.Labels(menu), want) // it is filled entry by entry
	})
	if menu[0].Enabled {
		t.Error("the headline can be clicked")
	}
	if title := icon.Property(t, "Title"); title != "Postroom" {
		t.Errorf("the icon is called %q", title)
	}
	samePicture(t, icon.Picture(t), assets.TrayGood)
	c.ends()
}

func samePicture(t *testing.T, got traytest.Pixels, want assets.TrayState) {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(assets.TrayIcon(want)))
	if err != nil {
		t.Fatal(err)
	}
	size := picture.Bounds().Size()
	if int(got.Width) != size.X || int(got.Height) != size.Y || len(got.ARGB) != 4*size.X*size.Y {
		t.Fatalf("the icon is %d x %d with %d bytes, want %v", got.Width, got.Height, len(got.ARGB), size)
	}
	for y := range size.Y {
		for x := range size.X {
			if _, _, _, a := picture.At(x, y).RGBA(); byte(a) != got.ARGB[4*(y*size.X+x)] {
				t.Fatalf("the icon is not that of %q at %d, %d", want, x, y)
			}
		}
	}
}

func TestClicksReachTheEngine(t *testing.T) {
	bus := notifytest.StartBus(t)
	desktop := traytest.Start(t, bus)
	c := startTray(t, bus.Address, "Acme")
	icon := desktop.Item(t)
	for _, click := range []struct{ label, want string }{
		{"Open Postroom", "open"},
		{"Status page", "page"},
		{"Open Outbox (to Sage)", "reveal /files/Acme/Outbox"},
		{"Open Inbox (from Sage)", "reveal /files/Acme/Inbox"},
		{"Pause sending", "pause"},
		{"Quiet for an hour", "quiet"},
	} {
		icon.Click(t, click.label)
		c.wants(click.want)
	}
	icon.Tap(t)
	c.wants("open")
	icon.Click(t, "Stop Postroom (files wait)")
	c.wants("stop")
	c.ends()
}

func TestIconAndMenuFollowWhatHappens(t *testing.T) {
	bus := notifytest.StartBus(t)
	desktop := traytest.Start(t, bus)
	c := startTray(t, bus.Address, "Acme")
	icon := desktop.Item(t)
	shows := func(label string) {
		t.Helper()
		icon.Await(t, label, func(menu []traytest.Entry) bool { return slices.Contains(traytest.Labels(menu), label) })
	}
	c.tell("need")
	shows("2 files need you.")
	samePicture(t, icon.Picture(t), assets.TrayNeedsYou)
	c.tell("pause")
	shows("Resume sending")
	icon.Click(t, "Resume sending")
	c.wants("resume")
	c.ends()
}

func TestSeveralCompaniesHaveAMenuEach(t *testing.T) {
	bus := notifytest.StartBus(t)
	desktop := traytest.Start(t, bus)
	c := startTray(t, bus.Address, "Acme")
	icon := desktop.Item(t)
	c.tell("connect")
	icon.Click(t, "Open Outbox (to Sage)", "Zeta")
	c.wants("reveal /files/Zeta/Outbox")
	icon.Click(t, "Open Inbox (from Sage)", "Acme")
	c.wants("reveal /files/Acme/Inbox")
	c.tell("disconnect")
	icon.Await(t, "the plain entry", func(menu []traytest.Entry) bool {
		return len(menu) > 4 && !slices.ContainsFunc(menu, func(e traytest.Entry) bool { return len(e.Children) > 0 })
	})
	icon.Click(t, "Open Outbox (to Sage)")
	c.wants("reveal /files/Acme/Outbox")
	c.ends()
}

func TestAPanelThatStartsLaterGetsTheIcon(t *testing.T) {
	bus := notifytest.StartBus(t)
	c := startTray(t, bus.Address, "Acme")
	panel := traytest.Start(t, bus)
	panel.Item(t)
	c.ends()
}

func TestWithoutABusTheTrayWaitsAndEnds(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	c := startTray(t, "", "Acme")
	c.ends()
}

func TestABusThatHangsDoesNotHoldTheEndUp(t *testing.T) {
	bus := notifytest.StartBus(t)
	bus.Freeze(t)
	defer bus.Thaw(t)
	c := startTray(t, bus.Address, "Acme")
	c.ends()
}

func TestTheAgentOutlivesTheBus(t *testing.T) {
	bus := notifytest.StartBus(t)
	desktop := traytest.Start(t, bus)
	c := startTray(t, bus.Address, "Acme")
	icon := desktop.Item(t)
	icon.Await(t, "the menu", func(menu []traytest.Entry) bool {
		return slices.Contains(traytest.Labels(menu), "Everything is accepted.")
	})
	bus.Kill(t)
	c.tell("need") // another icon
	c.comesTo(`msg="the icon in the tray cannot be drawn"`)
	c.ends()
}
