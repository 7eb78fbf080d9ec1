package vault

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
)

// classifySystem knows how the Credential Manager refuses a session that has none.
func classifySystem(err error) error {
	if errors.Is(err, windows.ERROR_NO_SUCH_LOGON_SESSION) {
		return fmt.Errorf("%w: %w", ErrNoKeyring, err)
	}
	return err
}

// reachable has nothing to find out here: the keyring is a part of the system.
func reachable() error { return nil }
