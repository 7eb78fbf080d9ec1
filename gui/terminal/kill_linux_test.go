package terminal_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"postroom/sage/sandbox"
)

// killsVariable says how often the agent is killed: `make soak-real` asks for 300.
const killsVariable = "POSTROOM_KILLS"

// lifeOfOffice is how many kills one home and folder see: what is looked at after each grows with them.
const lifeOfOffice = 50

// stepKinds are the kinds of step that a kill falls before.
var stepKinds = []string{"file", "journal", "network", "keyring"}

// TestAKillAtAnyMomentLosesAndDoublesNothing kills the real agent while it sends files, fetches results and lists and renews
// its key: right before every step of that work in turn, right before a step of its recovery, and at moments that nobody
// chose. After each kill, and again when the next agent has brought everything to its end, what is always true must hold.
func TestAKillAtAnyMomentLosesAndDoublesNothing(t *testing.T) {
	kills, withFile := 32, 8
	if soaks() {
		kills, _ = strconv.Atoi(os.Getenv(killsVariable)) // none is a failure below
		withFile = kills / 2                              // each start of it costs more than a kill does
	}
	t.Run("keys in the keyring", func(t *testing.T) { killOften(t, kills, officeOptions{}) })
	t.Run("keys in a file", func(t *testing.T) { killOften(t, withFile, officeOptions{noRing: true}) })
}

func killOften(t *testing.T, kills int, o officeOptions) {
	if kills < 1 {
		t.Fatalf("%s=%q is no number of kills", killsVariable, os.Getenv(killsVariable))
	}
	seed := uint64(time.Now().UnixNano())
	k := &killer{kills: kills, chance: rand.New(rand.NewPCG(seed, 0)), fell: make(map[string]int)}
	for k.done < kills {
		t.Run(fmt.Sprint("after ", k.done), func(t *testing.T) {
			f := newOffice(t, o)
			f.live()
			f.drains()
			if k.steps == nil {
				k.steps = f.countSteps()
			}
			for end := min(k.done+lifeOfOffice, kills); k.done < end; k.done++ {
				k.round(f)
				if t.Failed() {
					t.Fatalf("kill %d of %d, with seed %d", k.done, kills, seed)
				}
			}
			if f.agent.gone() {
				f.live()
			}
			f.drains()
			f.agent.stop()
			f.atLast()
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, by what they fell before: %v; steps of the work: %v", k.done, k.fell, k.steps)
	for kind := range k.steps {
		if k.fell[kind] == 0 {
			t.Errorf("no kill fell before a step of the %s", kind)
		}
	}
}

// killer chooses when to kill.
type killer struct {
	chance *rand.Rand
	steps  map[string]int // of the work, by kind
	kills  int            // that are wanted
	done   int            // so far
	atWork int            // of them before a step of the work
	fell   map[string]int
}

// next is the step of the work to kill before: with enough kills each of them is met, with fewer some of each kind.
func (k *killer) next() target {
	i := k.atWork
	k.atWork++
	all := 0
	for _, n := range k.steps {
		all += n
	}
	rounds := k.kills * 8 / 10
	if rounds < all {
		kinds := slices.Sorted(maps.Keys(k.steps))
		kind := kinds[i%len(kinds)]
		return target{kind, i / len(kinds) * k.steps[kind] * len(kinds) / rounds % k.steps[kind]}
	}
	i %= all
	for _, kind := range stepKinds {
		if i < k.steps[kind] {
			return target{kind, i}
		}
		i -= k.steps[kind]
	}
	return target{}
}

// work is something of everything: a key that has run out, a file, its result, and a list. Of five files one is refused by
// Sage 50 and one by our own check; some are too large for one packet.
func (f *office) work() {
	f.t.Helper()
	if err := f.platform.ExpireKey("Acme Ltd", ""); err != nil {
		f.t.Fatal(err)
	}
	n := len(f.dropped)
	name := fmt.Sprintf("orders %d.json", n)
	content := order("W-" + name)
	switch n % 5 {
	case 1:
		content = padded(name, 200<<10)
	case 2:
		f.refused[name] = true
		if err := f.platform.EndNext(sandbox.Failed); err != nil {
			f.t.Fatal(err)
		}
	case 4:
		f.refused[name] = true
		content = fmt.Sprintf(`[{"id":"W-%d"}]`, n)
	}
	f.fileOf(name, content)
	f.publish(3 + n%7)
	_ = f.engine().CheckNow(f.t.Context()) // the agent may be killed in the middle of it
}

// countSteps has the work done once, and tells how many steps it takes.
func (f *office) countSteps() map[string]int {
	f.t.Helper()
	tr := follow(f.t, f.agent, target{})
	f.work()
	f.drains()
	f.dies(tr)
	f.always(true)
	login := filepath.Join(filepath.Dir(f.home), "config", "autostart") // the one other place that may be written
	for _, s := range tr.steps {
		for _, path := range s.paths {
			if !strings.HasPrefix(path, f.home) && !strings.HasPrefix(path, f.company) && !strings.HasPrefix(path, login) {
				f.t.Errorf("6: outside of home and company: %v", s)
			}
		}
	}
	f.live()
	return tr.counts
}

// dies ends the agent, if it still lives, and waits until it has gone.
func (f *office) dies(tr *tracer) {
	f.t.Helper()
	_ = f.agent.cmd.Process.Kill() // an error means that it has ended
	f.agent.end()
	if tr == nil {
		return
	}
	<-tr.over
	if tr.err != nil {
		f.t.Fatal(tr.err)
	}
}

// round kills the agent once: of ten kills eight fall before a step of the work, one before a step of the recovery from the
// kill before, and one at a moment that nobody chose.
func (k *killer) round(f *office) {
	f.t.Helper()
	what := "any moment"
	switch k.done % 10 {
	case 4: // the agent has been started after the kill before, and has everything still to do
		what = f.untilDead(follow(f.t, f.agent, target{stepKinds[k.chance.IntN(2)], k.chance.IntN(25)}))
	case 8:
		f.work()
		<-time.After(time.Duration(k.chance.IntN(120)) * time.Millisecond)
		f.dies(nil)
	default:
		tr := follow(f.t, f.agent, k.next())
		f.work()
		what = f.untilDead(tr)
	}
	f.fell = what
	kind, _, _ := strings.Cut(what, ":")
	k.fell[kind]++
	f.always(false)
	if f.t.Failed() {
		f.t.Fatal("the kill fell before ", what)
	}
	if k.done%10 == 3 { // the next kill falls into the recovery
		f.adopt(f.start("run", "--json"))
		return
	}
	f.live()
	f.drains()
	f.always(true)
	if f.t.Failed() {
		f.t.Fatal("the kill fell before ", what)
	}
}

// untilDead waits until the agent has been killed. One that has done all its work before its step came is killed at rest.
func (f *office) untilDead(tr *tracer) (before string) {
	f.t.Helper()
	f.until("the agent is killed, or at rest", func() bool { return f.agent.gone() || f.ended() })
	f.dies(tr)
	if tr.killed {
		return tr.steps[len(tr.steps)-1].String()
	}
	return "rest"
}
