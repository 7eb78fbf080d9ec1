package notify

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// SessionBus is the address of this session's D-Bus, and whether there is one. It never starts one: godbus would
// run dbus-launch, which leaves a daemon behind each time.
func SessionBus() (address string, ok bool) {
	if address = os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return address, true
	}
	runtime := os.Getenv("XDG_RUNTIME_DIR")
	if runtime == "" {
		runtime = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	socket := filepath.Join(runtime, "bus")
	//nolint:gosec // the session's own environment says where its bus is
	if info, err := os.Stat(socket); err != nil || info.Mode()&os.ModeSocket == 0 {
		return "", false
	}
	return "unix:path=" + dbus.EscapeBusAddressValue(socket), true
}
