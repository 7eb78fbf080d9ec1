package watcher

import (
	"strings"
	"testing"
	"time"

	"postroom/watcher/journal"
)

func (r *rig) found(q Query) string {
	r.t.Helper()
	page, err := r.Transfers(r.t.Context(), q)
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, t := range page.Transfers {
		names = append(names, t.Name)
	}
	return strings.Join(names, " ")
}

func TestAFileIsFoundByTheNumberOfAnOrderInIt(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/monday.json", orders(1, 2))
		r.drop(acme, "Outbox/orders/tuesday.json", orders(500, 3))
		r.pass(10 * time.Minute)
		r.expect("tuesday.json", journal.Accepted)
		number := recordID(t, orders(500, 3), 1)
		if got := r.found(Query{Text: strings.ToLower(number)}); got != "tuesday.json" {
			t.Errorf("by %s: %q", number, got)
		}
		if got := r.found(Query{Text: "MON"}); got != "monday.json" {
			t.Errorf("by name: %q", got)
		}
	})
}

func TestAFileIsFoundByTheNumbersItHasSinceItWasEdited(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/monday.json", orders(1, 1))
		r.pass(10 * time.Minute)
		r.drop(acme, "Outbox/orders/monday.json", orders(700, 2))
		r.pass(10 * time.Minute)
		for content, want := range map[int]string{1: "", 700: "monday.json"} {
			number := recordID(t, orders(content, 1), 0)
			if got := r.found(Query{Text: number}); got != want {
				t.Errorf("by %s: %q, want %q", number, got, want)
			}
		}
	})
}

func TestHowManyFitIsToldWithAPage(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		for i, name := range []string{"a.json", "b.json", "c.json"} {
			r.drop(acme, "Outbox/orders/"+name, orders(10*i+1, 1))
		}
		r.pass(10 * time.Minute)
		page, err := r.Transfers(t.Context(), Query{Company: acme, Limit: 2, Count: true})
		if err != nil || len(page.Transfers) != 2 || page.Count != 3 || page.More || page.Next == "" {
			t.Errorf("%d of %d, more %v, next %q, %v", len(page.Transfers), page.Count, page.More, page.Next, err)
		}
		page, err = r.Transfers(t.Context(), Query{Company: acme, Limit: 2, Before: page.Next})
		if err != nil || len(page.Transfers) != 1 || page.Next != "" {
			t.Errorf("then %d, next %q, %v", len(page.Transfers), page.Next, err)
		}
	})
}
