package courier

import (
	"fmt"
	"testing"

	"postroom/sage"
	"postroom/watcher/journal"
)

// The whole journey against every way in which a platform that keeps its contract but whose word may lag behind for some
// looks, a network that may lose anything and a process that may stop anywhere can act: whatever happens, the platform takes
// the file at most once, and only whole. Not among them: that somebody changes the file after the platform has taken it.
//
// A world is a durable record and what the platform holds. From each world every continuation is tried, until no new
// world is found: the search is complete, not a sample.
type world struct {
	state                  journal.State
	doubt, barred, unready bool
	strikes, attempts      int
	cause                  string // why it waits
	keys                   int    // Creations of the record
	file                   int    // the platform's record that ours names, from 1; 0 none
	platform               platform
}

// platform holds at most two records; a third is never needed to break a rule.
type platform struct {
	made    int     // records
	keys    [3]int  // which create each was made by
	taken   [3]bool // whether its content came
	refuses [3]bool // whether its address takes nothing any more
	lagged  int     // how often tracking has told what was true before the content came
}

func (w world) transfer() journal.Transfer {
	t := record(w.state)
	t.Doubt, t.Barred, t.Unready, t.Strikes, t.Attempts, t.Creations = w.doubt, w.barred, w.unready, w.strikes, w.attempts, w.keys
	if w.cause != "" {
		t.Cause = &journal.Problem{Code: w.cause}
	}
	return t
}

// bound keeps counters from making endlessly many worlds that differ in nothing else.
func bound(n int) int { return min(n, sureLooks) }

func (w world) next(t journal.Transfer, file int, p platform) world {
	cause := ""
	if t.Cause != nil {
		cause = t.Cause.Code
	}
	return world{
		cause: cause, state: t.State, doubt: t.Doubt, barred: t.Barred, unready: t.Unready, strikes: bound(t.Strikes),
		attempts: bound(t.Attempts), keys: t.Creations, file: file, platform: p,
	}
}

// effect is one way a step can turn out: what it does to the platform, and what we hear of it.
type effect struct {
	name     string
	platform platform
	file     int
	outcome  Outcome
}

var lostAnswer = failed(Later, "networkDown")

func (w world) effects(step Step) []effect {
	same := effect{platform: w.platform, file: w.file}
	alike := func(name string, o Outcome) effect {
		e := same
		e.name, e.outcome = name, o
		return e
	}
	switch step {
	case Claim:
		return []effect{alike("claims", done)}
	case Create:
		p, file := w.platform, 0
		for i := range p.made {
			if p.keys[i] == w.keys+1 {
				file = i + 1
			}
		}
		if file == 0 {
			if p.made == len(p.keys) {
				return nil
			}
			p.keys[p.made] = w.keys + 1
			p.made++
			file = p.made
			for i := range file - 1 {
				p.refuses[i] = true // superseded
			}
		}
		return []effect{
			{"creates", p, file, created},
			{"creates, answer lost", p, w.file, lostAnswer},
			alike("unreachable", lostAnswer),
			alike("busy", failed(Busy, "scopeBusy")),
		}
	case Send:
		if w.file == 0 {
			panic("content without a record")
		}
		i := w.file - 1
		if w.platform.refuses[i] || w.platform.taken[i] {
			return []effect{alike("wrong state", failed(WrongState, "")), alike("a refusal of its own", failed(Refusal, unexplained)), alike("unreachable", lostAnswer)}
		}
		p := w.platform
		p.taken[i] = true
		shut := w.platform
		shut.refuses[i] = true
		return []effect{
			{"takes", p, w.file, done},
			{"takes, answer lost", p, w.file, lostAnswer},
			alike("unreachable", lostAnswer),
			{"refuses the address for good", shut, w.file, failed(Foreign, "hostRefused")},
			alike("edited", Outcome{Happened: Edited}),
		}
	case Track:
		effects := []effect{alike("unreachable", lostAnswer), alike("vanished", failed(Vanished, "fileVanished"))}
		if !w.platform.taken[w.file-1] {
			return append(effects, alike("awaits", word("awaitingUpload", sage.PhaseAwaiting, sage.NotFinal)), alike("awaits by code", failed(NotThere, "")))
		}
		if w.platform.lagged < sureLooks {
			late := w.platform
			late.lagged++
			effects = append(effects, effect{"lags behind", late, w.file, word("awaitingUpload", sage.PhaseAwaiting, sage.NotFinal)})
		}
		return append(effects, alike("processes", word("processing", sage.PhaseProcessing, sage.NotFinal)),
			alike("accepts", word("accepted", sage.PhaseEnded, sage.Accepted)), alike("fails", word("failed", sage.PhaseEnded, sage.Failed)))
	}
	return nil
}

func TestThePlatformTakesAFileAtMostOnceWhateverHappens(t *testing.T) {
	start := world{state: journal.Queued}
	seen := map[world]bool{start: true}
	queue := []world{start}
	for len(queue) > 0 {
		w := queue[0]
		queue = queue[1:]
		before := w.transfer()
		step := Decide(&before, sage.TwoStep)
		intended := Intend(before, step)
		visit := func(name string, next world) {
			if taken(next.platform) > 1 {
				t.Fatalf("taken twice: %+v, %s %s -> %+v", w, step, name, next)
			}
			if next.state == journal.Refused && taken(next.platform) > 0 && name != "fails" {
				t.Fatalf("refused by %q although it was taken: %+v", name, next)
			}
			if next.state == journal.Accepted && taken(next.platform) != 1 {
				t.Fatalf("accepted what was never taken: %+v", next)
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
		for _, e := range w.effects(step) {
			after, _ := Advance(intended, step, e.outcome, at, pace)
			visit(e.name, w.next(after, e.file, e.platform))
			visit(e.name+", crash before it is noted", w.next(intended, w.file, e.platform))
		}
		if w.unready { // the person's edit is checked, and it is ready again
			ready := before
			ready.Unready = false
			visit("checked again", w.next(ready, w.file, w.platform))
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d worlds were found: the search does not search", len(seen))
	}
	t.Log(fmt.Sprint(len(seen), " worlds"))
}

func taken(p platform) (n int) {
	for _, t := range p.taken {
		if t {
			n++
		}
	}
	return n
}

// In one step a repeated create is not known by anything: only the durable doubt keeps the content from going twice.
func TestOneStepContentIsNeverSentTwiceByItself(t *testing.T) {
	type world struct {
		state journal.State
		doubt bool
		taken int
	}
	start := world{state: journal.Claimed}
	seen := map[world]bool{start: true}
	for queue := []world{start}; len(queue) > 0; queue = queue[1:] {
		w := queue[0]
		before := record(w.state)
		before.Doubt = w.doubt
		step := Decide(&before, sage.OneStep)
		intended := Intend(before, step)
		visit := func(t2 journal.Transfer, taken int) {
			next := world{t2.State, t2.Doubt, taken}
			if taken > 1 {
				t.Fatalf("taken twice from %+v", w)
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
		switch step {
		case CreateAndSend:
			for _, e := range []struct {
				outcome Outcome
				takes   int
			}{{created, 1}, {failed(Lost, ""), 1}, {failed(Lost, ""), 0}, {failed(Busy, ""), 0}, {failed(Later, ""), 0}, {failed(Interrupted, ""), 1}} {
				after, _ := Advance(intended, step, e.outcome, at, pace)
				visit(after, w.taken+e.takes)
				visit(intended, w.taken+e.takes) // crash before it is noted
			}
		case GiveUp:
			after, _ := Advance(intended, step, done, at, pace)
			visit(after, w.taken)
		}
	}
}
