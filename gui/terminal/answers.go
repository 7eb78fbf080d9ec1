package terminal

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

// answerStatus is a line of the commands that answer for files, with --json.
type answerStatus struct {
	ID      string   `json:"id"`
	Done    bool     `json:"done"`
	Error   string   `json:"error"`
	Problem *problem `json:"problem,omitempty"`
}

// retryCommand tries files again: those that are named, or all that cannot double.
func (c *console) retryCommand() *cobra.Command {
	command := c.answering("retry", func(e engine) answer { return e.Retry })
	all := command.Flags().Bool("all", false, c.words.Say("flag.retry.all"))
	one, named := command.RunE, command.Args
	command.Args = func(cmd *cobra.Command, args []string) error {
		if *all {
			return c.atMostOne(cmd, args)
		}
		return named(cmd, args)
	}
	command.RunE = func(cmd *cobra.Command, args []string) error {
		if !*all {
			return one(cmd, args)
		}
		if err := c.settle(); err != nil {
			return err
		}
		return c.retryAll(cmd.Context(), args)
	}
	return command
}

func (c *console) retryAll(ctx context.Context, args []string) error {
	e, err := c.reach(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	company := ""
	if len(args) > 0 {
		if company, err = c.companyNamed(ctx, e, args[0]); err != nil {
			return err
		}
	}
	tried, err := e.RetryAll(ctx, company)
	if err != nil {
		return err
	}
	if err := c.result(struct {
		Retried int `json:"retried"`
	}{tried}, c.words.Say("cmd.retryAll", map[string]any{"count": tried})); err != nil {
		return err
	}
	if !e.agent() {
		c.tell("cmd.answer.noAgent")
	}
	return nil
}

func (c *console) holdCommand() *cobra.Command {
	return c.answering("hold", func(e engine) answer { return e.Hold })
}

func (c *console) releaseCommand() *cobra.Command {
	return c.answering("release", func(e engine) answer {
		return func(ctx context.Context, id string) error { return e.Resolve(ctx, id, true, "") }
	})
}

func (c *console) correctCommand() *cobra.Command {
	return c.answering("correct", func(e engine) answer {
		return func(ctx context.Context, id string) error {
			_, err := e.SendCorrected(ctx, id)
			return err
		}
	})
}

func (c *console) cancelCommand() *cobra.Command {
	return c.answering("cancel", func(e engine) answer { return e.Cancel })
}

func (c *console) dismissCommand() *cobra.Command {
	return c.answering("dismiss", func(e engine) answer { return e.Dismiss })
}

// resendCommand may double what Sage has, so it is asked for twice.
func (c *console) resendCommand() *cobra.Command {
	command := c.answering("resend", func(e engine) answer { return e.SendAgain })
	c.sure(command)
	return command
}

// sure has a command refuse to run without --yes.
func (c *console) sure(command *cobra.Command) {
	yes := command.Flags().Bool("yes", false, c.words.Say("flag.yes"))
	do := command.RunE
	command.RunE = func(cmd *cobra.Command, args []string) error {
		if !*yes {
			return usageError{c.words.Say("cmd." + cmd.Name() + ".sure")}
		}
		return do(cmd, args)
	}
}

// answer is what an engine does with a transfer because a person says so.
type answer func(ctx context.Context, id string) error

// answering makes a command that says one thing about each of some transfers. One that cannot be done keeps no other
// from being done.
func (c *console) answering(name string, pick func(engine) answer) *cobra.Command {
	command := c.command(name+" ID...", func(cmd *cobra.Command, ids []string) error {
		ctx := cmd.Context()
		e, err := c.reach(ctx)
		if err != nil {
			return err
		}
		defer e.close()
		failed := 0
		for _, id := range ids {
			err := pick(e)(ctx, id)
			if ctx.Err() != nil {
				return err
			}
			if err != nil {
				failed++
			}
			if err := c.answered(name, id, err); err != nil {
				return err
			}
		}
		if failed > 0 {
			return toldError{
				c.words.Say("cmd.answer.failed", map[string]any{"count": failed, "of": len(ids)}), errors.New("not everything was done"),
			}
		}
		if !e.agent() {
			c.tell("cmd.answer.noAgent")
		}
		return nil
	})
	command.Args = c.atLeastOne("ID")
	return command
}

func (c *console) answered(name, id string, err error) error {
	if err == nil {
		return c.result(answerStatus{ID: id, Done: true}, c.words.Say("cmd."+name+".done", map[string]any{"id": id}))
	}
	status := answerStatus{ID: id, Error: explain(c.words, err)}
	if told, ok := errors.AsType[*watcher.ProblemError](err); ok {
		status.Problem = &told.Problem
	}
	if c.asJSON {
		return c.result(status, "")
	}
	_, _ = fmt.Fprintln(c.parts.Err, printable(id+": "+status.Error)) // nobody is left to hear that this failed
	return nil
}
