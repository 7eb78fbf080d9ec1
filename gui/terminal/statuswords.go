package terminal

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"postroom/gui/headline"
	"postroom/gui/support"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// listedTransfers is how many transfers the words show; --json shows all.
const listedTransfers = 20

// statusWords writes what a person wants to know at a glance: the headline, the companies, the newest files, the
// newest lists.
func (c *console) statusWords(ctx context.Context, e engine, out io.Writer) error {
	overview, err := e.Overview(ctx)
	if err != nil {
		return err
	}
	page, err := e.Transfers(ctx, watcher.Query{Limit: listedTransfers})
	if err != nil {
		return err
	}
	lists, err := e.Lists(ctx, "")
	if err != nil {
		return err
	}
	s := statusText{console: c, now: time.Now(), out: out}
	s.line(0, headline.Of(overview).Say(c.words))
	for _, p := range overview.Problems {
		s.problem(0, p)
	}
	for _, company := range overview.Companies {
		s.company(company)
	}
	if len(page.Transfers) > 0 {
		s.line(0, "")
		s.line(0, c.words.Say("cmd.status.files"))
	}
	for _, t := range page.Transfers {
		s.transfer(t)
	}
	if page.Next != "" {
		s.line(1, c.words.Say("cmd.status.older"))
	}
	s.lists(lists)
	return s.err
}

// statusText writes lines and keeps the first error.
type statusText struct {
	*console
	now time.Time
	out io.Writer
	err error
}

func (s *statusText) line(indent int, text string) {
	if s.err == nil {
		_, s.err = fmt.Fprintln(s.out, strings.TrimRight(strings.Repeat("  ", indent)+printable(text), " "))
	}
}

func (s *statusText) problem(indent int, p watcher.Problem) {
	s.line(indent, s.sentence(&p))
}

func (s *statusText) company(company watcher.Company) {
	s.line(0, "")
	s.line(0, company.Name)
	if company.Practice {
		s.line(1, s.words.Say("company.practice"))
	}
	if company.Leaving {
		s.line(1, s.words.Say("company.leaving", map[string]any{"company": company.Name}))
	}
	s.line(1, company.Folder)
	if company.Problem != nil {
		s.problem(1, *company.Problem)
	}
	for _, connection := range company.Connections {
		s.line(1, connection.Domain+": "+s.words.Say("cmd.key."+string(connection.Key.State)))
		if connection.Problem != nil {
			s.problem(2, *connection.Problem)
		}
		for _, lane := range connection.Lanes {
			if lane.Problem != nil {
				s.line(2, lane.Scope)
				s.problem(3, *lane.Problem)
			}
		}
	}
	for _, loose := range company.Loose {
		s.line(1, loose.Name)
		s.problem(2, loose.Problem)
	}
}

func (s *statusText) transfer(t watcher.Transfer) {
	state := s.words.Say("cmd.state." + string(t.State))
	switch {
	case t.State == journal.Accepted && t.RefusedRecords > 0:
		state = s.words.Say("cmd.state.partly", map[string]any{"refused": t.RefusedRecords, "records": max(t.Records, t.RefusedRecords)})
	case t.State == journal.Processing && t.Progress != nil:
		state += " " + s.words.Percent(*t.Progress)
	}
	s.line(1, fmt.Sprintf("%s  %s  %s: %s", s.words.DateTime(t.CreatedAt, s.now), t.Company, t.Name, state))
	switch {
	case t.Problem != nil:
		s.problem(2, *t.Problem)
	case t.Waits != nil:
		s.problem(2, *t.Waits)
		if more := headline.Circumstances(s.words, t, s.now); more != "" {
			s.line(2, more)
		}
	}
	if t.State == journal.Held && !t.KeptBack() || t.State == journal.Unknown {
		s.line(2, s.words.Say("cmd.status.resolve", map[string]any{"id": t.ID}))
	}
}

func (s *statusText) lists(lists []watcher.List) {
	if len(lists) > 0 {
		s.line(0, "")
		s.line(0, s.words.Say("cmd.status.lists"))
	}
	for i, l := range lists {
		if i == listedTransfers {
			s.line(1, s.words.Say("cmd.status.older"))
			return
		}
		s.line(1, s.words.Say("cmd.status.list", map[string]any{
			"when": s.words.DateTime(l.ReceivedAt, s.now), "company": l.Company, "scope": l.Scope,
			"added": l.Added, "changed": l.Changed, "removed": l.Removed,
		}))
		if l.Problem != nil {
			s.problem(2, *l.Problem)
		}
		if l.Asks {
			s.line(2, s.words.Say("cmd.status.resolveList", map[string]any{"id": l.ID}))
		}
	}
}

// printable keeps names of files and texts from a server from moving the cursor, colouring the terminal or worse.
func printable(text string) string { return support.Plain(text) }
