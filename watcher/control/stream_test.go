package control

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher"
)

// next is the following event; a stream that has none left fails the test by its own time limit.
func next(t *testing.T, events <-chan watcher.Event) watcher.Event {
	t.Helper()
	event, open := <-events
	if !open {
		t.Fatal("the stream ended")
	}
	return event
}

func TestEventsArriveWholeAndInOrder(t *testing.T) {
	home, engine := t.TempDir(), newRecorder()
	startAgent(t, engine, home)
	events, err := New(home).Events(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		engine.events <- watcher.Event{Kind: watcher.EventRaise, ID: fmt.Sprint(i), Paths: []string{"/a\nb"}}
	}
	for i := range 100 {
		if e := next(t, events); e.ID != fmt.Sprint(i) || e.Kind != watcher.EventRaise || e.Paths[0] != "/a\nb" {
			t.Fatalf("event %d arrived as %+v", i, e)
		}
	}
}

func TestAStreamOutlivesItsAgentAndSaysThatSomethingWasMissed(t *testing.T) {
	home, engine := t.TempDir(), newRecorder()
	first := startAgent(t, engine, home)
	events, err := New(home).Events(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	engine.events <- watcher.Event{Kind: watcher.EventSettings}
	if e := next(t, events); e.Kind != watcher.EventSettings {
		t.Fatalf("first came %+v", e)
	}
	first.end()
	if e := next(t, events); e.Kind != watcher.EventAll {
		t.Fatalf("when the agent left came %+v", e)
	}
	startAgent(t, engine, home)
	if e := next(t, events); e.Kind != watcher.EventAll {
		t.Fatalf("when the agent was back came %+v", e)
	}
	engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "t9"}
	if e := next(t, events); e.Kind != watcher.EventTransfer || e.ID != "t9" {
		t.Fatalf("from the new agent came %+v", e)
	}
}

func TestAStreamEndsWithItsContext(t *testing.T) {
	home, engine := t.TempDir(), newRecorder()
	agent := startAgent(t, engine, home)
	ctx, cancel := context.WithCancel(t.Context())
	listening, err := New(home).Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for range listening { // whatever is left is let go
	}

	// The same while the agent is away.
	ctx, cancel = context.WithCancel(t.Context())
	waiting, err := New(home).Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	agent.end()
	next(t, waiting)
	cancel()
	for range waiting { // likewise
	}
}

func TestASlowListenerHearsOneEventAllAndNoRaiseIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard, out := make(chan watcher.Event), make(chan watcher.Event)
		go deliver(heard, out)
		heard <- watcher.Event{Kind: watcher.EventRaise, ID: "window"}
		for i := range 10 * maxUndelivered {
			heard <- watcher.Event{Kind: watcher.EventTransfer, ID: fmt.Sprint(i)}
		}
		synctest.Wait()
		var all, raised, others int
		for {
			var event watcher.Event
			select {
			case event = <-out:
			default:
			}
			switch event.Kind {
			case "":
				close(heard)
				if _, open := <-out; open {
					t.Error("the stream went on after its end")
				}
				if all != 1 || raised != 1 || others > maxUndelivered {
					t.Errorf("heard %d times all, %d raises, %d others", all, raised, others)
				}
				return
			case watcher.EventAll:
				all++
			case watcher.EventRaise:
				raised++
			default:
				others++
			}
			synctest.Wait()
		}
	})
}

func TestAListenerThatTakesNothingIsLetGoAndAFloodOfRaisesIsBounded(t *testing.T) {
	var pending []watcher.Event
	for range 100 * maxUndelivered {
		pending = enqueue(pending, watcher.Event{Kind: watcher.EventRaise})
	}
	if len(pending) > 2*maxUndelivered+1 {
		t.Errorf("%d events wait", len(pending))
	}
}

// deadlineWriter is a response that a listener never takes: every write runs into its deadline.
type deadlineWriter struct {
	http.ResponseWriter
	deadline time.Time
}

func (w *deadlineWriter) SetWriteDeadline(at time.Time) error { w.deadline = at; return nil }
func (w *deadlineWriter) FlushError() error                   { return nil }
func (w *deadlineWriter) Write([]byte) (int, error) {
	time.Sleep(time.Until(w.deadline))
	return 0, context.DeadlineExceeded
}
func (w *deadlineWriter) Header() http.Header { return http.Header{} }

func TestAListenerAsleepIsLetGoAfterItsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://postroom"+eventsPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		streamEvents(newRecorder())(&deadlineWriter{}, request.WithContext(ctx))
		if waited := time.Since(began); waited != patience {
			t.Errorf("it was waited for %s", waited)
		}
		cancel()
	})
}

func TestAFloodOfEventsIsWrittenOncePerThing(t *testing.T) {
	var g gathered
	for i := range 10_000 {
		if g.add(watcher.Event{Kind: watcher.EventTransfer, ID: fmt.Sprint("t", i%40), Company: "Acme Ltd"}) {
			t.Fatal("a transfer's change does not wait")
		}
	}
	if len(g.events) != 40 {
		t.Errorf("%d events for changes of 40 transfers", len(g.events))
	}
	for i := range 10_000 {
		g.add(watcher.Event{Kind: watcher.EventTransfer, ID: fmt.Sprint("t", i)})
	}
	if len(g.events) > 2*maxUndelivered || g.events[0].Kind != watcher.EventAll {
		t.Errorf("%d events for changes of 10,000 transfers, first %+v", len(g.events), g.events[0])
	}
	if !g.add(watcher.Event{Kind: watcher.EventRaise, Paths: []string{"/a"}}) || !g.add(watcher.Event{Kind: watcher.EventStopping}) {
		t.Error("a window that is asked for waits")
	}
	if lines := bytes.Count(g.take(), []byte{'\n'}); lines > 2*maxUndelivered || len(g.events) != 0 {
		t.Errorf("%d lines, %d events left", lines, len(g.events))
	}
}
