package watcher

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher/courier"
)

// A call that began before the platform asked for a pause, and then went well, does not shorten the pause.
func TestAPauseThePlatformAskedForIsKeptTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := testGate()
		defer g.stop()
		began := time.Now()
		first, err := g.enter(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		second, err := g.enter(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		throttled := courier.Failure{Kind: courier.Later, Shared: true, After: 30 * time.Second, Problem: Problem{Code: "platformThrottles"}}
		first(throttled, began)
		second(courier.Failure{}, began)

		third, err := g.enter(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited < 30*time.Second {
			t.Errorf("the next call went out after %v, not after 30 s", waited)
		}
		third(courier.Failure{}, time.Now())
		time.Sleep(gateSteady)
		synctest.Wait()
		if problem, _ := g.problem(); problem != nil {
			t.Errorf("the gate still waits for %v", problem)
		}
	})
}

// A pause that the platform asks for while the gate rests for another reason, or while one is out to try, is kept to as well.
func TestAPauseThatIsAskedForWhileTheGateIsClosedIsKeptTo(t *testing.T) {
	down := courier.Failure{Kind: courier.Later, Shared: true, Problem: Problem{Code: "networkDown"}}
	throttled := courier.Failure{Kind: courier.Later, Shared: true, After: 30 * time.Second, Problem: Problem{Code: "platformThrottles"}}
	for name, outcome := range map[string]*courier.Failure{"while it rests": nil, "while one tries, and is well": {}, "while one tries, and fails": &down} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := testGate()
				defer g.stop()
				enter := func() func(courier.Failure, time.Time) {
					leave, err := g.enter(t.Context(), nil)
					if err != nil {
						t.Fatal(err)
					}
					return leave
				}
				first, second := enter(), enter()
				first(down, time.Now())
				began := time.Now()
				if outcome != nil {
					probe := enter()
					began = time.Now()
					second(throttled, began)
					probe(*outcome, began)
				} else {
					second(throttled, began)
				}
				g.lift() // a word about the key, which is good
				last := enter()
				if waited := time.Since(began); waited != 30*time.Second {
					t.Errorf("the next call went out after %v, want 30 s", waited)
				}
				last(courier.Failure{}, time.Now())
			})
		})
	}
}

func TestAClockThatJumpsEndsAPauseOfOursAndNoneThatThePlatformAskedFor(t *testing.T) {
	for _, c := range []struct {
		after, want time.Duration
	}{{0, 0}, {30 * time.Second, 30 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			g := testGate()
			defer g.stop()
			began := time.Now()
			first, err := g.enter(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			first(courier.Failure{Kind: courier.Later, Shared: true, After: c.after, Problem: Problem{Code: "networkDown"}}, began)
			g.jumped()
			second, err := g.enter(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(began); waited != c.want {
				t.Errorf("the next went out after %v, want %v", waited, c.want)
			}
			second(courier.Failure{}, time.Now())
		})
	}
}

func TestOfThoseWhoWaitTheFirstToComeTries(t *testing.T) {
	g := newGate(func() float64 { return 0 }, func() {})
	g.trouble, g.resting = &Problem{Code: "networkDown"}, true
	first, second, late := new(waiter), new(waiter), new(waiter)
	for _, w := range []*waiter{first, second} {
		if _, ok, _ := g.pass(w); ok {
			t.Fatal("somebody passed a gate that rests")
		}
	}
	g.try()
	for _, w := range []*waiter{second, late} {
		if _, ok, _ := g.pass(w); ok {
			t.Error("somebody was let through before the first to come")
		}
	}
	g.part(first)
	if probe, ok, _ := g.pass(second); !ok || !probe {
		t.Error("the first to come has gone, and the second may not try")
	}
}

// The network comes back for one call and is gone at the next, over and over: whoever listens hears of one trouble, with one
// beginning, and that it is over once it has stayed away for a while.
func TestATroubleThatComesAndGoesIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g *gate
		var heard []string
		g = newGate(func() float64 { return 0 }, func() {
			problem, _ := g.problem()
			if problem == nil {
				heard = append(heard, "")
				return
			}
			heard = append(heard, problem.Code)
		})
		defer g.stop()
		down := courier.Failure{Kind: courier.Later, Shared: true, Problem: Problem{Code: "networkDown"}}
		began := time.Now()
		for _, f := range []courier.Failure{down, {}, down, {}, down, down, {}, {}} {
			leave, err := g.enter(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			leave(f, time.Now())
		}
		if _, since := g.problem(); !since.Equal(began) {
			t.Errorf("it is said to have begun %v later than it did", since.Sub(began))
		}
		if cause := g.cause(); cause == nil || !cause.RetryAt.IsZero() {
			t.Errorf("nobody waits for another try any more, and the cause is %+v", cause)
		}
		time.Sleep(gateSteady)
		synctest.Wait()
		if want := []string{"networkDown", ""}; !slices.Equal(heard, want) {
			t.Errorf("heard %q, want %q", heard, want)
		}
		leave, err := g.enter(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		leave(down, time.Now())
		if _, since := g.problem(); !since.Equal(time.Now()) {
			t.Error("a later trouble is said to have begun with the one before")
		}
	})
}
