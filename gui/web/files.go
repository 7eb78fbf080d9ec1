package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"postroom/assets"
	"postroom/gui/headline"
	"postroom/gui/wording"
	"postroom/watcher"
)

const (
	pageSize  = 50 // files of a page
	mostLists = 10 // lists from Sage that are told
)

// notice is what is said at the head of a page.
type notice struct {
	Tone wording.Tone
	Text string
}

// frame is what every page has.
type frame struct {
	wording.Speaker
	Title  string
	Text   string // of a page that has nothing else
	Base   string // address of the session's pages, "" where nobody was let in
	Form   string // what forms carry
	Notice notice
	Onward string // where to go at once
	Live   bool   // loads itself again
}

func (v visit) frame(title string) frame {
	return frame{Speaker: v.words, Title: title, Base: v.base, Form: v.form, Notice: v.told(), Live: true}
}

// Count says a sentence with a figure in it.
func (f frame) Count(key string, n int) string { return f.Say(key, map[string]any{assets.CountArg: n}) }

// Fill says a sentence with a name in it.
func (f frame) Fill(key, hole, value string) string { return f.Say(key, map[string]any{hole: value}) }

// Lang is the language of the page.
func (f frame) Lang() string { return f.Language() }

// Closes says when the page closes by itself.
func (f frame) Closes() string {
	return f.Say("page.closes", map[string]any{"span": f.Span(idleTime)})
}

// Stamp is a time for programs.
func (f frame) Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// wish is what of the list a person wants to see.
type wish struct {
	Company, Scope, Text string
	Filter               watcher.Filter
	before               string
}

// wishOf reads a wish from an address; what it does not know is left out.
func wishOf(q url.Values) wish {
	w := wish{Company: q.Get("company"), Scope: q.Get("scope"), Text: strings.TrimSpace(q.Get("text")), before: q.Get("before")}
	if f := watcher.Filter(q.Get("show")); slices.Contains(filters, f) {
		w.Filter = f
	}
	return w
}

// query writes it as the end of an address, "" for everything.
func (w wish) query() string {
	q := url.Values{}
	for name, value := range map[string]string{
		"company": w.Company, "scope": w.Scope, "text": w.Text, "show": string(w.Filter), "before": w.before,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

var filters = []watcher.Filter{watcher.FilterAll, watcher.FilterWaiting, watcher.FilterNeedsYou, watcher.FilterDone}

// The parts of the list's page.
type (
	filesPage struct {
		frame
		Wish      wish
		Look      wording.Sign
		Headline  string
		Today     int
		Halted    bool
		Query     string // of the wish, as the end of an address
		Companies []place
		Connected string // the connection of the company that is shown
		Practice  bool   // it is a practice company
		Troubles  []trouble
		Filters   []choice
		Scopes    []choice
		Rows      []row
		Lists     []row
		Empty     string
		Newest    string // addresses of other pages, "" where there is none
		Older     string
	}
	place struct {
		Name, Link string
		Look       wording.Sign
		Practice   bool
		Current    bool
	}
	trouble struct{ Lead, What, Do string }
	choice  struct {
		Text, Link, Value string
		Current           bool
	}
	row struct {
		wording.Row
		ID      string
		Link    string // "" where there is nothing more to see
		At      time.Time
		Percent int
	}
)

// files is the page with the list.
func (r *rooms) files(ctx context.Context, v visit) (page, error) {
	o, err := r.o.Engine.Overview(ctx)
	if err != nil {
		return page{}, err
	}
	w := wishOf(v.URL.Query())
	if len(o.Companies) == 1 {
		w.Company = o.Companies[0].Name
	}
	shown := slices.IndexFunc(o.Companies, func(c watcher.Company) bool { return c.Name == w.Company })
	if shown < 0 {
		w.Company = ""
	}
	found, err := r.o.Engine.Transfers(ctx, watcher.Query{
		Company: w.Company, Scope: w.Scope, Text: w.Text, Filter: w.Filter, Before: w.before, Limit: pageSize,
	})
	if err != nil {
		return page{}, err
	}
	lists, err := r.lists(ctx, w)
	if err != nil {
		return page{}, err
	}
	p := filesPage{
		frame: v.frame("Postroom"), Wish: w, Today: o.AcceptedToday, Query: w.query(), Halted: o.Halted(),
		Companies: v.places(o, w), Troubles: v.troubles(o, w.Company), Filters: v.filters(w), Scopes: v.scopes(o, w),
		Rows: v.rows(o, found.Transfers, w),
	}
	for _, l := range lists {
		p.Lists = append(p.Lists, row{Row: v.words.ListRow(l), ID: l.ID, Link: "list/" + url.PathEscape(l.ID), At: l.ReceivedAt})
	}
	odd := slices.ContainsFunc(found.Transfers, func(t watcher.Transfer) bool { return !wording.Well(t) }) ||
		slices.ContainsFunc(lists, func(l watcher.List) bool { return l.Problem != nil })
	p.Look, p.Headline = v.words.Headline(o, w.Company, odd)
	if shown >= 0 {
		p.Connected, p.Practice = v.words.ConnectionLine(o.Companies[shown]), o.Companies[shown].Practice
	}
	if len(p.Rows) == 0 {
		p.Empty = v.empty(o, w)
	}
	newest, older := w, w
	newest.before, older.before = "", found.Next
	if w.before != "" {
		p.Newest = v.base + newest.query()
	}
	if found.Next != "" {
		p.Older = v.base + older.query()
	}
	return page{"files", 200, p}, nil
}

// lists are the newest from Sage, on the page where they belong.
func (r *rooms) lists(ctx context.Context, w wish) ([]watcher.List, error) {
	if w.before != "" || w.Text != "" || w.Filter == watcher.FilterWaiting || w.Filter == watcher.FilterNeedsYou {
		return nil, nil
	}
	all, err := r.o.Engine.Lists(ctx, w.Company)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(l watcher.List) bool { return w.Scope != "" && l.Scope != w.Scope })
	return all[:min(len(all), mostLists)], nil
}

// rows are the files: first those in an Outbox that are not carried, then the transfers.
func (v visit) rows(o watcher.Overview, transfers []watcher.Transfer, w wish) []row {
	var rows []row
	if w.before == "" && (w.Filter == watcher.FilterAll || w.Filter == watcher.FilterWaiting) {
		for _, c := range o.Companies {
			for _, l := range c.Loose {
				if w.Company == "" || c.Name == w.Company {
					rows = append(rows, row{Row: v.words.LooseRow(l), ID: "loose-" + l.Scope + "-" + l.Name, At: l.Since})
				}
			}
		}
		rows = slices.DeleteFunc(rows, func(r row) bool {
			return w.Text != "" && !strings.Contains(strings.ToLower(r.Title), strings.ToLower(w.Text))
		})
	}
	for _, t := range transfers {
		one := row{Row: v.words.TransferRow(t), ID: t.ID, Link: "file/" + url.PathEscape(t.ID), At: t.CreatedAt}
		one.Percent = int(one.Row.Percent)
		rows = append(rows, one)
	}
	return rows
}

func (v visit) places(o watcher.Overview, w wish) []place {
	var all []place
	if len(o.Companies) > 1 {
		all = append(all, place{Name: v.words.Say("page.all"), Link: v.base, Current: w.Company == ""})
	}
	for _, c := range o.Companies {
		all = append(all, place{
			Name: wording.Legible(c.Name), Link: v.base + wish{Company: c.Name}.query(), Practice: c.Practice,
			Look: wording.CompanySign(c, o.Paused || c.Paused), Current: c.Name == w.Company,
		})
	}
	return all
}

// troubles are what is wrong apart from files: with what Postroom keeps, a company's folder, its access, a kind of file.
func (v visit) troubles(o watcher.Overview, company string) []trouble {
	var all []trouble
	add := func(lead string, p *watcher.Problem) {
		if p == nil {
			return
		}
		what, do := v.words.Problem(p.Code, p.Args)
		if one := (trouble{wording.Legible(lead), what, do}); !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	if headline.VaultWaits(o) {
		add("", &watcher.Problem{Code: "vaultLocked"})
	}
	for _, p := range o.Problems {
		add("", &p)
	}
	for _, c := range o.Companies {
		if company != "" && c.Name != company {
			continue
		}
		add(c.Name, c.Problem)
		for _, connection := range c.Connections {
			if headline.NeedsPerson(connection.Key.State) {
				add(c.Name, headline.KeyProblem(connection))
			} else {
				add(c.Name, connection.Problem)
			}
			for _, lane := range connection.Lanes {
				add(c.Name+", "+v.words.Scope(lane.Scope), lane.Problem)
			}
		}
	}
	return all
}

func (v visit) filters(w wish) []choice {
	all := make([]choice, 0, len(filters))
	for _, f := range filters {
		key, other := string(f), w
		if f == watcher.FilterAll {
			key = "all"
		}
		other.Filter, other.before = f, ""
		all = append(all, choice{Text: v.words.Say("window.filter." + key), Link: v.base + other.query(), Value: key, Current: f == w.Filter})
	}
	return all
}

// scopes are the kinds of file that there are, to choose one.
func (v visit) scopes(o watcher.Overview, w wish) []choice {
	all := []choice{{Text: v.words.Say("window.scope.all"), Current: w.Scope == ""}}
	for _, c := range o.Companies {
		for _, connection := range c.Connections {
			for _, lane := range connection.Lanes {
				one := choice{Text: v.words.Scope(lane.Scope), Value: lane.Scope, Current: lane.Scope == w.Scope}
				if (w.Company == "" || c.Name == w.Company) && !slices.Contains(all, one) {
					all = append(all, one)
				}
			}
		}
	}
	return all
}

// empty says why there is no file on the page.
func (v visit) empty(o watcher.Overview, w wish) string {
	say := v.words.Say
	switch {
	case w.Text != "":
		return say("window.empty.search", map[string]any{"text": w.Text})
	case w.Filter != watcher.FilterAll:
		return say("window.empty." + string(w.Filter))
	case len(o.Companies) == 0:
		return say("page.empty.noCompany")
	case w.Scope != "" || w.before != "":
		return say("window.empty.done")
	}
	return say("page.empty")
}
