package journal

import (
	"path/filepath"
	"testing"
	"time"
)

func TestASeveredConnectionLeavesNothingButItsTransfers(t *testing.T) {
	j, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	now := time.Now().UTC()
	var changes []Change
	for _, id := range []string{"c1", "c2"} {
		changes = append(changes,
			Linked{Link{Connection: id, KeyState: "good"}},
			Marked{Watermark{Connection: id, Scope: "products", ETag: "e"}},
			Renewed{id, Entry{At: now, Kind: "connected"}},
			Listed{List{ID: "l" + id, Connection: id, Company: "company of " + id, Scope: "products", ReceivedAt: now}},
			Added{Transfer: Transfer{ID: "t" + id, Sequence: j.NextSequence(), Connection: id, Company: "company of " + id, State: Accepted}},
		)
	}
	if err := j.Put(t.Context(), append(changes, Severed{[]string{"c1"}}, Unlisted{"company of c1"})...); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{"c1": 0, "c2": 1} {
		mark, err := j.Watermark(t.Context(), id, "products")
		if err != nil || (mark.ETag != "") != (want > 0) {
			t.Errorf("%s: watermark %+v, %v", id, mark, err)
		}
		renewals, err := j.Renewals(t.Context(), id, 10)
		if err != nil || len(renewals) != want {
			t.Errorf("%s: renewals %v, %v", id, renewals, err)
		}
		lists, err := j.Lists(t.Context(), "company of "+id, 10)
		if err != nil || len(lists) != want {
			t.Errorf("%s: lists %v, %v", id, lists, err)
		}
		if _, err := j.Transfer(t.Context(), "t"+id); err != nil {
			t.Errorf("%s: its transfer: %v", id, err)
		}
	}
	if links, err := j.Links(t.Context()); err != nil || len(links) != 1 || links[0].Connection != "c2" {
		t.Errorf("links %v, %v", links, err)
	}
}
