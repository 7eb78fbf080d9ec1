package terminal

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

func (c *console) disconnectCommand() *cobra.Command {
	var domain string
	var from passphraseSource
	command := c.command("disconnect COMPANY", func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		e, err := c.reachOpen(ctx, &from)
		if err != nil {
			return err
		}
		defer e.close()
		of, err := c.connectionsOf(ctx, e, args[0], domain)
		if err != nil {
			return err
		}
		for _, connection := range of {
			if err := c.unlocking(ctx, e, func() error { return e.Disconnect(ctx, connection.ID) }); err != nil {
				return err
			}
		}
		return c.result(struct {
			Disconnected bool   `json:"disconnected"`
			Company      string `json:"company"`
			Connections  int    `json:"connections"`
		}{true, of[0].Company, len(of)}, c.words.Say("cmd.disconnected", map[string]any{"company": of[0].Company, "folder": of[0].Folder}))
	})
	command.Args = c.exactly(1, "COMPANY")
	command.Flags().StringVar(&domain, "domain", "", c.words.Say("flag.rotate.domain"))
	from.flag(command.Flags(), c)
	c.sure(command)
	return command
}

func (c *console) reconnectCommand() *cobra.Command {
	var domain string
	var paste bool
	var from passphraseSource
	command := c.command("reconnect COMPANY", func(cmd *cobra.Command, args []string) error {
		return c.throughPasscode(cmd.Context(), &from, paste, func(ctx context.Context, e *reached) (watcher.Draft, error) {
			connection, err := c.connectionOf(ctx, e, args[0], domain)
			if err != nil {
				return watcher.Draft{}, err
			}
			return c.beginReconnecting(ctx, e, connection)
		})
	})
	command.Args = c.exactly(1, "COMPANY")
	command.Flags().StringVar(&domain, "domain", "", c.words.Say("flag.rotate.domain"))
	command.Flags().BoolVar(&paste, "paste", false, c.words.Say("flag.connect.paste"))
	from.flag(command.Flags(), c)
	return command
}

// beginReconnecting goes up to an open passcode.
func (c *console) beginReconnecting(ctx context.Context, e *reached, connection watcher.Connection) (draft watcher.Draft, err error) {
	err = c.unlocking(ctx, e, func() (err error) {
		if draft.ID == "" {
			if draft, err = e.Reconnect(ctx, connection.ID); err != nil {
				return err
			}
		}
		return openPasscode(ctx, e, &draft)
	})
	if err != nil {
		return draft, c.giveUp(ctx, e, draft, err)
	}
	return draft, nil
}

func (c *console) renewalsCommand() *cobra.Command {
	var domain string
	command := c.command("renewals [COMPANY]", func(cmd *cobra.Command, args []string) error {
		ctx, company := cmd.Context(), ""
		if len(args) > 0 {
			company = args[0]
		}
		e, err := c.reach(ctx)
		if err != nil {
			return err
		}
		defer e.close()
		of, err := c.connectionsOf(ctx, e, company, domain)
		if err != nil {
			return err
		}
		for _, connection := range of {
			if err := c.renewals(ctx, e, connection); err != nil {
				return err
			}
		}
		return nil
	})
	command.Args = c.atMostOne
	command.Flags().StringVar(&domain, "domain", "", c.words.Say("flag.rotate.domain"))
	return command
}

// renewals tells of one connection: its key's health, and what happened to it, the newest first.
func (c *console) renewals(ctx context.Context, e engine, connection watcher.Connection) error {
	lines, err := e.Renewals(ctx, connection.ID)
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i].At = lines[i].At.UTC()
	}
	if c.asJSON {
		return c.result(struct {
			connectionStatus
			Renewals []watcher.Renewal `json:"renewals"`
		}{c.connectionStatus(connection), lines}, "")
	}
	text := &statusText{console: c, now: time.Now(), out: c.parts.Out}
	text.line(0, fmt.Sprintf("%s, %s: %s", connection.Company, connection.Domain, c.words.Say("cmd.key."+string(connection.Key.State))))
	if connection.Problem != nil {
		text.problem(1, *connection.Problem)
	}
	for _, line := range lines {
		text.line(1, c.words.DateTime(line.At, text.now)+"  "+c.renewal(line))
	}
	return text.err
}

// renewal is one line of a connection's timeline in words: what happened, and how or why.
func (c *console) renewal(line watcher.Renewal) string {
	key := "connection.renewal." + line.Kind
	said := c.words.Say(key)
	for _, more := range []string{key + ".text." + line.Args["by"], key + ".text"} {
		if c.words.Has(more) {
			return said + ", " + c.words.Say(more)
		}
	}
	return said
}

func (c *console) practiceCommand() *cobra.Command {
	return c.command("practice", func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		e, err := c.reachAgent(ctx)
		if err != nil {
			return err
		}
		var draft watcher.Draft
		err = c.unlocking(ctx, e, func() (err error) {
			draft, err = e.Practice(ctx)
			return err
		})
		if err != nil {
			return err
		}
		connections, err := e.Connections(ctx)
		if err != nil {
			return err
		}
		folder := ""
		for _, connection := range connections {
			if connection.ID == draft.Connection {
				folder = connection.Folder
			}
		}
		return c.result(struct {
			Connected bool   `json:"connected"`
			Company   string `json:"company"`
			Folder    string `json:"folder"`
		}{true, draft.Input.Company, folder}, c.words.Say("cmd.practice", map[string]any{"company": draft.Input.Company, "folder": folder}))
	})
}

func (c *console) draftsCommand() *cobra.Command {
	var drop string
	command := c.command("drafts", func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		e, err := c.reach(ctx)
		if err != nil {
			return err
		}
		defer e.close()
		if drop != "" {
			if err := e.DropDraft(ctx, drop); err != nil {
				return err
			}
			return c.result(struct {
				Dropped string `json:"dropped"`
			}{drop}, c.words.Say("cmd.drafts.dropped"))
		}
		drafts, err := e.Drafts(ctx)
		if err != nil {
			return err
		}
		for _, d := range drafts {
			if err := c.draft(d); err != nil {
				return err
			}
		}
		if len(drafts) == 0 && !c.asJSON {
			c.tell("cmd.drafts.none")
		}
		return nil
	})
	command.Flags().StringVar(&drop, "drop", "", c.words.Say("flag.drafts.drop"))
	return command
}

// draft tells how far the connecting of a company has come. Its passcode is shown where it was asked for, and not here.
func (c *console) draft(d watcher.Draft) error {
	sentence := c.words.Say("cmd.drafts.line", map[string]any{
		"id": d.ID, "company": d.Input.Company, "application": d.Input.Application, "domain": d.Input.Domain,
		"step": c.words.Say("cmd.drafts.step." + string(d.Step)),
	})
	return c.result(struct {
		ID              string            `json:"id"`
		Step            watcher.DraftStep `json:"step"`
		Company         string            `json:"company"`
		Application     string            `json:"application"`
		Domain          string            `json:"domain"`
		RegistrationURL string            `json:"registrationUrl,omitempty"`
		Outcome         watcher.Outcome   `json:"outcome,omitempty"`
		ExpiresAt       time.Time         `json:"expiresAt,omitzero"`
		UpdatedAt       time.Time         `json:"updatedAt"`
		Error           string            `json:"error"`
		Problem         *problem          `json:"problem,omitempty"`
	}{
		d.ID, d.Step, d.Input.Company, d.Input.Application, d.Input.Domain, d.RegistrationURL, d.Outcome, d.ExpiresAt.UTC(), d.UpdatedAt.UTC(),
		c.sentence(d.Problem), d.Problem,
	}, printable(sentence))
}
