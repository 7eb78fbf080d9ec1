package desktop

import (
	"context"
	"image"
	"log/slog"

	"postroom/watcher"
	"postroom/watcher/control"
)

// Options are what a window is opened with.
type Options struct {
	Engine   *control.Client                 // the agent's
	Files    []string                        // handed over with the command
	Show     watcher.Target                  // what it shows at first
	Version  string                          // of this program
	Start    func(ctx context.Context) error // starts the agent where none runs, and returns when it answers
	Restart  func(ctx context.Context) error // replaces the one that runs by one of this program
	Ready    func()                          // a person can see the window; called once, on a goroutine of its own
	Left     func()                          // the window was closed and the toolkit does not end: the process is to be ended; may be nil
	Pictures <-chan func(image.Image)        // each is called with a picture of the window, nil if there is none; off the UI thread
	Logger   *slog.Logger
}
