package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"postroom/watcher"
)

// newTerminal is a terminal with a person in front of it: what they type goes into person, what they see comes out.
func newTerminal(t *testing.T) (person, terminal *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return person, terminal
}

// prompted calls typed each time that something is asked.
type prompted struct {
	typed func(asked int)

	mu    sync.Mutex // guards the rest: the question and what follows it may be written by two goroutines
	asked int
	text  bytes.Buffer
}

func (p *prompted) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.HasSuffix(string(text), ": ") {
		p.asked++
		p.typed(p.asked)
	}
	return p.text.Write(text)
}

// echoes tells whether a terminal shows what is typed.
func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

func TestAPassphraseIsAskedForAtATerminalAndNotShown(t *testing.T) {
	c, _ := testConsole(t)
	if err := os.WriteFile(filepath.Join(c.home, vaultFile), []byte("it is there"), 0o600); err != nil {
		t.Fatal(err)
	}
	person, terminal := newTerminal(t)
	asking := &prompted{typed: func(int) { fmt.Fprint(person, "correct horse\r") }}
	c.parts.In, c.parts.Err = terminal, asking
	f := &fake{}
	done := 0
	err := c.unlocking(t.Context(), f, func() error {
		if done++; done == 1 {
			return fmt.Errorf("first: %w", watcher.ErrVaultLocked)
		}
		return nil
	})
	if err != nil || f.unlocked != "correct horse" || done != 2 {
		t.Errorf("unlocked with %q, done %d times, %v", f.unlocked, done, err)
	}
	if !echoes(t, terminal) {
		t.Error("the terminal no longer shows what is typed")
	}
	if strings.Contains(asking.text.String(), "correct horse") {
		t.Error("the passphrase was shown")
	}
}

func TestANewPassphraseIsAskedForTwice(t *testing.T) {
	c, _ := testConsole(t)
	person, terminal := newTerminal(t)
	typed := []string{"correct horse", "correct hrose"}
	c.parts.In, c.parts.Err = terminal, &prompted{typed: func(asked int) { fmt.Fprint(person, typed[asked-1]+"\r") }}
	if _, err := c.askPassphrase(t.Context()); !errors.Is(err, errNoPassphrase) {
		t.Errorf("two that differ were taken: %v", err)
	}
	typed[1] = typed[0]
	c.parts.Err = &prompted{typed: func(asked int) { fmt.Fprint(person, typed[asked-1]+"\r") }}
	if got, err := c.askPassphrase(t.Context()); got != "correct horse" || err != nil {
		t.Errorf("took %q, %v", got, err)
	}
}

func TestCtrlCEndsTheQuestion(t *testing.T) {
	c, _ := testConsole(t)
	person, terminal := newTerminal(t)
	c.parts.In, c.parts.Err = terminal, &prompted{typed: func(int) { fmt.Fprint(person, "half\x03") }}
	if _, err := c.ask(t.Context(), "cmd.passphrase.ask"); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if !echoes(t, terminal) {
		t.Error("the terminal no longer shows what is typed")
	}
}

func TestAnInterruptedQuestionLeavesTheTerminalAsItWas(t *testing.T) {
	c, _ := testConsole(t)
	person, terminal := newTerminal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	c.parts.In, c.parts.Err = terminal, &prompted{typed: func(int) { interrupt() }}
	if _, err := c.ask(ctx, "cmd.passphrase.ask"); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	fmt.Fprint(person, "\r") // lets the read that cannot be called off end
	if !echoes(t, terminal) {
		t.Error("the terminal no longer shows what is typed")
	}
}
