package terminal

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/watcher"
)

// asWindow makes the test's own program play a window's process, in the way that it names.
const asWindow = "POSTROOM_TERMINAL_TEST_WINDOW"

func init() {
	switch os.Getenv(asWindow) {
	case "":
		return
	case "shown":
		fmt.Println(`{"shown":true}`)
		fmt.Scanln() // until the test lets go of it
	case "raised":
		fmt.Println(`{"raised":true}`)
	case "told":
		if err := os.WriteFile(os.Getenv(asWindow+"_ARGS"), []byte(strings.Join(os.Args, "\n")), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		fmt.Println(`{"raised":true}`)
	case "problem":
		fmt.Println(`{"problem":{"code":"windowNoGraphics"}}`)
	case "ends":
		fmt.Fprintln(os.Stderr, "panic: something with a stack trace")
		os.Exit(2)
	case "noise":
		fmt.Println("Gtk-Message: something else")
		fmt.Println(`{"shown":true}`)
		fmt.Scanln()
	case "silent":
		fmt.Scanln()
	}
	os.Exit(0)
}

// launches starts a window that behaves in the named way.
func launches(t *testing.T, how string, patience time.Duration) (*child, error) {
	t.Helper()
	t.Setenv(asWindow, how)
	c, _ := testConsole(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p, err := c.startWindow(ctx, watcher.Target{}, nil)
	if p != nil {
		t.Cleanup(p.kill)
	}
	return p, err
}

func problemOf(err error) string {
	if problem, ok := errors.AsType[*watcher.ProblemError](err); ok {
		return problem.Problem.Code
	}
	return fmt.Sprint(err)
}

func TestAWindowThatIsSeenGoesOn(t *testing.T) {
	p, err := launches(t, "shown", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
		t.Error("the window was ended")
	default:
	}
}

func TestAClickWhileAWindowIsBeingOpenedIsNotLostAndAWishForTheWindowAloneIsTheSameWish(t *testing.T) {
	args := filepath.Join(t.TempDir(), "args")
	t.Setenv(asWindow, "told")
	t.Setenv(asWindow+"_ARGS", args)
	c, _ := testConsole(t)
	a := &agent{console: c, opening: make(chan struct{}, 1)}
	a.opening <- struct{}{} // one is being opened
	a.openWindow(t.Context(), watcher.Target{})
	if _, err := os.Stat(args); err == nil {
		t.Fatal("the same wish opened a second window")
	}
	want := watcher.Target{Company: "A & B", Transfer: "t1"}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.openWindow(t.Context(), want)
	}()
	<-a.opening // that window is there
	<-done
	told, err := os.ReadFile(args)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(told)) {
		if text, is := strings.CutPrefix(strings.TrimSpace(line), "--show="); is {
			if got, err := watcher.ParseTarget(text); err != nil || got != want {
				t.Errorf("the window is told to show %+v, %v; want %+v", got, err, want)
			}
			return
		}
	}
	t.Errorf("the window is not told what to show: %q", told)
}

func TestWhatALibraryPrintsIsPassedOver(t *testing.T) {
	if _, err := launches(t, "noise", time.Minute); err != nil {
		t.Error(err)
	}
}

func TestASecondWindowThatRaisedTheFirstIsNoFailure(t *testing.T) {
	if _, err := launches(t, "raised", time.Minute); err != nil {
		t.Error(err)
	}
}

func TestAWindowThatCannotBeIsExplained(t *testing.T) {
	for how, want := range map[string]string{"problem": "windowNoGraphics", "ends": "windowEnded"} {
		if _, err := launches(t, how, time.Minute); problemOf(err) != want {
			t.Errorf("a window that %s came to %v, want %s", how, err, want)
		}
	}
}

func TestASilentWindowIsEndedAndExplained(t *testing.T) {
	if _, err := launches(t, "silent", 100*time.Millisecond); problemOf(err) != "windowSilent" {
		t.Errorf("a silent window came to %v", err)
	}
}

func TestWhatAWindowSaidIsKeptAndNotShown(t *testing.T) {
	t.Setenv(asWindow, "ends")
	c, _ := testConsole(t)
	_, err := c.startWindow(t.Context(), watcher.Target{}, nil)
	said := explain(c.words, err)
	path := filepath.Join(c.home, "logs", "window.err")
	if strings.Contains(said, "stack trace") || !strings.Contains(said, path) {
		t.Errorf("a person reads %q", said)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "stack trace") {
		t.Errorf("the trace is not in %s: %v", path, err)
	}
	private(t, path)
}

func TestAHomeHasOneWindow(t *testing.T) {
	c, _ := testConsole(t)
	release, first, err := c.onlyWindow()
	if err != nil || !first {
		t.Fatal(first, err)
	}
	if _, second, err := c.onlyWindow(); second || err != nil {
		t.Errorf("a second window is the first: %v, %v", second, err)
	}
	release()
	release, again, err := c.onlyWindow()
	if err != nil || !again {
		t.Errorf("after the first was closed: %v, %v", again, err)
	}
	release()
}

func TestAPictureIsTakenForEachLine(t *testing.T) {
	c, out := testConsole(t)
	path := filepath.Join(t.TempDir(), "window.png")
	c.parts.In = strings.NewReader("\n" + path + "\n/no/such/folder/x.png\n" + path + "\n")
	wishes := make(chan func(image.Image))
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.takePictures(t.Context(), wishes)
	}()
	for range 2 {
		(<-wishes)(image.NewRGBA(image.Rect(0, 0, 4, 3)))
	}
	(<-wishes)(nil)
	<-done
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if taken, err := png.DecodeConfig(file); err != nil || taken.Width != 4 || taken.Height != 3 {
		t.Errorf("the picture is %v, %v", taken, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || lines[2] != `{"pictured":"the window gave none"}` || lines[0] != `{"pictured":""}` || !strings.Contains(lines[1], "no such file") {
		t.Errorf("said %q", lines)
	}
}
