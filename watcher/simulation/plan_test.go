package simulation

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/simulation/files"
)

// plan is all that is decided about a run before it begins. It is plain data, so that a failing one can be made smaller.
type plan struct {
	Seed      uint64
	Companies int
	Scopes    int        // that files go out by, each with a lane of its own; 0 is 1
	People    [][]action // what each person does, one after the other
	Crashes   []crash    // where each life of the engine ends; the life after the last one lasts
	Faults    faults
	Stumbles  time.Duration // how long the world stands still before some effects, at most
	Pace      time.Duration // of each phase at the platform
	Late      time.Duration // how long after the final word a result can be fetched
	KeyTTL    time.Duration
	SameFile  string        // the setting
	Kind      int           // of the disk
	Uploads   bool          // contents go to another host
	Window    bool          // a window is open
	Linger    time.Duration // how long faults go on once people are done
	Dialect   sandbox.Dialect
}

// kind is the kind of disk that the companies' folders lie on.
func (p *plan) kind() files.Kind { return files.Kinds()[p.Kind%len(files.Kinds())] }

// does tells whether a kind of action is in the plan.
func (p *plan) does(kind string) bool {
	for _, does := range p.People {
		for _, a := range does {
			if a.Kind == kind {
				return true
			}
		}
	}
	return false
}

// action is one thing that a person does, some time after the one before. What its numbers choose depends on the kind.
type action struct {
	Kind  string
	After time.Duration
	A, B  int
}

func (a action) String() string { return fmt.Sprintf("%s(%d,%d) after %s", a.Kind, a.A, a.B, a.After) }

// crash is the end of a life: at the n-th effect of it, before or after it happens.
type crash struct {
	At    int
	After bool
	Power bool // the whole computer ends: what was not synced may be lost
}

// weighted are the kinds of action with how often each is drawn.
var weighted = []struct {
	kind   string
	weight int
}{
	{"drop", 30},
	{"dropSlowly", 8},
	{"dropBad", 5},
	{"dropEmpty", 1},
	{"dropLoose", 3},
	{"dropTwin", 5},
	{"dropMany", 3},
	{"meddle", 7},
	{"saveAndCut", 5},
	{"replace", 6},
	{"edit", 7},
	{"takeOut", 4},
	{"rename", 3},
	{"cancel", 3},
	{"hold", 1},
	{"retry", 6},
	{"sendAgain", 3},
	{"send", 5},
	{"leave", 3},
	{"dismiss", 2},
	{"pause", 2},
	{"resume", 3},
	{"pauseCompany", 1},
	{"resumeCompany", 2},
	{"unplug", 4},
	{"plug", 6},
	{"publish", 9},
	{"expireKey", 4},
	{"rotate", 2},
	{"renewSecret", 2},
	{"netOff", 3},
	{"netOn", 5},
	{"netSwap", 3},
	{"clock", 3},
	{"sleep", 3},
	{"lockKeyring", 3},
	{"unlockKeyring", 4},
	{"fill", 3},
	{"free", 3},
	{"odd", 2},
	{"removeFolder", 4},
	{"sageOff", 2},
	{"sageOn", 3},
	{"quarantine", 2},
	{"release", 2},
	{"endNext", 3},
	{"runOut", 3},
	{"checkNow", 2},
	{"restart", 2},
	{"setting", 1},
}

// draw makes a plan of a seed.
func draw(seed uint64) plan {
	r := rand.New(rand.NewPCG(seed, 0x706c616e))
	p := plan{Seed: seed, Companies: 1, KeyTTL: 24 * time.Hour, SameFile: "ask"}
	if r.IntN(3) == 0 {
		p.Companies = 2
	}
	for range 1 + r.IntN(2) {
		var does []action
		for range 2 + r.IntN(6) {
			does = append(does, drawAction(r))
		}
		p.People = append(p.People, does)
	}
	for range []int{0, 0, 0, 1, 1, 1, 1, 2, 2, 3}[r.IntN(10)] {
		p.Crashes = append(p.Crashes, crash{At: 1 + r.IntN(40<<r.IntN(4)), After: r.IntN(2) == 0, Power: r.IntN(3) == 0})
	}
	p.Faults = drawFaults(r)
	if r.IntN(3) == 0 {
		p.Stumbles = []time.Duration{time.Millisecond, 100 * time.Millisecond, 5 * time.Second}[r.IntN(3)]
	}
	p.Pace = []time.Duration{0, 0, time.Second, 20 * time.Second}[r.IntN(4)]
	p.Late = []time.Duration{0, 0, 0, 0, 0, 0, 10 * time.Second, 10 * time.Second, time.Minute, 2 * time.Hour}[r.IntN(10)]
	if r.IntN(4) == 0 {
		p.KeyTTL = []time.Duration{5 * time.Second, 20 * time.Second, 3 * time.Minute}[r.IntN(3)]
	}
	p.Kind = r.IntN(64)
	p.Uploads = r.IntN(2) == 0
	p.Window = r.IntN(2) == 0
	p.Scopes = []int{1, 1, 1, 2}[r.IntN(4)]
	p.Linger = []time.Duration{0, 10 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute}[r.IntN(5)]
	p.SameFile = []string{"ask", "ask", "send", "leave"}[r.IntN(4)]
	p.Dialect = drawDialect(r)
	return p
}

// drawDialect chooses how the platform says what it says: in half of the runs as the contract has it first.
func drawDialect(r *rand.Rand) sandbox.Dialect {
	if r.IntN(2) == 0 {
		return sandbox.Dialect{}
	}
	return sandbox.Dialect{
		TextCodes: r.IntN(2) == 0, UpperCaseNames: r.IntN(2) == 0, SilentExpiry: r.IntN(2) == 0, StrictOldKey: r.IntN(2) == 0,
	}
}

func drawAction(r *rand.Rand) action {
	sum := 0
	for _, w := range weighted {
		sum += w.weight
	}
	n := r.IntN(sum)
	a := action{A: r.IntN(1 << 16), B: r.IntN(1 << 16)}
	for _, w := range weighted {
		if n -= w.weight; n < 0 {
			a.Kind = w.kind
			break
		}
	}
	switch r.IntN(8) {
	case 0: // at once
	case 1:
		a.After = time.Duration(r.Int64N(int64(20 * time.Minute)))
	case 2, 3:
		a.After = time.Duration(r.Int64N(int64(20 * time.Millisecond)))
	default:
		a.After = time.Duration(r.Int64N(int64(5 * time.Second)))
	}
	return a
}

// String is the plan for a reader.
func (p plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d companies, keys live %s, phases take %s, results come after %s, same file: %s\n",
		p.Seed, p.Companies, p.KeyTTL, p.Pace, p.Late, p.SameFile)
	fmt.Fprintf(&b, "the platform's answers: %+v\n", p.Dialect)
	fmt.Fprintf(&b, "folders lie on %s, contents go to another host: %v, lanes: %d\n", p.kind().Name, p.Uploads, max(p.Scopes, 1))
	fmt.Fprintf(&b, "faults end %s after people are done\n", p.Linger)
	fmt.Fprintf(&b, "faults, one in: %v; the world stands still for up to %s\n", p.Faults, p.Stumbles)
	for i, c := range p.Crashes {
		fmt.Fprintf(&b, "life %d ends at its effect %d, after it: %v, power cut: %v\n", i+1, c.At, c.After, c.Power)
	}
	for i, does := range p.People {
		for _, a := range does {
			fmt.Fprintf(&b, "person %d: %s\n", i+1, a)
		}
	}
	return b.String()
}
