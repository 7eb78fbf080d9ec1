package terminal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postroom/watcher"
)

// statusPage is how many transfers are read at a time.
const statusPage = 500

func (c *console) statusCommand() *cobra.Command {
	return c.command("status", func(cmd *cobra.Command, _ []string) error {
		e, err := c.reach(cmd.Context())
		if err != nil {
			return err
		}
		defer e.close()
		out := bufio.NewWriter(c.parts.Out)
		report := c.statusWords
		if c.asJSON {
			report = c.statusJSON
		}
		if err := report(cmd.Context(), e, out); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("writing the status: %w", err)
		}
		return nil
	})
}

// The lines of `status --json`, as programs read them: fields are added, none is ever renamed.
type (
	connectionStatus struct {
		ID       string      `json:"id"`
		Company  string      `json:"company"`
		Domain   string      `json:"domain"`
		Folder   string      `json:"folder"`
		Platform string      `json:"platform"`
		Key      watcher.Key `json:"key"`
		Problem  *problem    `json:"problem,omitempty"` // what stops all of its files
		SeenAt   time.Time   `json:"seenAt,omitzero"`   // last word from the platform
		Practice bool        `json:"practice,omitempty"`
	}
	transferStatus struct {
		ID             string    `json:"id"`
		Company        string    `json:"company"`
		Domain         string    `json:"domain"`
		Scope          string    `json:"scope"`
		Name           string    `json:"name"`
		State          string    `json:"state"`
		RemoteStatus   string    `json:"remoteStatus"`
		Progress       *float64  `json:"progress"`
		SHA256         string    `json:"sha256"`
		Size           int64     `json:"size"`
		CreatedAt      time.Time `json:"createdAt"`
		UpdatedAt      time.Time `json:"updatedAt"`
		Path           string    `json:"path"`
		ResultPath     string    `json:"resultPath"`
		Records        int       `json:"records"`
		RefusedRecords int       `json:"refusedRecords"`
		Error          string    `json:"error"` // a sentence, "" when there is none
		Problem        *problem  `json:"problem,omitempty"`
		Waits          *problem  `json:"waits,omitempty"`
		Cause          *cause    `json:"cause,omitempty"`
	}
	looseStatus struct {
		Company string `json:"company"`
		Scope   string `json:"scope"`
		Name    string `json:"name"`
		Size    int64  `json:"size"`
		Error   string `json:"error"`
		Cause   cause  `json:"cause"`
	}
	listStatus struct {
		ID         string    `json:"id"`
		Company    string    `json:"company"`
		Scope      string    `json:"scope"`
		Path       string    `json:"path"`
		ReceivedAt time.Time `json:"receivedAt"`
		Records    int       `json:"records"`
		Added      int       `json:"added"`
		Changed    int       `json:"changed"`
		Removed    int       `json:"removed"`
		Missing    int       `json:"missing"` // no longer there, and nobody has said that they are gone from Sage
		Asks       bool      `json:"asks"`    // resolve --gone or --incomplete says it
		Error      string    `json:"error"`
		Problem    *problem  `json:"problem,omitempty"`
	}
	// problem is the same as error for programs: a code that stays, and what it is about.
	problem = watcher.Problem
	// cause is why a file does not go on, or how it failed, since when, and what ends that; see watcher.Cause.
	cause = watcher.Cause
)

// sentence says a problem in words; "" when there is none.
func (c *console) sentence(p *watcher.Problem) string {
	if p == nil {
		return ""
	}
	what, do := c.words.Problem(p.Code, p.Args)
	return strings.TrimSpace(what + " " + do)
}

// statusJSON writes one object on one line. Transfers are read and written page by page: there may be very many.
func (c *console) statusJSON(ctx context.Context, e engine, out io.Writer) error {
	overview, err := e.Overview(ctx)
	if err != nil {
		return err
	}
	connections, err := e.Connections(ctx)
	if err != nil {
		return err
	}
	w := &jsonWriter{out: out}
	w.array(`{"connections":`, len(connections), func(i int) any { return c.connectionStatus(connections[i]) })
	w.raw(`,"transfers":[`)
	n := 0
	err = eachTransfer(ctx, e, watcher.Query{}, func(t watcher.Transfer) error {
		w.element(n, c.transferStatus(t))
		n++
		return w.err
	})
	if err != nil {
		return err
	}
	w.raw("]")
	lists, err := e.Lists(ctx, "")
	if err != nil {
		return err
	}
	w.array(`,"lists":`, len(lists), func(i int) any { return c.listStatus(lists[i]) })
	loose := c.looseStatus(overview)
	w.array(`,"loose":`, len(loose), func(i int) any { return loose[i] })
	w.raw(fmt.Sprintf(`,"paused":%t}`+"\n", overview.Paused))
	return w.err
}

func (c *console) connectionStatus(connection watcher.Connection) connectionStatus {
	return connectionStatus{
		ID: connection.ID, Company: connection.Company, Domain: connection.Domain, Folder: connection.Folder,
		Platform: connection.Platform, Key: utc(connection.Key), Problem: connection.Problem, SeenAt: connection.SeenAt.UTC(),
		Practice: connection.Practice,
	}
}

func (c *console) listStatus(l watcher.List) listStatus {
	if l.First {
		l.Added = l.Records // nothing was there before
	}
	return listStatus{
		ID: l.ID, Company: l.Company, Scope: l.Scope, Path: l.Path, ReceivedAt: l.ReceivedAt.UTC(), Records: l.Records,
		Added: l.Added, Changed: l.Changed, Removed: l.Removed, Missing: l.Missing, Asks: l.Asks, Error: c.sentence(l.Problem),
		Problem: l.Problem,
	}
}

// looseStatus are the files in Outboxes that are no transfers yet, with why.
func (c *console) looseStatus(overview watcher.Overview) []looseStatus {
	var all []looseStatus
	for _, company := range overview.Companies {
		for _, l := range company.Loose {
			all = append(all, looseStatus{
				Company: company.Name, Scope: l.Scope, Name: l.Name, Size: l.Size, Error: c.sentence(&l.Problem),
				Cause: cause{Problem: l.Problem, Since: l.Since.UTC(), EndedBy: l.EndedBy},
			})
		}
	}
	return all
}

func (c *console) transferStatus(t watcher.Transfer) transferStatus {
	if t.Cause != nil {
		t.Cause.Since, t.Cause.RetryAt = t.Cause.Since.UTC(), t.Cause.RetryAt.UTC()
	}
	return transferStatus{
		ID: t.ID, Company: t.Company, Domain: t.Domain, Scope: t.Scope, Name: t.Name, State: string(t.State),
		RemoteStatus: t.RemoteStatus, Progress: t.Progress, SHA256: t.SHA256, Size: t.Size,
		CreatedAt: t.CreatedAt.UTC(), UpdatedAt: t.UpdatedAt.UTC(), Path: t.Path, ResultPath: t.ResultPath,
		Records: t.Records, RefusedRecords: t.RefusedRecords,
		Error: c.sentence(t.Problem), Problem: t.Problem, Waits: t.Waits, Cause: t.Cause,
	}
}

func utc(k watcher.Key) watcher.Key {
	k.Since, k.RenewedAt, k.ConnectedAt, k.CheckedAt = k.Since.UTC(), k.RenewedAt.UTC(), k.ConnectedAt.UTC(), k.CheckedAt.UTC()
	return k
}

// eachTransfer walks the transfers that a query selects, the newest first. It stops, well, at errEnough.
func eachTransfer(ctx context.Context, e engine, query watcher.Query, do func(watcher.Transfer) error) error {
	query.Limit = statusPage
	for {
		page, err := e.Transfers(ctx, query)
		if err != nil {
			return err
		}
		for _, t := range page.Transfers {
			switch err := do(t); {
			case errors.Is(err, errEnough):
				return nil
			case err != nil:
				return fmt.Errorf("writing transfers: %w", err)
			}
		}
		if page.Next == "" {
			return nil
		}
		query.Before = page.Next
	}
}

// errEnough ends a walk over transfers.
var errEnough = errors.New("no more is wanted")

// jsonWriter writes the elements of arrays one by one and keeps the first error.
type jsonWriter struct {
	out io.Writer
	err error
}

func (w *jsonWriter) raw(text string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.out, text)
	}
}

func (w *jsonWriter) array(before string, n int, element func(i int) any) {
	w.raw(before + "[")
	for i := range n {
		w.element(i, element(i))
	}
	w.raw("]")
}

func (w *jsonWriter) element(i int, value any) {
	data, err := json.Marshal(value)
	if w.err == nil {
		w.err = err
	}
	if i > 0 {
		w.raw(",")
	}
	w.raw(string(data))
}
