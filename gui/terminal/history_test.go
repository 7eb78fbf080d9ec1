package terminal

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

func TestASpanIsNamedByADayATimeOrHowLongAgo(t *testing.T) {
	c, _ := testConsole(t)
	now := time.Date(2026, 11, 24, 15, 30, 0, 0, time.FixedZone("CET", 3600))
	for text, want := range map[string]string{
		"2026-11-23": "2026-11-23T00:00:00+01:00", "36h": "2026-11-23T03:30:00+01:00", "7d": "2026-11-17T15:30:00+01:00",
		"2026-11-24T14:30": "2026-11-24T14:30:00+01:00", "2026-11-24 14:30": "2026-11-24T14:30:00+01:00",
		"2026-11-24T14:30:00Z": "2026-11-24T14:30:00Z",
	} {
		if at, err := c.moment(text, now, false); err != nil || at.Format(time.RFC3339) != want {
			t.Errorf("%q is %v, %v; want %s", text, at, err, want)
		}
	}
	if at, err := c.moment("2026-11-23", now, true); err != nil || at.Format(time.RFC3339) != "2026-11-24T00:00:00+01:00" {
		t.Errorf("a span does not end with its day but at %v, %v", at, err)
	}
	for _, text := range []string{"yesterday", "-3h", "-1d", "24.11.2026", "d"} {
		if at, err := c.moment(text, now, false); statusOf(err) != statusUsage {
			t.Errorf("%q is %v, %v", text, at, err)
		}
	}
}

func TestTheHistoryIsAskedForByStatesOrByAHeap(t *testing.T) {
	c, _ := testConsole(t)
	q, err := c.historyQuery(&historyWish{states: []string{"refused", "unknown"}, scope: "orders", search: "nov"}, time.Now())
	if err != nil || len(q.States) != 2 || q.States[1] != journal.Unknown || q.Scope != "orders" || q.Text != "nov" {
		t.Errorf("asked for %+v, %v", q, err)
	}
	if q, err := c.historyQuery(&historyWish{states: []string{"needsYou"}}, time.Now()); err != nil || q.Filter != watcher.FilterNeedsYou {
		t.Errorf("asked for %+v, %v", q, err)
	}
}

func TestANameIsNoFormulaInATable(t *testing.T) {
	c, _ := testConsole(t)
	var out bytes.Buffer
	write := c.historyWriter(&out, true)
	hostile := watcher.Transfer{ID: "t1", Name: `=HYPERLINK("http://evil.example","x").json`, Company: "@SUM(1)", State: journal.Queued}
	if err := errors.Join(write(&hostile), write(nil)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 2 || len(rows[0]) != len(rows[1]) {
		t.Fatalf("the table is %q, %v", rows, err)
	}
	for i, field := range rows[1] {
		if strings.HasPrefix(field, "=") || strings.HasPrefix(field, "@") {
			t.Errorf("%s is a formula: %s", rows[0][i], field)
		}
	}
}

func TestOnlyAsManyFilesAreShownAsAreAskedFor(t *testing.T) {
	n := 0
	err := eachTransfer(t.Context(), busy(), watcher.Query{}, func(watcher.Transfer) error {
		if n == 4 {
			return errEnough
		}
		n++
		return nil
	})
	if err != nil || n != 4 {
		t.Errorf("%d files, %v", n, err)
	}
}
