package watcher

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postroom/watcher/journal"
)

// said is what was said to the platform about a file, a line each.
func (r *rig) said(name string) []string {
	r.t.Helper()
	shown, err := r.Transfer(r.t.Context(), r.named(name).ID)
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, x := range shown.Exchanges {
		if x.At.IsZero() || x.Address == "" || x.Milliseconds < 0 {
			r.t.Errorf("half an exchange: %+v", x)
		}
		all = append(all, fmt.Sprint(x.Method, " ", x.Status))
	}
	return all
}

func TestEveryExchangeAboutAFileIsToldAndOutlivesARestart(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 2))
		r.drain()
		said := r.said("a.json")
		if len(said) < 4 || said[0] != "POST 201" || !strings.HasPrefix(said[1], "PUT 2") || said[len(said)-1] != "GET 200" {
			t.Errorf("said %q", said)
		}
		r.stop()
		r.start()
		if again := r.said("a.json"); strings.Join(again, ";") != strings.Join(said, ";") {
			t.Errorf("after a restart %q, before %q", again, said)
		}
	})
}

func TestExchangesThatFailAreToldAndNoMoreThanTheLast(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.options.Transport = &meddler{under: r.options.Transport, before: func(q *http.Request) (*http.Response, error) {
			if q.Method == http.MethodPost {
				return nil, errors.New("the network is gone")
			}
			return nil, nil
		}}
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 2))
		r.pass(6 * time.Hour)
		said := r.said("a.json")
		if len(said) < 20 || len(said) > mostExchanges || said[0] != "POST 0" {
			t.Errorf("said %d: %q", len(said), said)
		}
		r.expect("a.json", journal.Claimed)
	})
}

func TestNoExchangeHoldsAKey(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 2))
		r.drain()
		shown, err := r.Transfer(t.Context(), r.named("a.json").ID)
		if err != nil {
			t.Fatal(err)
		}
		record := r.named("a.json")
		for _, x := range shown.Exchanges {
			for _, capability := range []string{record.UploadURL, record.TrackingURL, record.ResultURL, record.FileID} {
				if capability != "" && strings.Contains(x.Address+x.Failure, capability) {
					t.Errorf("%q tells %q", x.Address, capability)
				}
			}
		}
	})
}

func TestWhatWasSaidIsNotLostByACommitThatFails(t *testing.T) {
	tr := newTraffic()
	tr.add("a", journal.Exchange{Method: "GET"})
	failing := listening{failingJournal{}, tr}
	step := journal.Stepped{Transfer: journal.Transfer{ID: "a", Sequence: 7}}
	if err := failing.Put(t.Context(), step); err == nil {
		t.Fatal("it did not fail")
	}
	if got := tr.with([]journal.Change{step}); len(got) != 2 {
		t.Errorf("with the next commit go %d changes", len(got))
	}
	if got := tr.with([]journal.Change{step}); len(got) != 1 {
		t.Error("it is written down twice")
	}
	for n := range 2 * mostTalked {
		tr.add(fmt.Sprint(n), journal.Exchange{})
	}
	if len(tr.fresh) > mostTalked {
		t.Errorf("%d transfers are kept in mind", len(tr.fresh))
	}
}

// failingJournal has no room.
type failingJournal struct{ Journal }

func (failingJournal) Put(context.Context, ...journal.Change) error { return journal.ErrFull }
