//go:build !linux

package terminal

// hasDesk tells whether the session can show a pop-up.
func hasDesk() bool { return true }
