package gui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"postroom/assets"
	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// detailed opens the details of one file with a result.
func detailed(t *testing.T, loaded, total int) *screen {
	t.Helper()
	engine := acme()
	engine.transfers = []watcher.Transfer{{
		ID: "x", Company: "Acme Ltd", Scope: "orders", Name: "x.json", State: journal.Accepted, RefusedRecords: 1, Records: total, CreatedAt: now,
	}}
	d := watcher.Detail{Result: &watcher.ResultCounts{Records: total, Refused: 1}}
	for i := range total {
		o := watcher.RecordOutcome{ID: fmt.Sprintf("A-%d", i), Status: "ok", Accepted: i > 0, SageID: fmt.Sprint(i)}
		engine.outcomes = append(engine.outcomes, o)
		if i < loaded {
			d.Outcomes = append(d.Outcomes, o)
		}
	}
	engine.details = map[string]watcher.Detail{"x": d}
	s := open(t, engine, normal)
	s.files.list.Select(0)
	s.settle()
	return s
}

func TestRecordsAreCountedAndAFewAreNotSearched(t *testing.T) {
	s := detailed(t, 12, 12)
	r := s.files.details.records
	if r.counts.Text != "11 accepted, 1 refused" || r.search.Visible() || r.note.Visible() || r.table.Shown() != 12 {
		t.Errorf("%q, search %v, note %v, %d shown", r.counts.Text, r.search.Visible(), r.note.Visible(), r.table.Shown())
	}
}

func TestManyRecordsAreSearchedAsAPersonTypes(t *testing.T) {
	s := detailed(t, 500, 500)
	r := s.files.details.records
	if !r.search.Visible() || r.table.Shown() != 20 {
		t.Fatalf("search %v, %d shown", r.search.Visible(), r.table.Shown())
	}
	test.Type(r.search, "a-49")
	if r.table.Shown() != 11 || s.engine.askedFor("Outcomes") != 0 {
		t.Errorf("%d fit", r.table.Shown())
	}
	s.files.details.loaded(opened{key: "t:x", transfer: &watcher.Detail{
		Transfer: s.engine.transfers[0], Outcomes: s.engine.details["x"].Outcomes[:499], Result: &watcher.ResultCounts{Records: 499, Refused: 1},
	}})
	if r.table.Shown() > 11 {
		t.Error("what is searched for is forgotten when the file changes")
	}
	test.Type(r.search, "x")
	if r.place.Visible() || !strings.Contains(r.note.Text(), "a-49x") {
		t.Errorf("nothing fits: %q", r.note.Text())
	}
	r.search.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if r.search.Text != "" || s.files.open == "" {
		t.Error("the first Escape does not empty the search")
	}
	r.search.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.files.open != "" {
		t.Error("the second Escape does not close the details")
	}
}

func TestRecordsThatAreNotLoadedAreAskedFor(t *testing.T) {
	s := detailed(t, 100, 3000)
	r := s.files.details.records
	if !strings.Contains(r.note.Text(), "100") {
		t.Errorf("nothing says that there are more: %q", r.note.Text())
	}
	r.search.SetText("A-2718")
	s.until("the record", func() bool { return r.table.Shown() == 1 })
	if s.engine.askedFor("Outcomes x A-2718") != 1 {
		t.Error("the engine was not asked")
	}
	r.search.SetText("A-1")
	r.search.SetText("") // the answer to the search before comes too late
	s.settle()
	if r.table.Shown() != 20 {
		t.Errorf("%d shown", r.table.Shown())
	}
}

func TestALongResultIsShownWithoutAHundredThousandWidgets(t *testing.T) {
	s := detailed(t, 1000, 100_000)
	r := s.files.details.records
	test.Tap(r.table.More())
	test.Tap(r.table.More())
	if r.table.Shown() != 220 {
		t.Errorf("%d shown", r.table.Shown())
	}
}

func TestCallsToThePlatformAreThereForWhoeverAsks(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.list.Select(3)
	s.settle()
	c := s.files.details.calls
	if !c.content.Visible() || c.table.Visible() {
		t.Fatal("the calls are shown to everybody, or to nobody")
	}
	test.Tap(c.button)
	if !c.table.Visible() || c.table.Shown() != 3 || c.button.Text != "Hide technical details" {
		t.Errorf("%d shown, %q", c.table.Shown(), c.button.Text)
	}
	s.files.list.Select(0) // another file: closed again, and none to show
	s.settle()
	if c.content.Visible() || c.open {
		t.Error("the calls of another file are still shown")
	}
}

func TestAListThatAsksHasTwoAnswersAndNeitherStandsOut(t *testing.T) {
	for words, want := range map[string]string{"They are gone from Sage": "ResolveList l1 true", "The list is incomplete": "ResolveList l1 false"} {
		t.Run(words, func(t *testing.T) {
			engine := acme()
			l := &engine.lists[0]
			l.Asks, l.Missing, l.Removed = true, 300, 0
			l.Problem = &watcher.Problem{Code: "listShrunken", Args: map[string]string{"before": "412", "now": "112"}}
			s := open(t, engine, normal)
			s.files.list.Select(4)
			s.settle()
			for _, b := range s.files.details.pressed {
				if b.Kind == widgets.Filled {
					t.Errorf("%q stands out", b.Text)
				}
			}
			if note := s.files.details.note.Text; !strings.Contains(note, "112") || !strings.Contains(note, "Are the 300 that are missing gone from Sage?") {
				t.Errorf("asked %q", note)
			}
			s.look("list-asks-light")
			test.Tap(s.button(words))
			s.asked(want)
		})
	}
}

func TestTryingAllAgainSaysHowManyThatWere(t *testing.T) {
	engine := acme()
	engine.overview.Companies[0].Counts.NeedsYou = 3
	engine.transfers = []watcher.Transfer{{
		ID: "x", Company: "Acme Ltd", Scope: "orders", Name: "x.json", State: journal.Refused, CreatedAt: now,
		Actions: []watcher.Action{watcher.ActionRetry, watcher.ActionDismiss},
	}}
	s := open(t, engine, normal)
	s.files.list.Select(0)
	s.settle()
	test.Tap(s.button("Try all again"))
	s.asked("RetryAll Acme Ltd")
	s.settle()
	if said := s.files.note.note.Text; said != "2 files are tried again." {
		t.Errorf("said %q", said)
	}
}

func TestAFileThatIsHeldBackIsNoBusinessOfTheHeadline(t *testing.T) {
	held := watcher.Transfer{
		Name: "x.json", Company: "Acme Ltd", State: journal.Held, CreatedAt: now, Problem: &watcher.Problem{Code: journal.HeldByPerson},
		Waits: &watcher.Problem{Code: journal.HeldByPerson},
	}
	s := newSpeaker(assets.For("en-GB"), func() time.Time { return now })
	row := s.TransferRow(held)
	if row.Action != "" || row.Line != "Held back by you" || row.Icon != "status-waiting" {
		t.Errorf("%+v", row)
	}
}
