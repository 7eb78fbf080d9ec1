package gate

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// turmoil has four processes of three goroutines each do ten effects, between naps that end at the same time.
func turmoil(g *Gate) {
	var all sync.WaitGroup
	for p := range 4 {
		process := g.Process(fmt.Sprint("p", p))
		for w := range 3 {
			all.Go(func() {
				for n := range 10 {
					e := Effect{Operation: "file.write", Path: fmt.Sprint(w, n)}
					if process.Pass(e) != nil {
						return
					}
					if g.Chance(3) {
						g.Count("fault")
					}
					_ = process.Done(e)
					time.Sleep(time.Millisecond)
				}
			})
		}
	}
	end := make(chan struct{})
	go func() {
		all.Wait()
		close(end)
	}()
	g.Run(end)
}

func TestOneSeedIsOneOrder(t *testing.T) {
	hashes := make(map[uint64]bool)
	for range 100 {
		synctest.Test(t, func(*testing.T) {
			g := New(7)
			g.Slow(5, time.Second)
			turmoil(g)
			hashes[g.Hash()] = true
		})
	}
	if len(hashes) != 1 {
		t.Errorf("one seed gave %d orders", len(hashes))
	}
}

func TestAnotherSeedIsAnotherOrder(t *testing.T) {
	hashes := make(map[uint64]bool)
	for seed := range uint64(20) {
		synctest.Test(t, func(*testing.T) {
			g := New(seed)
			turmoil(g)
			hashes[g.Hash()] = true
		})
	}
	if len(hashes) != 20 {
		t.Errorf("20 seeds gave %d orders", len(hashes))
	}
}

func TestADeadProcessHasNoEffects(t *testing.T) {
	for _, after := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := New(1)
			p := g.Process("engine")
			p.KillAt(3, after)
			end := make(chan struct{})
			var happened int
			var errs []error
			go func() {
				defer close(end)
				for range 5 {
					err := p.Pass(Effect{Operation: "file.write"})
					if err == nil {
						happened++
						err = p.Done(Effect{})
					}
					errs = append(errs, err)
				}
			}()
			g.Run(end)
			want := 2
			if after {
				want = 3
			}
			if happened != want {
				t.Errorf("after=%v: %d effects happened, want %d", after, happened, want)
			}
			for i, err := range errs {
				if dead := errors.Is(err, ErrDead); dead != (i >= 2) {
					t.Errorf("after=%v: effect %d came to %v", after, i, err)
				}
			}
		})
	}
}

func TestKillReleasesWhatIsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		p, other := g.Process("engine"), g.Process("person")
		errs := make(chan error, 1)
		go func() { errs <- p.Pass(Effect{Operation: "file.write"}) }()
		go func() { _ = other.Pass(Effect{Operation: "file.write"}) }()
		synctest.Wait()
		p.Kill()
		if err := <-errs; !errors.Is(err, ErrDead) {
			t.Errorf("a parked effect of a dead process came to %v", err)
		}
		if g.Parked() != 1 {
			t.Errorf("%d effects of others are parked, want 1", g.Parked())
		}
		other.Kill()
	})
}

func TestTheNthEffectFailsOnceOrForEver(t *testing.T) {
	g := New(1)
	g.Free(true)
	for _, forever := range []bool{false, true} {
		p := g.Process("engine")
		p.FailAt(2, forever)
		for i := 1; i <= 4; i++ {
			want := i == 2 || forever && i > 2
			if err := p.Pass(Effect{Operation: "file.write"}); errors.Is(err, ErrFault) != want {
				t.Errorf("forever=%v: effect %d came to %v", forever, i, err)
			}
		}
	}
}

func TestOneKindOfEffectFailsFromTheNthOn(t *testing.T) {
	g := New(1)
	g.Free(true)
	p := g.Process("engine")
	p.FailFrom(2, "net.")
	for i, operation := range []string{"net.GET", "file.write", "net.PUT", "file.read", "net.GET"} {
		want := i > 0 && strings.HasPrefix(operation, "net.")
		if err := p.Pass(Effect{Operation: operation}); errors.Is(err, ErrFault) != want {
			t.Errorf("effect %d, %s, came to %v", i+1, operation, err)
		}
	}
}

func TestTimeStandsStillWhileSomethingIsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		p := g.Process("engine")
		start := time.Now()
		end := make(chan struct{})
		go func() {
			defer close(end)
			for range 100 {
				_ = p.Pass(Effect{Operation: "file.write"})
			}
		}()
		defer time.AfterFunc(time.Hour, func() {}).Stop()
		g.Run(end)
		if passed := time.Since(start); passed != 0 {
			t.Errorf("%v went by", passed)
		}
	})
}

func TestEachEffectIsLookedAtByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(3)
		seen := 0
		g.AfterEach(func(passed []Effect) {
			if len(passed) > 1 {
				t.Errorf("%d effects at once", len(passed))
			}
			seen += len(passed)
		})
		turmoil(g)
		if seen != 4*3*10 {
			t.Errorf("%d effects were looked at, want 120", seen)
		}
	})
}

// twin waits for an effect that another waits for too, by a way of its own.
//
//go:noinline
func twin(p *Process) error { return p.Pass(Effect{Operation: "file.write", Path: "same"}) }

//go:noinline
func otherTwin(p *Process) error { return p.Pass(Effect{Operation: "file.write", Path: "same"}) }

func TestTheSameEffectIsToldApartByWhoWantsIt(t *testing.T) {
	var orders [2]string
	for i := range orders {
		for seed := range uint64(20) {
			synctest.Test(t, func(*testing.T) {
				g := New(seed)
				p := g.Process("engine")
				var all sync.WaitGroup
				var order strings.Builder
				ways := []func(){
					func() { _ = twin(p); order.WriteByte('a'); _ = p.Done(Effect{}) },
					func() { _ = otherTwin(p); order.WriteByte('b'); _ = p.Done(Effect{}) },
				}
				for n := range ways {
					all.Go(ways[(n+i)%2]) // whoever comes first
					synctest.Wait()
				}
				end := make(chan struct{})
				go func() {
					all.Wait()
					close(end)
				}()
				g.Run(end)
				orders[i] += order.String()
			})
		}
	}
	if orders[0] != orders[1] || !strings.Contains(orders[0], "ab") || !strings.Contains(orders[0], "ba") {
		t.Errorf("the orders depend on who came first: %q, %q", orders[0], orders[1])
	}
}
