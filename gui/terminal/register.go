package terminal

import (
	"github.com/spf13/cobra"

	"postroom/watcher"
)

func (c *console) registerCommand() *cobra.Command {
	var in watcher.DraftInput
	var developerID string
	var from passphraseSource
	command := c.command("register", func(cmd *cobra.Command, _ []string) error {
		needed := []string{"application", "domain"}
		if developerID == "" {
			needed = append(needed, "name", "email", "company-name")
		}
		if err := c.required(cmd, needed...); err != nil {
			return err
		}
		in.ProfilePath = c.profile
		return c.register(cmd, in, developerID, &from)
	})
	flags := command.Flags()
	flags.StringVar(&in.Platform, "platform", "", c.words.Say("flag.platform"))
	flags.StringVar(&in.Name, "name", "", c.words.Say("flag.register.name"))
	flags.StringVar(&in.Email, "email", "", c.words.Say("flag.register.email"))
	flags.StringVar(&in.Firm, "company-name", "", c.words.Say("flag.register.companyName"))
	flags.StringVar(&in.Application, "application", "", c.words.Say("flag.register.application"))
	flags.StringVar(&in.Description, "description", "", c.words.Say("flag.register.description"))
	flags.StringVar(&in.Domain, "domain", "", c.words.Say("flag.domain"))
	flags.StringVar(&in.CallbackBase, "callback", "", c.words.Say("flag.register.callback"))
	flags.StringVar(&developerID, "developer-id", "", c.words.Say("flag.register.developerID"))
	from.flag(flags, c)
	return command
}

func (c *console) register(cmd *cobra.Command, in watcher.DraftInput, developerID string, from *passphraseSource) error {
	ctx := cmd.Context()
	e, err := c.reachOpen(ctx, from)
	if err != nil {
		return err
	}
	defer e.close()
	draft, err := e.NewDraft(ctx, in)
	if err != nil {
		return err
	}
	err = c.unlocking(ctx, e, func() error {
		if developerID != "" {
			if _, err := e.SetIDs(ctx, draft.ID, developerID, ""); err != nil {
				return err
			}
		}
		registered, err := e.Register(ctx, draft.ID)
		if err == nil {
			draft = registered
		}
		return err
	})
	if err != nil {
		return c.giveUp(ctx, e, draft, err)
	}
	sentence := c.words.Say("cmd.registered", map[string]any{"url": draft.RegistrationURL})
	if draft.RegistrationURL == "" {
		sentence = c.words.Say("cmd.registered.atOnce", map[string]any{"tail": draft.ApplicationTail})
	}
	return c.result(struct {
		RegistrationURL string `json:"registrationUrl"`
		ApprovalURL     string `json:"approvalUrl,omitempty"`
		NotificationURL string `json:"notificationUrl,omitempty"`
	}{draft.RegistrationURL, draft.ApprovalURL, draft.NotificationURL}, sentence)
}
