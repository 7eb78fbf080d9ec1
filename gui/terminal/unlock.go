package terminal

import "github.com/spf13/cobra"

func (c *console) unlockCommand() *cobra.Command {
	var from passphraseSource
	command := c.command("unlock", func(cmd *cobra.Command, _ []string) error {
		e, err := c.reach(cmd.Context())
		if err != nil {
			return err
		}
		defer e.close()
		if err := c.unlock(cmd.Context(), e, &from); err != nil {
			return err
		}
		return c.result(struct {
			Unlocked bool `json:"unlocked"`
		}{true}, c.words.Say("cmd.unlocked"))
	})
	from.flag(command.Flags(), c)
	return command
}
