package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/spf13/cobra"

	"postroom/watcher"
	"postroom/watcher/control"
)

// firstFrameTime is how long a window may take until a person can see it.
const firstFrameTime = 10 * time.Second

// windowWord is what a window's process says to the one that started it, a line each.
type windowWord struct {
	Shown    bool             `json:"shown,omitempty"`    // a person can see it
	Raised   bool             `json:"raised,omitempty"`   // another one was there and came to the front
	Problem  *watcher.Problem `json:"problem,omitempty"`  // why there is no window
	Pictured *string          `json:"pictured,omitempty"` // a picture was taken; why not, or ""
}

// launchWindow opens the window in a process of its own and returns when a person can see it. A window that ends
// before, or that stays silent, is ended and explained.
func (c *console) launchWindow(ctx context.Context, files []string) error {
	_, err := c.startWindow(ctx, watcher.Target{}, files)
	return err
}

func (c *console) startWindow(ctx context.Context, show watcher.Target, files []string) (*child, error) {
	p, err := c.start(append([]string{"window", "--home", c.home, "--show=" + show.String(), "--"}, files...), "window.err")
	if err != nil {
		return nil, fmt.Errorf("starting the window: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, firstFrameTime)
	defer cancel()
	if err := p.awaitWindow(ctx); err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

// awaitWindow waits for the window's word. Other lines, which a library may write, say nothing.
func (p *child) awaitWindow(ctx context.Context) error {
	explained := func(code string) error {
		return &watcher.ProblemError{Problem: watcher.Problem{Code: code, Args: map[string]string{"file": p.errors}}}
	}
	for {
		select {
		case line, more := <-p.lines:
			var word windowWord
			switch err := json.Unmarshal(line, &word); {
			case !more:
				return explained("windowEnded")
			case err != nil:
				continue
			case word.Problem != nil:
				return &watcher.ProblemError{Problem: *word.Problem}
			case word.Shown, word.Raised:
				return nil
			}
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return explained("windowSilent")
		}
	}
}

// windowCommand is the window's own process. It is started by the others and stands in no help.
func (c *console) windowCommand() *cobra.Command {
	var show string
	command := c.command("window", func(cmd *cobra.Command, files []string) error {
		target, err := watcher.ParseTarget(show)
		if err != nil {
			return err
		}
		err = c.window(cmd.Context(), target, files)
		if problem, ok := errors.AsType[*watcher.ProblemError](err); ok {
			return errors.Join(err, c.say(windowWord{Problem: &problem.Problem}))
		}
		return err
	})
	command.Args = cobra.ArbitraryArgs
	command.Hidden = true
	command.Flags().StringVar(&show, "show", "", "") // of no help: nobody types it
	return command
}

// say tells the process that started the window something.
func (c *console) say(word windowWord) error {
	if err := json.NewEncoder(c.parts.Out).Encode(word); err != nil {
		return fmt.Errorf("telling of the window: %w", err)
	}
	return nil
}

func (c *console) window(ctx context.Context, show watcher.Target, files []string) error {
	if c.parts.Window == nil {
		return &watcher.ProblemError{Problem: watcher.Problem{Code: "windowNotBuilt"}}
	}
	client, err := control.Dial(c.home) //nolint:contextcheck // it bounds itself
	if err != nil {
		return err
	}
	release, first, err := c.onlyWindow()
	if err != nil {
		return err
	}
	if !first {
		if err := raise(ctx, client, show, files); err != nil {
			return fmt.Errorf("bringing the window to the front: %w", err)
		}
		return c.say(windowWord{Raised: true})
	}
	defer release()
	pictures := make(chan func(image.Image))
	go c.takePictures(ctx, pictures) // reads standard input, and ends with this process
	return c.parts.Window(ctx, WindowOptions{
		Engine: client, Files: files, Show: show, Version: c.parts.Version, Start: c.ensureAgent, Restart: c.replaceAgent, Pictures: pictures, Logger: newLog(c.parts.Err, c.verbose),
		Ready: func() {
			if err := client.FirstFrame(ctx); err != nil {
				c.log.Warn("the agent did not hear of the first frame", "error", err)
			}
			if err := c.say(windowWord{Shown: true}); err != nil {
				c.log.Debug("nobody waits for the window", "error", err)
			}
		},
		Left: func() { os.Exit(statusDone) },
	})
}

// raise has the window that is open come to the front, with what this one was started for.
func raise(ctx context.Context, engine *control.Client, show watcher.Target, files []string) error {
	if show != (watcher.Target{}) {
		return engine.Show(ctx, show)
	}
	return engine.Raise(ctx, files)
}

// onlyWindow makes sure that a home has one window. The lock is let go when the process ends, however it does.
func (c *console) onlyWindow() (release func(), first bool, err error) {
	dir := filepath.Join(c.home, "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, fmt.Errorf("making the folder of the locks: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "window.lock"), flock.SetPermissions(0o600))
	if first, err = lock.TryLock(); err != nil {
		return nil, false, fmt.Errorf("asking whether the window is open already: %w", err)
	}
	return func() { _ = lock.Close() }, first, nil
}

// takePictures asks the window for a picture for each line of standard input, which names the file. The
// demonstration does so; others close it.
func (c *console) takePictures(ctx context.Context, wishes chan<- func(image.Image)) {
	for lines := bufio.NewScanner(c.parts.In); lines.Scan(); {
		path := strings.TrimSpace(lines.Text())
		if path == "" {
			continue
		}
		wish := func(picture image.Image) {
			failed := ""
			if picture == nil {
				failed = "the window gave none"
			} else if err := writePNG(path, picture); err != nil {
				failed = err.Error()
			}
			if err := c.say(windowWord{Pictured: &failed}); err != nil {
				c.log.Debug("nobody waits for the picture", "error", err)
			}
		}
		select {
		case wishes <- wish:
		case <-ctx.Done():
			return
		}
	}
}

func writePNG(path string, picture image.Image) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(file, picture); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// picture asks a window that was started for a picture of itself. failed says why there is none, "" if there is one.
func (p *child) picture(ctx context.Context, path string) (failed string, err error) {
	if _, err := fmt.Fprintln(p.in, path); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, firstFrameTime)
	defer cancel()
	for {
		select {
		case line, more := <-p.lines:
			if !more {
				return "", errors.New("the window was closed")
			}
			var word windowWord
			if json.Unmarshal(line, &word) == nil && word.Pictured != nil {
				return *word.Pictured, nil
			}
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
