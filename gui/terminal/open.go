package terminal

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"postroom/watcher/control"
)

// startTime is how long a new agent may take until it answers: it may have to bring an old journal up to date.
const startTime = 60 * time.Second

// open is the command without a name: the window, with the agent behind it.
func (c *console) open(cmd *cobra.Command, args []string) error {
	files, err := c.files(args)
	if err != nil {
		return err
	}
	if err := c.ensureAgent(cmd.Context()); err != nil {
		return err
	}
	if c.parts.Window == nil {
		if len(files) > 0 {
			return toldError{c.words.Say("cmd.noWindow"), errors.New("files are handed to the window")}
		}
		c.tell("cmd.noWindow")
		return nil
	}
	if err := c.launchWindow(cmd.Context(), files); err != nil {
		if errors.Is(err, context.Canceled) {
			return err
		}
		return c.windowFailed(cmd.Context(), err)
	}
	return nil
}

// files makes sure that what was given with the command are files: a mistyped command is none.
func (c *console) files(args []string) ([]string, error) {
	files := make([]string, 0, len(args))
	for _, arg := range args {
		path, err := absolute(arg)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); err != nil {
			return nil, usageError{c.words.Say("cmd.noSuch", map[string]any{"name": arg})}
		}
		files = append(files, path)
	}
	return files, nil
}

// ensureAgent starts the agent in the background if none runs, and returns when one answers.
func (c *console) ensureAgent(ctx context.Context) error {
	_, err := control.Dial(c.home) //nolint:contextcheck // it bounds itself
	if err == nil || !errors.Is(err, control.ErrNoAgent) {
		return err
	}
	args := []string{"run", "--detached", "--json", "--home", c.home}
	if c.profile != "" {
		args = append(args, "--profile", c.profile)
	}
	child, err := c.start(args, "agent.err")
	if err != nil {
		return fmt.Errorf("starting the agent: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	select {
	case line, more := <-child.lines:
		var running runningLine
		if more && json.Unmarshal(line, &running) == nil && running.Running {
			return nil
		}
		<-child.ended
	case <-ctx.Done():
		child.kill()
		return toldError{c.words.Say("cmd.agentSilent"), ctx.Err()}
	}
	if _, err := control.Dial(c.home); err == nil { //nolint:contextcheck // it bounds itself
		return nil // somebody else was faster
	}
	return toldError{child.said(c), errors.New("the agent ended at once")}
}

// replaceAgent has the agent that runs end, and starts one of this program. Files wait meanwhile.
func (c *console) replaceAgent(ctx context.Context) error {
	e, err := control.Dial(c.home) //nolint:contextcheck // it bounds itself
	switch {
	case errors.Is(err, control.ErrNoAgent): // it has gone already
	case err != nil:
		return err
	default:
		if err := e.Stop(ctx); err != nil && !errors.Is(err, control.ErrNoAgent) {
			return fmt.Errorf("ending the agent that runs: %w", err)
		}
		if err := c.awaitEnd(ctx); err != nil {
			return fmt.Errorf("waiting for the end of the agent that ran: %w", err)
		}
	}
	return c.ensureAgent(ctx)
}

// child is a process of this program that was started in the background. It goes on when this process ends.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  <-chan []byte // what it says on standard output
	ended  <-chan struct{}
	errors string // file that its standard error goes to
}

// start starts this program in the background. What it writes to standard error is kept in a file among the logs.
func (c *console) start(args []string, errorsName string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	dir, err := logsDir(c.home)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, errorsName)
	stderr, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of a new process: %w", err)
	}
	defer stderr.Close()
	cmd := exec.Command(program, args...) //nolint:noctx // it outlives this process
	cmd.Stderr = stderr
	cmd.Dir = c.home
	detach(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines, ended := make(chan []byte, 16), make(chan struct{})
	go func() { // ends with the child, or with this process
		defer close(ended)
		defer close(lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			lines <- bytes.Clone(scanner.Bytes())
		}
		if err := cmd.Wait(); err != nil {
			c.log.Debug("a process of ours ended", slog.Any("args", args), slog.Any("error", err))
		}
	}()
	return &child{cmd: cmd, in: in, lines: lines, ended: ended, errors: path}, nil
}

// kill ends the child, whose ends are then waited for.
func (p *child) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	for range p.lines {
		continue
	}
	<-p.ended
}

// said is the last that an ended child said about why.
func (p *child) said(c *console) string {
	text, err := os.ReadFile(p.errors)
	text = bytes.TrimSpace(text)
	if err != nil || len(text) == 0 {
		return c.words.Say("cmd.agentFailed", map[string]any{"file": p.errors})
	}
	lines := bytes.Split(text, []byte("\n"))
	return string(bytes.TrimPrefix(lines[len(lines)-1], []byte("postroom: ")))
}
