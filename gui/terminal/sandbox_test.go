package terminal

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeSandbox serves one page and remembers that it was closed.
func fakeSandbox(closed *bool) func(SandboxOptions) (Sandbox, error) {
	return func(SandboxOptions) (Sandbox, error) {
		return Sandbox{
			Handler:    http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }),
			SetBaseURL: func(string) error { return nil },
			Close:      func() error { *closed = true; return nil },
		}, nil
	}
}

func quiet() SandboxOptions { return SandboxOptions{Logger: slog.New(slog.DiscardHandler)} }

func TestASandboxIsServedUntilItIsStopped(t *testing.T) {
	c, _ := testConsole(t)
	closed := false
	c.parts.Sandbox = fakeSandbox(&closed)
	s, err := c.startSandbox(t.Context(), "127.0.0.1:0", quiet())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(s.url)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if err := s.stop(); err != nil || !closed {
		t.Errorf("stopped with %v, closed %v", err, closed)
	}
	if _, err := client.Get(s.url); err == nil {
		t.Error("it still answers")
	}
}

func TestAnAddressThatIsTakenIsAnErrorThatNamesIt(t *testing.T) {
	c, _ := testConsole(t)
	closed := false
	c.parts.Sandbox = fakeSandbox(&closed)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = c.startSandbox(t.Context(), taken.Addr().String(), quiet())
	if err == nil || !strings.Contains(err.Error(), taken.Addr().String()) || !closed {
		t.Errorf("came to %v, closed %v", err, closed)
	}
}

func TestASandboxOnEveryAddressIsCalledByLoopback(t *testing.T) {
	for address, want := range map[string]string{"0.0.0.0:80": "127.0.0.1:80", "[::]:81": "127.0.0.1:81", "127.0.0.2:82": "127.0.0.2:82"} {
		a, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if got := reachable(a); got != want {
			t.Errorf("%s is called by %s, want %s", address, got, want)
		}
	}
}

func TestThePracticePlatformKeepsItsAddressAndNeverOpensItself(t *testing.T) {
	c, _ := testConsole(t)
	closed := false
	c.parts.Sandbox = fakeSandbox(&closed)
	first, err := c.startPractice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second, err := c.startPractice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if second.url != first.url {
		t.Errorf("it moved from %s to %s", first.url, second.url)
	}
	third, err := c.startPractice(t.Context()) // its address is taken now
	if err != nil || third.url == second.url {
		t.Fatalf("with its address taken: %v", err)
	}
	if err := errors.Join(second.stop(), third.stop()); err != nil {
		t.Error(err)
	}

	note := filepath.Join(c.home, "practice", "address")
	if err := os.WriteFile(note, []byte("0.0.0.0:0"), 0o600); err != nil {
		t.Fatal(err)
	}
	careful, err := c.startPractice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(careful.url, "http://127.0.0.1:") || careful.server == nil {
		t.Errorf("a changed note opened it at %s", careful.url)
	}
	if err := careful.stop(); err != nil {
		t.Error(err)
	}
	for address, yes := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "0.0.0.0:1": false, "example.com:1": false, "": false, "10.0.0.1:1": false} {
		if isLoopback(address) != yes {
			t.Errorf("%q is loopback: %v", address, !yes)
		}
	}
}
