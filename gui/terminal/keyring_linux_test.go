package terminal_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"postroom/gui/notify/notifytest"
	"postroom/sage/vault"
)

const secretsName = "org.freedesktop.secrets"

// secretService is a gnome-keyring on a session bus, which can be killed, locked and started again.
type secretService struct {
	t    *testing.T
	bus  *notifytest.Bus
	conn *dbus.Conn
	dir  string
	cmd  *exec.Cmd
}

func startKeyring(t *testing.T, bus *notifytest.Bus) *secretService {
	t.Helper()
	dir, err := os.MkdirTemp("", "keyring") //nolint:usetesting // t.TempDir's names may be longer than a socket's may be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &secretService{t: t, bus: bus, conn: bus.Connect(t), dir: dir}
	t.Cleanup(s.kill)
	s.startUnlocked()
	return s
}

func (s *secretService) startUnlocked() { s.begin("--unlock") }
func (s *secretService) startLocked()   { s.begin() }

// begin starts the daemon and waits until it answers at the bus.
func (s *secretService) begin(more ...string) {
	s.t.Helper()
	program, err := exec.LookPath("gnome-keyring-daemon")
	if err != nil {
		s.t.Skip("needs gnome-keyring-daemon, from Debian's package gnome-keyring: ", err)
	}
	run := filepath.Join(s.dir, "run")
	if err := os.MkdirAll(run, 0o700); err != nil {
		s.t.Fatal(err)
	}
	args := append([]string{"--foreground", "--components=secrets", "--control-directory=" + run}, more...)
	s.cmd = exec.Command(program, args...)
	s.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "DBUS_SESSION_BUS_ADDRESS=" + s.bus.Address, "XDG_RUNTIME_DIR=" + run,
		"XDG_DATA_HOME=" + filepath.Join(s.dir, "data"), "XDG_CONFIG_HOME=" + filepath.Join(s.dir, "config"),
		"XDG_CACHE_HOME=" + filepath.Join(s.dir, "cache"),
	}
	s.cmd.Stdin = strings.NewReader("throw-away")
	dieWithTest(s.cmd)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "a secret service on the bus", func() bool {
		var owned bool
		err := s.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, secretsName).Store(&owned)
		return err == nil && owned
	}, func() string { return "" })
}

// kill ends the daemon as a crash does.
func (s *secretService) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// signal stops the daemon in its tracks, or lets it go on.
func (s *secretService) signal(signal os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// lock locks the keyring that runs, as a desktop does that is left alone.
func (s *secretService) lock() {
	s.t.Helper()
	service := s.conn.Object(secretsName, "/org/freedesktop/secrets")
	var collection dbus.ObjectPath
	if err := service.Call("org.freedesktop.Secret.Service.ReadAlias", 0, "default").Store(&collection); err != nil {
		s.t.Fatal(err)
	}
	if err := service.Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{collection}).Err; err != nil {
		s.t.Fatal(err)
	}
}

// item reads what is kept under a connection's item; "" when nothing is.
func (s *secretService) item(connection string, item vault.Item) (string, error) {
	service := s.conn.Object(secretsName, "/org/freedesktop/secrets")
	var ignored dbus.Variant
	var session dbus.ObjectPath
	if err := service.Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&ignored, &session); err != nil {
		return "", fmt.Errorf("opening a session with the keyring: %w", err)
	}
	defer s.conn.Object(secretsName, session).Call("org.freedesktop.Secret.Session.Close", 0)
	var open, locked []dbus.ObjectPath
	wanted := map[string]string{"service": vault.Service, "username": connection + "/" + string(item)}
	if err := service.Call("org.freedesktop.Secret.Service.SearchItems", 0, wanted).Store(&open, &locked); err != nil {
		return "", fmt.Errorf("looking into the keyring: %w", err)
	}
	if len(open) == 0 {
		return "", nil
	}
	var secret struct {
		Session     dbus.ObjectPath
		Parameters  []byte
		Value       []byte
		ContentType string
	}
	if err := s.conn.Object(secretsName, open[0]).Call("org.freedesktop.Secret.Item.GetSecret", 0, session).Store(&secret); err != nil {
		return "", fmt.Errorf("reading the keyring: %w", err)
	}
	return string(secret.Value), nil
}
