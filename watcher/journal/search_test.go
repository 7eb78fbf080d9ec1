package journal

import (
	"os"
	"path/filepath"
	"testing"
)

func searchFile(j *Journal) string { return j.finder.path }

func find(t *testing.T, j *Journal, text string) string {
	t.Helper()
	return names(pages(t, j, Query{Text: text, Limit: 50}))
}

func TestASmallHistoryHasNoSearchIndex(t *testing.T) {
	j := history(t, searchLag/2)
	if _, err := os.Stat(searchFile(j)); err == nil {
		t.Error("there is one")
	}
	if got := find(t, j, "orders-0042"); got != "Orders-0042.json" {
		t.Errorf("found %q", got)
	}
}

func TestWhatIsRenamedAfterItWasIndexedIsFoundByItsNewName(t *testing.T) {
	j := history(t, 2*fewOf)
	was, err := j.Transfer(t.Context(), "0193-000018") // on its way
	if err != nil {
		t.Fatal(err)
	}
	was.Name = "november invoices.json"
	put(t, j, Rewritten{Transfer: was, Numbers: []string{"K-1"}})
	reindex(t, j)
	for text, want := range map[string]string{"november inv": was.Name, "k-1\n": was.Name, "orders-0018": "", "so-00054": ""} {
		if got := find(t, j, text); got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}

func TestATransferWithALowerNumberThatComesLateIsFound(t *testing.T) {
	j := fresh(t)
	late := past(j)
	late.Transfer.Name = "latecomer.json"
	fill(t, j, 2*fewOf)
	put(t, j, late)
	reindex(t, j)
	if got := find(t, j, "latecomer"); got != "latecomer.json" {
		t.Errorf("found %q", got)
	}
}

func TestAChangeThatACrashKeptFromTheIndexIsMadeUpFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := opened(t, path)
	fill(t, j, 2*fewOf)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// The journal has the change, the index never hears of it.
	beside := single(dsn(path))
	if _, err := beside.ExecContext(t.Context(), "UPDATE transfers SET name = 'renamed.json' WHERE sequence = 18"); err != nil {
		t.Fatal(err)
	}
	if err := beside.Close(); err != nil {
		t.Fatal(err)
	}
	j = opened(t, path)
	reindex(t, j)
	if got := find(t, j, "renamed.json"); got != "renamed.json" {
		t.Errorf("found %q", got)
	}
}

func TestAnIndexThatDoesNotBelongToItsJournalIsMadeAnew(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, j *Journal, file string){
		"of another journal": func(t *testing.T, j *Journal, _ string) {
			if _, err := j.finder.db.Load().ExecContext(t.Context(), "UPDATE mark SET id = 'other'"); err != nil {
				t.Fatal(err)
			}
		},
		"of another version": func(t *testing.T, j *Journal, _ string) {
			if _, err := j.finder.db.Load().ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
				t.Fatal(err)
			}
		},
		"no index": func(t *testing.T, j *Journal, file string) {
			j.Close()
			if err := os.WriteFile(file, []byte("what is this"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"damaged": func(t *testing.T, j *Journal, file string) {
			j.Close()
			alter(t, file, zeroed(4096, 200_000))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			j := opened(t, path)
			fill(t, j, 2*fewOf)
			spoil(t, j, searchFile(j))
			j.Close()
			for range 3 { // where the damage shows in use alone, the next opening makes it anew
				j = opened(t, path)
				for _, text := range []string{"orders-0042", "so-00126"} {
					if got := find(t, j, text); got != "Orders-0042.json" {
						t.Errorf("%s: found %q", text, got)
					}
				}
				j.Close()
			}
			j = opened(t, path)
			reindex(t, j)
			if mark, err := markOf(t.Context(), j.finder.usable()); err != nil || mark < 2*fewOf-searchLag {
				t.Errorf("indexed up to %d, %v", mark, err)
			}
		})
	}
}

func TestTheSearchIndexIsForThisUserAlone(t *testing.T) {
	j := history(t, 2*searchLag)
	for _, end := range besideEnds {
		info, err := os.Stat(searchFile(j) + end)
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s%s: %v", searchFile(j), end, info.Mode())
		}
	}
}

func TestAReaderBesideTheWriterSearchesToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := opened(t, path)
	fill(t, j, 2*fewOf)
	beside, err := Open(t.Context(), path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	if beside.finder.usable() == nil {
		t.Error("it does not use the index")
	}
	if got := find(t, beside, "so-00126"); got != "Orders-0042.json" {
		t.Errorf("found %q", got)
	}
}

func TestWhatIsForgottenIsFoundNoMoreAndItsContentIsStillKnown(t *testing.T) {
	j := history(t, 2*fewOf)
	one, err := j.Transfer(t.Context(), "0193-000021") // accepted
	if err != nil {
		t.Fatal(err)
	}
	heaps := func() map[string]map[Bucket]int {
		found, err := j.Heaps(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	before := heaps()
	put(t, j, Forgotten{Sequences: []int64{21, 18, 23}}) // the second is on its way, the third needs a person
	reindex(t, j)
	for text, want := range map[string]string{"orders-0021": "", "so-00063": "", "orders-0018": "Orders-0018.json", "orders-0023": "Orders-0023.json"} {
		if got := find(t, j, text); got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
	same, err := j.Same(t.Context(), one.Company, one.CreatedAt, one.SHA256)
	if err != nil || len(same) == 0 || !same[len(same)-1].Forgotten || same[len(same)-1].Path == "" {
		t.Errorf("same content: %v, %v", same, err)
	}
	if entries, err := j.Timeline(t.Context(), 21); err != nil || len(entries) > 0 {
		t.Errorf("its timeline: %v, %v", entries, err)
	}
	if got := heaps(); got["Acme"][Done] != before["Acme"][Done]-1 || got["Acme"][Past] != 1 {
		t.Errorf("heaps %v, before %v", got, before)
	}
	newest := j.sequence.Load()
	put(t, j, Erased{Sequences: []int64{21, 18, 23, newest}})
	if _, err := j.Transfer(t.Context(), one.ID); err == nil {
		t.Error("what was erased is there")
	}
	for _, n := range []int64{18, 23, newest} {
		if found, err := j.Transfers(t.Context(), Query{After: n - 1, Before: n + 1}); err != nil || len(found) != 1 {
			t.Errorf("%d is gone: %v", n, err)
		}
	}
	if got := heaps(); got["Acme"][Past] != 0 {
		t.Errorf("heaps %v", got)
	}
}
