package terminal

import (
	"context"

	"github.com/spf13/cobra"
)

func (c *console) unlockCommand() *cobra.Command {
	var from passphraseSource
	command := c.command("unlock", func(cmd *cobra.Command, _ []string) error {
		e, err := c.reach(cmd.Context())
		if err != nil {
			return err
		}
		defer e.close()
		given, err := from.handOver(cmd.Context(), e)
		if err == nil && !given {
			err = c.unlockByHand(cmd.Context(), e)
		}
		if err != nil {
			return err
		}
		return c.result(struct {
			Unlocked bool `json:"unlocked"`
		}{true}, c.words.Say("cmd.unlocked"))
	})
	from.flag(command.Flags(), c)
	return command
}

// unlockByHand asks for the passphrase, unless an agent says that nothing is locked.
func (c *console) unlockByHand(ctx context.Context, e *reached) error {
	if e.own == nil {
		if overview, err := e.Overview(ctx); err != nil || !overview.VaultLocked {
			return err
		}
	}
	passphrase, err := c.askPassphrase(ctx)
	if err != nil {
		return err
	}
	return e.UnlockVault(ctx, passphrase)
}
