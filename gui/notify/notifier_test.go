package notify

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

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
