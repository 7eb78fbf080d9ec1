package terminal

import "github.com/spf13/cobra"

func (c *console) resolveCommand() *cobra.Command {
	var send, leave bool
	var scope string
	command := c.command("resolve ID", func(cmd *cobra.Command, args []string) error {
		if send == leave {
			return usageError{c.words.Say("cmd.resolve.choose")}
		}
		e, err := c.reach(cmd.Context())
		if err != nil {
			return err
		}
		defer e.close()
		if err := e.Resolve(cmd.Context(), args[0], send, scope); err != nil {
			return err
		}
		key := "cmd.resolved.leave"
		if send {
			key = "cmd.resolved.send"
		}
		return c.result(struct {
			Resolved bool   `json:"resolved"`
			ID       string `json:"id"`
			Send     bool   `json:"send"`
		}{true, args[0], send}, c.words.Say(key))
	})
	command.Args = c.exactly(1, "ID")
	command.Flags().BoolVar(&send, "send", false, c.words.Say("flag.resolve.send"))
	command.Flags().BoolVar(&leave, "leave", false, c.words.Say("flag.resolve.leave"))
	command.Flags().StringVar(&scope, "scope", "", c.words.Say("flag.resolve.scope"))
	return command
}
