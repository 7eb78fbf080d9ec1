package control_test

import (
	"testing"

	"postroom/gui"
	"postroom/watcher/control"
)

// The window states its own interface; nothing in this room may import it, but the two must not part.
var (
	_ gui.Engine     = (*control.Client)(nil)
	_ gui.Engine     = control.Engine(nil)
	_ control.Engine = gui.Engine(nil)
)

func TestTheClientIsTheWindowsEngine(t *testing.T) {
	var engine gui.Engine = control.New(t.TempDir())
	if _, err := engine.Overview(t.Context()); err == nil {
		t.Error("an empty home answered")
	}
}
