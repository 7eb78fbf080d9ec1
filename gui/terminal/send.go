package terminal

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

// sentStatus is a line of `send --json`.
type sentStatus struct {
	File    string   `json:"file"`
	Company string   `json:"company"`
	Scope   string   `json:"scope"`
	Path    string   `json:"path"`  // of the copy in Outbox
	Error   string   `json:"error"` // a sentence, "" when there is none
	Problem *problem `json:"problem,omitempty"`
}

func (c *console) sendCommand() *cobra.Command {
	var company, scope string
	command := c.command("send FILE...", func(cmd *cobra.Command, args []string) error {
		files, err := c.files(args)
		if err != nil {
			return err
		}
		return c.send(cmd.Context(), company, scope, files)
	})
	command.Args = c.atLeastOne("FILE")
	command.Flags().StringVar(&company, "company", "", c.words.Say("flag.company"))
	command.Flags().StringVar(&scope, "scope", "", c.words.Say("flag.send.scope"))
	return command
}

// send copies files into a company's Outbox, from where the agent takes them.
func (c *console) send(ctx context.Context, company, scope string, files []string) error {
	e, err := c.reach(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	if company, err = c.companyNamed(ctx, e, company); err != nil {
		return err
	}
	placed, err := e.Place(ctx, company, scope, files)
	if err != nil {
		return err
	}
	failed := 0
	for _, p := range placed {
		if p.Problem != nil {
			failed++
		}
		if err := c.sendResult(company, p); err != nil {
			return err
		}
	}
	switch {
	case len(placed) == 0:
		return toldError{c.words.Say("cmd.send.nothing"), watcher.ErrNotFound}
	case failed > 0:
		return toldError{
			c.words.Say("cmd.send.failed", map[string]any{"count": failed, "of": len(placed)}), errors.New("not every file was copied"),
		}
	case !e.agent():
		c.tell("cmd.send.noAgent")
	}
	return nil
}

func (c *console) sendResult(company string, p watcher.Placed) error {
	sentence := c.words.Say("cmd.sent", map[string]any{"file": printable(p.File), "path": printable(p.Path)})
	if p.Problem != nil {
		sentence = printable(c.sentence(p.Problem))
	}
	return c.result(sentStatus{
		File: p.File, Company: company, Scope: p.Scope, Path: p.Path, Error: c.sentence(p.Problem), Problem: p.Problem,
	}, sentence)
}

// atLeastOne asks for one argument or more by name.
func (c *console) atLeastOne(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError{c.words.Say("cmd.arguments", map[string]any{"name": name})}
		}
		return nil
	}
}

// atMostOne takes one argument or none.
func (c *console) atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return c.noMore(cmd, args[1:])
	}
	return nil
}
