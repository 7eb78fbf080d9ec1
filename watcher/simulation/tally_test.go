package simulation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// tally is what many seeds came to. Tallies of pieces of a long run add up.
type tally struct {
	Pieces     []piece        `json:"pieces"` // in the order of their ends
	Seeds      int            `json:"seeds"`
	Spent      time.Duration  `json:"spent"`      // processor time, in nanoseconds
	Counts     map[string]int `json:"counts"`     // operations, faults and what else was counted, by kind
	Violations map[string]int `json:"violations"` // by check
	Failed     []uint64       `json:"failed"`     // the seeds that broke one
}

// piece is a range of seeds.
type piece struct{ From, Seeds uint64 }

func newTally() tally {
	return tally{Counts: make(map[string]int), Violations: make(map[string]int)}
}

// one adds what became of a seed.
func (t *tally) one(o *outcome) {
	t.Seeds++
	for kind, n := range o.counts {
		t.Counts[kind] += n
	}
	for _, v := range o.broken {
		t.Violations[v.check]++
	}
	if len(o.broken) > 0 {
		t.Failed = append(t.Failed, o.plan.Seed)
	}
}

// add adds another tally.
func (t *tally) add(other *tally) {
	t.Pieces = append(t.Pieces, other.Pieces...)
	t.Seeds += other.Seeds
	t.Spent += other.Spent
	for kind, n := range other.Counts {
		t.Counts[kind] += n
	}
	for check, n := range other.Violations {
		t.Violations[check] += n
	}
	t.Failed = append(t.Failed, other.Failed...)
	slices.Sort(t.Failed)
}

// keep adds the tally to what a file has, and gives the sum. Pieces may end at the same time.
func (t *tally) keep(path string) (sum tally, err error) {
	lock := flock.New(path + ".lock")
	if err := lock.Lock(); err != nil {
		return tally{}, fmt.Errorf("locking %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	sum = newTally()
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return tally{}, err
	default:
		if err := json.Unmarshal(data, &sum); err != nil {
			return tally{}, fmt.Errorf("reading the counts in %s: %w", path, err)
		}
	}
	sum.add(t)
	if data, err = json.MarshalIndent(sum, "", "\t"); err != nil {
		return tally{}, err
	}
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return tally{}, err
	}
	return sum, os.Rename(path+".new", path)
}

// operations tells how many effects there were: what a process did to files, the journal, the network and the keyring, and
// the hints that it was given.
func (t *tally) operations() int {
	faults := allKinds()
	sum := 0
	for kind, n := range t.Counts {
		room, _, _ := strings.Cut(kind, ".")
		if slices.Contains([]string{"file", "journal", "net", "keyring", "vault", "event"}, room) && !slices.Contains(faults, kind) {
			sum += n
		}
	}
	return sum
}

// The long run, and how often each kind of fault is to happen in it.
const (
	longRun = 200_000
	often   = 10_000
)

// String is the table.
func (t *tally) String() string {
	var b strings.Builder
	seeds := max(t.Seeds, 1)
	fmt.Fprintf(&b, "%12d seeds", t.Seeds)
	for i, p := range t.Pieces {
		fmt.Fprintf(&b, "%s %d to %d", []string{":", ","}[min(i, 1)], p.From, p.From+p.Seeds-1)
	}
	fmt.Fprintf(&b, "\n%12d operations\n%12d deaths of the process, %d of them power cuts\n%12.1f ms of one core for a seed\nfaults by kind, and how many %d seeds would bring:\n",
		t.operations(), t.Counts["crash"], t.Counts["crash.power"], float64(t.Spent)/float64(seeds)/float64(time.Millisecond), longRun)
	kinds := allKinds()
	slices.Sort(kinds)
	for _, kind := range kinds {
		n, rare := t.Counts[kind], ""
		if n*longRun < often*seeds {
			rare = "  too few"
		}
		fmt.Fprintf(&b, "%12d %9d  %s%s\n", n, n*longRun/seeds, kind, rare)
	}
	fmt.Fprintf(&b, "seeds that broke a check: %d %v\n", len(t.Failed), t.Failed)
	for _, check := range slices.Sorted(maps.Keys(t.Violations)) {
		fmt.Fprintf(&b, "%12d %s\n", t.Violations[check], check)
	}
	return b.String()
}
