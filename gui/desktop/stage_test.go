//go:build linux && !headless

package desktop

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"postroom/gui"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// stage is an engine that stands still, for pictures: what a window shows of it is the same every time.
type stage struct {
	gui.Engine // what no picture needs

	overview  watcher.Overview
	transfers []watcher.Transfer
	details   map[string]watcher.Detail
	lists     []watcher.List
	changes   []watcher.RecordChange
	renewals  map[string][]watcher.Renewal
	drafts    []watcher.Draft
	draft     watcher.Draft
	settings  watcher.Settings
}

func (s *stage) Overview(context.Context) (watcher.Overview, error) { return s.overview, nil }

func (s *stage) Connections(context.Context) (all []watcher.Connection, err error) {
	for _, c := range s.overview.Companies {
		all = append(all, c.Connections...)
	}
	if s.draft.Connection != "" {
		all = append(all, watcher.Connection{ID: s.draft.Connection, Folder: home + "/Acme Ltd"})
	}
	return all, nil
}

func (s *stage) Renewals(_ context.Context, connection string) ([]watcher.Renewal, error) {
	return s.renewals[connection], nil
}

func (s *stage) Transfers(_ context.Context, q watcher.Query) (watcher.Page, error) {
	var page watcher.Page
	for _, t := range s.transfers {
		if t.Company == q.Company && strings.Contains(t.Name, q.Text) && (q.Filter != watcher.FilterWaiting || !t.State.Final()) &&
			(len(q.States) == 0 || slices.Contains(q.States, t.State)) {
			page.Transfers = append(page.Transfers, t)
		}
	}
	return page, nil
}

func (s *stage) Transfer(_ context.Context, id string) (watcher.Detail, error) {
	for _, t := range s.transfers {
		if t.ID == id {
			d := s.details[id]
			d.Transfer = t
			return d, nil
		}
	}
	return watcher.Detail{}, watcher.ErrNotFound
}

func (s *stage) Lists(_ context.Context, company string) (some []watcher.List, err error) {
	for _, l := range s.lists {
		if l.Company == company {
			some = append(some, l)
		}
	}
	return some, nil
}

func (s *stage) ListChanges(context.Context, string) ([]watcher.RecordChange, error) {
	return s.changes, nil
}

func (s *stage) Events(ctx context.Context) (<-chan watcher.Event, error) {
	events := make(chan watcher.Event)
	context.AfterFunc(ctx, func() { close(events) })
	return events, nil
}

func (s *stage) Settings(context.Context) (watcher.Settings, error) { return s.settings, nil }

func (s *stage) Drafts(context.Context) ([]watcher.Draft, error) { return s.drafts, nil }

func (s *stage) Draft(context.Context, string) (watcher.Draft, error) { return s.draft, nil }

func (s *stage) Forgetting(_ context.Context, company string) (watcher.Forgetting, error) {
	return watcher.Forgetting{Company: company, Folder: home + "/" + company, Connections: 1, OnTheirWay: 2, Sent: 1, NeedsYou: 1, Done: 12}, nil
}

func (s *stage) AgentVersion() string { return "" }

const home = "/home/ana/Postroom"

// The moment that every picture shows.
var moment = time.Date(2026, 11, 24, 10, 20, 30, 0, time.Local)

func ago(d time.Duration) time.Time { return moment.Add(-d) }

func at(day, hour, minute, second int) time.Time {
	return time.Date(2026, 11, day, hour, minute, second, 0, time.Local)
}

func order(id, name string, state journal.State) watcher.Transfer {
	return watcher.Transfer{
		ID: id, Connection: "c1", Company: "Acme Ltd", Domain: "ecommerce", Scope: "orders", Name: name, State: state,
		Size: 84_211, Path: home + "/Acme Ltd/Sent/2026-11/" + name, CreatedAt: ago(2 * time.Minute),
	}
}

func accepted(id, name string, records int, at time.Time) watcher.Transfer {
	t := order(id, name, journal.Accepted)
	t.Records, t.CreatedAt, t.EndedAt = records, at.Add(-3*time.Minute), at
	return t
}

// aMorning is the stage of most pictures: two companies, a file on its way, one behind it, one that needs the person.
func aMorning() *stage {
	percent := 62.0
	busy := order("t6", "orders-24-11b.json", journal.Processing)
	busy.Progress, busy.RemoteStatus = &percent, "processing"
	next := order("t5", "orders-25-11.json", journal.Queued)
	next.CreatedAt, next.Actions = ago(20*time.Second), []watcher.Action{watcher.ActionCancel}
	next.Waits = &watcher.Problem{Code: "behind", Args: map[string]string{"name": "orders-24-11b.json"}}
	partly := accepted("t3", "orders-20-11.json", 40, at(24, 10, 6, 50))
	partly.RefusedRecords, partly.RemoteStatus = 3, "accepted"
	partly.ResultPath = home + "/Acme Ltd/Inbox/results/orders-20-11.result.json"
	partly.Actions = []watcher.Action{watcher.ActionSendAgain, watcher.ActionDismiss}
	lanes := []watcher.Lane{{Scope: "orders", Outgoing: true, Waiting: 1}, {Scope: "customers"}, {Scope: "products"}}
	return &stage{
		transfers: []watcher.Transfer{
			busy, next, accepted("t4", "orders-24-11.json", 40, at(24, 10, 12, 0)), partly,
			accepted("t2", "orders-23-11b.json", 12, at(23, 17, 41, 0)), accepted("t1", "orders-23-11.json", 35, at(23, 16, 4, 0)),
		},
		details: map[string]watcher.Detail{"t3": partlyRefused()},
		lists: []watcher.List{{
			ID: "l1", Connection: "c1", Company: "Acme Ltd", Scope: "products", Records: 412, Added: 12, Changed: 3,
			Path: home + "/Acme Ltd/Inbox/products/products.json", ReceivedAt: at(24, 9, 30, 0),
		}},
		changes: productChanges(),
		renewals: map[string][]watcher.Renewal{"c1": {
			{At: at(21, 8, 30, 0), Kind: "renewed", Args: map[string]string{"by": "itself"}},
			{At: at(14, 8, 30, 0), Kind: "renewed", Args: map[string]string{"by": "itself"}},
			{At: at(6, 9, 20, 0), Kind: "connected"},
		}},
		overview: watcher.Overview{AcceptedToday: 12, Version: "1.0.0", Companies: []watcher.Company{
			{
				Name: "Acme Ltd", Folder: home + "/Acme Ltd", Counts: watcher.Counts{OnTheirWay: 2, NeedsYou: 1, Done: 12},
				Connections: []watcher.Connection{{
					ID: "c1", Company: "Acme Ltd", Domain: "ecommerce", Lanes: lanes,
					Key: watcher.Key{State: watcher.KeyGood, RenewedAt: at(21, 8, 30, 0), ConnectedAt: at(6, 9, 20, 0), KeptIn: "keyring", CheckedAt: ago(time.Minute)},
				}},
			},
			{
				Name: "Borealis SL", Folder: home + "/Borealis SL", Counts: watcher.Counts{Done: 3},
				Connections: []watcher.Connection{{ID: "c2", Company: "Borealis SL", Domain: "ecommerce", Key: watcher.Key{State: watcher.KeyGood}}},
			},
		}},
		settings: watcher.Settings{
			Notify: "all", SameFile: "ask", Ignore: []string{"~$*", "*.tmp"}, DocumentsRoot: home, MinFreeMB: 200, KeepHistoryDays: 90,
		},
	}
}

// productChanges are 12 new products and three that have changed.
func productChanges() (all []watcher.RecordChange) {
	for i, name := range []string{
		"Garden chair, folding, beech", "Garden table, folding, beech", "Bench, teak, 150 cm", "Bench, teak, 180 cm", "Parasol, 3 m, sand",
		"Parasol, 3 m, green", "Parasol base, 40 kg", "Cushion, sand", "Cushion, green", "Lantern, small", "Lantern, large", "Planter, zinc",
	} {
		all = append(all, watcher.RecordChange{ID: fmt.Sprintf("%d-B", 77+i), Kind: "added", Label: name})
	}
	priced := func(id, name, from, to string) watcher.RecordChange {
		return watcher.RecordChange{
			ID: id, Kind: "changed", Label: name, Fields: []string{"netPrice"}, Values: []watcher.ValueChange{{Name: "netPrice", From: from, To: to}},
		}
	}
	return append(all, priced("12-A", "Table, round", "210.00", "219.50"), priced("13-A", "Table, square", "190.00", "198.00"), priced("20-A", "Stool", "39.00", "41.50"))
}

// partlyRefused is the story of a file of which Sage 50 has taken most.
func partlyRefused() watcher.Detail {
	d := watcher.Detail{
		Timeline: []watcher.TimelineEntry{
			{At: at(24, 10, 2, 11), Kind: "dropped"},
			{At: at(24, 10, 2, 11), Kind: "checked", Args: map[string]string{"records": "40"}},
			{At: at(24, 10, 2, 12), Kind: "sent"},
			{At: at(24, 10, 2, 31), Kind: "status", Args: map[string]string{"status": "downloaded"}},
			{At: at(24, 10, 6, 50), Kind: "accepted", Args: map[string]string{"status": "accepted"}},
			{At: at(24, 10, 6, 50), Kind: "result", Args: map[string]string{"refused": "3", "records": "40"}},
		},
		Outcomes: []watcher.RecordOutcome{
			{ID: "A-2031", Status: "refused", Reason: "Customer C-1042 has no e-mail address in Sage 50"},
			{ID: "A-2040", Status: "refused", Reason: "Customer C-1042 has no e-mail address in Sage 50"},
			{ID: "A-2044", Status: "refused", Reason: "Product 77-B is unknown in Sage 50"},
		},
		Result: &watcher.ResultCounts{Records: 40, Refused: 3},
		Exchanges: []watcher.Exchange{
			{At: at(24, 10, 2, 11), Method: "POST", Address: "https://cloud.example/api/domains/ecommerce/scopes/orders/files", Status: 201, Milliseconds: 120},
			{At: at(24, 10, 2, 12), Method: "PUT", Address: "https://store.example/…7c1f", Status: 200, Milliseconds: 480},
		},
	}
	for i := range 37 {
		d.Outcomes = append(d.Outcomes, watcher.RecordOutcome{
			ID: fmt.Sprintf("A-%d", 2001+i), Status: "accepted", Accepted: true, SageID: strconv.Itoa(10451 + i),
		})
	}
	return d
}

// lockedOut has the second company locked out by Sage, with files that wait.
func lockedOut() *stage {
	s := aMorning()
	borealis := &s.overview.Companies[1]
	borealis.Counts.OnTheirWay = 3
	c := &borealis.Connections[0]
	c.Key = watcher.Key{
		State: watcher.KeyLocked, Since: at(24, 9, 41, 0), RenewedAt: at(20, 14, 3, 0), ConnectedAt: at(6, 9, 20, 0), KeptIn: "keyring", CheckedAt: ago(time.Minute),
	}
	c.Problem = &watcher.Problem{Code: "connectionLocked", Args: map[string]string{"company": "Borealis SL"}}
	for i := range 3 {
		s.transfers = append(s.transfers, watcher.Transfer{
			ID: fmt.Sprint("b", i), Connection: "c2", Company: "Borealis SL", Domain: "ecommerce", Scope: "orders",
			Name: fmt.Sprintf("pedidos-%d.json", 118-i), State: journal.Queued, CreatedAt: at(24, 9, 50-i, 0), Waits: c.Problem,
		})
	}
	s.renewals["c2"] = []watcher.Renewal{
		{At: at(24, 9, 41, 0), Kind: "locked"},
		{At: at(20, 14, 3, 0), Kind: "renewed", Args: map[string]string{"by": "itself"}},
		{At: at(6, 9, 20, 0), Kind: "connected"},
	}
	return s
}

// allGood has nothing to do for anybody.
func allGood() *stage {
	s := aMorning()
	s.overview.Companies[0].Counts = watcher.Counts{Done: 12}
	s.transfers = []watcher.Transfer{
		accepted("t6", "orders-24-11b.json", 28, at(24, 10, 18, 0)), accepted("t4", "orders-24-11.json", 40, at(24, 10, 12, 0)),
		accepted("t2", "orders-23-11b.json", 12, at(23, 17, 41, 0)), accepted("t1", "orders-23-11.json", 35, at(23, 16, 4, 0)),
	}
	return s
}

// someTrouble has one file of each kind that needs a person.
func someTrouble() *stage {
	s := aMorning()
	s.overview.Companies[0].Counts = watcher.Counts{NeedsYou: 3, OnTheirWay: 1, Done: 12}
	bad := order("w1", "orders-24-11c.json", journal.Unchecked)
	bad.EndedAt, bad.Path = ago(2*time.Minute), home+"/Acme Ltd/Failed/orders-24-11c.json"
	bad.Problem = &watcher.Problem{Code: "missingComma", Args: map[string]string{"line": "14", "got": "email"}}
	bad.Actions = []watcher.Action{watcher.ActionDismiss}
	unsure := order("w2", "orders-24-11d.json", journal.Unknown)
	unsure.Actions = []watcher.Action{watcher.ActionSend, watcher.ActionLeave}
	s.transfers = append([]watcher.Transfer{bad, unsure}, s.transfers[1:]...)
	s.transfers[2].Waits = nil
	return s
}

// noFiles has a company that has just been connected.
func noFiles() *stage {
	s := aMorning()
	s.transfers, s.lists = nil, nil
	s.overview.AcceptedToday = 0
	s.overview.Companies = s.overview.Companies[:1]
	s.overview.Companies[0].Counts = watcher.Counts{}
	return s
}

// practising has a practice company.
func practising() *stage {
	s := allGood()
	s.overview.Companies = s.overview.Companies[:1]
	s.overview.Companies[0].Practice = true
	return s
}

// locksItsVault has a vault that waits for its passphrase.
func locksItsVault() *stage {
	s := aMorning()
	s.overview.VaultLocked = true
	return s
}

// connecting is the wizard at a step.
func connecting(step watcher.DraftStep, change func(*watcher.Draft)) func() *stage {
	return func() *stage {
		s := noFiles()
		s.overview.Companies = nil
		s.draft = watcher.Draft{ID: "draft", Step: step, DeveloperTail: "7f3a", ApplicationTail: "91bc", Input: watcher.DraftInput{
			Domain: "ecommerce", Company: "Acme Ltd", Folder: home, Name: "Ana Ruiz", Email: "ana@acme.example", Firm: "Acme Ltd",
		}}
		if change != nil {
			change(&s.draft)
		}
		listed := s.draft
		if step == watcher.StepDone {
			listed.Step = watcher.StepTest // the window is opened where one is not ended yet
		}
		if step != watcher.StepWelcome {
			s.drafts = []watcher.Draft{listed}
		}
		return s
	}
}
