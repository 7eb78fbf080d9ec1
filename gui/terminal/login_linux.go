package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// newLoginEntry is a file in the session's autostart folder, as freedesktop.org describes it.
func newLoginEntry(home string, _ *slog.Logger) loginEntry { return autostart{home} }

type autostart struct{ home string }

// path is where the file is.
func (a autostart) path() (string, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("finding the autostart folder: %w", err)
	}
	return filepath.Join(config, "autostart", loginName(a.home)+".desktop"), nil
}

func (a autostart) There() (bool, error) {
	path, err := a.path()
	if err != nil {
		return false, err
	}
	return isThere(path)
}

func (a autostart) Set(on bool) error {
	path, err := a.path()
	if err != nil {
		return err
	}
	if !on {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the autostart entry: %w", err)
		}
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	return writeEntry(path, desktopEntry(program, loginArgs(a.home)))
}

// desktopEntry is the text of an autostart file.
func desktopEntry(program string, args []string) []byte {
	command := quoteExec(program)
	for _, arg := range args {
		command += " " + quoteExec(arg)
	}
	return []byte(`[Desktop Entry]
Type=Application
Name=Postroom
Comment=Carries files to and from Sage 50
Exec=` + command + `
Icon=postroom
Terminal=false
X-GNOME-Autostart-enabled=true
`)
}

// quoteExec writes an argument of Exec: in double quotes with what is special in them escaped, field codes doubled,
// and then escaped once more as every value of the file is.
func quoteExec(arg string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(arg)
	quoted = strings.ReplaceAll(quoted, "%", "%%")
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(`"` + quoted + `"`)
}

// writeEntry puts the file there whole, unless it is there already.
func writeEntry(path string, text []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the folder of the start at login: %w", err)
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, text, 0o600); err != nil {
		return fmt.Errorf("writing the start at login: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("writing the start at login: %w", err)
	}
	return nil
}
