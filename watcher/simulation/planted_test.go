package simulation

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"postroom/watcher/simulation/broken"
)

// planted is a bug that was put into the engine's doors on purpose, with a seed that catches it and the check that does.
// TestHuntPlantedBugs finds a seed.
type planted struct {
	bug   string // its name in package broken
	seed  uint64
	check string
}

var flagHunt = flag.Uint64("hunt", 0, "how many seeds to look through for each planted bug that is not caught by the seed in the table")

// with puts a bug before the doors of every life of a world.
func with(b broken.Bug) func(*world) {
	return func(w *world) { w.doors = append(w.doors, b.Plant()) }
}

// mostSeeds is within how many seeds every bug has to be caught.
const mostSeeds = 2000

// TestPlantedBugsAreSeen shows that the simulation would notice: each bug is caught by its seed. A change of the engine or
// of the world may give that seed another story; then another of the first 2,000 has to catch it.
func TestPlantedBugsAreSeen(t *testing.T) {
	bugs := broken.Bugs()
	for _, known := range plantedBugs {
		t.Run(strings.ReplaceAll(known.bug, " ", "-"), func(t *testing.T) {
			i := slices.IndexFunc(bugs, func(b broken.Bug) bool { return b.Name == known.bug })
			if i < 0 {
				t.Fatal("there is no such bug")
			}
			o := play(t, draw(known.seed), false, with(bugs[i]))
			switch {
			case breaks(o, known.check):
			case raced:
				t.Skipf("seed %d breaks %v now, and a hunt takes too long with the race detector", known.seed, o.broken)
			default:
				seed, first := hunt(t, bugs[i], 0, mostSeeds)
				t.Logf("seed %d has another story by now; seed %d breaks: %s", known.seed, seed, first)
			}
		})
	}
}

func breaks(o outcome, check string) bool {
	return slices.ContainsFunc(o.broken, func(v violation) bool { return v.check == check })
}

// TestHuntPlantedBugs looks for seeds, with -hunt, and prints lines for the table.
func TestHuntPlantedBugs(t *testing.T) {
	if *flagHunt == 0 {
		t.Skip("nothing to hunt for: -hunt says how far")
	}
	bugs := broken.Bugs()
	var next atomic.Int64
	for w := range runtime.GOMAXPROCS(0) {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			t.Parallel()
			for i := next.Add(1) - 1; i < int64(len(bugs)); i = next.Add(1) - 1 {
				t.Run(bugs[i].Name, func(t *testing.T) {
					seed, first := hunt(t, bugs[i], *flagFrom, *flagHunt)
					fmt.Printf("\t{%q, %d, %q},\n", bugs[i].Name, seed, first.check)
				})
			}
		})
	}
}

// hunt finds the first seed that an engine breaks because of a bug: without the bug it passes.
func hunt(t *testing.T, b broken.Bug, from, n uint64) (seed uint64, first violation) {
	t.Helper()
	for seed := from; seed < from+n; seed++ {
		o := play(t, draw(seed), false, with(b))
		if len(o.broken) > 0 && len(play(t, draw(seed), false).broken) == 0 {
			return seed, o.broken[0]
		}
	}
	t.Fatalf("no seed below %d catches an engine that %s", from+n, b.Name)
	return 0, violation{}
}
