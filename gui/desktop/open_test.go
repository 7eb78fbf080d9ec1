//go:build linux && !headless

package desktop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image/color"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/control"
)

// asChild makes the test's own program open a window: one that fails leaves Fyne unusable for the rest of a process.
const asChild = "POSTROOM_DESKTOP_TEST_HOME"

// openTime is how long a window may take here: a busy computer is no fault of it.
const openTime = time.Minute

// init has the main goroutine, which a window needs.
func init() {
	home := os.Getenv(asChild)
	if home == "" {
		return
	}
	err := Run(context.Background(), Options{
		Engine: control.New(home), Ready: func() { fmt.Println("ready") }, Logger: slog.New(slog.DiscardHandler),
	})
	if problem, ok := errors.AsType[*watcher.ProblemError](err); ok {
		fmt.Println(problem.Problem.Code)
	}
	os.Exit(0)
}

// opens tries to open a window in a process of its own, and gives the first line it says.
func opens(t *testing.T, display string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), openTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), asChild+"="+t.TempDir(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "HOME="+t.TempDir(), "DBUS_SESSION_BUS_ADDRESS=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Error("it said nothing before it ended: ", err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return strings.TrimSpace(line)
}

func TestWithoutADisplayThereIsASentenceAndNoWindow(t *testing.T) {
	if got := opens(t, ""); got != "windowNoDisplay" {
		t.Errorf("without a display it came to %q", got)
	}
}

func TestADisplayThatCannotBeReachedIsToldAsNone(t *testing.T) {
	if got := opens(t, ":4711"); got != "windowNoDisplay" {
		t.Errorf("with a display that is not there it came to %q", got)
	}
}

func TestADisplayWithoutOpenGLIsTold(t *testing.T) {
	if got := opens(t, startX(t, "-extension", "GLX")); got != "windowNoGraphics" {
		t.Errorf("without OpenGL it came to %q", got)
	}
}

func TestAWindowSaysWhenItCanBeSeen(t *testing.T) {
	if got := opens(t, startX(t)); got != "ready" {
		t.Errorf("with a display it came to %q", got)
	}
}

// startX runs an X server until the test ends, and gives its display.
func startX(t *testing.T, more ...string) string {
	t.Helper()
	number, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	server := exec.Command("Xvfb", append([]string{"-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp"}, more...)...)
	server.ExtraFiles = []*os.File{writer}
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		t.Fatal("an X server is needed, from Debian's package xvfb: ", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	writer.Close()
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		t.Fatal("Xvfb did not say which display it has: ", err)
	}
	return ":" + strings.TrimSpace(line)
}

func TestADisplaysPictureIsReadBlueFirst(t *testing.T) {
	read, err := fromZPixmap([]byte{1, 2, 3, 0, 4, 5, 6, 0}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := color.RGBAModel.Convert(read.At(1, 0)); got != (color.RGBA{6, 5, 4, 255}) {
		t.Errorf("the second dot is %v", got)
	}
	if _, err := fromZPixmap(make([]byte, 6), 2, 1); err == nil {
		t.Error("a display of three bytes a dot was misread")
	}
}
