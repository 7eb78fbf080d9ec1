package terminal

import (
	"github.com/spf13/cobra"
)

func (c *console) rotateCommand() *cobra.Command {
	var domain string
	var from passphraseSource
	command := c.command("rotate COMPANY", func(cmd *cobra.Command, args []string) error {
		company := args[0]
		e, err := c.reach(cmd.Context())
		if err != nil {
			return err
		}
		defer e.close()
		if _, err := from.handOver(cmd.Context(), e); err != nil {
			return err
		}
		err = c.unlocking(cmd.Context(), e, func() error { return e.Rotate(cmd.Context(), company, domain) })
		if err != nil {
			return err
		}
		return c.result(struct {
			Rotated bool   `json:"rotated"`
			Company string `json:"company"`
		}{true, company}, c.words.Say("cmd.rotated", map[string]any{"company": company}))
	})
	command.Args = c.exactly(1, "COMPANY")
	command.Flags().StringVar(&domain, "domain", "", c.words.Say("flag.rotate.domain"))
	from.flag(command.Flags(), c)
	return command
}

// exactly asks for n arguments by name.
func (c *console) exactly(n int, name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{c.words.Say("cmd.argument", map[string]any{"name": name})}
		}
		return nil
	}
}
