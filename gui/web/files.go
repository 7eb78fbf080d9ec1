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
	tail      = 12 // letters of a long name's end that are always seen
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
		Single    *single
		Troubles  []trouble
		Filters   []choice
		Scopes    []choice
		Rows      []row
		Lists     []row
		Empty     string
		Newest    string // addresses of other pages, "" where there is none
		Older     string
	}
	// single is the company that is shown, where there are others: it can be paused alone.
	single struct {
		Name, Text string
		Paused     bool
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
		Company string // "" where it goes without saying
		Head    string // the title in two parts: the end of a long name is seen too
		Tail    string
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
		p.Lists = append(p.Lists, rowOf(v.words.ListRow(l), l.ID, "list/"+url.PathEscape(l.ID), l.ReceivedAt, w.other(l.Company)))
	}
	odd := slices.ContainsFunc(found.Transfers, func(t watcher.Transfer) bool { return !wording.Well(t) }) ||
		slices.ContainsFunc(lists, func(l watcher.List) bool { return l.Problem != nil })
	p.Look, p.Headline = v.words.Headline(o, w.Company, odd)
	if shown >= 0 {
		p.Connected, p.Practice = v.words.ConnectionLine(o.Companies[shown]), o.Companies[shown].Practice
		p.Single = v.single(o, o.Companies[shown])
	}
	if len(p.Rows) == 0 {
		p.Empty = v.empty(o, w)
		if found.Next != "" { // a search that looks only so far at once
			p.Empty = v.words.Say("page.empty.further")
		}
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

// rowOf makes a row of what it says.
func rowOf(said wording.Row, id, link string, at time.Time, company string) row {
	r := row{Row: said, ID: id, Link: link, At: at, Percent: int(said.Percent), Company: company, Head: said.Title}
	if letters := []rune(said.Title); len(letters) > 2*tail {
		r.Head, r.Tail = string(letters[:len(letters)-tail]), string(letters[len(letters)-tail:])
	}
	return r
}

// other is the name of a row's company, where rows of several are shown.
func (w wish) other(company string) string {
	if w.Company != "" {
		return ""
	}
	return wording.Legible(company)
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
					rows = append(rows, rowOf(v.words.LooseRow(l), "loose-"+l.Scope+"-"+l.Name, "", l.Since, w.other(c.Name)))
				}
			}
		}
		rows = slices.DeleteFunc(rows, func(r row) bool {
			return w.Text != "" && !strings.Contains(strings.ToLower(r.Title), strings.ToLower(w.Text))
		})
	}
	for _, t := range transfers {
		rows = append(rows, rowOf(v.words.TransferRow(t), t.ID, "file/"+url.PathEscape(t.ID), t.CreatedAt, w.other(t.Company)))
	}
	return rows
}

// single is nil where pausing the company is pausing everything.
func (v visit) single(o watcher.Overview, c watcher.Company) *single {
	if len(o.Companies) < 2 || o.Paused {
		return nil
	}
	key := "page.pause.company"
	if c.Paused {
		key = "page.resume.company"
	}
	return &single{Name: c.Name, Paused: c.Paused, Text: v.words.Say(key, map[string]any{"company": wording.Legible(c.Name)})}
}

func (v visit) places(o watcher.Overview, w wish) []place {
	var all []place
	if len(o.Companies) > 1 {
		all = append(all, place{Name: v.words.Say("page.all"), Link: v.base, Look: wording.Sign{Icon: "folder", Tone: wording.ToneMuted}, Current: w.Company == ""})
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
