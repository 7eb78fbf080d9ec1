package vault

import (
	"errors"
	"fmt"
	"os/exec"
)

// classifySystem knows the exit statuses of macOS's "security", which are the low byte of its error numbers.
func classifySystem(err error) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		switch exit.ExitCode() {
		case 36, 51: // errSecInteractionNotAllowed, errSecAuthFailed
			return fmt.Errorf("%w: %w", ErrLocked, err)
		case 37, 50: // errSecNoDefaultKeychain, errSecNoSuchKeychain
			return fmt.Errorf("%w: %w", ErrNoKeyring, err)
		}
	}
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrNoKeyring, err)
	}
	return err
}

// reachable has nothing to find out here: the keyring is a part of the system.
func reachable() error { return nil }
