package vault

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// A session is a D-Bus session of its own with its own folders. The D-Bus library knows one session bus per process,
// so each test that speaks to one runs in a copy of this program that was started into it.

// busConfig lets everybody do everything and starts no service by itself.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`

const secretService = "org.freedesktop.secrets"

type session struct {
	dir     string
	address string
}

// newSession starts a bus with nothing on it.
func newSession(t *testing.T) *session {
	t.Helper()
	program := needed(t, "dbus-daemon", "dbus")
	dir, err := os.MkdirTemp("", "vault") //nolint:usetesting // its names may be longer than a socket's may be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &session{dir: dir}
	config := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(config, []byte(strings.Replace(busConfig, "SOCKET", filepath.Join(dir, "bus"), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--nofork", "--print-address", "--config-file="+config)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the dbus-daemon did not start: ", err)
	}
	s.address = strings.TrimSpace(line)
	return s
}

func needed(t *testing.T, program, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("needs %s, from Debian's package %s", program, pkg)
	}
	return path
}

// start starts a program that ends with the test.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// env is the environment of a program in the session.
func (s *session) env(extra ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "DBUS_SESSION_BUS_ADDRESS=" + s.address,
		"XDG_DATA_HOME=" + filepath.Join(s.dir, "data"), "XDG_RUNTIME_DIR=" + filepath.Join(s.dir, "run"),
		"XDG_CONFIG_HOME=" + filepath.Join(s.dir, "config"), "XDG_CACHE_HOME=" + filepath.Join(s.dir, "cache"),
		"GOCOVERDIR=" + os.Getenv("GOCOVERDIR"),
	}, extra...)
}

// keyring starts a gnome-keyring, unlocked with a password or locked, and gives what ends it.
func (s *session) keyring(t *testing.T, unlocked bool) (stop func()) {
	t.Helper()
	program := needed(t, "gnome-keyring-daemon", "gnome-keyring")
	run := filepath.Join(s.dir, "run")
	if err := os.MkdirAll(run, 0o700); err != nil {
		t.Fatal(err)
	}
	args := []string{"--foreground", "--components=secrets", "--control-directory=" + run}
	if unlocked {
		args = append(args, "--unlock")
	}
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Stdin = s.env(), strings.NewReader("throw-away")
	owned := s.watch(t)
	start(t, cmd)
	owned()
	return func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// watch gives a function that waits until somebody is the secret service.
func (s *session) watch(t *testing.T) func() {
	t.Helper()
	conn, err := dbus.Connect(s.address)
	if err != nil {
		t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	err = conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"),
		dbus.WithMatchArg(0, secretService))
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		defer conn.Close()
		for {
			select {
			case signal := <-signals:
				if len(signal.Body) == 3 && signal.Body[2] != "" {
					return
				}
			case <-time.After(30 * time.Second):
				t.Fatal("nobody became the secret service")
			}
		}
	}
}

// inSession reports whether this is the copy that runs in the session. Otherwise it starts the copy, for this test
// alone, and takes over what it says.
func inSession(t *testing.T, prepare func() (env []string)) bool {
	t.Helper()
	if os.Getenv(childEnv) != "" {
		return true
	}
	env := prepare()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(env, childEnv+"=1")
	said, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "--- PASS: "+t.Name()) {
		t.Fatalf("in its own session: %v\n%s", err, said)
	}
	return false
}

func TestTheKeyringOfADesktopKeepsWhatItIsGiven(t *testing.T) {
	if !inSession(t, func() []string {
		s := newSession(t)
		s.keyring(t, true)
		return s.env()
	}) {
		return
	}
	if err := Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	keepsItems(t, Keyring(KeyringOptions{}))
	store := Keys(Keyring(KeyringOptions{}), "rotating")
	if err := store.SaveCurrent(t.Context(), secret("new"), secret("old")); err != nil {
		t.Fatal(err)
	}
	if set, err := store.Load(t.Context()); err != nil || set.Current.Reveal() != "new" || set.Previous.Reveal() != "old" {
		t.Error(set, err)
	}
}

func TestALockedKeyringIsToldAsLocked(t *testing.T) {
	if !inSession(t, func() []string {
		s := newSession(t)
		s.keyring(t, true)() // makes the keyring, which is then locked when the next one begins
		s.keyring(t, false)
		return s.env()
	}) {
		return
	}
	if err := Probe(t.Context()); !errors.Is(err, ErrLocked) || errors.Is(err, ErrNoKeyring) {
		t.Error(err)
	}
	v := Keyring(KeyringOptions{})
	if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	if err := v.Set(t.Context(), "acme", CurrentKey, secret("the-key")); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
}

func TestASecretServiceThatKeepsNoKeyringIsNoKeyring(t *testing.T) {
	if !inSession(t, func() []string {
		s := newSession(t)
		s.keyring(t, false) // of somebody who never logged in at a screen
		return s.env()
	}) {
		return
	}
	noKeyring(t)
}

func TestABusWithoutASecretServiceIsNoKeyring(t *testing.T) {
	if !inSession(t, func() []string { return newSession(t).env() }) {
		return
	}
	noKeyring(t)
}

func TestABusThatIsNotThereIsNoKeyring(t *testing.T) {
	if !inSession(t, func() []string {
		s := &session{dir: t.TempDir(), address: "unix:path=/nowhere/at/all"}
		return s.env()
	}) {
		return
	}
	noKeyring(t)
}

func TestWithoutASessionNoBusIsStarted(t *testing.T) {
	launched := filepath.Join(t.TempDir(), "launched")
	if !inSession(t, func() []string {
		dir := t.TempDir()
		script := "#!/bin/sh\ntouch " + launched + "\n"
		if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		return []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir}
	}) {
		if _, err := os.Stat(launched); err == nil {
			t.Error("a bus was started that nobody stops")
		}
		return
	}
	if reachable() == nil {
		t.Skip("this user has a session bus in /run/user")
	}
	noKeyring(t)
}

func noKeyring(t *testing.T) {
	t.Helper()
	if err := Probe(t.Context()); !errors.Is(err, ErrNoKeyring) || errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	v := Keyring(KeyringOptions{})
	if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrNoKeyring) {
		t.Error(err)
	}
	err := v.Set(t.Context(), "acme", CurrentKey, secret("the-key"))
	if !errors.Is(err, ErrNoKeyring) || strings.Contains(err.Error(), "the-key") {
		t.Error(err)
	}
}

func TestASecretServiceThatNeverAnswersIsGivenUp(t *testing.T) {
	if !inSession(t, func() []string { return newSession(t).env() }) {
		return
	}
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.RequestName(secretService, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	calls := make(chan *dbus.Message, 16)
	conn.Eavesdrop(calls) // takes every call from whoever would answer it
	v := Keyring(KeyringOptions{Timeout: 300 * time.Millisecond})
	began := time.Now()
	if _, err := v.Get(t.Context(), "acme", CurrentKey); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
	if err := v.Set(t.Context(), "acme", CurrentKey, secret("the-key")); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it was waited for %v", took)
	}
	if len(calls) != 1 {
		t.Errorf("%d calls reached it: its owner would be asked as often", len(calls))
	}
}
