package simulation

import (
	"maps"
	"slices"
	"testing"

	"postroom/sage/sandbox"
)

// mostShrinking is how many runs are spent on making a failing plan smaller.
const mostShrinking = 150

// shrink takes out of a failing plan what it does not need to fail, and gives what became of the smallest, with its story.
func shrink(t *testing.T, o outcome) outcome {
	t.Helper()
	s := shrinker{t: t, check: o.broken[0].check, left: mostShrinking, best: o.plan}
	for smaller := true; smaller && s.left > 0; {
		smaller = false
		for _, candidate := range s.best.smaller() {
			if s.fails(candidate) {
				s.best, smaller = candidate, true
				break
			}
		}
	}
	return play(t, s.best, true)
}

type shrinker struct {
	t     *testing.T
	check string // that has to be broken
	left  int    // runs
	best  plan
}

func (s *shrinker) fails(p plan) bool {
	if s.left == 0 {
		return false
	}
	s.left--
	return slices.ContainsFunc(play(s.t, p, false).broken, func(v violation) bool { return v.check == s.check })
}

// smaller are plans with one thing less, the largest things first.
func (p plan) smaller() []plan {
	var all []plan
	with := func(change func(*plan)) {
		q := p.clone()
		change(&q)
		all = append(all, q)
	}
	if p.Companies > 1 {
		with(func(q *plan) { q.Companies = 1 })
	}
	for i := range p.People {
		if len(p.People) > 1 {
			with(func(q *plan) { q.People = slices.Delete(q.People, i, i+1) })
		}
	}
	kinds := slices.Sorted(maps.Keys(p.Faults))
	if len(kinds) > 0 {
		with(func(q *plan) { q.Faults = nil })
	}
	for _, kind := range kinds {
		if len(kinds) > 1 {
			with(func(q *plan) { delete(q.Faults, kind) })
		}
	}
	for _, off := range []struct {
		is  bool
		off func(*plan)
	}{
		{p.Stumbles > 0, func(q *plan) { q.Stumbles = 0 }},
		{p.Window, func(q *plan) { q.Window = false }},
		{p.Uploads, func(q *plan) { q.Uploads = false }},
		{p.Kind > 0, func(q *plan) { q.Kind = 0 }},
		{p.Late > 0, func(q *plan) { q.Late = 0 }},
		{p.Pace > 0, func(q *plan) { q.Pace = 0 }},
		{p.Dialect != (sandbox.Dialect{}), func(q *plan) { q.Dialect = sandbox.Dialect{} }},
		{p.Scopes > 1, func(q *plan) { q.Scopes = 1 }},
		{p.Linger > 0, func(q *plan) { q.Linger = 0 }},
	} {
		if off.is {
			with(off.off)
		}
	}
	for i := range p.Crashes {
		with(func(q *plan) { q.Crashes = slices.Delete(q.Crashes, i, i+1) })
	}
	for i, does := range p.People {
		for j := range does {
			with(func(q *plan) { q.People[i] = slices.Delete(q.People[i], j, j+1) })
		}
	}
	return all
}

func (p plan) clone() plan {
	p.Crashes = slices.Clone(p.Crashes)
	p.Faults = maps.Clone(p.Faults)
	p.People = slices.Clone(p.People)
	for i := range p.People {
		p.People[i] = slices.Clone(p.People[i])
	}
	return p
}
