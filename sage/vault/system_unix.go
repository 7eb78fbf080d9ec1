//go:build !windows && !darwin

package vault

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
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
		if name, ok := strings.CutPrefix(refused.Name, "org.freedesktop.DBus.Error."); ok && nobody(name) {
			return fmt.Errorf("%w: %w", ErrNoKeyring, err)
		}
	case strings.HasPrefix(err.Error(), "failed to unlock correct collection"):
		if !hasCollection() {
			return fmt.Errorf("%w: the secret service keeps none", ErrNoKeyring)
		}
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case errors.As(err, &unreachable), errors.Is(err, dbus.ErrClosed), strings.HasPrefix(err.Error(), "dbus: "), strings.Contains(err.Error(), "dbus-launch"):
		return fmt.Errorf("%w: %w", ErrNoKeyring, err)
	}
	return err
}

// nobody reports whether an error of the bus says that no secret service is there, or none that may be used.
func nobody(name string) bool {
	switch name {
	case "ServiceUnknown", "NameHasNoOwner", "UnknownMethod", "UnknownObject", "UnknownInterface", "AccessDenied", "Disconnected":
		return true
	}
	return strings.HasPrefix(name, "Spawn.")
}

// hasCollection tells a locked keyring from a service that never had one, as on a server where nobody logs in at a
// screen: the library has the same error for both, and cannot make one.
func hasCollection() bool {
	conn, err := dbus.SessionBus()
	if err != nil {
		return true
	}
	var path dbus.ObjectPath
	service := conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	err = service.Call("org.freedesktop.Secret.Service.ReadAlias", 0, "default").Store(&path)
	return err != nil || path != "/"
}

// reachable reports whether there is a session bus to ask. Where there is none, the library would start one with
// dbus-launch, which nobody ever stops.
func reachable() error {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return nil
	}
	run := "/run/user/" + strconv.Itoa(os.Getuid())
	for _, name := range []string{run + "/bus", run + "/dbus-session"} {
		if _, err := os.Stat(name); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: no session bus", ErrNoKeyring)
}
