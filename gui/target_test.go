package gui

import (
	"fmt"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// clicked has a pop-up clicked that shows something.
func (s *screen) clicked(show watcher.Target) {
	s.t.Helper()
	s.engine.events <- watcher.Event{Kind: watcher.EventRaise, Show: show}
}

// opens waits until the details show an item, loaded.
func (s *screen) opens(key string) {
	s.t.Helper()
	s.until("the details of "+key, func() bool {
		d := s.files.details
		return s.page == nil && s.files.open == key && d.content.Visible() && d.item.key() == key && s.idle()
	})
}

func TestAClickOnAPopupOpensItsFilesDetailsFromWhereverThePersonIs(t *testing.T) {
	s := open(t, acme(), normal, func(o *Options) { o.Settings = SettingsPage })
	s.goSettings()
	s.clicked(watcher.Target{Company: "Acme Ltd", Transfer: "t3"})
	s.opens("t:t3")
	if got := s.files.details.title.Text; got != "orders-20-11.json" {
		t.Errorf("the details are of %q", got)
	}
	s.clicked(watcher.Target{Company: "Acme Ltd", List: "l1"})
	s.opens("l:l1")
	s.clicked(watcher.Target{Company: "Acme Ltd", List: "l1"}) // again: nothing moves
	s.settle()
	s.opens("l:l1")
}

func TestAClickShowsAFileThatWhatIsLookedForHides(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.filters.Choose(filterWaiting)
	s.files.search.SetText("25-11")
	s.until("one row", func() bool { return s.idle() && len(s.files.shelf.items) == 1 })
	s.clicked(watcher.Target{Company: "Acme Ltd", Transfer: "t4"})
	s.opens("t:t4")
	if s.files.filters.Chosen() != filterAll || s.files.search.Text != "" {
		t.Error("the list still hides what is open")
	}
	if s.files.shelf.find("t:t4") < 0 {
		t.Error("the file is not listed")
	}
}

func TestAClickShowsAFileFarDownTheHistory(t *testing.T) {
	engine := acme()
	for i := range 3 * pageSize {
		engine.transfers = append(engine.transfers, watcher.Transfer{
			ID: fmt.Sprint("h", i), Company: "Acme Ltd", Scope: "orders", Name: fmt.Sprintf("old-%d.json", i), State: journal.Accepted,
			CreatedAt: at(1, 1, 0, 0).Add(-time.Duration(i) * time.Minute),
		})
	}
	far := fmt.Sprint("h", 3*pageSize-1)
	s := open(t, engine, normal)
	if s.files.shelf.find("t:"+far) >= 0 {
		t.Fatal("it is loaded already")
	}
	s.clicked(watcher.Target{Company: "Acme Ltd", Transfer: far})
	s.opens("t:" + far)
	if len(s.files.details.pressed) == 0 {
		t.Error("nothing can be done about it")
	}
}

func TestAClickOnManyListsThoseThatNeedThePerson(t *testing.T) {
	s := open(t, acme(), normal)
	s.files.list.Select(0)
	s.clicked(watcher.Target{Company: "Acme Ltd", Filter: watcher.FilterNeedsYou})
	s.until("the filter", func() bool {
		return s.files.filters.Chosen() == filterNeedsYou && s.files.open == "" && s.idle() && len(s.files.shelf.items) == 1
	})
}

func TestAClickOnWhatIsGoneSaysSo(t *testing.T) {
	s := open(t, acme(), normal)
	for _, gone := range []watcher.Target{
		{Company: "Acme Ltd", Transfer: "t99"},
		{Company: "Acme Ltd", List: "l99"},
	} {
		s.clicked(gone)
		s.until("a word about it", func() bool { return s.files.note.Visible() && s.idle() })
		if s.files.open != "" || s.files.coming != "" || s.files.details.content.Visible() {
			t.Errorf("details of nothing: %q, %q", s.files.open, s.files.coming)
		}
		s.files.tell("", "")
	}
}

func TestAClickOnAPopupOfACompanyThatIsGoneOrOfSeveralLeavesTheWindowAsItIs(t *testing.T) {
	s := open(t, acme(), normal, func(o *Options) { o.Settings = SettingsPage })
	s.goSettings()
	for _, show := range []watcher.Target{{Company: "Zeta", Transfer: "t3"}, {}} {
		s.clicked(show)
		s.settle()
		if s.place != placeSettings {
			t.Fatalf("%+v leaves the settings", show)
		}
	}
}

func TestAWindowThatAClickOpenedShowsTheFileAtOnce(t *testing.T) {
	s := open(t, acme(), normal, func(o *Options) { o.Show = watcher.Target{Company: "Acme Ltd", Transfer: "t3"} })
	s.opens("t:t3")
	s.look("clicked-light")
}
