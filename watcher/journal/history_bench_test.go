package journal

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

const million = 1_000_000

// BenchmarkHistoryMillion asks a history of 1,000,000 transfers, over three years and four companies, what a person asks.
// Each question is put for another page, name, number or day every time. It reports the median and the slowest of a
// hundred, and what the search index cost to write behind the journal.
func BenchmarkHistoryMillion(b *testing.B) {
	path := filepath.Join(b.TempDir(), "journal.db")
	began := time.Now()
	manyTransfers(b, path)
	b.Logf("a journal of %d transfers: %v", million, time.Since(began).Round(time.Second))
	j, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	j.finder.stop(ErrClosed)
	<-j.finder.done
	began = time.Now()
	j.finder.catchUp(b.Context(), true)
	b.Logf("its search index: %v, %v a transfer", time.Since(began).Round(time.Second), time.Since(began)/million)
	if n, err := markOf(b.Context(), j.finder.usable()); err != nil || n < million-searchLag {
		b.Fatal(n, err)
	}
	begin := manyBegin
	needs := NeedsYou
	for _, ask := range []struct {
		name  string
		query func(i int) Query
	}{
		{"first page", func(i int) Query { return Query{Company: manyCompany(i), Count: true} }},
		{"first page of all", func(int) Query { return Query{Count: true} }},
		{"a page far down", func(i int) Query { return Query{Company: manyCompany(i), Before: million - int64(i)*9_001} }},
		{"name", func(i int) Query {
			return Query{Company: manyCompany(i), Text: fmt.Sprintf("-%06d", i*7919%million), Count: true}
		}},
		{"name that all have", func(i int) Query { return Query{Company: manyCompany(i), Text: "orders-2", Count: true} }},
		{"name that none has", func(i int) Query { return Query{Text: fmt.Sprintf("invoice-%d", i), Count: true} }},
		{"part of a name", func(i int) Query { return Query{Text: fmt.Sprintf("%04d.js", i*37), Count: true} }},
		{"order number", func(i int) Query { return Query{Text: fmt.Sprintf("SO-%08d", i*7919%million*3+1), Count: true} }},
		{"date", func(i int) Query {
			return Query{Company: manyCompany(i), Since: begin.AddDate(0, 0, i*10), Until: begin.AddDate(0, 0, i*10+7), Count: true}
		}},
		{"last 30 days", func(i int) Query { return Query{Company: manyCompany(i), Since: begin.AddDate(3, 0, -30), Count: true} }},
		{"state", func(i int) Query {
			return Query{Company: manyCompany(i), States: []State{rare[i%len(rare)]}, Count: true}
		}},
		{"needs you", func(i int) Query { return Query{Company: manyCompany(i), Bucket: &needs, Count: true} }},
		{"scope", func(i int) Query { return Query{Company: manyCompany(i), Scope: "documents", Count: true} }},
		{"name, state and date", func(i int) Query {
			return Query{Company: manyCompany(i), Text: "orders", States: []State{Refused}, Since: begin.AddDate(1, 0, i), Until: begin.AddDate(2, 0, i), Count: true}
		}},
		{"two letters that none has", func(int) Query { return Query{Text: "qq", Count: true} }},
	} {
		b.Run(ask.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				took = took[:0]
				for i := range 100 {
					q := ask.query(i)
					q.Limit = 200
					began := time.Now()
					if _, err := j.History(context.Background(), q); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(began))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[50].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[98].Microseconds())/1000, "p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

var manyBegin = time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)

func manyCompany(i int) string { return "Company " + strconv.Itoa(i%4) }

// manyTransfers makes the journal in one transaction, without a commit for each.
func manyTransfers(b *testing.B, path string) {
	b.Helper()
	j, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	db := single(dsn(path, "_pragma=synchronous(OFF)"))
	defer db.Close()
	s, err := prepare(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.begin(); err != nil {
		b.Fatal(err)
	}
	step := manyBegin.AddDate(3, 0, 0).Sub(manyBegin) / million
	for n := int64(1); n <= million; n++ {
		at := manyBegin.Add(time.Duration(n) * step)
		t := Transfer{
			ID: fmt.Sprintf("01930000-0000-7000-8000-%012d", n), Sequence: n, Connection: "c" + strconv.Itoa(int(n%4)),
			Company: manyCompany(int(n)), Domain: "ecommerce", Scope: "orders", State: Accepted,
			Name: fmt.Sprintf("orders-%s-%06d.json", at.Format("060102"), n), Size: 20_000, SHA256: fmt.Sprintf("%064x", n*2654435761),
			Identity: "2049:" + strconv.Itoa(int(n)), ModTime: at, Records: 2, CreatedAt: at, SentAt: at, EndedAt: at, UpdatedAt: at,
			FileID: fmt.Sprintf("f-%d", n), ResultState: ResultLaid,
		}
		t.Path = "Sent/" + at.Format("2006-01") + "/" + t.Name
		switch {
		case n%50 == 7:
			t.Scope = "documents"
		case n%40 == 3:
			t.State, t.Dismissed = Refused, n%80 != 3
		case n%200 == 9:
			t.State = rare[n/200%5]
			t.Dismissed = true
		case n > million-20:
			t.State = Queued
		}
		if err := s.apply(Added{
			Transfer: t, Numbers: []string{fmt.Sprintf("SO-%08d", n*3), fmt.Sprintf("SO-%08d", n*3+1)},
			Entries: []Entry{{At: at, Kind: "dropped"}, {At: at, Kind: "sent"}, {At: at, Kind: "accepted"}},
		}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.commit(); err != nil {
		b.Fatal(err)
	}
	s.close()
}
