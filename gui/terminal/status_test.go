package terminal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// busy is an engine with something of everything.
func busy() *fake {
	at := time.Date(2026, 11, 24, 9, 30, 0, 0, time.FixedZone("CET", 3600))
	progress := 62.0
	return &fake{
		overview: watcher.Overview{Companies: []watcher.Company{{
			Name: "Acme Ltd", Folder: "/files/Acme Ltd", Counts: watcher.Counts{OnTheirWay: 1, NeedsYou: 2, Done: 2},
			Connections: []watcher.Connection{{
				ID: "c1", Company: "Acme Ltd", Domain: "ecommerce", Folder: "/files/Acme Ltd",
				Platform: "https://platform.example", Key: watcher.Key{State: watcher.KeyGood, ConnectedAt: at},
			}},
			Loose: []watcher.LooseFile{{Name: "empty.json", Problem: watcher.Problem{Code: "testEmpty"}, EndedBy: watcher.EndsWriter}},
		}}},
		transfers: []watcher.Transfer{
			{ID: "t5", Company: "Acme Ltd", Scope: "orders", Name: "e.json", State: journal.Processing, RemoteStatus: "processing", Progress: &progress, CreatedAt: at, UpdatedAt: at},
			{ID: "t4", Company: "Acme Ltd", Scope: "orders", Name: "d.json", State: journal.Held, CreatedAt: at, UpdatedAt: at, Problem: &watcher.Problem{Code: "testHeld"}},
			{ID: "t3", Company: "Acme Ltd", Scope: "orders", Name: "c.json", State: journal.Accepted, Records: 40, RefusedRecords: 3, SHA256: "ab12", ResultPath: "/files/Acme Ltd/Inbox/results/c.result.json", CreatedAt: at, UpdatedAt: at},
			{ID: "t2", Company: "Acme Ltd", Scope: "orders", Name: "b.json", State: journal.Queued, Waits: &watcher.Problem{Code: "testLane"}, Cause: &watcher.Cause{Problem: watcher.Problem{Code: "testLane"}, Since: at, EndedBy: watcher.EndsFile}, CreatedAt: at, UpdatedAt: at},
			{ID: "t1", Company: "Acme Ltd", Scope: "orders", Name: "a\x1b[2J\n.json", State: journal.Accepted, CreatedAt: at, UpdatedAt: at},
		},
		lists: []watcher.List{{Company: "Acme Ltd", Scope: "products", Path: "/files/Acme Ltd/Inbox/products/products.json", ReceivedAt: at, Added: 12, Changed: 3, Removed: 1}},
	}
}

func TestStatusJSONIsOneObjectWithEveryTransfer(t *testing.T) {
	c, _ := testConsole(t)
	var out strings.Builder
	if err := c.statusJSON(t.Context(), busy(), &out); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "\n") != 1 || !strings.HasSuffix(out.String(), "}\n") {
		t.Errorf("it is not one line: %q", out.String())
	}
	// As somebody would read it who has only the design.
	var got struct {
		Connections []struct {
			Company, Domain, Folder string
			Key                     struct{ State string }
		}
		Transfers []struct {
			ID, Company, Scope, Name, State, RemoteStatus string
			Progress                                      *float64
			SHA256                                        string
			CreatedAt, UpdatedAt                          string
			ResultPath                                    string
			RefusedRecords                                int
			Error                                         string
			Cause                                         *struct{ Code, Since, RetryAt, EndedBy string }
		}
		Loose []struct {
			Company, Name string
			Cause         struct{ Code, EndedBy string }
		}
		Lists []struct {
			Company, Scope, Path, ReceivedAt string
			Added, Changed, Removed          int
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Connections) != 1 || got.Connections[0].Key.State != "good" || got.Connections[0].Folder != "/files/Acme Ltd" {
		t.Errorf("connections %+v", got.Connections)
	}
	if len(got.Transfers) != 5 {
		t.Fatalf("%d transfers of 5", len(got.Transfers))
	}
	if first := got.Transfers[0]; first.State != "processing" || *first.Progress != 62 || first.CreatedAt != "2026-11-24T08:30:00Z" || first.Error != "" {
		t.Errorf("the newest is %+v", first)
	}
	if got.Transfers[1].Error == "" || got.Transfers[1].Progress != nil {
		t.Errorf("a held one is %+v", got.Transfers[1])
	}
	if third := got.Transfers[2]; third.RefusedRecords != 3 || third.SHA256 != "ab12" || third.ResultPath == "" {
		t.Errorf("a partly refused one is %+v", third)
	}
	if why := got.Transfers[3].Cause; why == nil || why.Code != "testLane" || why.EndedBy != "file" || why.Since != "2026-11-24T08:30:00Z" || why.RetryAt != "" {
		t.Errorf("a waiting one tells %+v", why)
	}
	if len(got.Loose) != 1 || got.Loose[0].Name != "empty.json" || got.Loose[0].Company != "Acme Ltd" || got.Loose[0].Cause.EndedBy != "writer" {
		t.Errorf("files that are not carried yet: %+v", got.Loose)
	}
	if l := got.Lists[0]; l.Added != 12 || l.Changed != 3 || l.Removed != 1 || l.ReceivedAt != "2026-11-24T08:30:00Z" {
		t.Errorf("a list is %+v", l)
	}
}

func TestStatusJSONOfNothingHasEmptyArrays(t *testing.T) {
	c, _ := testConsole(t)
	var out strings.Builder
	if err := c.statusJSON(t.Context(), &fake{}, &out); err != nil {
		t.Fatal(err)
	}
	if out.String() != `{"connections":[],"transfers":[],"lists":[],"loose":[],"paused":false}`+"\n" {
		t.Errorf("put out %q", out.String())
	}
}

func TestStatusInWordsSaysWhatMatters(t *testing.T) {
	c, _ := testConsole(t)
	var out strings.Builder
	if err := c.statusWords(t.Context(), busy(), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if lines[0] != "2 files need you." {
		t.Errorf("it begins with %q", lines[0])
	}
	for _, want := range []string{
		"ecommerce: working", "e.json: Sage 50 is processing it 62\u00a0%", "c.json: accepted, but 3 of 40 records refused",
		"Decide with 'postroom resolve t4 --send' or '--leave'.", "products: 12 new, 3 changed, 1 no longer in Sage", "empty.json",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
}

func TestStatusInWordsSaysSinceWhenAFileWaitsAndWhenItIsTriedNext(t *testing.T) {
	c, _ := testConsole(t)
	var out strings.Builder
	f := &fake{transfers: []watcher.Transfer{{
		ID: "t1", Name: "a.json", State: journal.Queued, Waits: &watcher.Problem{Code: "networkDown"},
		Cause: &watcher.Cause{Since: time.Now().Add(-time.Hour), RetryAt: time.Now().Add(time.Minute)},
	}}}
	if err := c.statusWords(t.Context(), f, &out); err != nil {
		t.Fatal(err)
	}
	if said := out.String(); !strings.Contains(said, "So since ") || !strings.Contains(said, "Next try at ") {
		t.Errorf("it says\n%s", said)
	}
}

func TestNamesCannotCommandTheTerminal(t *testing.T) {
	c, _ := testConsole(t)
	f := &fake{transfers: []watcher.Transfer{{ID: "x", Name: "a\x1b[2J\n\r\x07\u009b31m.json", State: journal.Queued}}}
	f.overview.Companies = []watcher.Company{{Name: "Evil\x1b]0;owned\x07 Ltd"}}
	var out strings.Builder
	if err := c.statusWords(t.Context(), f, &out); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(out.String(), func(r rune) bool { return r != '\n' && (r < ' ' || 0x7f <= r && r < 0xa0) }); i >= 0 {
		t.Errorf("control characters reach the terminal: %q", out.String()[i:])
	}
}

func TestEveryStateHasWords(t *testing.T) {
	c, _ := testConsole(t)
	states := []journal.State{
		journal.Queued, journal.Held, journal.Claimed, journal.Created, journal.Sent, journal.Validating, journal.Processing,
		journal.Accepted, journal.Refused, journal.Unchecked, journal.Unknown, journal.Cancelled,
	}
	for _, s := range states {
		if !c.words.Has("cmd.state." + string(s)) {
			t.Errorf("a transfer that is %s has no words", s)
		}
	}
	keys := []watcher.KeyState{
		watcher.KeyGood, watcher.KeyExpired, watcher.KeyInvalid, watcher.KeyRevoked, watcher.KeyLocked, watcher.KeyLockedHard, watcher.KeyUnknown,
	}
	for _, k := range keys {
		if !c.words.Has("cmd.key." + string(k)) {
			t.Errorf("a key that is %s has no words", k)
		}
	}
}

func TestLongHistoriesAreWrittenPageByPage(t *testing.T) {
	f := &fake{}
	for i := range 100 {
		f.transfers = append(f.transfers, watcher.Transfer{ID: fmt.Sprint(i)})
	}
	var seen []string
	err := eachTransfer(t.Context(), f, watcher.Query{}, func(t watcher.Transfer) error { seen = append(seen, t.ID); return nil })
	if err != nil || len(seen) != 100 || !slices.IsSortedFunc(seen, func(a, b string) int { return len(a) - len(b) }) {
		t.Errorf("saw %d of 100, %v", len(seen), err)
	}
}
