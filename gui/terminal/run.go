package terminal

import (
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// runningLine is what `run` says once it answers.
type runningLine struct {
	Running bool   `json:"running"`
	Home    string `json:"home"`
	PID     int    `json:"pid"`
}

func (c *console) runCommand() *cobra.Command {
	var from passphraseSource
	var detached bool
	command := c.command("run", func(cmd *cobra.Command, _ []string) error {
		debug.SetTraceback("single") // a crash's trace goes to standard error and holds no content
		return c.runAgent(cmd.Context(), agentSetup{
			from: &from, showLog: !detached, login: newLoginEntry,
			ready: func() error {
				return c.result(runningLine{true, c.home, os.Getpid()}, c.words.Say("cmd.running", map[string]any{"home": c.home}))
			},
		})
	})
	from.flag(command.Flags(), c)
	command.Flags().BoolVar(&detached, "detached", false, "") // as `postroom` starts it: nobody watches the terminal
	_ = command.Flags().MarkHidden("detached")                // it was defined in the line before
	return command
}
