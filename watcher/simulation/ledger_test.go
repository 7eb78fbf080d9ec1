package simulation

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// ledger is what people know of their files: how many files of each content lie in Outbox, Sent and Failed together. The
// engine must not change that; what people change, they write down.
type ledger struct {
	w *world

	mu      sync.Mutex // guards the rest
	owed    map[print]int
	more    map[print]int    // copies that there may be besides, because a person asked for one
	durable map[print]bool   // contents that a power cut may not take
	fragile map[print]int    // how many copies of a content a power cut may take
	stood   map[print]bool   // contents that a file had at some time
	whole   map[string]bool  // the same by their SHA-256: what may go out
	prints  map[string]print // of contents that people made, by their SHA-256
	permits map[string]int   // how often a person said that the platform may have it once more, by SHA-256
	drops   [][]byte         // in their order, for twins
	lists   map[string]bool  // SHA-256 of lists that were published
	last    []string         // SHA-256 of the files of the end
}

// print tells contents apart, quickly and within this process.
type print uint64

var seedOfPrints = maphash.MakeSeed()

func printOf(content []byte) print { return print(maphash.Bytes(seedOfPrints, content)) }

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func newLedger(w *world) *ledger {
	return &ledger{
		w: w, owed: make(map[print]int), more: make(map[print]int), durable: make(map[print]bool), fragile: make(map[print]int), stood: make(map[print]bool), whole: make(map[string]bool),
		prints: make(map[string]print), permits: make(map[string]int), lists: make(map[string]bool),
	}
}

// ours tells the files that the engine lays down beside people's.
func ours(base string) bool {
	return strings.HasSuffix(base, ".error.txt") || strings.HasSuffix(base, ".unclear.txt") || strings.HasSuffix(base, ".postroom-part")
}

// count counts what lies in Outbox, Sent and Failed of a company.
func (w *world) count(c *company, into map[print]int) {
	for _, folder := range []string{"Outbox", "Sent", "Failed"} {
		for f := range w.disk.Walk(filepath.Join(c.folder, folder)) {
			if f.Regular() && !ours(filepath.Base(f.Path)) {
				p := printOf(f.Content)
				into[p]++
				w.ledger.stands(p, f.Content)
			}
		}
	}
}

func (l *ledger) counted() map[print]int {
	now := make(map[print]int)
	for _, c := range l.w.companies {
		if c.plugged.Load() {
			l.w.count(c, now)
		} else {
			for p, n := range c.away {
				now[p] += n
			}
		}
	}
	return now
}

// mine takes over what lies there, right after a person has changed it and before anybody else does anything.
func (l *ledger) mine() {
	now := l.counted()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed = now
}

// compare is the check of what lies there. A copy that a person asked for may appear once.
func (l *ledger) compare() {
	now := l.counted()
	l.mu.Lock()
	defer l.mu.Unlock()
	for p, n := range now {
		if over := n - l.owed[p]; over > 0 && l.more[p] >= over {
			l.more[p] -= over
			l.owed[p] = n
		}
	}
	if !maps.Equal(now, l.owed) {
		l.w.violate(checkNothingIsLost, "%s", l.difference(now))
		l.owed = now // told once
	}
}

// difference says which contents are too few or too many.
func (l *ledger) difference(now map[print]int) string {
	var all []string
	for hash, p := range l.prints {
		if now[p] != l.owed[p] {
			all = append(all, hash[:12]+": "+count(now[p])+" in place of "+count(l.owed[p]))
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return "a file that nobody made, or half of one"
	}
	return strings.Join(all, ", ")
}

// made: a person has made a content and laid it down whole, so that it is durable or, written in place, may not be.
func (l *ledger) made(content []byte, durable bool) {
	p := printOf(content)
	l.stands(p, content)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.durable[p] = l.durable[p] || durable && len(content) > 0 // a file that is being made is empty too
	l.drops = append(l.drops, content)
}

// written: a person writes a content in place, so that a power cut may take this copy of it.
func (l *ledger) written(content []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fragile[printOf(content)]++
}

// stands: a file has a content just now. Whoever reads it in one go may send it.
func (l *ledger) stands(p print, content []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.stood[p] {
		l.stood[p] = true
		h := hashOf(content)
		l.whole[h], l.prints[h] = true, p
	}
}

// earlier is a content that was dropped before, or else the other one.
func (l *ledger) earlier(n int, otherwise []byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.drops) == 0 {
		return otherwise
	}
	return l.drops[n%len(l.drops)]
}

// permit: the platform may take this content once more.
func (l *ledger) permit(hash string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.permits[hash]++
}

// copied: a person asked for a copy of a file to be sent again.
func (l *ledger) copied(hash string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.more[l.prints[hash]]++
	l.permits[hash]++
}

func (l *ledger) published(list []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lists[hashOf(list)] = true
}

// anywhere counts every content in the companies' folders.
func (l *ledger) anywhere() map[print]int {
	now := make(map[print]int)
	for _, c := range l.w.companies {
		for f := range l.w.disk.Walk(c.folder) {
			if f.Regular() {
				now[printOf(f.Content)]++
			}
		}
	}
	return now
}

// cut is told of a power cut: what was durable must still be there, wherever. What lies there now is what there is.
func (l *ledger) cut(before map[print]int) {
	after := l.anywhere()
	l.mu.Lock()
	for hash, p := range l.prints {
		if l.durable[p] && after[p] < before[p]-l.permits[hash]-l.fragile[p] { // copies of the engine's own may not have been durable
			l.w.violate(checkNothingIsLost, "the power cut took %s, which was durable", hash[:12])
		}
	}
	l.mu.Unlock()
	l.mine()
}
