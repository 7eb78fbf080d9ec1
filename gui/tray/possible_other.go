//go:build windows || (darwin && cgo)

package tray

import (
	"context"
	"log/slog"
)

// possible: Windows and macOS always have a tray.
func possible(context.Context, *slog.Logger) bool { return true }

// name does nothing: what Linux takes as the icon's name, macOS would write beside it.
func name() {}
