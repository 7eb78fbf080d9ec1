package notify

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// kind is what happened to a file, a list or a connection, as far as a pop-up tells it apart.
type kind int

const (
	accepted kind = iota // the order here is the order in a sentence
	partly               // accepted, and records in it were refused
	refused
	notSent
	unclear
	asks
	list
	oddList // a list that is empty, shrunken, or not as agreed
	trouble // of a connection, a folder, the vault
)

// needsYou tells whether a person has something to do about it.
func (k kind) needsYou() bool { return k != accepted && k != list }

// steps is how long the same cause stays untold after it was told: the first time, the second, and from then on.
func (k kind) steps() []time.Duration {
	if k.needsYou() {
		return []time.Duration{time.Minute, 10 * time.Minute, time.Hour}
	}
	return []time.Duration{time.Minute}
}

// forgotten is the silence after which a cause counts as new.
const forgotten = time.Hour

// item is one thing to tell.
type item struct {
	id      string // of the transfer or the list
	kind    kind
	company string // "" is the program itself
	code    string // of the problem behind it: files that fail for one reason have one cause
	name    string // of the file; of a list, its scope
	scope   string
	records int
	refused int
	args    map[string]string // of the problem
	changes changes           // of a list
}

// changes are the figures of a list from Sage.
type changes struct {
	added, changed, removed int
	first                   bool
}

// cause is what the back-off counts by.
type cause struct {
	company string
	kind    kind
	code    string
}

// cause of an item. Trouble is one cause for all companies: when the network is down, it is down for each of them.
func (i item) cause() cause {
	if i.kind == trouble {
		return cause{kind: trouble, code: i.code}
	}
	return cause{i.company, i.kind, i.code}
}

// waiting is a cause with what was not told of it yet.
type waiting struct {
	items  []item // the first few, for their names
	count  int    // of all
	step   int    // index into the kind's steps
	notYet time.Time
	last   time.Time // when an item came last
}

// stale tells that a cause is over: nothing waits to be told, its step has passed, and it has been silent for long.
func (w *waiting) stale(now time.Time) bool {
	return w.count == 0 && !now.Before(w.notYet) && now.Sub(w.last) > forgotten
}

// keepNamed is how many items of a cause are kept whole; of the rest only the number is.
const keepNamed = 3

// group is what goes into one pop-up: the causes of one company that may be told now; or, for trouble, of all
// companies that have the same.
type group struct {
	company string
	told    []tally
}

// tally is one cause's share of a group.
type tally struct {
	kind  kind
	items []item
	count int
}

// groups gathers items and says when and together with what each is told. It has no clock and no lock: its owner
// gives the time.
type groups struct {
	causes map[cause]*waiting
}

// add takes an item up. An item that a person does not want to hear of never gets here.
func (g *groups) add(now time.Time, i item) {
	if g.causes == nil {
		g.causes = make(map[cause]*waiting)
	}
	w := g.causes[i.cause()]
	if w == nil {
		w = new(waiting)
		g.causes[i.cause()] = w
	}
	if w.stale(now) {
		*w = waiting{}
	}
	w.last = now
	w.count++
	if len(w.items) < keepNamed {
		w.items = append(w.items, i)
	}
}

// due hands out what may be told now and starts the next step of every cause in it. Order is by company, so that
// the same things are always told in the same way.
func (g *groups) due(now time.Time) []group {
	ready := make(map[string][]tally)
	for c, w := range g.causes {
		if w.count == 0 {
			if w.stale(now) {
				delete(g.causes, c)
			}
			continue
		}
		if now.Before(w.notYet) {
			continue
		}
		key := "company " + c.company
		if c.kind == trouble {
			key = "trouble " + c.code // on its own: it is about more than one company's files
		}
		ready[key] = append(ready[key], tally{kind: c.kind, items: w.items, count: w.count})
		steps := c.kind.steps()
		w.notYet = now.Add(steps[w.step])
		w.step = min(w.step+1, len(steps)-1)
		w.items, w.count = nil, 0
	}
	out := make([]group, 0, len(ready))
	for _, key := range slices.Sorted(maps.Keys(ready)) {
		told := ready[key]
		slices.SortFunc(told, func(a, b tally) int {
			return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.items[0].code, b.items[0].code))
		})
		out = append(out, group{company: told[0].items[0].company, told: told})
	}
	return out
}

// next is when due has something to hand out; false if nothing waits.
func (g *groups) next() (at time.Time, waits bool) {
	for _, w := range g.causes {
		if w.count > 0 && (!waits || w.notYet.Before(at)) {
			at, waits = w.notYet, true
		}
	}
	return at, waits
}

// drop forgets what waits of the kinds that a person no longer wants to hear of.
func (g *groups) drop(wanted func(kind) bool) {
	for c, w := range g.causes {
		if !wanted(c.kind) {
			w.items, w.count = nil, 0
		}
	}
}
