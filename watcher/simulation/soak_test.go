package simulation

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	flagSeeds = flag.Int("seeds", 0, "how many seeds to run; 0: 500, and 50 with the race detector")
	flagFrom  = flag.Uint64("from", 0, "the first seed")
	flagCount = flag.String("counts", "", "a file to which the counts are added, so that pieces of a long run add up")
	flagSeed  = flag.Int64("seed", -1, "one seed, with its story")
)

// TestSeedsKeepEveryPromise runs many plans. With -seed it tells the story of one.
func TestSeedsKeepEveryPromise(t *testing.T) {
	if *flagSeed >= 0 {
		tellOne(t, uint64(*flagSeed))
		return
	}
	n := *flagSeeds
	if n == 0 {
		n = 500
		if raced {
			n = 50
		}
	}
	s := &soak{from: *flagFrom, n: uint64(n), tally: newTally(), began: spent()}
	t.Run("workers", func(t *testing.T) {
		for w := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				s.work(t)
			})
		}
	})
	if *flagSeeds > 0 {
		s.tell(t)
	}
}

// tell prints the table of what was run, and of all pieces where their counts are kept.
func (s *soak) tell(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally.Pieces = []piece{{s.from, min(s.n, s.next.Load())}}
	s.tally.Spent = spent() - s.began
	fmt.Print(s.tally.String())
	if *flagCount == "" {
		return
	}
	sum, err := s.tally.keep(*flagCount)
	if err != nil {
		t.Fatal(err)
	}
	if len(sum.Pieces) > 1 {
		fmt.Printf("all that was counted in %s:\n%s", *flagCount, sum.String())
	}
}

// TestMain gives the collector less to do: a run is short and makes much that dies with it. And it fails when a goroutine
// outlives the tests.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	if raced {
		// Of two bubbles at the same time it tells races within encoding/json, in what that remembers of types.
		flag.Parse()
		_ = flag.Set("test.parallel", "1") // the flag is there
	}
	goleak.VerifyTestMain(m)
}

// tellOne runs one seed and tells its story.
func tellOne(t *testing.T, seed uint64) {
	t.Helper()
	o := play(t, draw(seed), true)
	fmt.Printf("%s\n%s\n", o.plan, o.tale)
	if path := os.Getenv("SIMULATION_LOG"); path != "" {
		if err := os.WriteFile(path, []byte(o.log), 0o600); err != nil {
			t.Error(err)
		}
	}
	for _, v := range o.broken {
		t.Errorf("seed %d: %s", seed, v)
	}
}

// soak is a run of many seeds by several workers.
type soak struct {
	from, n uint64
	next    atomic.Uint64
	failed  atomic.Int64

	mu    sync.Mutex // guards the rest
	tally tally
	began time.Duration // processor time
}

// mostFailures is after how many failing seeds nobody needs more.
const mostFailures = 20

func (s *soak) work(t *testing.T) {
	for s.failed.Load() < mostFailures {
		i := s.next.Add(1) - 1
		if i >= s.n {
			return
		}
		seed := s.from + i
		watch := time.AfterFunc(stuck(), func() { hangs(seed) })
		o := play(t, draw(seed), false)
		watch.Stop()
		s.add(&o)
		if len(o.broken) > 0 {
			s.failed.Add(1)
			report(t, o)
		}
	}
}

// stuck is for how long, in real time, a seed may take before it is taken to hang.
func stuck() time.Duration {
	if raced {
		return 10 * time.Minute
	}
	return 2 * time.Minute
}

func hangs(seed uint64) {
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	fmt.Fprintf(os.Stderr, "seed %d hangs (%s)\n%s\n", seed, replay(seed), stacks)
	os.Exit(2)
}

func (s *soak) add(o *outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally.one(o)
}

func replay(seed uint64) string { return fmt.Sprintf("make soak SEED=%d", seed) }

// report tells of a seed that failed: what was broken, how to see it again, and the end of the smallest story that still
// breaks it.
func report(t *testing.T, o outcome) {
	t.Helper()
	var b strings.Builder
	for _, v := range o.broken {
		fmt.Fprintf(&b, "seed %d: %s\n", o.plan.Seed, v)
	}
	fmt.Fprintf(&b, "again with: %s\n", replay(o.plan.Seed))
	small := shrink(t, o)
	fmt.Fprintf(&b, "as small as it gets:\n%s", small.plan)
	lines := strings.SplitAfter(small.tale, "\n")
	fmt.Fprintf(&b, "its story, the last lines of %d before it was noticed:\n%s", len(lines), strings.Join(ending(lines), ""))
	fmt.Fprintf(&b, "kept with: %#v\n", small.plan)
	t.Error(b.String())
}

// ending is a story's end up to the first check that was broken.
func ending(lines []string) []string {
	for i, line := range lines {
		if strings.Contains(line, "  check ") {
			lines = lines[:i+1]
			break
		}
	}
	return lines[max(0, len(lines)-60):]
}

// TestOneSeedIsOneRun: whatever else goes on, a seed gives the same run.
func TestOneSeedIsOneRun(t *testing.T) {
	runs := 200
	if raced {
		runs = 10
	}
	const seed = 11 // two companies, a power cut, faults of every kind
	first := play(t, draw(seed), false)
	t.Run("again", func(t *testing.T) {
		for w := range 2 {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				for range runs / 2 {
					if o := play(t, draw(seed), false); o.hash != first.hash {
						t.Fatal("another run of the same seed went another way")
					}
				}
			})
		}
	})
}

// TestManySeedsAreOneRunEach: the same, for more kinds of run.
func TestManySeedsAreOneRunEach(t *testing.T) {
	seeds := uint64(60)
	if raced {
		seeds = 4
	}
	for seed := range seeds {
		if a, b := play(t, draw(seed), false), play(t, draw(seed), false); a.hash != b.hash {
			t.Errorf("seed %d: two runs went different ways", seed)
		}
	}
}
