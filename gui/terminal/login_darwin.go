package terminal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// newLoginEntry is a LaunchAgent of this user.
func newLoginEntry(home string, _ *slog.Logger) loginEntry { return launchAgent{home} }

type launchAgent struct{ home string }

// path is where the property list is.
func (l launchAgent) path() (string, error) {
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder of the LaunchAgents: %w", err)
	}
	return filepath.Join(user, "Library", "LaunchAgents", l.label()+".plist"), nil
}

func (l launchAgent) label() string { return "app." + loginName(l.home) }

func (l launchAgent) There() (bool, error) {
	path, err := l.path()
	if err != nil {
		return false, err
	}
	return isThere(path)
}

func (l launchAgent) Set(on bool) error {
	path, err := l.path()
	if err != nil {
		return err
	}
	if !on {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the LaunchAgent: %w", err)
		}
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	text := launchAgentText(l.label(), append([]string{program}, loginArgs(l.home)...))
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the folder of the LaunchAgents: %w", err)
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, text, 0o600); err != nil {
		return fmt.Errorf("writing the LaunchAgent: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("writing the LaunchAgent: %w", err)
	}
	return nil
}

// launchAgentText is the property list, every text in it escaped.
func launchAgentText(label string, command []string) []byte {
	var text bytes.Buffer
	element := func(name, content string) {
		text.WriteString("<" + name + ">")
		_ = xml.EscapeText(&text, []byte(content)) // a bytes.Buffer takes whatever it is given
		text.WriteString("</" + name + ">\n")
	}
	text.WriteString(xml.Header)
	text.WriteString(`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
`)
	element("key", "Label")
	element("string", label)
	element("key", "ProgramArguments")
	text.WriteString("<array>\n")
	for _, arg := range command {
		element("string", arg)
	}
	text.WriteString("</array>\n")
	element("key", "RunAtLoad")
	text.WriteString("<true/>\n</dict></plist>\n")
	return text.Bytes()
}
