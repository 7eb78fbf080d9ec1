//go:build darwin && !cgo

package tray

import (
	"context"
	"log/slog"
)

// possible: the menu bar of macOS is reached through cgo alone.
func possible(context.Context, *slog.Logger) bool { return false }

func onStage(context.Context, func(stage), chan<- click, *slog.Logger) {}
