//go:build unix

package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"postroom/watcher"
)

func TestTheSocketIsForItsUserAlone(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	old := syscall.Umask(0) // the loosest there is
	defer syscall.Umask(old)
	startAgent(t, newRecorder(), home)
	socket, err := os.Stat(filepath.Join(home, socketName))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Stat(home)
	if err != nil {
		t.Fatal(err)
	}
	if socket.Mode().Perm() != 0o600 || dir.Mode().Perm() != 0o700 {
		t.Errorf("socket %v in a directory %v", socket.Mode(), dir.Mode())
	}
}

// The path by which actAsAnotherUser is told what to knock at.
const knockAt = "POSTROOM_TEST_KNOCK_AT"

// actAsAnotherUser is this test binary started as another user: it asks the agent something over an open socket.
func actAsAnotherUser() bool {
	path := os.Getenv(knockAt)
	if path == "" {
		return false
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		fmt.Println("not connected:", err)
		return true
	}
	_, _ = fmt.Fprint(conn, "POST /v1/overview HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
	answer := make([]byte, 100)
	n, err := conn.Read(answer)
	fmt.Printf("read %d bytes: %v\n", n, err)
	return true
}

func TestAnotherUserIsTurnedAwayEvenWhereTheSocketStandsOpen(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can act as another user")
	}
	dir := t.TempDir()
	for open := dir; open != os.TempDir() && open != "/"; open = filepath.Dir(open) {
		if err := os.Chmod(open, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "open.sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	engine := newRecorder()
	serveAgent(t, engine, &guardedListener{UnixListener: listener})

	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip("the test's own program cannot be copied here")
	}
	program := filepath.Join(dir, "knock")
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	knock := exec.CommandContext(t.Context(), program)
	knock.Env = append(os.Environ(), knockAt+"="+path)
	knock.Dir = "/"
	knock.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	said, err := knock.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if !strings.Contains(string(said), "read 0 bytes") || len(engine.asked) != 0 {
		t.Errorf("the other user: %s; calls that arrived: %d", said, len(engine.asked))
	}
}

func TestALongHomeHasItsSocketElsewhereAndNamesIt(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("TMPDIR", t.TempDir())
	home := filepath.Join(t.TempDir(), strings.Repeat("a very long way home ", 10))
	agent := startAgent(t, newRecorder(), home)
	target, err := os.Readlink(filepath.Join(home, socketName))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Stat(filepath.Dir(target))
	if err != nil {
		t.Fatal(err)
	}
	if len(target) > maxSocketPath || dir.Mode().Perm() != 0o700 {
		t.Errorf("the socket is %s in a directory %v", target, dir.Mode())
	}

	t.Setenv("TMPDIR", t.TempDir()) // a client with another environment finds it all the same
	client, err := Dial(home)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Overview(t.Context()); err != nil {
		t.Error(err)
	}
	agent.end()
	for _, left := range []string{target, filepath.Join(home, socketName)} {
		if _, err := os.Lstat(left); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was left behind: %v", left, err)
		}
	}
}

func TestAPlaceLaidInWaitByAnotherIsNotUsed(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "")
	shared := t.TempDir()
	t.Setenv("TMPDIR", shared)
	trap := filepath.Join(shared, fmt.Sprintf("postroom-%d", os.Getuid()))
	if err := os.Mkdir(trap, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(trap, 0o777); err != nil {
		t.Fatal(err)
	}
	path, err := socketElsewhere("/a/home")
	if err == nil && strings.HasPrefix(path, trap) {
		t.Errorf("the socket would lie in %s", path)
	}

	home := t.TempDir()
	if err := os.Symlink(filepath.Join(trap, "x.sock"), filepath.Join(home, socketName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(home); !errors.Is(err, ErrNoAgent) || !strings.Contains(err.Error(), "entered by other users") {
		t.Errorf("dialling into the trap: %v", err)
	}
}

func TestASocketLeftByADeadAgentIsReplacedAndALiveOneIsNot(t *testing.T) {
	home := t.TempDir()
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(home, socketName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	startAgent(t, newRecorder(), home)
	if _, err := Dial(home); err != nil {
		t.Errorf("after a dead agent: %v", err)
	}
	if _, err := Listen(home); !errors.Is(err, watcher.ErrBusy) {
		t.Errorf("beside a live agent: %v", err)
	}
	if _, err := Dial(home); err != nil {
		t.Errorf("the live agent was disturbed: %v", err)
	}
}
