package journal

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// history makes a journal with so many transfers of two companies, of mixed states, days and numbers, and its search index.
func history(t *testing.T, n int) *Journal {
	t.Helper()
	j := fresh(t)
	fill(t, j, n)
	return j
}

// past is a transfer of some time ago, as its sequence has it.
func past(j *Journal) Added {
	transfer := queued(j, "")
	n := transfer.Sequence
	transfer.Name = fmt.Sprintf("Orders-%04d.json", n)
	transfer.CreatedAt = day.Add(time.Duration(n) * time.Hour)
	transfer.Company = []string{"Acme", "Other", "Acme"}[n%3]
	transfer.Scope = []string{"orders", "orders", "documents", "orders"}[n%4]
	transfer.State = []State{Accepted, Accepted, Refused, Accepted, Sent, Accepted, Cancelled}[n%7]
	transfer.Dismissed = n%14 == 2
	return Added{Transfer: transfer, Numbers: []string{fmt.Sprintf("SO-%05d", n*3), fmt.Sprintf("Ñ %d", n)}}
}

// reindex has the search index written up to what it may leave out, by the test alone from here on.
func reindex(t *testing.T, j *Journal) {
	t.Helper()
	j.finder.stop(ErrClosed)
	<-j.finder.done
	j.finder.catchUp(t.Context(), true)
	if j.finder.given() {
		t.Fatal("the search index was given up")
	}
}

// pages goes through all pages of a query.
func pages(t rapid.TB, j *Journal, q Query) (found []Transfer) {
	ctx := context.Background()
	for range 10_000 {
		page, err := j.History(ctx, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		found = append(found, page.Transfers...)
		if page.Next == 0 {
			return found
		}
		q.Before = page.Next
	}
	t.Fatalf("%+v: no end", q)
	return nil
}

func TestAPageOfTheHistoryIsWhatLookingAtEachTransferWouldGive(t *testing.T) {
	j := history(t, 6_500)
	all, err := j.Transfers(t.Context(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := markOf(t.Context(), j.finder.usable()); err != nil || n < 5_500 {
		t.Fatalf("indexed up to %d, %v", n, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		q := Query{
			Company: rapid.SampledFrom([]string{"", "Acme", "Other", "nobody"}).Draw(t, "company"),
			Scope:   rapid.SampledFrom([]string{"", "", "orders", "documents"}).Draw(t, "scope"),
			Text: rapid.SampledFrom([]string{
				"", "", "orders", "ORDERS-12", "-0420.", "so-0600", "so-006", "ñ 77", "x", "7", "12", `"`, "json\nso", "rs-0x4",
			}).Draw(t, "text"),
			Limit: rapid.IntRange(1, 3000).Draw(t, "limit"),
		}
		if rapid.Bool().Draw(t, "by state") {
			q.States = rapid.SliceOfNDistinct(rapid.SampledFrom(States), 1, 3, func(s State) State { return s }).Draw(t, "states")
		}
		if b := rapid.IntRange(0, 5).Draw(t, "bucket"); b < 3 {
			bucket := Bucket(b)
			q.Bucket = &bucket
		}
		if rapid.Bool().Draw(t, "dated") {
			q.Since = day.Add(time.Duration(rapid.IntRange(-100, 7000).Draw(t, "since")) * time.Hour)
			q.Until = q.Since.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "for")) * time.Hour)
		}
		want := slices.DeleteFunc(slices.Clone(all), func(x Transfer) bool { return !fits(&x, q) })
		slices.Reverse(want)
		slices.SortFunc(want, func(a, b Transfer) int { return int(b.Sequence - a.Sequence) })
		if got := pages(t, j, q); names(got) != names(want) {
			t.Fatalf("%+v: got %d, want %d\n%.300s\n%.300s", q, len(got), len(want), names(got), names(want))
		}
	})
}

// fits says the plain way whether a transfer of past is what a query asks for.
func fits(t *Transfer, q Query) bool {
	numbers := strings.ToLower(fmt.Sprintf("SO-%05d\nÑ %d\n", t.Sequence*3, t.Sequence))
	return (q.Company == "" || t.Company == q.Company) && (q.Scope == "" || t.Scope == q.Scope) &&
		(len(q.States) == 0 || slices.Contains(q.States, t.State)) && (q.Bucket == nil || t.Bucket() == *q.Bucket) &&
		(q.Since.IsZero() || !t.CreatedAt.Before(q.Since)) && (q.Until.IsZero() || t.CreatedAt.Before(q.Until)) &&
		(q.Text == "" || strings.Contains(strings.ToLower(t.Name), strings.ToLower(q.Text)) || strings.Contains(numbers, strings.ToLower(q.Text)))
}

func TestAPageNeitherRepeatsNorSkipsWhileFilesArrive(t *testing.T) {
	j := history(t, 1_500)
	var seen []string
	q := Query{Company: "Acme", Text: "orders-", Limit: 70}
	for {
		page, err := j.History(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, transfer := range page.Transfers {
			seen = append(seen, transfer.Name)
		}
		if page.Next == 0 {
			break
		}
		q.Before = page.Next
		put(t, j, past(j))
	}
	if len(seen) != 1_000 || !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("%d seen", len(seen))
	}
}

func TestHowManyFitIsCountedAsFarAsAPersonCares(t *testing.T) {
	j := history(t, 3_000)
	for _, c := range []struct {
		query Query
		count int
	}{
		{Query{Count: true, Limit: 10}, 3_000},
		{Query{Count: true, Limit: 10, Company: "Other"}, 1_000},
		{Query{Count: true, Limit: 10, Company: "Other", Scope: "documents"}, 250},
		{Query{Limit: 10}, 0},
		{Query{Count: true, Limit: 10, Text: "orders-01"}, 100},
		{Query{Count: true, Limit: 200, Text: "orders-01"}, 100},
		{Query{Count: true, Limit: 10, Text: "nothing"}, 0},
	} {
		if page, err := j.History(t.Context(), c.query); err != nil || page.Count != c.count || page.More {
			t.Errorf("%+v: %d, %v, %v", c.query, page.Count, page.More, err)
		}
	}
}

func TestFewAmongManyAreLookedForInPieces(t *testing.T) {
	j := fresh(t)
	var changes []Change
	for n := range mostGlances + 2*mostChunk {
		transfer := queued(j, "x.json")
		transfer.State, transfer.Scope = Accepted, "orders"
		if n == 0 {
			transfer.Name = "yz.json" // two letters are too few for the index
		}
		changes = append(changes, Added{Transfer: transfer})
	}
	for part := range slices.Chunk(changes, batchLimit) {
		put(t, j, part...)
	}
	reindex(t, j)
	q := Query{Text: "yz", Limit: 200}
	page, err := j.History(t.Context(), q)
	if err != nil || len(page.Transfers) != 0 || page.Next == 0 || page.Back.IsZero() {
		t.Fatalf("the first page: %d, next %d, back %v, %v", len(page.Transfers), page.Next, page.Back, err)
	}
	q.Before = page.Next
	if page, err = j.History(t.Context(), q); err != nil || len(page.Transfers) != 1 || page.Next != 0 {
		t.Errorf("the second: %d, next %d, %v", len(page.Transfers), page.Next, err)
	}
}

// What a query of a million transfers walks along has their order in it: nothing is sorted, nothing scanned.
func TestTheHistoryIsWalkedAlongAnIndex(t *testing.T) {
	j := fresh(t)
	put(t, j, past(j), past(j), past(j))
	needs := NeedsYou
	for _, q := range []Query{
		{},
		{Company: "Acme"},
		{Company: "Acme", Scope: "orders"},
		{Company: "Acme", Bucket: &needs},
		{Bucket: &needs},
		{Company: "Acme", States: []State{Refused, Held}},
		{States: []State{Refused}},
		{Company: "Acme", Text: "or"},
	} {
		h := &hunt{query: q, text: q.Text}
		h.condition()
		err := j.look(t.Context(), func(rows querier) error {
			h.querier = rows
			streams, err := h.streams(t.Context(), span{high: endless})
			for _, s := range streams {
				s.span.low = 0
				query, args := h.walking(s, 10)
				if plan := plan(t, j, query, args...); strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN") {
					t.Errorf("%+v: %s\n%s", q, query, plan)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAnOlderJournalIsBroughtUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := opened(t, path)
	for range 30 {
		put(t, j, past(j))
	}
	before, err := j.Transfers(t.Context(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// As the former version made them: its tables are those of the first two migrations.
	former := single(dsn(path))
	for _, statement := range []string{
		"DROP TRIGGER transfers_unheard", "DROP TABLE exchanges", "DROP TABLE numbers",
		"DROP INDEX transfers_scope", "DROP INDEX transfers_rare", "DROP TRIGGER transfers_erased",
		"CREATE INDEX transfers_company ON transfers (company, sequence)", "PRAGMA user_version = 2",
	} {
		if _, err := former.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	if err := former.Close(); err != nil {
		t.Fatal(err)
	}
	j = opened(t, path)
	after, err := j.Transfers(t.Context(), Query{})
	if err != nil || names(after) != names(before) {
		t.Fatalf("%s\n%s\n%v", names(after), names(before), err)
	}
	put(t, j, past(j))
	found := pages(t, j, Query{Company: "Acme", Scope: "orders", Text: "orders-00", Limit: 7})
	if len(found) == 0 {
		t.Error("nothing is found in it")
	}
	if heaps, err := j.Heaps(t.Context()); err != nil || heaps["Acme"][Done] == 0 {
		t.Error(heaps, err)
	}
}

// fill puts so many transfers into a journal and indexes them.
func fill(t *testing.T, j *Journal, n int) {
	t.Helper()
	changes := make([]Change, 0, n)
	for range n {
		changes = append(changes, past(j))
	}
	for part := range slices.Chunk(changes, batchLimit) {
		put(t, j, part...)
	}
	reindex(t, j)
}
