//go:build !windows && !darwin

package vault

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/godbus/dbus/v5"
)

func TestErrorsOfTheSecretServiceHaveNames(t *testing.T) {
	bus := func(name string) error { return dbus.Error{Name: name, Body: []any{"why"}} }
	for _, test := range []struct{ err, want error }{
		{bus("org.freedesktop.Secret.Error.IsLocked"), ErrLocked},
		{bus("org.freedesktop.Secret.Error.NoSuchObject"), ErrNotFound},
		{bus("org.freedesktop.DBus.Error.NoReply"), ErrTimeout},
		{bus("org.freedesktop.DBus.Error.ServiceUnknown"), ErrNoKeyring},
		{bus("org.freedesktop.DBus.Error.Spawn.ChildExited"), ErrNoKeyring},
		{bus("org.freedesktop.DBus.Error.AccessDenied"), ErrNoKeyring},
		{fmt.Errorf("asking: %w", bus("org.freedesktop.DBus.Error.UnknownMethod")), ErrNoKeyring},
		{&net.OpError{Op: "dial", Err: os.ErrNotExist}, ErrNoKeyring},
		{dbus.ErrClosed, ErrNoKeyring},
		{errors.New("dbus: couldn't determine address of session bus"), ErrNoKeyring},
	} {
		if got := classify(test.err); !errors.Is(got, test.want) {
			t.Errorf("%v is %v, not %v", test.err, got, test.want)
		}
	}
	for _, other := range []error{bus("org.freedesktop.DBus.Error.InvalidArgs"), errors.New("something else")} {
		got := classify(other)
		for _, name := range []error{ErrLocked, ErrNoKeyring, ErrNotFound, ErrTimeout} {
			if errors.Is(got, name) {
				t.Errorf("%v is %v", other, name)
			}
		}
	}
	if classify(nil) != nil {
		t.Error("no error is one")
	}
}
