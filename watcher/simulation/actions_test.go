package simulation

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var (
	flagTriples = flag.Int("triples", 0, "how many triples of a person's actions to run, from -from on; all there are: -1")
	flagActions = flag.String("actions", "", "actions whose story is told, as a failing test names them: drop,cancel,retry")
)

// oneFile is what a person can do with one file, and with what carries it.
var oneFile = []string{
	"drop", "dropTwin", "replace", "edit", "takeOut", "rename", "cancel", "retry", "sendAgain", "send", "leave", "dismiss",
	"pause", "resume", "unplug", "plug", "restart",
}

// sequence is the n-th sequence of a length of a person's actions, in an order that is always the same.
func sequence(n, length int) []string {
	kinds := make([]string, length)
	for i := range kinds {
		kinds[i] = oneFile[n%len(oneFile)]
		n /= len(oneFile)
	}
	return kinds
}

// planOf has a person drop a file and do the rest with it. When each thing is done, and how long the platform takes, is
// drawn from the actions themselves.
func planOf(kinds []string) plan {
	text := strings.Join(kinds, ",")
	seed := uint64(14695981039346656037)
	for i := range len(text) {
		seed = (seed ^ uint64(text[i])) * 1099511628211
	}
	r := rand.New(rand.NewPCG(seed, 0x616374)) //nolint:gosec // it has to be the same every time
	does := []action{{Kind: "drop", B: r.IntN(64)}}
	for _, kind := range kinds {
		does = append(does, action{Kind: kind, After: someWhile(r), A: r.IntN(1 << 16), B: r.IntN(1 << 16)})
	}
	return plan{
		Seed: seed, Companies: 1, People: [][]action{does}, KeyTTL: 24 * time.Hour, SameFile: []string{"ask", "ask", "send", "leave"}[r.IntN(4)],
		Pace: []time.Duration{0, time.Second, 20 * time.Second}[r.IntN(3)], Kind: r.IntN(64), Uploads: r.IntN(4) == 0,
	}
}

// someWhile is as long as a person may wait: within what the engine does in one go, while a file settles, or until it is
// sent.
func someWhile(r *rand.Rand) time.Duration {
	switch r.IntN(4) {
	case 0:
		return 0
	case 1:
		return time.Duration(r.Int64N(int64(100 * time.Millisecond)))
	case 2:
		return 60 * time.Millisecond // just when a file counts as settled
	}
	return time.Duration(r.Int64N(int64(30 * time.Second)))
}

// TestAnyTwoThingsAPersonDoesWithAFileKeepEveryPromise has a person do any two of them in either order, and with -triples
// any three.
func TestAnyTwoThingsAPersonDoesWithAFileKeepEveryPromise(t *testing.T) {
	if *flagActions != "" {
		o := play(t, planOf(strings.Split(*flagActions, ",")), true)
		fmt.Println(o.plan, o.tale)
		for _, v := range o.broken {
			t.Error(v)
		}
		return
	}
	n := len(oneFile)
	var all [][]string
	step := 1
	if raced {
		step = 7 // it has no factor with len(oneFile), so that each of them is among them
	}
	for i := 0; i < n*n; i += step {
		all = append(all, sequence(i, 2))
	}
	if most := n * n * n; *flagTriples != 0 {
		for i := int(*flagFrom); i < most && (*flagTriples < 0 || i < int(*flagFrom)+*flagTriples); i++ { //nolint:gosec // a small number
			all = append(all, sequence(i, 3))
		}
	}
	var next, failures atomic.Int64
	t.Run("workers", func(t *testing.T) {
		for w := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(w), func(t *testing.T) {
				t.Parallel()
				for i := next.Add(1) - 1; int(i) < len(all) && failures.Load() < 20; i = next.Add(1) - 1 {
					o := play(t, planOf(all[i]), false)
					for _, v := range o.broken {
						failures.Add(1)
						t.Errorf("-actions %s: %s", strings.Join(all[i], ","), v)
					}
				}
			})
		}
	})
	t.Logf("%d sequences", len(all))
}
