package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// world is an engine as a Notifier sees it, and a desk that remembers what it was asked to show.
type world struct {
	events chan watcher.Event
	slow   time.Duration // how long the desk takes for a pop-up

	mu        sync.Mutex
	overview  watcher.Overview
	settings  watcher.Settings
	transfers map[string]watcher.Transfer
	lists     []watcher.List
	broken    error
	looks     int
	shown     []told
}

// told is a pop-up and when it was shown, counted from the beginning.
type told struct {
	at time.Duration
	Popup
}

var began time.Time

// inWorld runs a Notifier in a bubble with a clock of its own, for as long as play takes.
func inWorld(t *testing.T, play func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{events: make(chan watcher.Event), transfers: make(map[string]watcher.Transfer)}
		w.settings.Language = "en"
		began = time.Now()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- New(Options{Engine: w, Desk: w, Logger: slog.New(slog.DiscardHandler)}).Run(ctx)
		}()
		synctest.Wait()
		play(t, w)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the notifier ended with %v", err)
		}
	})
}

// becomes puts a transfer into a state and says so.
func (w *world) becomes(id string, s journal.State, change ...func(*watcher.Transfer)) {
	t := watcher.Transfer{
		ID: id, Company: "Acme", Scope: "orders", Name: id + ".json", State: s,
		UpdatedAt: time.Now(), EndedAt: time.Now(),
	}
	for _, c := range change {
		c(&t)
	}
	w.mu.Lock()
	w.transfers[id] = t
	w.mu.Unlock()
	w.events <- watcher.Event{Kind: watcher.EventTransfer, ID: id}
}

// wait lets time pass, which makes everything happen that is due within it.
func (w *world) wait(d time.Duration) {
	time.Sleep(d) // the bubble's time
	synctest.Wait()
}

// popups are what was shown since it was asked last.
func (w *world) popups() []told {
	w.mu.Lock()
	defer w.mu.Unlock()
	shown := w.shown
	w.shown = nil
	return shown
}

func (w *world) change(c func()) {
	w.mu.Lock()
	c()
	w.mu.Unlock()
	w.events <- watcher.Event{Kind: watcher.EventConnection}
}

func (w *world) Events(context.Context) (<-chan watcher.Event, error) { return w.events, nil }

func (w *world) Overview(context.Context) (watcher.Overview, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	return w.overview, w.broken
}

func (w *world) Settings(context.Context) (watcher.Settings, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.settings, w.broken
}

func (w *world) Transfer(_ context.Context, id string) (watcher.Detail, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, ok := w.transfers[id]
	if !ok {
		return watcher.Detail{}, errors.New("no such transfer")
	}
	return watcher.Detail{Transfer: t}, w.broken
}

func (w *world) Transfers(context.Context, watcher.Query) (watcher.Page, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return watcher.Page{Transfers: slices.Collect(maps.Values(w.transfers))}, w.broken
}

func (w *world) Lists(context.Context, string) ([]watcher.List, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lists, w.broken
}

func (w *world) Show(_ context.Context, p Popup) error {
	time.Sleep(w.slow) // the bubble's time
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shown = append(w.shown, told{time.Since(began), p})
	return w.broken
}

func (w *world) Close() error { return nil }

func bodies(shown []told) []string {
	var texts []string
	for _, s := range shown {
		texts = append(texts, s.Body)
	}
	return texts
}

func wantBodies(t *testing.T, w *world, want ...string) {
	t.Helper()
	if got := bodies(w.popups()); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestAnAcceptedFileIsToldSoonAfter(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.becomes("orders", journal.Processing)
		w.becomes("orders", journal.Accepted, func(t *watcher.Transfer) { t.Records = 40 })
		w.wait(burstQuiet)
		wantBodies(t, w, "orders.json was accepted, 40 orders.")
	})
}

func TestFilesOnTheirWayAreNotTold(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for _, s := range []journal.State{
			journal.Queued, journal.Claimed, journal.Created, journal.Sent, journal.Validating, journal.Processing, journal.Cancelled,
		} {
			w.becomes("orders", s)
		}
		w.wait(time.Hour)
		wantBodies(t, w)
	})
}

func TestABurstBecomesOnePopup(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i := range 40 {
			s := journal.Accepted
			if i%20 == 7 {
				s = journal.Refused
			}
			w.becomes(fmt.Sprint("orders-", i), s)
			w.wait(100 * time.Millisecond)
		}
		w.wait(burstQuiet)
		wantBodies(t, w, "38 files accepted, 2 refused.")
	})
}

func TestFortyFilesThatFailAtOnceAreOnePopup(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i := range 40 {
			w.becomes(fmt.Sprint("orders-", i), journal.Unchecked, func(t *watcher.Transfer) {
				t.Problem = &watcher.Problem{Code: "bom"}
			})
		}
		w.wait(2 * time.Hour)
		wantBodies(t, w, "40 files not sent, they have errors.")
	})
}

func TestAStreamThatNeverPausesIsToldAllTheSame(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i := range 200 {
			w.becomes(fmt.Sprint("orders-", i), journal.Accepted)
			w.wait(time.Second)
		}
		shown := w.popups()
		if len(shown) != 4 {
			t.Fatalf("told %d times in 200 s: %q", len(shown), bodies(shown))
		}
		if shown[0].at > burstLong {
			t.Errorf("first told after %v", shown[0].at)
		}
	})
}

func TestFailingFilesAreToldOncePerStepHoweverMany(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i := range 720 { // two hours
			w.becomes(fmt.Sprint("orders-", i), journal.Refused, func(t *watcher.Transfer) {
				t.Problem = &watcher.Problem{Code: "tooLarge"}
			})
			w.wait(10 * time.Second)
		}
		shown := w.popups()
		if len(shown) != 4 {
			t.Fatalf("told %d times: %q", len(shown), bodies(shown))
		}
		for i, step := range []time.Duration{time.Minute, 10 * time.Minute, time.Hour} {
			if gap := shown[i+1].at - shown[i].at; gap < step {
				t.Errorf("told again after %v, within the step of %v", gap, step)
			}
		}
	})
}

func TestALaterLookAtAFileTellsNothingAndItsRefusedRecordsDo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.becomes("orders", journal.Accepted)
		w.wait(time.Minute)
		wantBodies(t, w, "orders.json was accepted.")
		w.becomes("orders", journal.Accepted) // the person looked at it
		w.wait(time.Hour)
		wantBodies(t, w)
		w.becomes("orders", journal.Accepted, func(t *watcher.Transfer) { t.Records, t.RefusedRecords = 40, 3 })
		w.wait(time.Minute)
		wantBodies(t, w, "orders.json: 3 of 40 orders refused. The others were accepted.")
	})
}

func TestWhatEndedBeforeTheAgentBeganIsNotNews(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.becomes("old", journal.Refused, func(t *watcher.Transfer) { t.EndedAt = t.EndedAt.Add(-time.Hour) })
		w.wait(time.Hour)
		wantBodies(t, w)
	})
}

func TestMissedEventsAreMadeUpFor(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.transfers["a"] = watcher.Transfer{ID: "a", Company: "Acme", Name: "a.json", State: journal.Accepted, EndedAt: time.Now()}
		w.lists = []watcher.List{{ID: "l", Company: "Acme", Scope: "products", ReceivedAt: time.Now(), Added: 12, Changed: 3}}
		w.events <- watcher.Event{Kind: watcher.EventAll}
		w.wait(burstQuiet)
		wantBodies(t, w, "1 file accepted, 1 new list from Sage.")
	})
}

func TestAListWithoutNewsIsNotTold(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.lists = []watcher.List{{ID: "l", Company: "Acme", Scope: "products", ReceivedAt: time.Now(), Records: 412}}
		w.events <- watcher.Event{Kind: watcher.EventList, ID: "l"}
		w.wait(time.Hour)
		wantBodies(t, w)
		w.lists[0].ID, w.lists[0].First = "m", true
		w.events <- watcher.Event{Kind: watcher.EventList, ID: "m"}
		w.wait(burstQuiet)
		wantBodies(t, w, "List of products from Sage for the first time: 412 products.")
	})
}

func TestOnlyWhatIsWantedIsTold(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settings.Notify = "needsMe"
		w.becomes("good", journal.Accepted)
		w.becomes("bad", journal.Refused)
		w.wait(time.Hour)
		wantBodies(t, w, "bad.json was refused by Sage.")
		w.settings.Notify = "none"
		w.becomes("worse", journal.Unknown)
		w.wait(time.Hour)
		wantBodies(t, w)
	})
}

func TestQuietKeepsPopupsBackUntilItEnds(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.change(func() { w.overview.QuietUntil = time.Now().Add(time.Hour) })
		w.wait(burstQuiet)
		for i := range 12 {
			w.becomes(fmt.Sprint("orders-", i), journal.Accepted)
			w.wait(time.Minute)
		}
		wantBodies(t, w)
		w.wait(time.Hour)
		shown := w.popups()
		if len(shown) != 1 || shown[0].Body != "12 files accepted." || shown[0].at != time.Hour {
			t.Errorf("told %v", shown)
		}
	})
}

// stops puts the connection of Acme into trouble.
func stops(w *world, code string, k watcher.KeyState) {
	w.overview.Companies = []watcher.Company{{Name: "Acme", Connections: []watcher.Connection{{
		ID: "c", Company: "Acme", Key: watcher.Key{State: k}, Problem: &watcher.Problem{Code: code},
	}}}}
}

func TestALockedKeyIsToldAtOnceAndTwiceMore(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.change(func() { stops(w, "keyLocked", watcher.KeyLocked) })
		w.wait(48 * time.Hour)
		shown := w.popups()
		if len(shown) != 3 {
			t.Fatalf("told %d times", len(shown))
		}
		for i, want := range []time.Duration{0, 10 * time.Minute, time.Hour} {
			if got := shown[i].at - burstQuiet; got != want {
				t.Errorf("told after %v, want %v", got, want)
			}
		}
		if !shown[0].Urgent || shown[0].Title != "Acme" {
			t.Errorf("told %+v", shown[0])
		}
	})
}

func TestANetworkThatComesBackWithinAMinuteIsNotTold(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.change(func() { stops(w, "network", watcher.KeyGood) })
		w.wait(50 * time.Second)
		w.change(func() { w.overview.Companies[0].Connections[0].Problem = nil })
		w.wait(time.Hour)
		wantBodies(t, w)
		w.change(func() { stops(w, "network", watcher.KeyGood) })
		w.wait(2 * time.Minute)
		if shown := w.popups(); len(shown) != 1 {
			t.Errorf("a network that stays away was told %d times", len(shown))
		}
	})
}

func TestANetworkThatComesAndGoesIsToldOncePerStep(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for range 60 { // two hours
			w.change(func() { stops(w, "network", watcher.KeyGood) })
			w.wait(70 * time.Second)
			w.change(func() { w.overview.Companies[0].Connections[0].Problem = nil })
			w.wait(50 * time.Second)
		}
		if shown := w.popups(); len(shown) > 4 {
			t.Errorf("told %d times in two hours", len(shown))
		}
	})
}

func TestALockedVaultIsToldWhenTheAgentStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{events: make(chan watcher.Event), settings: watcher.Settings{Language: "en"}}
		stops(w, "network", watcher.KeyGood)
		w.overview.VaultLocked = true
		began = time.Now()
		done := make(chan error)
		go func() {
			done <- New(Options{Engine: w, Desk: w, Logger: slog.New(slog.DiscardHandler)}).Run(t.Context())
		}()
		w.wait(time.Minute)
		shown := w.popups()
		if len(shown) != 1 || shown[0].Title != "Postroom" {
			t.Errorf("told %v", shown)
		}
		close(w.events) // the engine ends
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestASlowDesktopHoldsUpPopupsAndNothingElse(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.slow = 5 * time.Minute
		for i := range 100 {
			w.becomes(fmt.Sprint("orders-", i), journal.Accepted) // would block if events were not taken
			w.wait(10 * time.Second)
		}
		w.wait(time.Hour)
		total := 0
		for _, s := range w.popups() {
			var n int
			if _, err := fmt.Sscanf(s.Body, "%d file", &n); err != nil {
				n = 1 // told by its name
			}
			total += n
		}
		if total != 100 {
			t.Errorf("%d of 100 files were told", total)
		}
		if w.looks > 1000 {
			t.Errorf("the engine was asked %d times: something spins", w.looks)
		}
	})
}

func TestAnEngineThatDoesNotAnswerIsNotAskedWithoutEnd(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.broken = errors.New("no")
		w.becomes("orders", journal.Accepted)
		w.wait(24 * time.Hour)
		if w.looks > 100 {
			t.Errorf("asked %d times in a day", w.looks)
		}
	})
}
