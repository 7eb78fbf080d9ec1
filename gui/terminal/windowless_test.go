package terminal

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"postroom/assets"
	"postroom/watcher/control"
)

// answering is a home whose agent answers, as far as a command looks before it opens the window.
func answering(t *testing.T, c *console) {
	t.Helper()
	listener, err := control.Listen(c.home)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
}

// The window is a real process that never says that it can be seen, as under a remote desktop without OpenGL.
func TestAWindowThatNeverAppearsIsExplainedWithWhatThereIsInstead(t *testing.T) {
	for _, how := range []string{"silent", "problem", "ends"} {
		t.Run(how, func(t *testing.T) {
			t.Setenv(asWindow, how)
			t.Setenv("DISPLAY", "")
			t.Setenv("WAYLAND_DISPLAY", "")
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
			c, _ := testConsole(t)
			answering(t, c)
			c.parts.Window = func(context.Context, WindowOptions) error { return nil } // this build has one
			command := &cobra.Command{}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			command.SetContext(ctx)
			err := c.open(command, nil)
			if err == nil || statusOf(err) != statusFailed {
				t.Fatalf("it ended with %v", err)
			}
			said := explain(c.words, err)
			for _, part := range []string{"The agent goes on", "postroom web", "postroom status", "postroom help"} {
				if !strings.Contains(said, part) {
					t.Errorf("no %q in\n%s", part, said)
				}
			}
		})
	}
}

func TestWhatIsThereInsteadOfAWindowIsSaidInEveryLanguage(t *testing.T) {
	for _, spoken := range assets.Languages() {
		for _, key := range []string{"cmd.windowless", "cmd.windowless.ask", "cmd.windowless.click"} {
			if said := assets.For(spoken.Tag).Say(key); said == key || spoken.Tag != "en" && said == assets.For("en").Say(key) {
				t.Errorf("%s: %q", spoken.Tag, said)
			}
		}
	}
}

func TestAFilesAddressHoldsWhateverItsPathHas(t *testing.T) {
	for path, want := range map[string]string{
		"/home/ana/a b#1?.html": "file:///home/ana/a%20b%231%3F.html", "C:/Users/Ana/x.html": "file:///C:/Users/Ana/x.html",
	} {
		if got := fileURL(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
