package terminal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"postroom/gui/support"
)

func (c *console) supportCommand() *cobra.Command {
	var out string
	var names bool
	var from passphraseSource
	command := c.command("support", func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		e, err := c.reachOpen(ctx, &from)
		if err != nil {
			return err
		}
		defer e.close()
		return c.support(ctx, e, out, names)
	})
	command.Flags().StringVar(&out, "out", "", c.words.Say("flag.support.out"))
	command.Flags().BoolVar(&names, "with-names", false, c.words.Say("flag.support.withNames"))
	from.flag(command.Flags(), c)
	return command
}

// support writes what the engine tells, and what only this process sees, into a file that never replaces another.
func (c *console) support(ctx context.Context, e *reached, out string, names bool) error {
	s, err := e.Support(ctx, names)
	if err != nil {
		return err
	}
	agent, err := c.aboutAgent(ctx, e)
	if err != nil {
		return err
	}
	login, err := c.aboutLogin(ctx, e)
	if err != nil {
		return err
	}
	s.Findings = append(append(agent, login), s.Findings...)
	if out == "" {
		out = support.Name(time.Now())
	}
	path, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	err = support.Save(path, c.words, s, support.Program{Version: c.parts.Version, Window: c.parts.Window != nil})
	if errors.Is(err, os.ErrExist) {
		return toldError{c.words.Say("cmd.support.there", map[string]any{"file": path}), err}
	}
	if err != nil {
		return err
	}
	key := "cmd.support"
	if names {
		key = "cmd.support.names"
	}
	return c.result(struct {
		File  string `json:"file"`
		Names bool   `json:"names"`
	}{path, names}, c.words.Say(key, map[string]any{"file": path}))
}
