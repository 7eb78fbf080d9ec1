package terminal

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postroom/gui/wording"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// historyWish is which part of the history a person wants, and how.
type historyWish struct {
	company, scope, search string
	states                 []string
	since, until           string
	limit                  int
	asCSV                  bool
}

func (c *console) historyCommand() *cobra.Command {
	var wish historyWish
	command := c.command("history", func(cmd *cobra.Command, _ []string) error {
		query, err := c.historyQuery(&wish, time.Now())
		if err != nil {
			return err
		}
		return c.history(cmd.Context(), &wish, query)
	})
	flags := command.Flags()
	flags.StringVar(&wish.company, "company", "", c.words.Say("flag.history.company"))
	flags.StringVar(&wish.scope, "scope", "", c.words.Say("flag.history.scope"))
	flags.StringSliceVar(&wish.states, "state", nil, c.words.Say("flag.history.state"))
	flags.StringVar(&wish.since, "since", "", c.words.Say("flag.history.since"))
	flags.StringVar(&wish.until, "until", "", c.words.Say("flag.history.until"))
	flags.StringVar(&wish.search, "search", "", c.words.Say("flag.history.search"))
	flags.IntVar(&wish.limit, "limit", 0, c.words.Say("flag.history.limit"))
	flags.BoolVar(&wish.asCSV, "csv", false, c.words.Say("flag.history.csv"))
	return command
}

// heaps are the words for several states at once, as the window's filters have them.
var heaps = map[string]watcher.Filter{
	"waiting": watcher.FilterWaiting, "needsYou": watcher.FilterNeedsYou, "done": watcher.FilterDone,
}

// historyQuery makes a query of what a person typed.
func (c *console) historyQuery(wish *historyWish, now time.Time) (q watcher.Query, err error) {
	q = watcher.Query{Scope: wish.scope, Text: wish.search}
	for _, word := range wish.states {
		filter, isHeap := heaps[word]
		switch {
		case isHeap && len(wish.states) == 1:
			q.Filter = filter
		case !isHeap && slices.Contains(journal.States, journal.State(word)):
			q.States = append(q.States, journal.State(word))
		default:
			return q, usageError{c.words.Say("cmd.history.state", map[string]any{"name": word, "states": c.stateWords()})}
		}
	}
	if q.Since, err = c.moment(wish.since, now, false); err != nil {
		return q, err
	}
	if q.Until, err = c.moment(wish.until, now, true); err != nil {
		return q, err
	}
	if wish.limit < 0 || wish.asCSV && c.asJSON {
		return q, usageError{c.words.Say("cmd.history.format")}
	}
	return q, nil
}

func (c *console) stateWords() string {
	var all []string
	for _, s := range journal.States {
		all = append(all, string(s))
	}
	return strings.Join(append(all, "waiting", "needsYou", "done"), ", ")
}

// moment reads a day, a time, or how long ago ("36h", "7d"). The end of a span includes its day.
func (c *console) moment(text string, now time.Time, end bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil {
		if end {
			day = day.AddDate(0, 0, 1)
		}
		return day, nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usageError{c.words.Say("cmd.history.moment", map[string]any{"name": text})}
}

// history writes transfers as they are read: there may be very many.
func (c *console) history(ctx context.Context, wish *historyWish, query watcher.Query) error {
	e, err := c.reach(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	if wish.company != "" {
		if query.Company, err = c.companyNamed(ctx, e, wish.company); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(c.parts.Out)
	write := c.historyWriter(out, wish.asCSV)
	n := 0
	err = eachTransfer(ctx, e, query, func(t watcher.Transfer) error {
		if wish.limit > 0 && n == wish.limit {
			return errEnough
		}
		n++
		return write(&t)
	})
	if err == nil {
		err = write(nil)
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if n == 0 && !c.asJSON && !wish.asCSV {
		c.tell("cmd.history.none")
	}
	return nil
}

// historyWriter writes one transfer after the other; nil ends what it writes.
func (c *console) historyWriter(out io.Writer, asCSV bool) func(*watcher.Transfer) error {
	switch {
	case c.asJSON:
		lines := &jsonWriter{out: out}
		return func(t *watcher.Transfer) error {
			if t != nil {
				lines.element(0, c.transferStatus(*t))
				lines.raw("\n")
			}
			return lines.err
		}
	case asCSV:
		table := csv.NewWriter(out)
		err := table.Write(historyColumns)
		return func(t *watcher.Transfer) error {
			switch {
			case err != nil:
			case t == nil:
				table.Flush()
				err = table.Error()
			default:
				err = table.Write(c.historyRow(t))
			}
			return err
		}
	}
	text := &statusText{console: c, now: time.Now(), out: out}
	return func(t *watcher.Transfer) error {
		if t != nil {
			text.transfer(*t)
			text.line(2, t.ID)
		}
		return text.err
	}
}

// historyColumns are the first line of `history --csv`. Columns are added at the end, none is ever renamed.
var historyColumns = []string{
	"id", "company", "domain", "scope", "name", "state", "remoteStatus", "records", "refusedRecords", "size", "sha256",
	"createdAt", "sentAt", "endedAt", "path", "resultPath", "cause", "endedBy", "error",
}

func (c *console) historyRow(t *watcher.Transfer) []string {
	code, by := "", ""
	if t.Cause != nil {
		code, by = t.Cause.Code, string(t.Cause.EndedBy)
	}
	row := []string{
		t.ID, t.Company, t.Domain, t.Scope, t.Name, string(t.State), t.RemoteStatus, strconv.Itoa(t.Records),
		strconv.Itoa(t.RefusedRecords), strconv.FormatInt(t.Size, 10), t.SHA256, stamp(t.CreatedAt), stamp(t.SentAt), stamp(t.EndedAt),
		t.Path, t.ResultPath, code, by, c.sentence(t.Problem),
	}
	for i := range row {
		row[i] = harmless(row[i])
	}
	return row
}

// stamp is a time for programs, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// harmless keeps a name that begins like a formula from being one in a spreadsheet.
func harmless(field string) string {
	if field != "" && strings.ContainsRune("=+-@\t\r", rune(field[0])) {
		return "'" + field
	}
	return field
}

func (c *console) showCommand() *cobra.Command {
	var search string
	command := c.command("show ID", func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		e, err := c.reach(ctx)
		if err != nil {
			return err
		}
		defer e.close()
		detail, err := e.Transfer(ctx, args[0])
		if errors.Is(err, watcher.ErrNotFound) {
			changes, listErr := e.ListChanges(ctx, args[0])
			if listErr != nil {
				return err
			}
			return c.showChanges(changes)
		}
		if err == nil && search != "" {
			detail.Outcomes, err = e.Outcomes(ctx, args[0], search)
		}
		if err != nil {
			return err
		}
		return c.showTransfer(detail)
	})
	command.Args = c.exactly(1, "ID")
	command.Flags().StringVar(&search, "search", "", c.words.Say("flag.show.search"))
	return command
}

// detailStatus is the line of `show --json` for a transfer.
type detailStatus struct {
	transferStatus
	Actions  []watcher.Action        `json:"actions"`
	Timeline []watcher.TimelineEntry `json:"timeline"`
	Outcomes []watcher.RecordOutcome `json:"outcomes"`
	Result   *watcher.ResultCounts   `json:"result,omitempty"`
	// Exchanges are the last calls to the platform about the file, the oldest first.
	Exchanges []watcher.Exchange `json:"exchanges"`
}

func (c *console) showTransfer(d watcher.Detail) error {
	for i := range d.Timeline {
		d.Timeline[i].At = d.Timeline[i].At.UTC()
	}
	if c.asJSON {
		return c.result(detailStatus{c.transferStatus(d.Transfer), d.Actions, d.Timeline, d.Outcomes, d.Result, d.Exchanges}, "")
	}
	text := &statusText{console: c, now: time.Now(), out: c.parts.Out}
	text.transfer(d.Transfer)
	for _, where := range []string{d.Path, d.ResultPath} {
		if where != "" {
			text.line(2, where)
		}
	}
	for _, entry := range d.Timeline {
		text.line(1, c.words.DateTime(entry.At, text.now)+"  "+c.entry(d.Transfer, entry))
	}
	for _, o := range d.Outcomes {
		key := "cmd.outcome.refused"
		if o.Accepted {
			key = "cmd.outcome.accepted"
		}
		text.line(1, strings.TrimSpace(o.ID+": "+c.words.Say(key)+" "+o.Reason))
	}
	if c.verbose && len(d.Exchanges) > 0 {
		text.line(1, c.words.Say("cmd.show.exchanges"))
		for _, x := range d.Exchanges {
			text.line(2, c.words.DateTime(x.At, text.now)+"  "+wording.Exchanged(x))
		}
	}
	return text.err
}

// entry is one step of a transfer's journey in words.
func (c *console) entry(t watcher.Transfer, e watcher.TimelineEntry) string {
	args := map[string]any{"name": t.Name, "size": c.words.Size(t.Size)}
	for name, value := range e.Args {
		args[name] = value
	}
	if code := e.Args["problem"]; code != "" {
		args["problem"], _ = c.words.Problem(code, e.Args)
	}
	key := "timeline." + e.Kind
	switch {
	case e.Kind == "status" && c.words.Has(key+"."+e.Args["status"]):
		key += "." + e.Args["status"]
	case e.Kind == "result" && e.Args["records"] == "0":
		key += ".plain"
	case e.Kind == "result" && e.Args["refused"] != "0":
		key += ".refused"
	}
	if !c.words.Has(key) {
		return e.Kind
	}
	return strings.TrimSpace(c.words.Say(key, args))
}

func (c *console) showChanges(changes []watcher.RecordChange) error {
	for _, change := range changes {
		said := change.Fields
		if len(change.Values) > 0 {
			said = nil
		}
		for _, v := range change.Values {
			said = append(said, v.Name+": "+v.From+" → "+v.To)
		}
		what := strings.TrimSpace(change.Label + " " + strings.Join(said, ", "))
		sentence := printable(fmt.Sprintf("%s: %s. %s", change.ID, c.words.Say("cmd.change."+change.Kind), what))
		if err := c.result(change, sentence); err != nil {
			return err
		}
	}
	return nil
}
