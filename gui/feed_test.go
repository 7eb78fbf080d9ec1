package gui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher"
)

// listen runs a feed in a bubble and collects its answers, each with its time.
type listen struct {
	*feed
	mu      sync.Mutex // guards all below
	answers []answer
	times   []time.Time
	ticks   int
	end     func()
}

func follow(engine *fake, query watcher.Query) *listen {
	l := &listen{}
	l.feed = newFeed(engine, func(f func()) { f() }, slog.New(slog.DiscardHandler))
	l.show = func(a answer) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.answers, l.times = append(l.answers, a), append(l.times, time.Now())
	}
	l.tick = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.ticks++
	}
	l.see(func(v *view) { v.query, v.rows = query, pageSize })
	ctx, cancel := context.WithCancel(context.Background())
	go l.run(ctx)
	l.end = func() {
		cancel()
		<-l.stopped
	}
	synctest.Wait()
	return l
}

func (l *listen) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answers)
}

func (l *listen) last() answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers[len(l.answers)-1]
}

var acmes = watcher.Query{Company: "Acme Ltd"}

func TestAThousandEventsAreAFewUpdatesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := acme()
		l := follow(engine, acmes)
		defer l.end()
		l.see(func(v *view) { v.known = map[string]bool{"t6": true} })
		before := l.count()
		for range 1000 {
			time.Sleep(3 * time.Millisecond) // of the bubble
			engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "t6"}
		}
		time.Sleep(time.Second)
		updates := l.count() - before
		if updates < 6 || updates > 10 { // quickly at first, then twice a second
			t.Errorf("%d updates in three seconds", updates)
		}
		for i := before + 1; i < len(l.times); i++ {
			if gap := l.times[i].Sub(l.times[i-1]); gap < feedPace {
				t.Fatalf("two updates within %v", gap)
			}
		}
		if got := l.last().changed; len(got) != 1 || got[0].ID != "t6" {
			t.Errorf("the last update changes %v", got)
		}
	})
}

func TestAnEventIsShownWithinATenthOfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := acme()
		l := follow(engine, acmes)
		defer l.end()
		time.Sleep(time.Minute)
		before, sent := l.count(), time.Now()
		engine.events <- watcher.Event{Kind: watcher.EventConnection}
		synctest.Wait()
		if l.count() != before+1 || l.times[before].Sub(sent) > feedPace {
			t.Errorf("%d updates", l.count()-before)
		}
	})
}

func TestWhatThePersonAsksForIsNotKeptWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := follow(acme(), acmes)
		defer l.end()
		before, asked := l.count(), time.Now()
		l.want(wish{rows: true})
		synctest.Wait()
		if l.count() != before+1 || time.Since(asked) != 0 || l.last().page == nil {
			t.Error("the rows did not come at once")
		}
	})
}

func TestOnlyWhatChangedIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := acme()
		l := follow(engine, acmes)
		defer l.end()
		l.see(func(v *view) { v.known = map[string]bool{"t6": true} })
		whole := engine.askedFor("Transfers")
		engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "t6"}
		time.Sleep(time.Second)
		if engine.askedFor("Transfers") != whole || engine.askedFor("Transfer t6") != 1 {
			t.Error("one change loads the whole list")
		}
		engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: "t9"} // a new one
		time.Sleep(time.Second)
		if engine.askedFor("Transfers") != whole+1 {
			t.Error("a new file does not load the list")
		}
		for i := range 50 {
			engine.events <- watcher.Event{Kind: watcher.EventTransfer, ID: fmt.Sprint("t", i)}
		}
		single := engine.askedFor("Transfer ")
		time.Sleep(time.Second)
		if engine.askedFor("Transfer ") != single {
			t.Error("many changes are asked for one by one")
		}
	})
}

func TestAnEngineThatDoesNotAnswerIsAskedAgainAndThenEverythingIsLoaded(t *testing.T) {
	for name, silence := range map[string]func(*fake, error){
		"no stream and no answer": func(f *fake, err error) { f.err, f.deaf = err, err },
		"no answer":               func(f *fake, err error) { f.err = err },
	} {
		t.Run(name, func(t *testing.T) { askedAgain(t, silence) })
	}
}

func askedAgain(t *testing.T, silence func(*fake, error)) {
	synctest.Test(t, func(t *testing.T) {
		engine := acme()
		silence(engine, errors.New("no agent is running"))
		l := follow(engine, acmes)
		defer l.end()
		if l.last().err == nil {
			t.Fatal("silence is not told")
		}
		time.Sleep(10 * feedRetry)
		if n := l.count(); n < 5 || n > 11 {
			t.Errorf("asked %d times in ten spans", n)
		}
		engine.change(func() { silence(engine, nil) })
		time.Sleep(2 * feedRetry)
		if a := l.last(); a.err != nil || a.overview == nil || a.page == nil || !a.hasDrafts {
			t.Errorf("after it came back: %+v", a)
		}
	})
}

func TestAnEventStreamThatEndsIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := acme()
		l := follow(engine, acmes)
		defer l.end()
		old := engine.events
		engine.change(func() { engine.events = make(chan watcher.Event, 10) })
		close(old)
		time.Sleep(time.Second)
		before := l.count()
		engine.events <- watcher.Event{Kind: watcher.EventAll}
		time.Sleep(time.Second)
		if l.count() == before || l.last().page == nil {
			t.Error("the new stream is not heard")
		}
	})
}

func TestAllThatIsVisibleIsLoadedAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := many(1000)
		l := follow(engine, acmes)
		defer l.end()
		if got := len(l.last().page.Transfers); got != pageSize {
			t.Errorf("at first %d rows", got)
		}
		l.see(func(v *view) { v.rows = 450 })
		l.want(wish{rows: true})
		synctest.Wait()
		if got := len(l.last().page.Transfers); got != 3*pageSize {
			t.Errorf("with 450 visible %d rows", got)
		}
	})
}

func TestAnEngineInTroubleIsNotLeftWithOpenStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := acme()
		engine.err = errors.New("no answer")
		l := follow(engine, acmes)
		defer l.end()
		time.Sleep(10 * feedRetry)
		if n := engine.streams.Load(); n > 1 {
			t.Errorf("%d streams are open", n)
		}
	})
}

func TestAFeedEndsWithItsWindow(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		engine := acme()
		engine.err, engine.deaf = errors.New("silent"), errors.New("silent")
		follow(engine, acmes).end() // a goroutine that stayed would hang the bubble
	})
}

func TestTimesMoveOnWithoutAQuestionToTheEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := acme()
		l := follow(engine, acmes)
		defer l.end()
		asked := engine.askedFor("")
		time.Sleep(5 * time.Minute)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.ticks < 9 || engine.askedFor("") != asked {
			t.Errorf("%d ticks, %d questions", l.ticks, engine.askedFor("")-asked)
		}
	})
}

func TestAFloodOfEventsIsRememberedInAFewWords(t *testing.T) {
	var w wish
	for i := range 10_000 {
		w.add(wished(watcher.Event{Kind: watcher.EventTransfer, ID: fmt.Sprint(i), Company: "Acme Ltd"}))
	}
	if len(w.ids) > fewIDs || len(w.events) != 1 || !w.rows || !w.open {
		t.Errorf("%d IDs and %d events; rows %v, details %v", len(w.ids), len(w.events), w.rows, w.open)
	}
}

func TestAnUpdateIsQuickAgainAfterAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := acme()
		l := follow(engine, acmes)
		defer l.end()
		for range 1000 {
			time.Sleep(time.Millisecond)
			engine.events <- watcher.Event{Kind: watcher.EventConnection}
		}
		time.Sleep(2 * time.Second)
		before := l.count()
		engine.events <- watcher.Event{Kind: watcher.EventConnection}
		time.Sleep(feedPace)
		engine.events <- watcher.Event{Kind: watcher.EventConnection}
		time.Sleep(2 * feedPace)
		if n := l.count() - before; n != 2 {
			t.Errorf("%d updates for two events that came one after the other", n)
		}
	})
}

func TestWishesAreAddedUp(t *testing.T) {
	var w wish
	w.add(wished(watcher.Event{Kind: watcher.EventTransfer, ID: "1"}))
	w.add(wished(watcher.Event{Kind: watcher.EventTransfer, ID: "1"}))
	w.add(wished(watcher.Event{Kind: watcher.EventSettings}))
	w.add(wished(watcher.Event{Kind: watcher.EventRaise, Paths: []string{"a"}}))
	w.add(wished(watcher.Event{Kind: watcher.EventRaise, Paths: []string{"b"}}))
	w.add(wished(watcher.Event{Kind: watcher.EventRaise}))
	w.add(wished(watcher.Event{Kind: watcher.EventRaise}))
	if len(w.ids) != 1 || !w.settings || !w.overview || w.rows || len(w.events) != 6 {
		t.Errorf("%+v", w)
	}
}
