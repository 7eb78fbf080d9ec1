//go:build !windows && !darwin

package vault

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/godbus/dbus/v5"
)

// classifySystem knows the ways in which the secret service of a Linux desktop refuses.
func classifySystem(err error) error {
	var refused dbus.Error
	var unreachable *net.OpError
	switch {
	case errors.As(err, &refused):
		switch refused.Name {
		case "org.freedesktop.Secret.Error.IsLocked":
			return fmt.Errorf("%w: %w", ErrLocked, err)
		case "org.freedesktop.Secret.Error.NoSuchObject":
			return ErrNotFound
		case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout", "org.freedesktop.DBus.Error.TimedOut":
			return fmt.Errorf("%w: %w", ErrTimeout, err)
		}
		if strings.HasPrefix(refused.Name, "org.freedesktop.DBus.Error.") {
			return fmt.Errorf("%w: %w", ErrNoKeyring, err) // no service, or one that cannot be started
		}
	case strings.HasPrefix(err.Error(), "failed to unlock correct collection"):
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case errors.As(err, &unreachable), errors.Is(err, dbus.ErrClosed), strings.HasPrefix(err.Error(), "dbus: "), strings.Contains(err.Error(), "dbus-launch"):
		return fmt.Errorf("%w: %w", ErrNoKeyring, err)
	}
	return err
}
