package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"postroom/assets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// shows holds that a page has some texts and has not others, which begin with "-".
func shows(t *testing.T, got answer, texts ...string) {
	t.Helper()
	if got.status != http.StatusOK {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	got.body = strings.NewReplacer("\u00a0", " ", "\u2060", "").Replace(got.body)
	for _, text := range texts {
		unwanted, not := strings.CutPrefix(text, "-")
		if not && strings.Contains(got.body, unwanted) {
			t.Errorf("%q is on the page", unwanted)
		}
		if !not && !strings.Contains(got.body, text) {
			t.Errorf("%q is not on the page:\n%s", text, got.body)
		}
	}
}

func TestTheListSaysWhatTheWindowSays(t *testing.T) {
	f := office()
	f.overview.Companies[0].Loose = []watcher.LooseFile{{Name: "still-growing.json", Problem: watcher.Problem{Code: "cut"}, Since: begun}}
	f.overview.Companies[0].Connections[0].Key.State = watcher.KeyLockedHard
	c := newDesk(t, f).letIn()
	shows(t, c.get(c.base), "still-growing.json", "Next, after orders-24-11b.json", "3 of 40 orders refused", "62", "12 accepted today",
		"Practice", "List from Sage: 12 new, 3 changed", "<b>Acme Ltd:</b> ", `class="row" id="row-t3"`)
	shows(t, c.get(c.base+"?company=Borealis"), "-still-growing.json", "-<b>Acme Ltd:</b>")
}

func TestWhatIsWantedOfTheListReachesTheEngine(t *testing.T) {
	f := office()
	c := newDesk(t, f).letIn()
	got := c.get(c.base + "?company=Acme+Ltd&scope=orders&show=needsYou&text=+nov+&before=123&unknown=1")
	if got.status != http.StatusOK {
		t.Fatal(got.status)
	}
	want := watcher.Query{Company: "Acme Ltd", Scope: "orders", Filter: watcher.FilterNeedsYou, Text: "nov", Before: "123", Limit: pageSize}
	if asked := fmt.Sprint(f.asked); asked != fmt.Sprint(want) {
		t.Errorf("asked for %s, want %v", asked, want)
	}
	c.get(c.base + "?company=Nobody&show=everything")
	if f.asked.Company != "" || f.asked.Filter != watcher.FilterAll {
		t.Errorf("asked for %+v", f.asked)
	}
}

func TestALongListComesInPages(t *testing.T) {
	f := office()
	for i := range pageSize {
		f.transfers = append(f.transfers, watcher.Transfer{ID: fmt.Sprint("old", i), Name: fmt.Sprintf("old-%d.json", i), State: journal.Accepted})
	}
	c := newDesk(t, f).letIn()
	first := c.get(c.base + "?show=done")
	shows(t, first, "before=51", "show=done", "-newest", "-old-49.json")
	shows(t, c.get(c.base+"?show=done&before=51"), "old-49.json", `id="newest"`, "-orders-24-11b.json", "-Lists from Sage")
}

func TestAnEmptyListSaysWhy(t *testing.T) {
	f := office()
	f.transfers, f.lists = nil, nil
	c := newDesk(t, f).letIn()
	for query, want := range map[string]string{
		"": "Nothing has been sent yet.", "?show=needsYou": "Nothing needs you.", "?show=waiting": "Nothing waits", "?text=abc": "abc", "?scope=orders": "nothing here yet",
	} {
		shows(t, c.get(c.base+query), want)
	}
	f.locked(func() { f.overview = watcher.Overview{} })
	shows(t, c.get(c.base), "postroom practice", "No company is connected yet.")
}

func TestOnlyButtonsThatFitAreThereAndNoneCouldDouble(t *testing.T) {
	f := office()
	all := []watcher.Action{watcher.ActionSend, watcher.ActionLeave, watcher.ActionSendAgain}
	f.transfers = append(f.transfers,
		watcher.Transfer{ID: "held", Name: "a.json", Scope: "orders", State: journal.Held, Actions: all, Problem: &watcher.Problem{Code: "duplicate", Args: map[string]string{"other": "b.json"}}},
		watcher.Transfer{ID: "kept", Name: "a.json", Scope: "orders", State: journal.Held, Actions: []watcher.Action{watcher.ActionRelease}},
		watcher.Transfer{ID: "wrong", Name: "a.json", Scope: "orders", State: journal.Unchecked, Actions: []watcher.Action{watcher.ActionRetry, watcher.ActionCorrect}},
		watcher.Transfer{ID: "unclear", Name: "a.json", State: journal.Held, Actions: all},
		watcher.Transfer{ID: "unknown", Name: "a.json", Scope: "orders", State: journal.Unknown, Actions: all},
	)
	d := newDesk(t, f)
	c := d.letIn()
	for id, want := range map[string][]string{
		"t5": {"-do-"}, "t4": {"do-cancel", "do-hold", "-do-retry", "-do-release"}, "t3": {"do-dismiss", "-do-retry", "-do-send", "must not be sent twice"},
		"t2": {"do-retry", "do-dismiss", "-do-cancel"}, "t1": {"-do-"}, "held": {"do-send", "do-leave"}, "kept": {"do-release", "-do-send"}, "wrong": {"do-correct", "-do-retry"},
		"unclear": {"-do-send", "do-leave", "postroom resolve unclear"}, "unknown": {"-do-send", "do-leave", "postroom resolve unknown"},
	} {
		t.Run(id, func(t *testing.T) { shows(t, c.get(c.base+"file/"+id), want...) })
	}
	for path, want := range map[string]string{
		"file/t4/cancel": "cancel t4", "file/t2/retry": "retry t2", "file/t3/dismiss": "dismiss t3", "file/held/send": "send held ",
		"file/held/leave": "leave held", "check": "check", "pause": "pause", "resume": "resume", "file/t4/hold": "hold t4", "file/kept/release": "send kept ",
		"file/wrong/correct": "correct wrong", "list/l1/gone": "list l1 true", "list/l1/incomplete": "list l1 false",
	} {
		f.locked(func() { f.done = nil })
		if got := c.post(path, nil); got.status != http.StatusSeeOther || !slices.Equal(f.done, []string{want}) {
			t.Errorf("%s came to %d and did %q", path, got.status, f.done)
		}
	}
	f.locked(func() { f.done = nil })
	for _, id := range []string{"unclear", "unknown", "t1", "none"} { // by whoever writes the address himself
		c.post("file/"+id+"/send", nil)
		c.post("file/"+id+"/release", nil)
	}
	if len(f.done) != 0 {
		t.Errorf("sent: %q", f.done)
	}
	for path, want := range map[string]string{"pause": "pause Borealis", "resume": "resume Borealis"} {
		f.locked(func() { f.done = nil })
		if c.post(path, url.Values{"company": {"Borealis"}}); !slices.Equal(f.done, []string{want}) {
			t.Errorf("%s of one company did %q", path, f.done)
		}
	}
}

func TestWhatCameOfAButtonIsToldOnce(t *testing.T) {
	f := office()
	c := newDesk(t, f).letIn()
	got := c.post("pause?company=Acme+Ltd&show=done&evil=http://x", nil)
	if where := got.header.Get("Location"); !strings.HasSuffix(c.base+"?company=Acme+Ltd&show=done", where) {
		t.Errorf("it leads to %s", where)
	}
	shows(t, c.get(c.base), "Sending is paused. Your files wait.", "Resume sending")
	shows(t, c.get(c.base), "-Your files wait.")
	f.locked(func() { f.refuses = watcher.ErrWrongState })
	c.post("file/t4/cancel", nil)
	f.locked(func() { f.refuses = nil })
	shows(t, c.get(c.base+"file/t4"), "no longer possible", "t-problem")
}

func TestAPageThatCannotBeMadeSaysSoInWords(t *testing.T) {
	f := office()
	c := newDesk(t, f).letIn()
	for path, status := range map[string]int{"file/none": 404, "list/none": 404, "nothing": 404} {
		if got := c.get(c.base + path); got.status != status || !strings.Contains(got.body, "There is nothing here") {
			t.Errorf("%s came to %d: %s", path, got.status, got.body)
		}
	}
	for err, want := range map[error]string{
		&watcher.ProblemError{Problem: watcher.Problem{Code: "vaultLocked"}}: "The safe with your access to Sage is locked.", errors.New("disk on fire"): "disk on fire",
	} {
		f.locked(func() { f.refuses = err })
		for _, path := range []string{"", "file/t1", "list/l1"} {
			if got := c.get(c.base + path); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, want) {
				t.Errorf("%s came to %d: %s", path, got.status, got.body)
			}
		}
	}
}

func TestEveryWordOfThePagesIsThereInEveryLanguage(t *testing.T) {
	for _, spoken := range assets.Languages() {
		words := assets.For(spoken.Tag)
		for _, named := range []map[string]act{acts, fileActs, listActs} {
			for name := range named {
				if !words.Has("page.done." + name) {
					t.Errorf("%s: no words for what %s has done", spoken.Tag, name)
				}
			}
		}
		f := office()
		f.language = spoken.Tag
		c := newDesk(t, f).letIn()
		for _, path := range []string{"", "file/t3", "file/t4", "list/l1", "?text=zzz"} {
			got := c.get(c.base + path)
			for _, key := range []string{`"page.`, ">page.", ">window.", " window.", ">tray."} {
				if strings.Contains(got.body, key) {
					t.Errorf("%s: %q has a key without words: %s", spoken.Tag, path, got.body)
				}
			}
		}
	}
}

func TestWhatPagesLoadIsThere(t *testing.T) {
	d := newDesk(t, office())
	c := newCaller(t, d.open())
	for name := range statics {
		if got := c.get(c.root + "/static/" + name); got.status != http.StatusOK || got.body == "" || got.header.Get("Content-Type") != statics[name].kind {
			t.Errorf("%s came to %d with %d bytes", name, got.status, len(got.body))
		}
	}
}

func TestASearchThatLooksOnlySoFarAtOnceGoesOn(t *testing.T) {
	f := office()
	c := newDeskOf(t, &farther{fake: f}).letIn()
	shows(t, c.get(c.base+"?text=A-1"), "Nothing that fits so far.", "before=7")
}

// farther is an engine whose search has found nothing yet.
type farther struct{ *fake }

func (f *farther) Transfers(ctx context.Context, q watcher.Query) (watcher.Page, error) {
	if q.Text == "" {
		return f.fake.Transfers(ctx, q)
	}
	return watcher.Page{Next: "7"}, nil
}

func TestAListInDoubtAsksAndNeitherAnswerStandsOut(t *testing.T) {
	f := office()
	c := newDesk(t, f).letIn()
	shows(t, c.get(c.base+"list/l1"), "12 new, 3 changed", "Net price: 10.50 → 11.00", "-do-gone")
	f.locked(func() {
		f.lists[0].Asks, f.lists[0].Missing, f.lists[0].Problem = true, 380, &watcher.Problem{Code: "listShrunk"}
	})
	got := c.get(c.base + "list/l1")
	shows(t, got, "do-gone", "do-incomplete", "Until you say so, nothing counts as removed.", `-class="filled"`)
	if answered := c.post("list/l1/gone", nil); !strings.HasSuffix(answered.header.Get("Location"), "/list/l1") {
		t.Errorf("the answer leads to %s", answered.header.Get("Location"))
	}
}

func TestRecordsOfAResultAreCountedAndLookedFor(t *testing.T) {
	c := newDesk(t, office()).letIn()
	shows(t, c.get(c.base+"file/t3"), "37 accepted, 3 refused", "Only 3 are shown here", "Technical details", "84 ms")
	shows(t, c.get(c.base+"file/t3?find=77-B"), "A-2044", "-A-2031", "-Only 3", `value="77-B"`)
	shows(t, c.get(c.base+"file/t3?find=%3Cb%3E"), "None of them fits “&lt;b&gt;”.")
}
