package journal

import (
	"testing"
	"time"
)

func TestAJournalIsCountedAndFoundWhole(t *testing.T) {
	j := fresh(t)
	for name, state := range map[string]State{"a": Queued, "b": Accepted, "c": Accepted} {
		transfer := queued(j, name)
		transfer.State = state
		put(t, j, Added{Transfer: transfer, Entries: []Entry{{At: day, Kind: "dropped"}}})
	}
	put(t, j, Listed{List: List{ID: "l1", ReceivedAt: day}})
	faults, err := j.Faults(t.Context())
	if err != nil || len(faults) > 0 {
		t.Errorf("a whole journal has the faults %q, %v", faults, err)
	}
	s, err := j.Statistics(t.Context())
	if err != nil || s.Transfers != 3 || s.States["accepted"] != 2 || s.States["queued"] != 1 || s.Lists != 1 || s.Version == 0 ||
		s.Bytes == 0 || s.Longest == 0 || s.Oldest.IsZero() || s.Newest.Before(s.Oldest) {
		t.Errorf("counted %+v, %v", s, err)
	}
}

func TestAnEmptyJournalIsCountedToo(t *testing.T) {
	s, err := fresh(t).Statistics(t.Context())
	if err != nil || s.Transfers != 0 || !s.Oldest.IsZero() {
		t.Errorf("counted %+v, %v", s, err)
	}
}

func TestAPartOfTheHistoryIsFoundByItsDays(t *testing.T) {
	j := fresh(t)
	for i, name := range []string{"first", "second", "third"} {
		transfer := queued(j, name)
		transfer.CreatedAt = day.Add(time.Duration(i) * 24 * time.Hour)
		put(t, j, Added{Transfer: transfer})
	}
	found, err := j.Transfers(t.Context(), Query{Since: day.Add(24 * time.Hour), Until: day.Add(48 * time.Hour)})
	if err != nil || names(found) != "second" {
		t.Errorf("of the second day: %q, %v", names(found), err)
	}
	found, err = j.Transfers(t.Context(), Query{Since: day.Add(time.Hour)})
	if err != nil || names(found) != "third second" {
		t.Errorf("from then on: %q, %v", names(found), err)
	}
}
