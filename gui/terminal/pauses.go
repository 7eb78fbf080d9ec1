package terminal

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

// pauseStatus is the line of `pause` and `resume` with --json.
type pauseStatus struct {
	Paused  bool   `json:"paused"`
	Company string `json:"company"` // "" is all
}

func (c *console) pauseCommand() *cobra.Command {
	return c.pausing("pause", true, engine.Pause, engine.PauseCompany)
}

func (c *console) resumeCommand() *cobra.Command {
	return c.pausing("resume", false, engine.Resume, engine.ResumeCompany)
}

func (c *console) pausing(
	name string, paused bool, all func(engine, context.Context) error, one func(engine, context.Context, string) error,
) *cobra.Command {
	command := c.command(name+" [COMPANY]", func(cmd *cobra.Command, args []string) error {
		ctx, company := cmd.Context(), ""
		e, err := c.reach(ctx)
		if err != nil {
			return err
		}
		defer e.close()
		key := "cmd." + name + ".all"
		if len(args) == 0 {
			err = all(e, ctx)
		} else if company, err = c.companyNamed(ctx, e, args[0]); err == nil {
			key = "cmd." + name + ".company"
			err = one(e, ctx, company)
		}
		if err != nil {
			return err
		}
		if err := c.result(pauseStatus{paused, company}, c.words.Say(key, map[string]any{"company": company})); err != nil {
			return err
		}
		return c.stillPaused(ctx, e, paused, company)
	})
	command.Args = c.atMostOne
	return command
}

// stillPaused says that a company that goes on waits all the same, because everything does.
func (c *console) stillPaused(ctx context.Context, e engine, paused bool, company string) error {
	if paused || company == "" {
		return nil
	}
	overview, err := e.Overview(ctx)
	if err == nil && overview.Paused {
		c.tell("cmd.resume.still")
	}
	return err
}

func (c *console) quietCommand() *cobra.Command {
	command := c.command("quiet MINUTES", func(cmd *cobra.Command, args []string) error {
		minutes, err := strconv.Atoi(args[0])
		if err != nil || minutes < 0 {
			return usageError{c.words.Say("cmd.number", map[string]any{"name": args[0]})}
		}
		e, err := c.reach(cmd.Context())
		if err != nil {
			return err
		}
		defer e.close()
		if err := e.Quiet(cmd.Context(), minutes); err != nil {
			return err
		}
		return c.result(struct {
			Quiet int `json:"quietMinutes"`
		}{minutes}, c.words.Say("cmd.quiet", map[string]any{"count": minutes}))
	})
	command.Args = c.exactly(1, "MINUTES")
	return command
}

// errNoAgent is behind the failure of a command that only an agent can carry out.
var errNoAgent = errors.New("no agent runs")

// reachAgent is reach for what only a running agent can do.
func (c *console) reachAgent(ctx context.Context) (*reached, error) {
	e, err := c.reach(ctx)
	if err == nil && !e.agent() {
		e.close()
		return nil, toldError{c.words.Say("cmd.needsAgent"), errors.Join(errNoAgent, watcher.ErrWrongState)}
	}
	return e, err
}

func (c *console) checkCommand() *cobra.Command {
	return c.command("check", func(cmd *cobra.Command, _ []string) error {
		e, err := c.reachAgent(cmd.Context())
		if err != nil {
			return err
		}
		if err := e.CheckNow(cmd.Context()); err != nil {
			return err
		}
		return c.result(struct {
			Checking bool `json:"checking"`
		}{true}, c.words.Say("cmd.checking"))
	})
}
