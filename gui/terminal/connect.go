package terminal

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

// connectWish is what a person asks `connect` for.
type connectWish struct {
	in                         watcher.DraftInput
	developerID, applicationID string
	paste                      bool
	from                       passphraseSource
}

func (c *console) connectCommand() *cobra.Command {
	var wish connectWish
	command := c.command("connect", func(cmd *cobra.Command, _ []string) (err error) {
		if err := c.required(cmd, "domain", "company", "folder"); err != nil {
			return err
		}
		if (wish.developerID == "") != (wish.applicationID == "") {
			return usageError{c.words.Say("cmd.connect.bothIDs")}
		}
		wish.in.ProfilePath = c.profile
		if wish.in.Folder, err = absolute(wish.in.Folder); err != nil {
			return err
		}
		return c.connect(cmd.Context(), &wish)
	})
	flags := command.Flags()
	flags.StringVar(&wish.in.Platform, "platform", "", c.words.Say("flag.platform"))
	flags.StringVar(&wish.developerID, "developer-id", "", c.words.Say("flag.connect.developerID"))
	flags.StringVar(&wish.applicationID, "application-id", "", c.words.Say("flag.connect.applicationID"))
	flags.StringVar(&wish.in.Domain, "domain", "", c.words.Say("flag.domain"))
	flags.StringVar(&wish.in.Company, "company", "", c.words.Say("flag.connect.company"))
	flags.StringVar(&wish.in.Folder, "folder", "", c.words.Say("flag.connect.folder"))
	flags.StringVar(&wish.in.CallbackListen, "callback-listen", "", c.words.Say("flag.connect.callbackListen"))
	flags.StringVar(&wish.in.CallbackPath, "callback-path", "", c.words.Say("flag.connect.callbackPath"))
	flags.BoolVar(&wish.paste, "paste", false, c.words.Say("flag.connect.paste"))
	wish.from.flag(flags, c)
	return command
}

func (c *console) connect(ctx context.Context, wish *connectWish) error {
	return c.throughPasscode(ctx, &wish.from, wish.paste, func(ctx context.Context, e *reached) (watcher.Draft, error) {
		return c.beginConnecting(ctx, e, wish)
	})
}

// throughPasscode has begin open a passcode, shows it, and waits for the key or reads it.
func (c *console) throughPasscode(
	ctx context.Context, from *passphraseSource, paste bool, begin func(context.Context, *reached) (watcher.Draft, error),
) error {
	e, err := c.reachOpen(ctx, from)
	if err != nil {
		return err
	}
	defer e.close()
	events, err := e.Events(ctx)
	if err != nil {
		return err
	}
	if !e.agent() {
		// This command listens for the key and tries it, for as long as it lives.
		life, end := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- e.own.Onboard(life) }()
		defer func() {
			end()
			if err := <-ended; err != nil && life.Err() == nil {
				c.log.Warn("connecting did not end cleanly", slog.Any("error", err))
			}
		}()
	}
	draft, err := begin(ctx, e)
	if err != nil {
		return err
	}
	if err := c.showPasscode(draft); err != nil {
		return err
	}
	if paste {
		draft, err = c.pasteKey(ctx, e, draft)
	} else {
		draft, err = c.awaitKey(ctx, e, events, draft)
	}
	if err != nil {
		return err
	}
	return c.result(struct {
		Connected bool   `json:"connected"`
		Company   string `json:"company"`
		Domain    string `json:"domain"`
	}{true, draft.Input.Company, draft.Input.Domain}, c.words.Say("cmd.connected", map[string]any{"company": draft.Input.Company}))
}

// beginConnecting goes up to an open passcode.
func (c *console) beginConnecting(ctx context.Context, e *reached, wish *connectWish) (watcher.Draft, error) {
	if wish.applicationID == "" {
		return c.continueRegistration(ctx, e, wish)
	}
	draft, err := e.NewDraft(ctx, wish.in)
	if err != nil {
		return draft, err
	}
	err = c.unlocking(ctx, e, func() error {
		if _, err := e.SetIDs(ctx, draft.ID, wish.developerID, wish.applicationID); err != nil {
			return err
		}
		return openPasscode(ctx, e, &draft)
	})
	if err != nil {
		return draft, c.giveUp(ctx, e, draft, err)
	}
	return draft, nil
}

// openPasscode has a passcode asked for and takes the draft as it is then; where that fails it stays as it was.
func openPasscode(ctx context.Context, e *reached, draft *watcher.Draft) error {
	open, err := e.RequestPasscode(ctx, draft.ID)
	if err == nil {
		*draft = open
	}
	return err
}

// continueRegistration finds the registration whose application's ID came at once and was kept: then nobody has to
// type it.
func (c *console) continueRegistration(ctx context.Context, e *reached, wish *connectWish) (watcher.Draft, error) {
	drafts, err := e.Drafts(ctx)
	if err != nil {
		return watcher.Draft{}, err
	}
	var fits []watcher.Draft
	for _, d := range drafts {
		if d.Step == watcher.StepFolder && d.Input.Domain == wish.in.Domain && d.Input.Company == "" && d.ApplicationTail != "" {
			fits = append(fits, d)
		}
	}
	if len(fits) != 1 {
		return watcher.Draft{}, usageError{c.words.Say("cmd.missing", map[string]any{"flags": "--developer-id, --application-id"})}
	}
	in := fits[0].Input
	in.Company, in.Folder = wish.in.Company, wish.in.Folder
	in.CallbackListen, in.CallbackPath = wish.in.CallbackListen, wish.in.CallbackPath
	draft, err := e.UpdateDraft(ctx, fits[0].ID, watcher.StepPasscode, in)
	if err != nil {
		return draft, err
	}
	err = c.unlocking(ctx, e, func() error {
		return openPasscode(ctx, e, &draft)
	})
	return draft, err
}

// giveUp drops a draft that came to nothing, so that it does not wait in the window for ever, and passes err on.
func (c *console) giveUp(ctx context.Context, e engine, draft watcher.Draft, err error) error {
	if draft.ID == "" {
		return err
	}
	if dropErr := e.DropDraft(context.WithoutCancel(ctx), draft.ID); dropErr != nil {
		c.log.Warn("what was begun could not be cleared away", slog.Any("error", dropErr))
	}
	return err
}

func (c *console) showPasscode(draft watcher.Draft) error {
	for _, p := range draft.Warnings {
		_, _ = fmt.Fprintln(c.parts.Err, c.sentence(&p))
	}
	return c.result(struct {
		Passcode string    `json:"passcode"`
		Expires  time.Time `json:"expires"`
	}{draft.Passcode, draft.ExpiresAt.UTC()}, c.words.Say("cmd.passcode", map[string]any{
		"passcode": draft.Passcode, "until": c.words.Clock(draft.ExpiresAt),
	}))
}

// longestKey bounds the line that a key is read from, in bytes.
const longestKey = 64 << 10

// pasteKey reads the key that somebody else received, and tries it.
func (c *console) pasteKey(ctx context.Context, e *reached, draft watcher.Draft) (watcher.Draft, error) {
	key, err := c.readKey(ctx)
	if err != nil {
		return draft, err
	}
	if _, err := e.PasteKey(ctx, draft.ID, key); err != nil {
		return draft, err
	}
	return e.Test(ctx, draft.ID)
}

// readKey takes the first line of standard input; at a terminal it is asked for and not shown.
func (c *console) readKey(ctx context.Context) (string, error) {
	if c.atTerminal() {
		return c.ask(ctx, "cmd.connect.pasteKey")
	}
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() { // a read from a pipe cannot be called off: this one ends with the process, or with a line
		line, err := bufio.NewReader(io.LimitReader(c.parts.In, longestKey)).ReadString('\n')
		answers <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case a := <-answers:
		if a.line == "" {
			return "", toldError{c.words.Say("cmd.connect.noKey"), a.err}
		}
		return a.line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// awaitKey waits until the key was delivered and found good, or its passcode has run out.
func (c *console) awaitKey(ctx context.Context, e *reached, events <-chan watcher.Event, draft watcher.Draft) (watcher.Draft, error) {
	told := map[string]bool{}
	for {
		now, err := e.Draft(ctx, draft.ID)
		if err != nil {
			return draft, err
		}
		switch {
		case now.Step == watcher.StepDone:
			return now, nil
		case now.Outcome == watcher.OutcomeRanOut:
			return now, toldError{c.words.Say("cmd.connect.ranOut"), watcher.ErrWrongState}
		}
		problems := now.Warnings
		if now.Problem != nil {
			problems = append(problems, *now.Problem)
		}
		for _, p := range problems {
			if sentence := c.sentence(&p); !told[sentence] {
				told[sentence] = true
				_, _ = fmt.Fprintln(c.parts.Err, sentence)
			}
		}
		if err := c.nextNews(ctx, events, draft.ID, time.Until(now.ExpiresAt)); err != nil {
			return draft, err
		}
	}
}

// nextNews waits for something about a draft, or for its passcode's end.
func (c *console) nextNews(ctx context.Context, events <-chan watcher.Event, draft string, left time.Duration) error {
	timer := time.NewTimer(max(left, time.Second))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		case event, open := <-events:
			switch {
			case !open && ctx.Err() != nil:
				return ctx.Err()
			case !open:
				return toldError{c.words.Say("cmd.connect.agentGone"), watcher.ErrWrongState}
			case event.Kind == watcher.EventStopping:
				return toldError{c.words.Say("cmd.connect.agentGone"), watcher.ErrWrongState}
			case event.Kind == watcher.EventAll, event.Kind == watcher.EventDraft && event.ID == draft:
				return nil
			}
		}
	}
}
