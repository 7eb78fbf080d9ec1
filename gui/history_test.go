package gui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

const million = 1_000_000

// old is the n-th transfer of a long history, the newest being million.
func old(n int) watcher.Transfer {
	at := now.Add(-time.Duration(million-n) * 90 * time.Second)
	name := fmt.Sprintf("orders-%07d.json", n)
	return watcher.Transfer{
		ID: "h" + strconv.Itoa(n), Connection: "c1", Company: "Acme Ltd", Domain: "ecommerce", Scope: "orders", Name: name,
		State: journal.Accepted, Records: 3, CreatedAt: at, EndedAt: at.Add(time.Minute), UpdatedAt: at,
	}
}

// longHistory is an engine with a million transfers. It looks at no more than 20,000 for a page, as the real one does.
func longHistory() *fake {
	f := acme()
	f.lists = nil
	newest := million
	f.history = func(q watcher.Query) (page watcher.Page) {
		from := newest
		if q.Before != "" {
			before, _ := strconv.Atoi(q.Before)
			from = before - 1
		}
		for n := from; n > 0; n-- {
			t := old(n)
			if !q.Since.IsZero() && t.CreatedAt.Before(q.Since) {
				return page
			}
			if from-n == 20_000 || len(page.Transfers) == q.Limit {
				page.Next, page.Back = strconv.Itoa(n+1), t.CreatedAt
				return page
			}
			if strings.Contains(t.Name, q.Text) && (q.Until.IsZero() || t.CreatedAt.Before(q.Until)) {
				page.Transfers = append(page.Transfers, t)
				page.Count++
			}
		}
		return page
	}
	return f
}

// scrollTo scrolls as a person does, page by page, until a row is there or it goes no further.
func (s *screen) scrollTo(row int) {
	s.t.Helper()
	for before := -1; len(s.files.shelf.items) < row && before != len(s.files.shelf.items); {
		before = len(s.files.shelf.items)
		s.files.list.ScrollToOffset(float32(before)*widgets.RowHeight - s.files.list.Size().Height)
		s.settle()
	}
}

func TestAMillionTransfersAreScrolledThroughInPages(t *testing.T) {
	s := open(t, longHistory(), normal)
	if got := len(s.files.shelf.items); got != pageSize {
		t.Fatalf("%d rows at first", got)
	}
	s.scrollTo(2_000)
	if got := len(s.files.shelf.items); got < 2_000 || got > 2_000+3*pageSize {
		t.Fatalf("%d rows", got)
	}
	for n, i := range s.files.shelf.items {
		if want := "t:h" + strconv.Itoa(million-n); i.key() != want || s.files.shelf.find(want) != n {
			t.Fatalf("row %d is %s, want %s", n, i.key(), want)
		}
	}
}

func TestANewFileWhileAPersonReadsFarDownMovesNothingAndLoadsLittle(t *testing.T) {
	engine := longHistory()
	s := open(t, engine, normal)
	s.scrollTo(5_000)
	s.files.list.ScrollToOffset(3_000*widgets.RowHeight + 7)
	read := s.files.shelf.items[3_000].key()
	rows := len(s.files.shelf.items)
	engine.change(func() {
		before := engine.history
		engine.history = func(q watcher.Query) watcher.Page {
			page := before(q)
			if q.Before == "" {
				page.Transfers = slices.Insert(page.Transfers, 0, watcher.Transfer{ID: "new", Company: "Acme Ltd", Name: "new.json", State: journal.Queued, CreatedAt: now})
			}
			return page
		}
	})
	asked := engine.askedFor("Transfers")
	engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "new", Company: "Acme Ltd"}
	s.until("the new file", func() bool { return s.files.shelf.find("t:new") == 0 })
	if at := s.files.shelf.find(read); at != 3_001 || s.files.list.GetScrollOffset() != 3_001*widgets.RowHeight+7 {
		t.Errorf("what is read stands at %d, shown from %v", at, s.files.list.GetScrollOffset())
	}
	if got := len(s.files.shelf.items); got != rows+1 {
		t.Errorf("%d rows, before %d", got, rows)
	}
	if n := engine.askedFor("Transfers") - asked; n > mostNew/pageSize {
		t.Errorf("%d pages were loaded for one file", n)
	}
}

func TestTheListEndsWhereAPersonIsBetterOffSearching(t *testing.T) {
	s := open(t, longHistory(), normal)
	s.scrollTo(mostRows + 1)
	last := len(s.files.shelf.items) - 1
	if last != mostRows || s.files.shelf.items[last].key() != "older" {
		t.Fatalf("%d rows, the last is %s", last+1, s.files.shelf.items[last].key())
	}
	asked := s.engine.askedFor("Transfers")
	s.files.list.ScrollToBottom()
	s.settle()
	if s.engine.askedFor("Transfers") != asked {
		t.Error("it loads on")
	}
	s.files.list.Select(last)
	if s.win.Canvas().Overlays().Top() == nil || s.files.open != "" {
		t.Error("it does not lead to the dates")
	}
}

func TestASearchGoesOnThroughAHistoryThatIsLookedThroughInParts(t *testing.T) {
	engine := longHistory()
	s := open(t, engine, normal)
	test.Type(s.files.search, "-0900000")
	s.until("the first answers", func() bool { return s.files.empty.content.Visible() })
	if said := s.files.empty.words.Text(); !strings.Contains(said, "Looked back to") {
		t.Errorf("meanwhile it says %q", said)
	}
	s.look("empty-looking-light")
	s.until("the file", func() bool { return s.files.shelf.find("t:h900000") == 0 })
	if s.files.empty.content.Visible() {
		t.Error("it still says that nothing was found")
	}
}

func TestAPersonChoosesASpanOfDays(t *testing.T) {
	engine := longHistory()
	s := open(t, engine, normal)
	for span, since := range map[int]time.Time{
		spanToday: at(24, 0, 0, 0), spanWeek: at(18, 0, 0, 0), spanMonth: time.Date(2026, 10, 26, 0, 0, 0, 0, time.Local),
	} {
		test.Tap(s.files.days)
		menu := s.menu()
		menu[span].Action()
		s.settle()
		if !s.files.query.Since.Equal(since) {
			t.Errorf("%s: since %v", menu[span].Label, s.files.query.Since)
		}
		if s.files.days.Text != menu[span].Label {
			t.Errorf("the button says %q", s.files.days.Text)
		}
		for _, i := range s.files.shelf.items {
			if i.at().Before(since) {
				t.Fatalf("%s: a row of %v", menu[span].Label, i.at())
			}
		}
	}
	s.files.chooseSpan(spanToday)
	s.settle()
	if said := s.files.aside.Text; said != strconv.Itoa(len(s.files.shelf.transfers))+" found" && !strings.Contains(said, "found") {
		t.Errorf("beside the headline: %q", said)
	}
	s.look("days-light")
}

// menu is the menu that is open.
func (s *screen) menu() []*fyne.MenuItem {
	s.t.Helper()
	items := s.files.menu
	if s.win.Canvas().Overlays().Top() == nil || len(items) == 0 {
		s.t.Fatal("no menu is open")
	}
	s.win.Canvas().Overlays().Top().Hide()
	return items
}

func TestADayThatIsTypedIsLookedForAsADay(t *testing.T) {
	s := open(t, longHistory(), normal)
	for _, typed := range []string{"2026-11-23", "23.11.2026", "23/11/2026"} {
		s.files.search.SetText(typed)
		s.settle()
		q := s.files.query
		if !q.Since.Equal(at(23, 0, 0, 0)) || !q.Until.Equal(at(24, 0, 0, 0)) || q.Text != "" {
			t.Errorf("%s: %v to %v, text %q", typed, q.Since, q.Until, q.Text)
		}
	}
	s.files.search.SetText("24-11")
	s.settle()
	if q := s.files.query; q.Text != "24-11" || !q.Since.IsZero() {
		t.Errorf("a part of a name: %+v", q)
	}
}

func TestAnEmptySearchSaysWhatWasSearchedAndOffersTheRest(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.filters.Choose(filterDone)
	s.files.chooseSpan(spanWeek)
	s.files.ask(func(q *watcher.Query) { q.Scope = "orders" })
	s.files.search.SetText("borrowed")
	s.settle()
	said := s.files.empty.words.Text()
	for _, part := range []string{"borrowed", "Acme Ltd", "Orders", "Done", "Last 7 days"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q does not name %q", said, part)
		}
	}
	s.look("empty-searched-light")
	test.Tap(s.files.empty.button)
	s.settle()
	q := s.files.query
	if q.Text != "borrowed" || q.Scope != "" || q.Filter != watcher.FilterAll || !q.Since.IsZero() {
		t.Errorf("looked for %+v", q)
	}
	if s.files.empty.button.Visible() {
		t.Error("there is nowhere else to look")
	}
}

func TestHowManyWereFoundStandsBesideTheHeadline(t *testing.T) {
	engine := acme()
	engine.history = func(watcher.Query) watcher.Page {
		return watcher.Page{Transfers: []watcher.Transfer{old(1)}, Count: 1000, More: true}
	}
	s := open(t, engine, normal)
	if said := s.files.aside.Text; !strings.Contains(said, "accepted today") {
		t.Errorf("%q", said)
	}
	test.Type(s.files.search, "orders")
	s.settle()
	if said := s.files.aside.Text; said != "more than 1,000 found" {
		t.Errorf("%q", said)
	}
}
