//go:build !headless

package desktop

import (
	"os"

	"postroom/watcher"
)

// noDisplay tells that this session has no screen at all. The window speaks X11; sessions on Wayland offer that too.
func noDisplay() *watcher.Problem {
	if os.Getenv("DISPLAY") == "" {
		return &watcher.Problem{Code: "windowNoDisplay"}
	}
	return nil
}
