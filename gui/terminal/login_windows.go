package terminal

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/windows/registry"
)

// runKey lists what Windows starts when this user logs in.
const runKey = `Software\Microsoft\Windows\CurrentVersion\Run`

// newLoginEntry is a value of the user's Run key.
func newLoginEntry(home string, _ *slog.Logger) loginEntry { return runValue{home} }

type runValue struct{ home string }

func (r runValue) There() (bool, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err == nil {
		defer key.Close()
		_, _, err = key.GetStringValue(loginName(r.home))
	}
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (r runValue) Set(on bool) error {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("opening the list of what starts at login: %w", err)
	}
	defer key.Close()
	name := loginName(r.home)
	if !on {
		if err := key.DeleteValue(name); err != nil && !errors.Is(err, registry.ErrNotExist) {
			return fmt.Errorf("removing the start at login: %w", err)
		}
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	command := commandLine(program, loginArgs(r.home))
	if old, _, err := key.GetStringValue(name); err == nil && old == command {
		return nil
	}
	if err := key.SetStringValue(name, command); err != nil {
		return fmt.Errorf("writing the start at login: %w", err)
	}
	return nil
}

// commandLine writes a command as Windows takes it apart again.
func commandLine(program string, args []string) string {
	parts := []string{syscall.EscapeArg(program)}
	for _, arg := range args {
		parts = append(parts, syscall.EscapeArg(arg))
	}
	return strings.Join(parts, " ")
}
