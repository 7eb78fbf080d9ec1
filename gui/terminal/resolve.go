package terminal

import (
	"context"

	"github.com/spf13/cobra"
)

// resolution is an answer for a file or a list that waits for one, by the name of its flag.
type resolution struct {
	flag string
	do   func(ctx context.Context, e engine, id, scope string) error
}

var resolutions = []resolution{
	{"send", func(ctx context.Context, e engine, id, scope string) error { return e.Resolve(ctx, id, true, scope) }},
	{"leave", func(ctx context.Context, e engine, id, scope string) error { return e.Resolve(ctx, id, false, scope) }},
	{"gone", func(ctx context.Context, e engine, id, _ string) error { return e.ResolveList(ctx, id, true) }},
	{"incomplete", func(ctx context.Context, e engine, id, _ string) error { return e.ResolveList(ctx, id, false) }},
}

func (c *console) resolveCommand() *cobra.Command {
	said := make([]bool, len(resolutions))
	var scope string
	command := c.command("resolve ID", func(cmd *cobra.Command, args []string) error {
		var chosen *resolution
		for i := range resolutions {
			if said[i] && chosen != nil {
				return usageError{c.words.Say("cmd.resolve.choose")}
			}
			if said[i] {
				chosen = &resolutions[i]
			}
		}
		if chosen == nil {
			return usageError{c.words.Say("cmd.resolve.choose")}
		}
		e, err := c.reach(cmd.Context())
		if err != nil {
			return err
		}
		defer e.close()
		if err := chosen.do(cmd.Context(), e, args[0], scope); err != nil {
			return err
		}
		return c.result(struct {
			Resolved bool   `json:"resolved"`
			ID       string `json:"id"`
			Send     bool   `json:"send"`
			Answer   string `json:"answer"` // the flag
		}{true, args[0], chosen.flag == "send", chosen.flag}, c.words.Say("cmd.resolved."+chosen.flag))
	})
	command.Args = c.exactly(1, "ID")
	for i, r := range resolutions {
		command.Flags().BoolVar(&said[i], r.flag, false, c.words.Say("flag.resolve."+r.flag))
	}
	command.Flags().StringVar(&scope, "scope", "", c.words.Say("flag.resolve.scope"))
	return command
}
