package journal

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func call(n int) Exchange {
	return Exchange{
		At: time.Unix(int64(n), 0).UTC(), Method: http.MethodGet, Address: "https://cloud.example/…", Status: 503, Code: 2400,
		Failure: strings.Repeat("é", n%40), Milliseconds: int64(n),
	}
}

func TestTheLastExchangesOfATransferAreKept(t *testing.T) {
	j := fresh(t)
	kept := queued(j, "a.json")
	put(t, j, Added{Transfer: kept})
	if got, err := j.Exchanges(t.Context(), kept.Sequence); err != nil || len(got) != 0 {
		t.Errorf("before any: %v, %v", got, err)
	}
	var want []Exchange
	for n := range 200 {
		want = append(want, call(n))
		put(t, j, Stepped{Transfer: kept}, Exchanged{Sequence: kept.Sequence, Exchanges: []Exchange{call(n)}})
	}
	got, err := j.Exchanges(t.Context(), kept.Sequence)
	if err != nil || len(got) < 25 || len(got) > mostExchanges {
		t.Fatalf("%d, %v", len(got), err)
	}
	if !slices.Equal(got, want[len(want)-len(got):]) {
		t.Errorf("the last %d are %+v", len(got), got)
	}
	long := Exchange{Method: http.MethodPut, Failure: strings.Repeat("long ", 1000)}
	put(t, j, Exchanged{Sequence: kept.Sequence, Exchanges: []Exchange{long}})
	got, err = j.Exchanges(t.Context(), kept.Sequence)
	if last := got[len(got)-1]; err != nil || last.Method != http.MethodPut || len([]rune(last.Failure)) != mostFailure {
		t.Errorf("%+v, %v", last, err)
	}
}

func TestWhatIsForgottenOfATransferAreItsExchangesToo(t *testing.T) {
	j := fresh(t)
	done, newest := queued(j, "a.json"), queued(j, "b.json")
	done.State, newest.State = Accepted, Accepted
	put(t, j, Added{Transfer: done}, Added{Transfer: newest}, Exchanged{Sequence: done.Sequence, Exchanges: []Exchange{call(1)}})
	put(t, j, Forgotten{Sequences: []int64{done.Sequence}})
	if got, err := j.Exchanges(t.Context(), done.Sequence); err != nil || len(got) != 0 {
		t.Errorf("after it was forgotten: %v, %v", got, err)
	}
}
