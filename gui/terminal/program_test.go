package terminal_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postroom/gui/terminal"
)

// The tests of this file's package start the real program, built for servers, as a person or an installation does.

// patience is how long a test waits for what must come. It is no measure of speed.
const patience = 60 * time.Second

// passphrase is that of every encrypted vault here.
const passphrase = "correct horse battery"

// builtAny tells that there is something to clear away at the end.
var builtAny bool

// built is the program, made once for all tests.
var built = sync.OnceValues(func() (string, error) {
	builtAny = true
	dir, err := os.MkdirTemp("", "postroom-built-")
	if err != nil {
		return "", err
	}
	return buildIn(dir, "")
})

// buildIn builds the program into a folder, as the version that is given.
func buildIn(dir, version string) (string, error) {
	name := filepath.Join(dir, "postroom")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	args := []string{"build", "-tags", "headless", "-o", name}
	if version != "" {
		args = append(args, "-ldflags", "-X main.version="+version)
	}
	cmd := exec.Command("go", append(args, "postroom")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, said)
	}
	return name, nil
}

func init() {
	terminal.AtEnd = func() {
		if !builtAny {
			return
		}
		if name, err := built(); err == nil {
			os.RemoveAll(filepath.Dir(name))
		}
	}
}

// computer is a person's computer with nothing on it yet: a home, folders, a passphrase for the vault.
type computer struct {
	t    *testing.T
	home string
	env  []string
	left *remains // what the whole test leaves behind, shared by all its computers
}

func newComputer(t *testing.T) *computer {
	t.Helper()
	root := t.TempDir()
	credentials := filepath.Join(root, "credentials")
	if err := os.MkdirAll(credentials, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(credentials, "postroom-passphrase"), []byte(passphrase), 0o600); err != nil {
		t.Fatal(err)
	}
	left := remainsOf(t)
	left.folder(filepath.Join(root, "home"))
	return &computer{t: t, left: left, home: filepath.Join(root, "home"), env: append(os.Environ(),
		"HOME="+root, "XDG_CONFIG_HOME="+filepath.Join(root, "config"), "XDG_RUNTIME_DIR="+filepath.Join(root, "run"),
		"CREDENTIALS_DIRECTORY="+credentials, "DBUS_SESSION_BUS_ADDRESS=", "DISPLAY=", "WAYLAND_DISPLAY=",
		"POSTROOM_HOME=", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "HTTP_PROXY=", "HTTPS_PROXY=",
	)}
}

// with gives a computer another environment.
func (c *computer) with(variables ...string) *computer {
	other := *c
	other.env = append(slices.Clone(c.env), variables...)
	return &other
}

// another is a second home on the same computer.
func (c *computer) another() *computer {
	other := *c
	other.home = filepath.Join(c.t.TempDir(), "other")
	c.left.folder(other.home)
	return &other
}

// process is a running command.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	errs  *safeBuffer
	ended chan error
}

// safeBuffer can be read while a process still writes to it.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// start begins a command, and ends it with the test if it still runs then.
func (c *computer) start(args ...string) *process {
	c.t.Helper()
	program, err := built()
	if err != nil {
		c.t.Fatal(err)
	}
	return c.launch(exec.Command(program, append(args, "--home", c.home)...))
}

// startWrongClock begins an agent whose clock is wrong by what stands in a file.
func (c *computer) startWrongClock(file string) *process {
	c.t.Helper()
	program, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	return c.with(terminal.ClockVariable + "=" + file).launch(exec.Command(program, c.home))
}

func (c *computer) launch(cmd *exec.Cmd) *process {
	c.t.Helper()
	p := &process{t: c.t, cmd: cmd, lines: make(chan string, 1000), errs: new(safeBuffer), ended: make(chan error, 1)}
	p.cmd.Env, p.cmd.Stderr = c.env, p.errs
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		c.t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	dieWithTest(p.cmd)
	if err := p.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() {
		scanner := bufio.NewScanner(out)
		scanner.Buffer(nil, 64<<20)
		for scanner.Scan() {
			c.left.said(scanner.Text())
			p.lines <- scanner.Text()
		}
		close(p.lines)
		p.ended <- p.cmd.Wait()
	}()
	c.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		for range p.lines {
			continue
		}
		c.left.said(p.errs.String())
		if c.t.Failed() {
			c.t.Logf("%q said:\n%s", p.cmd.Args[1:], p.errs)
		}
	})
	return p
}

// line is the next that the process puts out.
func (p *process) line() string {
	p.t.Helper()
	select {
	case line, more := <-p.lines:
		if !more {
			p.t.Fatalf("%q ended without another line:\n%s", p.cmd.Args[1:], p.errs)
		}
		return line
	case <-time.After(patience):
		p.t.Fatalf("%q says nothing:\n%s", p.cmd.Args[1:], p.errs)
	}
	return ""
}

// object reads the next line as JSON.
func object[T any](p *process) T {
	p.t.Helper()
	var value T
	if line := p.line(); json.Unmarshal([]byte(line), &value) != nil {
		p.t.Fatalf("%q put out %q, which is no JSON object", p.cmd.Args[1:], line)
	}
	return value
}

// end waits for the process and gives its exit status.
func (p *process) end() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.ended <- err
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("%q does not end:\n%s", p.cmd.Args[1:], p.errs)
	}
	return -1
}

// gone tells whether the process has ended.
func (p *process) gone() bool {
	select {
	case err := <-p.ended:
		p.ended <- err
		return true
	default:
		return false
	}
}

// do carries out a command that ends by itself, and gives the lines it put out.
func (c *computer) do(args ...string) (lines []string, p *process) {
	c.t.Helper()
	p = c.start(args...)
	p.in.Close()
	for line := range p.lines {
		lines = append(lines, line)
	}
	p.end()
	return lines, p
}

// must is do for a command that has to succeed.
func (c *computer) must(args ...string) []string {
	c.t.Helper()
	lines, p := c.do(args...)
	if status := p.end(); status != 0 {
		c.t.Fatalf("%q ended with %d:\n%s", args, status, p.errs)
	}
	return lines
}

// status is what `status --json` tells, as far as the tests look at it.
type status struct {
	Connections []struct {
		Company, Domain, Folder string
		Key                     struct{ State string }
	}
	Transfers []struct {
		ID, Company, Scope, Name, State, SHA256, ResultPath, Error string
		RefusedRecords                                             int
	}
	Lists []struct {
		Scope, Path string
		Added       int
	}
}

func (c *computer) status() status {
	c.t.Helper()
	lines := c.must("status", "--json")
	var s status
	if len(lines) != 1 || json.Unmarshal([]byte(lines[0]), &s) != nil {
		c.t.Fatalf("status put out %q", lines)
	}
	return s
}

// agent starts `run` and waits until it answers.
func (c *computer) agent() *process {
	c.t.Helper()
	p := c.start("run", "--json")
	if running := object[struct{ Running bool }](p); !running.Running {
		c.t.Fatal("the agent does not say that it runs")
	}
	return p
}

// stop asks a process to end as an installation does, and checks that it does so cleanly and in time.
func (p *process) stop() {
	p.t.Helper()
	asked := time.Now()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	if status := p.end(); status != 0 {
		p.t.Errorf("%q ended with %d:\n%s", p.cmd.Args[1:], status, p.errs)
	}
	if took := time.Since(asked); took > 5*time.Second {
		p.t.Errorf("%q took %v to end", p.cmd.Args[1:], took)
	}
}

// holds fails the test if a text stands anywhere in a folder's files.
func holds(t *testing.T, dir, what, text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(data), text) {
			t.Errorf("%s stands in %s", what, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
