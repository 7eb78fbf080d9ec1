package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// record is what became of a run: counts, a hash over all of it, and, where it is wanted, the story.
type record struct {
	start  time.Time
	hash   uint64
	counts map[string]int
	told   bool // the story is kept
	lines  []Line
}

// Line is a line of the story.
type Line struct {
	At                   time.Duration // since the gate was made, in simulated time
	Actor, Action, State string
}

// String is the line for a reader.
func (l Line) String() string {
	text := fmt.Sprintf("%14s  %-10s %s", l.At, l.Actor, l.Action)
	if l.State != "" {
		text += "  -> " + l.State
	}
	return text
}

func newRecord(start time.Time) record {
	return record{start: start, hash: 14695981039346656037, counts: make(map[string]int)}
}

func (r *record) effect(e Effect) {
	r.counts[e.Operation]++
	r.note(e.Actor, e.Operation+" "+e.Path, "")
}

func (r *record) note(actor, action, state string) {
	at := time.Since(r.start)
	for i := range 8 {
		r.hash = (r.hash ^ uint64(at>>(8*i))&0xff) * 1099511628211
	}
	r.hash = fnv(fnv(fnv(r.hash, actor), action), state)
	if r.told {
		r.lines = append(r.lines, Line{At: at, Actor: actor, Action: action, State: state})
	}
}

// Tell has the story kept from now on; otherwise only its hash is.
func (g *Gate) Tell() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.record.told = true
}

// Note adds a line to the story: who did what, and what is so now. Effects are lines of their own.
func (g *Gate) Note(actor, action, state string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.record.note(actor, action, state)
}

// Count counts a fault or whatever else is to be counted by kind. Effects are counted by operation.
func (g *Gate) Count(kind string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.record.counts[kind]++
}

// Counts gives what was counted, by kind.
func (g *Gate) Counts() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.record.counts)
}

// Hash tells two runs apart: it is made of every effect and every line of the story, with their times.
func (g *Gate) Hash() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.record.hash
}

// Story gives the lines that were kept.
func (g *Gate) Story() []Line {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.record.lines)
}

// Tale is the story as a text, one line each.
func (g *Gate) Tale() string {
	var b strings.Builder
	for _, l := range g.Story() {
		b.WriteString(l.String())
		b.WriteByte('\n')
	}
	return b.String()
}
