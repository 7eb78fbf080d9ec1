//go:build !headless && !linux

package desktop

import "postroom/watcher"

// noDisplay: elsewhere a session without a screen is found out by trying.
func noDisplay() *watcher.Problem { return nil }
