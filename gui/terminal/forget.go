package terminal

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

// forgetStatus is the line of `forget` with --json.
type forgetStatus struct {
	Forgotten bool `json:"forgotten"`
	Waits     bool `json:"waits"` // it will be, once nothing is on its way
	watcher.Forgetting
}

func (c *console) forgetCommand() *cobra.Command {
	var how watcher.ForgetHow
	var yes, keep bool
	var from passphraseSource
	command := c.command("forget COMPANY", func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		if how.Wait && how.Anyway || keep && (how != watcher.ForgetHow{}) {
			return usageError{c.words.Say("cmd.forget.choose")}
		}
		e, err := c.reachForgetting(ctx, &from, how.Wait || keep)
		if err != nil {
			return err
		}
		defer e.close()
		company, err := c.companyNamed(ctx, e, args[0])
		if err != nil {
			return err
		}
		told, err := e.Forgetting(ctx, company)
		if err != nil {
			return err
		}
		names := map[string]any{"company": company, "folder": told.Folder, "count": told.OnTheirWay}
		switch {
		case keep:
			if err := e.KeepCompany(ctx, company); err != nil {
				return err
			}
			told.Begun = false
			return c.result(forgetStatus{Forgetting: told}, c.words.Say("cmd.forget.kept", names))
		case !yes:
			if err := c.result(forgetStatus{Forgetting: told}, c.forgetting(told, how.History)); err != nil {
				return err
			}
			return usageError{c.words.Say("cmd.forget.sure")}
		}
		if err := c.unlocking(ctx, e, func() error { return e.Forget(ctx, company, how) }); err != nil {
			return err
		}
		if how.Wait && told.OnTheirWay > 0 {
			told.Begun = true
			return c.result(forgetStatus{Waits: true, Forgetting: told}, c.words.Say("cmd.forget.waits", names))
		}
		text := c.words.Say("cmd.forgotten", names)
		if !told.Practice {
			text += " " + c.words.Say("company.forget.consent")
		}
		return c.result(forgetStatus{Forgotten: true, Forgetting: told}, text)
	})
	command.Args = c.exactly(1, "COMPANY")
	flags := command.Flags()
	flags.BoolVar(&yes, "yes", false, c.words.Say("flag.yes"))
	flags.BoolVar(&how.Wait, "wait", false, c.words.Say("flag.forget.wait"))
	flags.BoolVar(&how.Anyway, "anyway", false, c.words.Say("flag.forget.anyway"))
	flags.BoolVar(&how.History, "history", false, c.words.Say("flag.forget.history"))
	flags.BoolVar(&keep, "keep", false, c.words.Say("flag.forget.keep"))
	from.flag(flags, c)
	return command
}

// reachForgetting is reachOpen; what waits for files needs an agent, which alone sees them through.
func (c *console) reachForgetting(ctx context.Context, from *passphraseSource, waits bool) (*reached, error) {
	if waits {
		return c.reachAgent(ctx)
	}
	return c.reachOpen(ctx, from)
}

// forgetting says what is kept and what is deleted.
func (c *console) forgetting(f watcher.Forgetting, history bool) string {
	args := map[string]any{"company": f.Company, "folder": f.Folder}
	kept := "company.forget.history.kept"
	if history {
		kept = "company.forget.history.deleted"
	}
	text := fmt.Sprintf("%s\n%s\n%s", c.words.Say("company.forget.files", args), c.words.Say("company.forget.keys", args), c.words.Say(kept, args))
	if !f.Practice {
		text += "\n" + c.words.Say("company.forget.consent")
	}
	if f.OnTheirWay > 0 {
		text += "\n" + c.words.Say("company.forget.onTheirWay", map[string]any{"count": f.OnTheirWay})
	}
	return text
}
