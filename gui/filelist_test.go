package gui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"postroom/gui/widgets"
	"postroom/watcher"
	"postroom/watcher/journal"
)

func TestFiltersAndSearchAskForOtherRows(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.filters.Choose(filterNeedsYou)
	s.settle()
	if got := keys(s.files.shelf); !slices.Equal(got, []string{"t:t3"}) {
		t.Errorf("needs you: %v", got)
	}
	s.files.filters.Choose(filterDone)
	s.settle()
	if got := keys(s.files.shelf); !slices.Equal(got, []string{"t:t4", "t:t3", "l:l1", "t:t1"}) {
		t.Errorf("done: %v", got)
	}
	s.files.filters.Choose(filterAll)
	s.win.Canvas().(interface{ Focus(fyne.Focusable) }).Focus(s.files.search)
	test.Type(s.files.search, "24-11")
	s.settle()
	if got := keys(s.files.shelf); !slices.Equal(got, []string{"t:t6", "t:t4"}) {
		t.Errorf("search: %v", got)
	}
	test.Type(s.files.search, "zzz")
	s.settle()
	if !s.files.empty.content.Visible() || !strings.Contains(s.files.empty.words.Text(), "24-11zzz") {
		t.Error("an empty list says nothing")
	}
	s.look("empty-search-light")
	s.press(fyne.KeyEscape)
	s.settle()
	if s.files.search.Text != "" || len(s.files.shelf.items) != 6 {
		t.Error("Escape does not end the search")
	}
}

func TestTheScopeIsChosenFromAMenu(t *testing.T) {
	s := open(t, acme(), normal)
	test.Tap(s.files.scope)
	menu, ok := s.win.Canvas().Overlays().Top().(fyne.Widget)
	if !ok {
		t.Fatal("no menu")
	}
	s.look("scope-light")
	menu.Hide()
	s.files.ask(func(q *watcher.Query) { q.Scope = "products" })
	s.settle()
	if got := keys(s.files.shelf); !slices.Equal(got, []string{"l:l1"}) {
		t.Errorf("products: %v", got)
	}
}

func TestALongHistoryIsLoadedAsFarAsItIsRead(t *testing.T) {
	engine := many(12_000)
	s := open(t, engine, normal)
	if got := len(s.files.shelf.transfers); got != pageSize {
		t.Fatalf("at first %d rows", got)
	}
	s.win.Canvas().Focus(s.files.list)
	for range 3 {
		s.press(fyne.KeyEnd)
		s.settle()
	}
	if got := len(s.files.shelf.transfers); got < 3*pageSize || got > 6*pageSize {
		t.Errorf("after three times End %d rows", got)
	}
	asked := engine.askedFor("Transfers")
	s.press(fyne.KeyHome)
	s.settle()
	if s.files.list.GetScrollOffset() != 0 || engine.askedFor("Transfers") > asked+1 {
		t.Error("going back loads again")
	}
}

func TestWhatIsReadStaysWhereItIsWhileRowsComeIn(t *testing.T) {
	engine := many(1000)
	s := open(t, engine, normal)
	s.files.list.ScrollToOffset(50 * widgets.RowHeight)
	s.settle()
	read := s.files.shelf.items[50].key()
	engine.change(func() {
		for i := range 3 {
			engine.transfers = slices.Insert(engine.transfers, 0, watcher.Transfer{
				ID: fmt.Sprint("new", i), Company: "Acme Ltd", Scope: "orders", Name: "new.json", State: journal.Queued, CreatedAt: now,
			})
		}
	})
	s.feed.want(wish{rows: true})
	s.until("the new rows", func() bool { return s.files.shelf.find("t:new2") == 0 })
	if at := s.files.shelf.find(read); s.files.list.GetScrollOffset() != float32(at)*widgets.RowHeight {
		t.Errorf("row %d is read, the list stands at %g", at, s.files.list.GetScrollOffset())
	}
}

func TestARowKeepsItsPlaceWhileItChanges(t *testing.T) {
	engine := acme()
	s := open(t, engine, normal)
	before := keys(s.files.shelf)
	engine.change(func() {
		engine.transfers[1].State, engine.transfers[1].Waits = journal.Processing, nil
	})
	engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "t5"}
	s.until("the change", func() bool { return s.files.shelf.items[1].transfer.State == journal.Processing })
	if got := keys(s.files.shelf); !slices.Equal(got, before) {
		t.Errorf("the rows are %v", got)
	}
}
