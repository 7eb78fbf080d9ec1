package terminal

import (
	"context"

	"github.com/spf13/cobra"
)

func (c *console) rotateCommand() *cobra.Command {
	var domain string
	var secret bool
	var from passphraseSource
	command := c.command("rotate COMPANY", func(cmd *cobra.Command, args []string) error {
		ctx, company := cmd.Context(), args[0]
		e, err := c.reachOpen(ctx, &from)
		if err != nil {
			return err
		}
		defer e.close()
		key, renew := "cmd.rotated", func() error { return e.Rotate(ctx, company, domain) }
		if secret {
			key, renew = "cmd.rotated.secret", func() error { return c.renewSecrets(ctx, e, company, domain) }
		}
		if err := c.unlocking(ctx, e, renew); err != nil {
			return err
		}
		return c.result(struct {
			Rotated bool   `json:"rotated"`
			Company string `json:"company"`
			Secret  bool   `json:"secret,omitempty"`
		}{true, company, secret}, c.words.Say(key, map[string]any{"company": company}))
	})
	command.Args = c.exactly(1, "COMPANY")
	command.Flags().StringVar(&domain, "domain", "", c.words.Say("flag.rotate.domain"))
	command.Flags().BoolVar(&secret, "secret", false, c.words.Say("flag.rotate.secret"))
	from.flag(command.Flags(), c)
	return command
}

// renewSecrets unlocks every connection of a company, or the one of a domain.
func (c *console) renewSecrets(ctx context.Context, e engine, company, domain string) error {
	connections, err := c.connectionsOf(ctx, e, company, domain)
	if err != nil {
		return err
	}
	for _, connection := range connections {
		if err := e.RenewSecret(ctx, connection.ID); err != nil {
			return err
		}
	}
	return nil
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
