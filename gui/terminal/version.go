package terminal

import (
	"context"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"postroom/watcher/control"
)

// versionTime is how long the agent is waited for.
const versionTime = 3 * time.Second

func (c *console) versionCommand() *cobra.Command {
	return c.command("version", func(cmd *cobra.Command, _ []string) error {
		agent, text := c.agentVersion(cmd.Context()), "postroom "+c.parts.Version
		if agent != "" && agent != c.parts.Version {
			text += "\n" + c.words.Say("cmd.version.other", map[string]any{"version": agent})
		}
		return c.result(struct {
			Version string `json:"version"`
			Agent   string `json:"agent,omitempty"` // of the one that runs
			Go      string `json:"go"`
			System  string `json:"system"`
			Window  bool   `json:"window"`
		}{c.parts.Version, agent, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, c.parts.Window != nil}, text)
	})
}

// agentVersion is the version of the agent that runs, "" where none does.
func (c *console) agentVersion(ctx context.Context) string {
	e, err := control.Dial(c.home) //nolint:contextcheck // it bounds itself
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, versionTime)
	defer cancel()
	if _, err := e.Settings(ctx); err != nil { // any answer will do
		c.log.Debug("the agent was asked for its version", "error", err)
	}
	return e.AgentVersion()
}
