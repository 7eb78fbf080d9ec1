package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"postroom/gui/wording"
	"postroom/watcher"
)

// The parts of the pages about one file or one list.
type (
	filePage struct {
		frame
		ID       string
		Row      wording.Row
		Progress int  // 0 where none is shown
		Practice bool // of a practice company
		Advice   wording.Advice
		Buttons  []button
		More     string // what is done by command, "" for nothing
		Head     string // of the table's first column
		Lines    []wording.Line
		Counts   string // of the records, in words
		Find     string // what is looked for among them
		Finds    bool   // there are so many that looking for one is offered
		Left     int    // how many are shown, where there are more; else 0
		Cut      bool   // the result cannot be read to its end
		Calls    []wording.Line
		Steps    []step
		Facts    []fact
		Back     string
	}
	step struct {
		Look wording.Sign
		Text string
		When string
		At   time.Time
	}
	fact struct{ Name, Value string }
)

// file is the page about one file.
func (r *rooms) file(ctx context.Context, v visit) (page, error) {
	d, err := r.o.Engine.Transfer(ctx, v.PathValue("id"))
	if err != nil {
		return page{}, err
	}
	p := filePage{
		frame: v.frame(wording.Legible(d.Name)), ID: d.ID, Row: v.words.TransferRow(d.Transfer), Advice: v.words.Explain(d.Transfer),
		Buttons: v.buttons(d.Transfer), Head: v.record(d.Scope), Lines: v.words.OutcomeLines(d.Outcomes), Back: v.back(d.Company),
		Facts: v.facts(d.Transfer),
	}
	p.Progress = int(p.Row.Percent)
	p.Calls = v.words.ExchangeLines(d.Exchanges)
	if err := r.records(ctx, v, d, &p); err != nil {
		return page{}, err
	}
	o, err := r.o.Engine.Overview(ctx)
	if err != nil {
		return page{}, err
	}
	p.Practice = slices.ContainsFunc(o.Companies, func(c watcher.Company) bool { return c.Practice && c.Name == d.Company })
	for _, e := range d.Timeline {
		look, text := v.words.TimelineEntry(d.Transfer, e)
		p.Steps = append(p.Steps, step{look, wording.Legible(text), v.words.Moment(e.At), e.At})
	}
	if slices.Contains(d.Actions, watcher.ActionSend) && !plainlySent(d.Transfer) {
		p.More = v.words.Say("page.byCommand", map[string]any{"command": "postroom resolve " + d.ID})
	}
	return page{"file", 200, p}, nil
}

// manyRecords is from how many records on looking for one is offered.
const manyRecords = 20

// records shows what a result says of each record: the first thousand, or those that fit what is looked for.
func (r *rooms) records(ctx context.Context, v visit, d watcher.Detail, p *filePage) error {
	if d.Result == nil {
		return nil
	}
	p.Counts, p.Cut, p.Finds = v.words.OutcomeCounts(d.Result), d.Result.Cut, d.Result.Records > manyRecords
	p.Find = strings.TrimSpace(v.URL.Query().Get("find"))
	if p.Find == "" {
		if d.Result.Records > len(d.Outcomes) {
			p.Left = len(d.Outcomes)
		}
		return nil
	}
	found, err := r.o.Engine.Outcomes(ctx, d.ID, p.Find)
	p.Lines = v.words.OutcomeLines(found)
	return err
}

// record is how one record of a scope is called.
func (v visit) record(scope string) string {
	if key := "window.record." + scope; v.words.Has(key) {
		return v.words.Say(key)
	}
	return v.words.Say("window.record")
}

// back is where the list is.
func (v visit) back(company string) string { return v.base + wish{Company: company}.query() }

// facts are what only some ask for.
func (v visit) facts(t watcher.Transfer) []fact {
	var all []fact
	add := func(key, value string) {
		if value != "" {
			all = append(all, fact{v.words.Say("page.fact." + key), wording.Legible(value)})
		}
	}
	add("company", t.Company)
	if t.Scope != "" {
		add("kind", v.words.Scope(t.Scope))
	}
	add("size", v.words.Size(t.Size))
	add("word", t.RemoteStatus)
	add("file", t.Path)
	add("result", t.ResultPath)
	add("id", t.ID)
	return all
}

// list is the page about one list from Sage.
func (r *rooms) list(ctx context.Context, v visit) (page, error) {
	id := v.PathValue("id")
	all, err := r.o.Engine.Lists(ctx, "")
	if err != nil {
		return page{}, err
	}
	i := slices.IndexFunc(all, func(l watcher.List) bool { return l.ID == id })
	if i < 0 {
		return page{}, watcher.ErrNotFound
	}
	l := all[i]
	changes, err := r.o.Engine.ListChanges(ctx, id)
	if err != nil {
		return page{}, err
	}
	p := filePage{
		frame: v.frame(v.words.Scope(l.Scope)), ID: id, Row: v.words.ListRow(l), Advice: v.words.ExplainList(l), Head: v.words.Say("window.record"),
		Lines: v.words.ChangeLines(changes), Buttons: v.listButtons(l), Back: v.back(l.Company),
		Facts: []fact{
			{v.words.Say("page.fact.company"), wording.Legible(l.Company)},
			{v.words.Say("page.fact.received"), v.words.DateTime(l.ReceivedAt, v.words.Now())},
			{v.words.Say("page.fact.file"), wording.Legible(l.Path)},
		},
	}
	return page{"list", 200, p}, nil
}

// FileLink is the address of what the page is about.
func (p filePage) FileLink() string { return p.Base + "file/" + url.PathEscape(p.ID) }

// ListLink is that of a list.
func (p filePage) ListLink() string { return p.Base + "list/" + url.PathEscape(p.ID) }

// table is a table of records.
type table struct {
	Head, Second, Third string
	Lines               []wording.Line
}

// Table is the page's, with the headings of its second and third column.
func (p filePage) Table(second, third string) table {
	return table{p.Head, p.Say(second), p.Say(third), p.Lines}
}
