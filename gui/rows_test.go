package gui

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"postroom/watcher"
)

func keys(s shelf) []string {
	var all []string
	for _, i := range s.items {
		all = append(all, i.key())
	}
	return all
}

func TestListsStandBetweenTransfersByTime(t *testing.T) {
	s := shelf{
		transfers: pointers([]watcher.Transfer{{ID: "3", CreatedAt: at(24, 10, 0, 0)}, {ID: "1", CreatedAt: at(24, 8, 0, 0)}}),
		lists:     []watcher.List{{ID: "b", ReceivedAt: at(24, 9, 0, 0)}, {ID: "a", ReceivedAt: at(24, 7, 0, 0)}},
		loose:     []watcher.LooseFile{{Name: "half.json", Since: at(24, 6, 0, 0)}},
	}
	s.arrange()
	if got := keys(s); !slices.Equal(got, []string{"f:/half.json", "t:3", "l:b", "t:1", "l:a"}) {
		t.Errorf("order %v", got)
	}
	s.next = "1" // more transfers are to come: the oldest list may stand behind them
	s.arrange()
	if got := keys(s); !slices.Equal(got, []string{"f:/half.json", "t:3", "l:b", "t:1"}) {
		t.Errorf("order while more is to come %v", got)
	}
}

func TestATransferChangesInItsPlace(t *testing.T) {
	s := shelf{transfers: pointers([]watcher.Transfer{{ID: "3"}, {ID: "2"}, {ID: "1"}})}
	s.arrange()
	if !s.update([]watcher.Transfer{{ID: "2", Name: "changed"}}) || s.items[1].transfer.Name != "changed" {
		t.Errorf("rows %v", keys(s))
	}
	if s.update([]watcher.Transfer{{ID: "9"}}) {
		t.Error("a transfer that is not loaded counts as changed")
	}
	if s.find("t:1") != 2 || s.find("t:9") != -1 || s.find("") != -1 {
		t.Error("rows are not found by their keys")
	}
}

func TestEveryItemIsThereOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s shelf
		moment := at(24, 12, 0, 0)
		for i := range rapid.IntRange(0, 30).Draw(t, "transfers") {
			moment = moment.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "gap")) * time.Minute)
			s.transfers = append(s.transfers, &watcher.Transfer{ID: string(rune('A' + i)), CreatedAt: moment})
		}
		moment = at(24, 12, 30, 0)
		for i := range rapid.IntRange(0, 30).Draw(t, "lists") {
			moment = moment.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "gap")) * time.Minute)
			s.lists = append(s.lists, watcher.List{ID: string(rune('A' + i)), ReceivedAt: moment})
		}
		s.arrange()
		if len(s.items) != len(s.transfers)+len(s.lists) || len(s.index) != len(s.items) {
			t.Fatalf("%d rows of %d transfers and %d lists", len(s.items), len(s.transfers), len(s.lists))
		}
		for i := 1; i < len(s.items); i++ {
			if s.items[i].at().After(s.items[i-1].at()) {
				t.Fatalf("row %d is newer than the one above", i)
			}
		}
	})
}

func TestAListIsFoundByItsNameAndScope(t *testing.T) {
	for _, c := range []struct {
		query watcher.Query
		want  bool
	}{
		{watcher.Query{}, true},
		{watcher.Query{Text: "PROD"}, true},
		{watcher.Query{Text: "orders"}, false},
		{watcher.Query{Scope: "products"}, true},
		{watcher.Query{Scope: "orders"}, false},
		{watcher.Query{Since: at(24, 9, 0, 0), Until: at(24, 9, 0, 1)}, true},
		{watcher.Query{Since: at(24, 9, 0, 1)}, false},
		{watcher.Query{Until: at(24, 9, 0, 0)}, false},
	} {
		if got := matches(c.query, "products", "Products", at(24, 9, 0, 0)); got != c.want {
			t.Errorf("%+v: %v", c.query, got)
		}
	}
}
