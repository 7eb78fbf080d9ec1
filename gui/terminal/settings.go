package terminal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

func (c *console) settingsCommand() *cobra.Command {
	return c.argumentsAllowed(c.command("settings [NAME[=VALUE]...]", func(cmd *cobra.Command, args []string) error {
		return c.settings(cmd.Context(), args)
	}))
}

func (c *console) argumentsAllowed(command *cobra.Command) *cobra.Command {
	command.Args = cobra.ArbitraryArgs
	return command
}

// settings saves those that are given a value, and tells those that are named, or all.
func (c *console) settings(ctx context.Context, args []string) error {
	e, err := c.reach(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	present, err := e.Settings(ctx)
	if err != nil {
		return err
	}
	values, err := valuesOf(present)
	if err != nil {
		return err
	}
	names, changed, err := c.choose(values, args)
	if err != nil {
		return err
	}
	if changed {
		if err := saveValues(ctx, e, values); err != nil {
			return err
		}
	}
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(values))
	}
	shown := make(map[string]any, len(names))
	lines := make([]string, 0, len(names))
	for _, name := range names {
		shown[name] = values[name]
		lines = append(lines, printable(name+"="+settingText(values[name])))
	}
	return c.result(shown, strings.Join(lines, "\n"))
}

// choose takes the values that a person gives, and the names that they want to see.
func (c *console) choose(values map[string]any, args []string) (names []string, changed bool, err error) {
	for _, arg := range args {
		name, text, given := strings.Cut(arg, "=")
		was, known := values[name]
		if !known {
			all := strings.Join(slices.Sorted(maps.Keys(values)), ", ")
			return nil, false, usageError{c.words.Say("cmd.settings.unknown", map[string]any{"name": name, "names": all})}
		}
		if names = append(names, name); !given {
			continue
		}
		if values[name], err = settingValue(was, text); err != nil {
			return nil, false, usageError{c.words.Say("cmd.settings.value", map[string]any{"name": name, "value": text})}
		}
		changed = true
	}
	return names, changed, nil
}

// valuesOf are settings by their names in settings.json.
func valuesOf(s watcher.Settings) (map[string]any, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	var values map[string]any
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	return values, nil
}

func saveValues(ctx context.Context, e engine, values map[string]any) error {
	text, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	var s watcher.Settings
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	return e.SaveSettings(ctx, s)
}

// settingValue reads a value as it is typed: a list has commas between its parts.
func settingValue(was any, text string) (any, error) {
	switch was.(type) {
	case bool:
		return strconv.ParseBool(text)
	case float64:
		return strconv.Atoi(text)
	case string:
		return text, nil
	case []any, nil:
		if text == "" {
			return []string{}, nil
		}
		return strings.Split(text, ","), nil
	}
	return nil, errors.New("a setting of a kind that cannot be typed")
}

// settingText is a value as it can be typed again.
func settingText(value any) string {
	switch v := value.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, part := range v {
			parts[i] = fmt.Sprint(part)
		}
		return strings.Join(parts, ",")
	case []string:
		return strings.Join(v, ",")
	case nil:
		return ""
	}
	return fmt.Sprint(value)
}
