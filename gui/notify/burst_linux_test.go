package notify

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"postroom/gui/notify/notifytest"
	"postroom/watcher"
	"postroom/watcher/journal"
)

// TestFortyFailuresAtOnceAreOnePopupOnARealBusAndItsClickListsThem has everything real but the engine: the bus, the daemon's
// calls, the clock. A single file after it shows that the forty brought nothing else.
func TestFortyFailuresAtOnceAreOnePopupOnARealBusAndItsClickListsThem(t *testing.T) {
	bus := notifytest.StartBus(t)
	daemon := notifytest.StartDaemon(t, bus, "body", "actions")
	clicks := make(chan watcher.Target, 10)
	desk := openTestDesk(t, bus, func(show watcher.Target) { clicks <- show })
	w := &world{events: make(chan watcher.Event), transfers: make(map[string]watcher.Transfer)}
	w.settings.Language = "en"
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- New(Options{Engine: w, Desk: desk, Logger: slog.New(slog.DiscardHandler)}).Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the notifier ended with %v", err)
		}
	})
	w.becomes("before", journal.Queued) // taken once the notifier listens

	for i := range 40 {
		w.becomes(fmt.Sprint("orders-", i), journal.Unchecked, func(t *watcher.Transfer) {
			t.Problem = &watcher.Problem{Code: "bom"}
		})
	}
	click := func(body string, want watcher.Target) {
		t.Helper()
		popup := seen(t, daemon)
		if popup.Body != body {
			t.Fatalf("the pop-up says %q, want %q", popup.Body, body)
		}
		daemon.Click(t, popup.ID)
		select {
		case got := <-clicks:
			if got != want {
				t.Errorf("a click on %q shows %+v, want %+v", body, got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("a click on %q was not heard", body)
		}
	}
	click("40 files not sent, they have errors.", watcher.Target{Company: "Acme", Filter: watcher.FilterNeedsYou})
	w.becomes("late", journal.Accepted)
	click("late.json was accepted.", watcher.Target{Company: "Acme", Transfer: "late"})
}
