package tray

import (
	"context"
	"log/slog"
	"os"
	"time"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"postroom/gui/notify"
)

// greeting is how long the session bus may take to answer before the agent goes on without an icon.
const greeting = 5 * time.Second

// possible tells whether there is a session bus that answers. Systray itself would start one where there is none,
// and would wait for ever on one that hangs, on the goroutine that the whole process ends with.
func possible(ctx context.Context, log *slog.Logger) bool {
	address, ok := notify.SessionBus()
	if !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		log.WarnContext(ctx, "no icon in the tray: the session bus does not answer", slog.Any("error", err))
		return false
	}
	if err := conn.Close(); err != nil {
		log.DebugContext(ctx, "the first connection to the session bus was not closed", slog.Any("error", err))
	}
	// Systray looks in fewer places than we do.
	if err := os.Setenv("DBUS_SESSION_BUS_ADDRESS", address); err != nil {
		log.WarnContext(ctx, "no icon in the tray: the session bus cannot be named", slog.Any("error", err))
		return false
	}
	return true
}

// name is what the desktop lists the icon under.
func name() { systray.SetTitle("Postroom") }
