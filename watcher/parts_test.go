package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher/courier"
)

func shared(code string) courier.Failure {
	return courier.Failure{Kind: courier.Later, Shared: true, Problem: newProblem(code)}
}

func testGate() *gate { return newGate(func() float64 { return 0 }, func() {}) }

func TestAGateThatClosedLetsOneTryAndThenAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate()
		defer g.stop()
		leave, err := g.enter(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		leave(shared("networkDown"), time.Now())
		var mu sync.Mutex
		var entered []time.Duration
		began := time.Now()
		var lanes sync.WaitGroup
		for range 5 {
			lanes.Go(func() {
				for {
					leave, err := g.enter(t.Context(), nil)
					if err != nil {
						t.Error(err)
						return
					}
					at := time.Since(began)
					mu.Lock()
					entered = append(entered, at)
					mu.Unlock()
					if at < 10*time.Second {
						leave(shared("networkDown"), time.Now())
						continue
					}
					leave(courier.Failure{}, time.Now())
					return
				}
			})
		}
		lanes.Wait()
		// One a second, two and four seconds later, and when the one after eight comes back well the others at once.
		slices.Sort(entered)
		want := []time.Duration{1, 3, 7, 15, 15, 15, 15, 15}
		if len(entered) != len(want) {
			t.Fatalf("entered %v", entered)
		}
		for i := range want {
			if entered[i] != want[i]*time.Second {
				t.Errorf("entered %v", entered)
				break
			}
		}
		time.Sleep(gateSteady)
		synctest.Wait()
		if p, _ := g.problem(); p != nil {
			t.Errorf("it is still %v", p)
		}
	})
}

func TestAGateTellsOfItsChangesAndNotOfEveryCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		g := newGate(func() float64 { return 0 }, func() { told++ })
		defer g.stop()
		for range 10 {
			leave, err := g.enter(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			leave(courier.Failure{}, time.Now())
		}
		if told != 0 {
			t.Errorf("told %d times that all is well", told)
		}
		for _, f := range []courier.Failure{shared("networkDown"), shared("networkDown"), {}} {
			leave, err := g.enter(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			leave(f, time.Now())
		}
		time.Sleep(gateSteady)
		synctest.Wait()
		if told != 2 {
			t.Errorf("told %d times", told)
		}
	})
}

func TestAShutGateStaysShutWhateverTheTimeUntilItIsLifted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate()
		defer g.stop()
		g.close(newProblem("connectionLocked"))
		g.hurry()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Hour)
		defer cancel()
		if _, err := g.enter(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("entered: %v", err)
		}
		time.AfterFunc(time.Minute, g.lift)
		began := time.Now()
		if _, err := g.enter(t.Context(), nil); err != nil || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestAGateGivesUpItsPlaceToWhoeverWantsTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate()
		g.close(newProblem("connectionLocked"))
		wanted := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(wanted) })
		if _, err := g.enter(t.Context(), wanted); !errors.Is(err, courier.ErrYielded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestATryThatWasInterruptedLetsTheNextOneTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate()
		defer g.stop()
		leave, _ := g.enter(t.Context(), nil)
		leave(shared("networkDown"), time.Now())
		leave, err := g.enter(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		leave(courier.Failure{Kind: courier.Interrupted}, time.Now())
		leave, err = g.enter(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		leave(courier.Failure{Kind: courier.Refusal}, time.Now()) // the platform's word: there is a network
		time.Sleep(gateSteady)
		synctest.Wait()
		if p, _ := g.problem(); p != nil {
			t.Errorf("it is still %v", p)
		}
	})
}

func TestCustodyIsOneHandAtATimeInTheOrderOfAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCustody()
		wanted, give, err := c.take(t.Context(), "T1")
		if err != nil {
			t.Fatal(err)
		}
		var order []int
		var hands sync.WaitGroup
		for i := range 3 {
			hands.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				_, give, err := c.take(t.Context(), "T1")
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, i) // guarded by the custody itself
				time.Sleep(time.Second)
				give()
			})
		}
		<-wanted
		if _, giveOther, err := c.take(t.Context(), "T2"); err != nil {
			t.Error(err)
		} else {
			giveOther()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, _, err := c.take(ctx, "T1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		give()
		hands.Wait()
		if !slices.Equal(order, []int{0, 1, 2}) {
			t.Errorf("order %v", order)
		}
		if len(c.held) != 0 {
			t.Errorf("%d are remembered for ever", len(c.held))
		}
	})
}

func TestAnAgendaGivesWhatIsDueInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAgenda()
		began := time.Now()
		for id, after := range map[string]time.Duration{"c": time.Hour, "a": 0, "b": time.Minute, "d": 3 * time.Hour} {
			a.add(id, after)
		}
		for _, want := range []struct {
			id string
			at time.Duration
		}{{"a", 0}, {"b", time.Minute}, {"c", time.Hour}} {
			id, err := a.next(t.Context())
			if err != nil || id != want.id || time.Since(began) != want.at {
				t.Errorf("%s after %v, %v", id, time.Since(began), err)
			}
		}
		time.AfterFunc(time.Minute, a.hurry)
		if id, err := a.next(t.Context()); err != nil || id != "d" || time.Since(began) != time.Hour+time.Minute {
			t.Errorf("hurried: %s after %v, %v", id, time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Hour)
		defer cancel()
		if id, err := a.next(ctx); err == nil {
			t.Errorf("got %s", id)
		}
	})
}

func TestAListenerThatFallsBehindIsToldAll(t *testing.T) {
	h := newHub()
	ctx, cancel := context.WithCancel(t.Context())
	events := h.listen(ctx)
	for i := range 3 * backlog {
		h.emit(Event{Kind: EventTransfer, ID: fmt.Sprint(i)})
	}
	var last Event
	for range backlog {
		last = <-events
	}
	if last.Kind != EventAll || len(events) != 0 {
		t.Errorf("the last of the backlog is %+v, %d are left", last, len(events))
	}
	h.emit(Event{Kind: EventTransfer, ID: "again"})
	if e := <-events; e.ID != "again" {
		t.Errorf("afterwards: %+v", e)
	}
	cancel()
	for range events { // it is closed
	}
	h.close()
	if _, open := <-h.listen(t.Context()); open {
		t.Error("a closed hub lets listen")
	}
}

func TestALockNamesItsHolderAndOutlivesNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".postroom.lock")
	me := Holder{User: "ann", Computer: "desk", Home: "/home/ann", Process: 7, Alive: time.Now().UTC()}
	lock, err := FileLocks{}.Lock(t.Context(), path, me)
	if err != nil {
		t.Fatal(err)
	}
	_, err = FileLocks{}.Lock(t.Context(), path, Holder{User: "bob", Computer: "desk"})
	if held, is := errors.AsType[*HeldError](err); !is || held.Holder != me || !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	me.Alive = me.Alive.Add(time.Minute)
	if err := lock.Alive(me); err != nil {
		t.Error(err)
	}
	if h, err := readHolder(path); err != nil || h != me {
		t.Errorf("%+v, %v", h, err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
	next, err := FileLocks{}.Lock(t.Context(), path, Holder{User: "bob", Computer: "desk"})
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Release(); err != nil {
		t.Error(err)
	}
}

func TestALockWhoseFileWentAwayIsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".postroom.lock")
	lock, err := FileLocks{}.Lock(t.Context(), path, Holder{Computer: "desk"})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := lock.Alive(Holder{}); err == nil {
		t.Error("it is still held")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := lock.Alive(Holder{}); err == nil {
		t.Error("another file took its place, and it is still held")
	}
}

func TestALockOfAnotherComputerHoldsWhileItGivesSignsOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), ".postroom.lock")
		other := Holder{User: "bob", Computer: "laptop", Home: "/home/bob", Alive: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}
		write := func() {
			if err := os.WriteFile(path, []byte{'\n'}, 0o600); err != nil {
				t.Error(err)
			}
			if err := writeNote(path, note{Holder: other}); err != nil {
				t.Error(err)
			}
		}
		write()
		beat := time.AfterFunc(heartbeat, func() { // by its own clock, which is a year off
			other.Alive = other.Alive.Add(heartbeat)
			write()
		})
		_, err := FileLocks{}.Lock(t.Context(), path, Holder{User: "ann", Computer: "desk"})
		if held, is := errors.AsType[*HeldError](err); !is || held.Holder.User != "bob" {
			t.Errorf("got %v", err)
		}
		beat.Stop()
		lock, err := FileLocks{}.Lock(t.Context(), path, Holder{User: "ann", Computer: "desk"})
		if err != nil {
			t.Fatalf("a lock whose holder is dead: %v", err)
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestTransferIDsAreUUIDsThatSortByTime(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	last := ""
	for i := range 100 {
		id := transferID(at.Add(time.Duration(i) * time.Millisecond))
		if !form.MatchString(id) || id <= last {
			t.Errorf("%s after %s", id, last)
		}
		last = id
	}
}

// transferID is an ID as an engine would give it.
func transferID(now time.Time) string { return uuid(now, unique("")) }
