//go:build linux && !headless

package desktop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"postroom/gui/notify/notifytest"
)

// session is a person's desktop, made for one test: a display with a window manager, a session bus with a
// notification daemon, an unlocked keyring, and homes of their own.
type session struct {
	display string
	dir     string
	daemon  *notifytest.Daemon
	program string // the agent and the commands

	starts func(context.Context) error // what the window starts the agent by; nil where a test has no use for that
}

// newSession starts a desktop. What it sets in the environment holds for the programs that are started after.
func newSession(t testing.TB) *session {
	t.Helper()
	dir, err := os.MkdirTemp("", "session") // t.TempDir's names may be longer than a socket's may be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &session{dir: dir}
	for name, value := range map[string]string{
		"HOME": dir, "XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_DATA_HOME": filepath.Join(dir, "data"),
		"XDG_CACHE_HOME": filepath.Join(dir, "cache"), "XDG_RUNTIME_DIR": filepath.Join(dir, "run"),
		"LANG": "en_GB.UTF-8", "LC_ALL": "C.UTF-8", "LIBGL_ALWAYS_SOFTWARE": "1", "FYNE_PLATFORM": "x11", "WAYLAND_DISPLAY": "",
	} {
		t.Setenv(name, value)
		if filepath.IsAbs(value) {
			if err := os.MkdirAll(value, 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.startDisplay(t, "1280x800x24")
	s.stubBrowser(t)
	bus := notifytest.StartBus(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	s.daemon = notifytest.StartDaemon(t, bus, "body", "actions")
	s.startKeyring(t)
	s.program = headlessProgram(t)
	return s
}

// start runs a helper program until the test ends.
func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v (make test installs what the tests need)", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			t.Errorf("%s did not end within 5 s of SIGTERM", cmd.Path)
			_ = cmd.Process.Kill()
			<-ended
		}
	})
}

// startDisplay starts an X server with a screen of WIDTHxHEIGHTxDEPTH and a window manager on it.
func (s *session) startDisplay(t testing.TB, screen string) {
	t.Helper()
	number, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", screen, "-nolisten", "tcp")
	server.ExtraFiles = []*os.File{writer}
	start(t, server)
	writer.Close()
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		t.Fatal("Xvfb did not say which display it has: ", err)
	}
	s.display = ":" + strings.TrimSpace(line)
	t.Setenv("DISPLAY", s.display)
	start(t, exec.Command("openbox"))
}

// stubBrowser keeps a browser that is installed from opening over the window: the test answers the pages itself.
func (s *session) stubBrowser(t testing.TB) {
	t.Helper()
	bin := filepath.Join(s.dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\nexit 0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// chooses has the desktop's dialog for files answer with one.
func (s *session) chooses(t testing.TB, file string) {
	t.Helper()
	answer := filepath.Join(s.dir, "chosen")
	if err := os.WriteFile(answer, []byte(file+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dialog := "#!/bin/sh\nexec cat '" + answer + "'\n"
	if err := os.WriteFile(filepath.Join(s.dir, "bin", "zenity"), []byte(dialog), 0o700); err != nil {
		t.Fatal(err)
	}
}

func (s *session) startKeyring(t testing.TB) {
	t.Helper()
	unlock := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	unlock.Stdin = strings.NewReader("a throw-away password")
	start(t, unlock)
}

// agent runs `postroom run` and gives its home once it answers.
func (s *session) agent(t testing.TB) (home string) {
	t.Helper()
	home = filepath.Join(s.dir, "home")
	run := exec.Command(s.program, "run", "--home", home)
	run.Stderr = os.Stderr
	start(t, run)
	return home
}

// sandbox runs `postroom sandbox` and gives its address.
func (s *session) sandbox(t testing.TB) string {
	t.Helper()
	run := exec.Command(s.program, "sandbox", "--listen", "127.0.0.1:0", "--pace", "200ms", "--json")
	run.Stderr = os.Stderr
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, run)
	var said struct{ URL string }
	if err := json.NewDecoder(out).Decode(&said); err != nil {
		t.Fatal("the sandbox did not say its address: ", err)
	}
	return said.URL
}

// browser is a person's browser on the sandbox's pages, reduced to its forms.
type browser struct {
	t    testing.TB
	base string
}

func (b browser) get(path string) string {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.base + path
	}
	answer, err := http.Get(path)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.read(answer)
}

// post sends the form of a page, filled in; fields that the page holds already are sent with it.
func (b browser) post(path, page string, values url.Values) string {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.base + path
	}
	for _, field := range hiddenField.FindAllStringSubmatch(page, -1) {
		if !values.Has(field[1]) {
			values.Set(field[1], field[2])
		}
	}
	request, err := http.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", b.base)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.read(answer)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

func (b browser) read(answer *http.Response) string {
	b.t.Helper()
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if answer.StatusCode >= 400 {
		b.t.Fatalf("%s answered %s:\n%s", answer.Request.URL, answer.Status, bytes.TrimSpace(body))
	}
	return string(body)
}
