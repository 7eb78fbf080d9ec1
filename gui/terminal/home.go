package terminal

import (
	"fmt"
	"os"
	"path/filepath"
)

// homeVariable moves the state directory, as --home does.
const homeVariable = "POSTROOM_HOME"

// homeDir is the state directory, absolute: the flag's, the environment's, or the user's own.
func homeDir(flag string) (string, error) {
	home := flag
	if home == "" {
		home = os.Getenv(homeVariable)
	}
	if home == "" {
		return ownHome()
	}
	home, err := filepath.Abs(home)
	if err != nil {
		return "", fmt.Errorf("finding the place for Postroom's state: %w", err)
	}
	return home, nil
}

// ownHome is where a person's state is when nobody says otherwise.
func ownHome() (string, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("finding the place for Postroom's state: %w", err)
	}
	return filepath.Join(config, "postroom"), nil
}

// absolute makes a path that a person gave independent of where the command was started; "" stays "".
func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}
