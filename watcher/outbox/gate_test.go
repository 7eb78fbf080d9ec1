package outbox

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher/disk/disktest"
)

// gate has every effect on the file system wait until it is let through, one at a time, in an order that a seed
// decides. What it let through is the trace.
type gate struct {
	mu     sync.Mutex
	parked []parked
	trace  []string
}

type parked struct {
	what string
	pass chan struct{}
}

func (g *gate) before(op disktest.Op, name string) error {
	p := parked{what: string(op) + " " + name, pass: make(chan struct{})}
	g.mu.Lock()
	g.parked = append(g.parked, p)
	g.mu.Unlock()
	<-p.pass
	return nil
}

// run lets effects through until a time has passed and nothing waits.
func (g *gate) run(random *rand.Rand, d time.Duration) {
	end := time.Now().Add(d)
	for {
		synctest.Wait()
		if g.pass(random) {
			continue
		}
		if !time.Now().Before(end) {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
}

// pass lets one effect through, if one waits.
func (g *gate) pass(random *rand.Rand) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.parked) == 0 {
		return false
	}
	slices.SortStableFunc(g.parked, func(a, b parked) int { return strings.Compare(a.what, b.what) })
	i := random.IntN(len(g.parked))
	close(g.parked[i].pass)
	g.trace = append(g.trace, g.parked[i].what)
	g.parked = slices.Delete(g.parked, i, i+1)
	return true
}

// story plays one story under one seed and gives its trace and what was told.
func story(t *testing.T, seed uint64) (all []string) {
	inWorld(t, func(w *world) {
		g := &gate{}
		random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // the same numbers again are what it is for
		w.set(func() { w.fault = g.before })
		w.start()
		g.run(random, time.Second)
		for i := range 12 {
			name := fmt.Sprintf("Outbox/%s/%d.json", []string{"orders", "customers"}[i%2], random.IntN(8))
			switch random.IntN(5) {
			case 0:
				if err := os.RemoveAll(w.full(name)); err != nil {
					t.Fatal(err)
				}
			case 1:
				w.put(name, "[", 0)
			case 2:
				w.bell.lose()
			default:
				w.put(name, fmt.Sprintf(`[{"id":"%d"}]`, i), 0)
			}
			w.bell.ring(w.full(name))
			g.run(random, time.Duration(random.IntN(100))*time.Millisecond)
		}
		g.run(random, 2*time.Minute)
		all = g.trace
		for _, f := range w.take() {
			all = append(all, fmt.Sprint(f.Kind, f.Path, f.SHA256))
		}
		w.set(func() { w.fault = nil })
		for _, p := range g.parked {
			close(p.pass)
		}
	})
	return all
}

func TestOneSeedIsOneStory(t *testing.T) {
	stories := make(map[string]bool)
	for seed := range uint64(3) {
		first := story(t, seed)
		stories[fmt.Sprint(first)] = true
		for range 5 {
			if again := story(t, seed); !slices.Equal(first, again) {
				for i := range min(len(first), len(again)) {
					if first[i] != again[i] {
						t.Fatalf("seed %d: step %d was %q and is %q", seed, i, first[i], again[i])
					}
				}
				t.Fatalf("seed %d: %d steps and %d", seed, len(first), len(again))
			}
		}
	}
	if len(stories) < 3 {
		t.Errorf("3 seeds told %d stories", len(stories))
	}
}
