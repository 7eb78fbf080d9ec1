package journal

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func names(found []Transfer) string {
	var list []string
	for _, t := range found {
		list = append(list, t.Name)
	}
	return strings.Join(list, " ")
}

func TestALaneFindsWhatIsInFlightFirstThenItsQueueInOrder(t *testing.T) {
	j := fresh(t)
	add := func(name string, change func(*Transfer)) {
		transfer := queued(j, name)
		change(&transfer)
		put(t, j, Added{Transfer: transfer})
	}
	add("first", func(*Transfer) {})
	add("edited", func(t *Transfer) { t.Unready = true })
	add("held", func(t *Transfer) { t.State = Held })
	add("flying", func(t *Transfer) { t.State = Created })
	add("other lane", func(t *Transfer) { t.Scope = "invoices" })
	add("done", func(t *Transfer) { t.State = Accepted })
	add("later", func(t *Transfer) { t.NextAttempt = day.Add(time.Minute) })
	add("second", func(*Transfer) {})
	found, err := j.Next(t.Context(), "c1", "orders", day, 10)
	if err != nil || names(found) != "flying first second" {
		t.Errorf("got %q, %v", names(found), err)
	}
	found, err = j.Next(t.Context(), "c1", "orders", day, 2)
	if err != nil || names(found) != "flying first" {
		t.Errorf("limited: got %q, %v", names(found), err)
	}
	depth, err := j.Depth(t.Context(), "c1", "orders")
	if err != nil || depth[Ready] != 3 || depth[Unready] != 1 || depth[Flying] != 1 || depth[Waiting] != 1 {
		t.Errorf("depth %v, %v", depth, err)
	}
	open, err := j.Open(t.Context(), "Acme", 0, 100)
	if err != nil || names(open) != "first edited held flying other lane later second" {
		t.Errorf("open %q, %v", names(open), err)
	}
	if due, err := j.Due(t.Context(), "c1", "orders"); err != nil || !due.Equal(day.Add(time.Minute)) {
		t.Errorf("due %v, %v", due, err)
	}
	if due, err := j.Due(t.Context(), "c1", "invoices"); err != nil || !due.IsZero() {
		t.Errorf("nothing due: %v, %v", due, err)
	}
}

// What runs while files are carried, or once for each page of them, must not read what is not asked for.
func TestQueriesOfTheLanesAndOfTheStartReadNoMoreThanTheyGive(t *testing.T) {
	j := fresh(t)
	for name, query := range map[string]string{
		"flying": selectFlying, "ready": selectReady, "open of a company": selectOpenOf,
		"one": selectTransfers + "WHERE id = ?",
	} {
		plan := plan(t, j, query, "", "", "", "")
		if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
	if plan := plan(t, j, selectSame, "", "", ""); strings.Contains(plan, "SCAN transfers") || !strings.Contains(plan, "transfers_hash") {
		t.Errorf("same:\n%s", plan)
	}
}

func plan(t *testing.T, j *Journal, query string, args ...any) string {
	t.Helper()
	steps, err := all(t.Context(), j, func(r *sql.Rows) (step string, err error) {
		var id, parent, cost int
		err = r.Scan(&id, &parent, &cost, &step)
		return step, err
	}, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}

func TestPagesNeitherRepeatNorSkip(t *testing.T) {
	j := fresh(t)
	for i := range 25 {
		transfer := queued(j, fmt.Sprintf("%02d.json", i))
		if i%5 == 0 {
			transfer.Company = "Other"
		}
		put(t, j, Added{Transfer: transfer})
	}
	var seen []string
	q := Query{Company: "Acme", Limit: 7}
	for {
		page, err := j.Transfers(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, transfer := range page {
			seen = append(seen, transfer.Name)
		}
		q.Before = page[len(page)-1].Sequence
		put(t, j, Added{Transfer: queued(j, "new.json")}) // what arrives meanwhile is not on older pages
	}
	if len(seen) != 20 || !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("got %v", seen)
	}
}

func TestFiltersSelect(t *testing.T) {
	j := fresh(t)
	for name, state := range map[string]State{"Way.json": Sent, "needs.json": Refused, "done.json": Accepted} {
		transfer := queued(j, name)
		transfer.State = state
		put(t, j, Added{Transfer: transfer})
	}
	needs := NeedsYou
	for _, c := range []struct {
		query Query
		want  string
	}{
		{Query{Bucket: &needs}, "needs.json"},
		{Query{States: []State{Accepted}}, "done.json"},
		{Query{Text: "wAY"}, "Way.json"},
		{Query{Text: "100%"}, ""},
		{Query{Company: "nobody"}, ""},
		{Query{Scope: "invoices"}, ""},
	} {
		found, err := j.Transfers(t.Context(), c.query)
		if err != nil || names(found) != c.want {
			t.Errorf("%+v: got %q, %v", c.query, names(found), err)
		}
	}
}

func TestEqualContentIsFoundWithinItsCompanyAndTime(t *testing.T) {
	j := fresh(t)
	add := func(name, company, hash string, seen time.Time) {
		transfer := queued(j, name)
		transfer.Company, transfer.SHA256, transfer.CreatedAt = company, hash, seen
		put(t, j, Added{Transfer: transfer})
	}
	hash := strings.Repeat("a", 64)
	add("old", "Acme", hash, day.AddDate(0, 0, -91))
	add("same", "Acme", hash, day)
	add("same prefix", "Acme", strings.Repeat("a", 63)+"b", day)
	add("other company", "Other", hash, day)
	other := strings.Repeat("b", 64)
	add("another", "Acme", other, day)
	since := day.AddDate(0, 0, -90)
	for _, c := range []struct {
		hashes []string
		want   string
	}{
		{[]string{hash}, "same"},
		{[]string{hash, other, strings.Repeat("c", 64)}, "another same"},
		{[]string{""}, ""}, // a file that could not be read has none
		{nil, ""},
	} {
		if found, err := j.Same(t.Context(), "Acme", since, c.hashes...); err != nil || names(found) != c.want {
			t.Errorf("%q: got %q, %v", c.hashes, names(found), err)
		}
	}
}

func TestHeapsCountWhatATableScanWouldCount(t *testing.T) {
	j := fresh(t)
	var known []Transfer
	rapid.Check(t, func(rt *rapid.T) {
		state := rapid.SampledFrom(States).Draw(rt, "state")
		if len(known) == 0 || rapid.Bool().Draw(rt, "new") {
			transfer := queued(j, "x")
			transfer.State = state
			transfer.Company = rapid.SampledFrom([]string{"Acme", "Other"}).Draw(rt, "company")
			put(t, j, Added{Transfer: transfer})
			known = append(known, transfer)
		} else {
			transfer := &known[rapid.IntRange(0, len(known)-1).Draw(rt, "which")]
			transfer.State = state
			transfer.Dismissed = rapid.Bool().Draw(rt, "dismissed")
			put(t, j, Stepped{Transfer: *transfer})
		}
		want := make(map[string]map[Bucket]int)
		for _, transfer := range known {
			if want[transfer.Company] == nil {
				want[transfer.Company] = make(map[Bucket]int)
			}
			want[transfer.Company][transfer.Bucket()]++
		}
		got, err := j.Heaps(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		for company, heaps := range want {
			for _, bucket := range []Bucket{OnTheirWay, NeedsYou, Done} {
				if got[company][bucket] != heaps[bucket] {
					rt.Fatalf("%s %d: got %d, want %d", company, bucket, got[company][bucket], heaps[bucket])
				}
			}
		}
	})
}

func TestListsLinksRenewalsAndSettingsComeBack(t *testing.T) {
	j := fresh(t)
	ctx := t.Context()
	older := List{
		ID: "1", Connection: "c1", Company: "Acme", Scope: "customers", FileID: "f", Timestamp: day, Path: "p",
		Changes: "c", ReceivedAt: day, Records: 9, Added: 1, Changed: 2, Removed: 3, First: true, Problem: &Problem{Code: "shrunken"},
	}
	newer := older
	newer.ID, newer.First, newer.Problem = "2", false, nil
	mark := Watermark{Connection: "c1", Scope: "customers", FileID: "f", Timestamp: day, ETag: `"x"`, CheckedAt: day}
	link := Link{Connection: "c1", KeyState: "good", Since: day, RenewedAt: day, CheckedAt: day, SeenAt: day}
	put(t, j, Listed{older}, Listed{newer}, Marked{mark}, Linked{link}, Setting{"paused", "yes"}, Setting{"gone", "x"},
		Renewed{"c1", Entry{At: day, Kind: "connected"}}, Renewed{"c1", Entry{At: day, Kind: "renewed", Args: map[string]string{"a": "b"}}})
	put(t, j, Setting{"gone", ""})

	lists, err := j.Lists(ctx, "Acme", 0)
	if err != nil || len(lists) != 2 || lists[0].ID != "2" || lists[1].Problem.Code != "shrunken" || lists[1].Removed != 3 {
		t.Errorf("lists %+v, %v", lists, err)
	}
	if newest, err := j.NewestList(ctx, "c1", "Acme", "customers"); err != nil || newest != newer {
		t.Errorf("newest %+v, %v", newest, err)
	}
	if none, err := j.NewestList(ctx, "c1", "Acme", "products"); err != nil || none.ID != "" {
		t.Errorf("newest of nothing %+v, %v", none, err)
	}
	if got, err := j.Watermark(ctx, "c1", "customers"); err != nil || got != mark {
		t.Errorf("watermark %+v, %v", got, err)
	}
	if got, err := j.Watermark(ctx, "c1", "products"); err != nil || got.FileID != "" || got.Scope != "products" {
		t.Errorf("no watermark %+v, %v", got, err)
	}
	if links, err := j.Links(ctx); err != nil || len(links) != 1 || links[0] != link {
		t.Errorf("links %+v, %v", links, err)
	}
	if line, err := j.Renewals(ctx, "c1", 10); err != nil || len(line) != 2 || line[0].Kind != "renewed" || line[0].Args["a"] != "b" {
		t.Errorf("renewals %+v, %v", line, err)
	}
	if values, err := j.Settings(ctx); err != nil || len(values) != 1 || values["paused"] != "yes" {
		t.Errorf("settings %v, %v", values, err)
	}
}

func TestAcceptedSinceCountsFromTheMoment(t *testing.T) {
	j := fresh(t)
	for i, ended := range []time.Time{day.Add(-1), day, day.Add(time.Hour)} {
		transfer := queued(j, fmt.Sprint(i))
		transfer.State, transfer.EndedAt = Accepted, ended
		put(t, j, Added{Transfer: transfer})
	}
	if n, err := j.AcceptedSince(t.Context(), day); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
}

func BenchmarkStep(b *testing.B) {
	for _, lanes := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("lanes=%d", lanes), func(b *testing.B) {
			j, err := Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer j.Close()
			b.SetParallelism((lanes + 1) / 2)
			b.RunParallel(func(pb *testing.PB) {
				var transfer Transfer
				states := []State{Queued, Claimed, Created, Sent}
				for i := 0; pb.Next(); i++ {
					entries := []Entry{{At: day, Kind: "sent"}}
					var change Change
					if i%4 == 0 {
						transfer = queued(j, "orders.json")
						change = Added{Transfer: transfer, Entries: entries}
					} else {
						transfer.State = states[i%4]
						change = Stepped{Transfer: transfer, Entries: entries}
					}
					if err := j.Put(b.Context(), change); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
		})
	}
}
