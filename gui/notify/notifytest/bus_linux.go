package notifytest

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
)

// config lets everybody do everything and starts no service by itself: what is on the bus, the test put there.
const config = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`

// Bus is a private dbus-daemon.
type Bus struct {
	Address string
	process *os.Process
}

// StartBus runs a dbus-daemon until the test ends.
func StartBus(t testing.TB) *Bus {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("needs dbus-daemon, from Debian's package dbus: ", err)
	}
	dir, err := os.MkdirTemp("", "bus") //nolint:usetesting // t.TempDir's names may be longer than a socket's may be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(config, "SOCKET", filepath.Join(dir, "bus"))), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--nofork", "--print-address", "--config-file="+file)
	var said strings.Builder
	cmd.Stderr = &said                                                 // a warning about limits, mostly
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // a test that panics leaves none behind
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatal("the dbus-daemon did not start: ", err, said.String())
	}
	return &Bus{Address: strings.TrimSpace(line), process: cmd.Process}
}

// Kill ends the daemon, as the end of a session does.
func (b *Bus) Kill(t testing.TB) { b.signal(t, syscall.SIGKILL) }

// Freeze stops the daemon in its tracks, as a machine that is out of memory would; Thaw lets it go on.
func (b *Bus) Freeze(t testing.TB) { b.signal(t, syscall.SIGSTOP) }

// Thaw lets a frozen daemon go on.
func (b *Bus) Thaw(t testing.TB) { b.signal(t, syscall.SIGCONT) }

func (b *Bus) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := b.process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// Connect gives a connection to the bus that is closed when the test ends.
func (b *Bus) Connect(t testing.TB) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(b.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
