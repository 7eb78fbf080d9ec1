package terminal

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"postroom/watcher/control"
)

// stopEvery is between looks whether an agent that was told to stop has gone; it is killed by itself after grace.
const stopEvery = 50 * time.Millisecond

func (c *console) stopCommand() *cobra.Command {
	return c.command("stop", func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		e, err := c.reach(ctx)
		if err != nil {
			return err
		}
		defer e.close()
		key := "cmd.stop.none"
		if e.agent() {
			key = "cmd.stopped"
			if err := e.Stop(ctx); err != nil {
				return err
			}
			if err := c.awaitEnd(ctx); err != nil {
				return err
			}
		}
		return c.result(struct {
			Stopped bool `json:"stopped"`
		}{e.agent()}, c.words.Say(key))
	})
}

// restartCommand is what a new version needs: the agent that runs is still the old one.
func (c *console) restartCommand() *cobra.Command {
	return c.command("restart", func(cmd *cobra.Command, _ []string) error {
		if err := c.replaceAgent(cmd.Context()); err != nil {
			return err
		}
		return c.result(struct {
			Restarted bool   `json:"restarted"`
			Version   string `json:"version"`
		}{true, c.parts.Version}, c.words.Say("cmd.restarted", map[string]any{"version": c.parts.Version}))
	})
}

// awaitEnd waits until no agent answers any more.
func (c *console) awaitEnd(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*grace)
	defer cancel()
	tick := time.NewTicker(stopEvery)
	defer tick.Stop()
	for {
		if _, err := control.Dial(c.home); err != nil { //nolint:contextcheck,nilerr // it bounds itself; nobody answers: that is what was wanted
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
