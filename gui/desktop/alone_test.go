//go:build linux && !headless

package desktop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// What a test's own process is told: which test it is for, and where the programs are that were built for all.
const (
	aloneVariable    = "POSTROOM_DESKTOP_TEST_ALONE"
	programsVariable = "POSTROOM_DESKTOP_TEST_PROGRAMS"
)

// alone runs a test in a process of its own, beside the others: a toolkit that has closed its window makes no second one, and
// what a session sets in the environment is no affair of another. It is true in that process, where the test goes on.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneVariable) == t.Name() {
		return true
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	headlessProgram(t) // once, before several want it
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=3m")
	cmd.Env = append(os.Environ(), aloneVariable+"="+t.Name(), programsVariable+"="+programs.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// programs are built once for all tests, in a folder that the first process removes.
var programs struct {
	sync.Mutex // guards dir, and building
	dir        string
}

func removePrograms() {
	if programs.dir != "" && os.Getenv(programsVariable) == "" {
		_ = os.RemoveAll(programs.dir)
	}
}

// headlessProgram is the agent and the commands, without a window.
func headlessProgram(t testing.TB) string { return built(t, "headless", "CGO_ENABLED=0") }

// windowProgram is the whole program.
func windowProgram(t testing.TB) string { return built(t, "x11", "CGO_ENABLED=1") }

func built(t testing.TB, tags, cgo string) string {
	t.Helper()
	programs.Lock()
	defer programs.Unlock()
	if programs.dir == "" {
		programs.dir = os.Getenv(programsVariable)
	}
	if programs.dir == "" {
		dir, err := os.MkdirTemp("", "programs")
		if err != nil {
			t.Fatal(err)
		}
		programs.dir = dir
	}
	path := filepath.Join(programs.dir, "postroom-"+tags)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	part := fmt.Sprintf("%s.%d", path, os.Getpid())
	build := exec.Command("go", "build", "-tags", tags, "-o", part, "postroom")
	build.Env = append(os.Environ(), cgo, "HOME="+os.Getenv("POSTROOM_TEST_HOME"), "XDG_CACHE_HOME=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	if err := os.Rename(part, path); err != nil {
		t.Fatal(err)
	}
	return path
}
