package simulation

import (
	"math/rand/v2"
	"strings"

	"postroom/watcher/simulation/files"
	"postroom/watcher/simulation/platform"
)

// faults say of each kind how often it happens: one time in so many that it could.
type faults map[string]int

// mostFaults are the kinds of fault by where they happen, and one time in how many at the most.
var mostFaults = []struct {
	kinds []string
	oneIn int
}{
	{[]string{
		"file.enospc", "file.eacces", "file.ebusy", "file.eio", "file.shortRead", "file.slow", "file.lied", "file.tornList", "file.scanner",
	}, 8},
	{[]string{"event.missed", "event.late", "event.doubled", "event.overflow", "event.silent", "event.refused"}, 2},
	{[]string{"journal.full", "journal.readFails"}, 6},
	{kindsOf("net.", "callback."), 3},
	{kindsOf("keyring."), 6},
}

// rare are the kinds that can happen to few effects, and so may happen to most of these.
var rare = map[string]bool{
	"file.shortRead": true, "file.tornList": true, "file.ebusy": true, "journal.full": true,
	"net.wrongDate": true, "net.strange": true, "net.slowBody": true, "net.doubled": true,
	"net.redirectHome": true, "net.redirectAway": true, "net.redirectInside": true, "net.redirectPlain": true, "net.redirectLoop": true,
	"keyring.errorAfter": true, "keyring.differs": true, "keyring.full": true,
}

// scarce are those that can happen to hardly any.
var scarce = map[string]bool{
	"event.silent": true, "callback.lost": true, "callback.doubled": true, "callback.late": true, "callback.forged": true,
	"net.uploadRefused": true, "net.earlyAnswer": true, "net.resultGone": true, "net.resetMidway": true, "net.stale": true,
	"file.scanner": true,
}

// byPeople are the kinds of fault that people bring about, as they are counted when they come about.
var byPeople = []string{
	"crash", "crash.power", "clock.jumped", "clock.slept", "folder.away", "folder.removed", "disk.full", "keyring.shut", "net.swapped", "net.retryAfter",
}

// allKinds are all kinds of fault, as they are counted.
func allKinds() []string {
	kinds := append(files.FaultKinds(), "journal.full", "journal.readFails")
	for _, k := range platform.Kinds() {
		kinds = append(kinds, string(k))
	}
	return append(kinds, byPeople...)
}

func kindsOf(prefixes ...string) []string {
	var kinds []string
	for _, k := range platform.Kinds() {
		for _, prefix := range prefixes {
			if strings.HasPrefix(string(k), prefix) {
				kinds = append(kinds, string(k))
			}
		}
	}
	return kinds
}

// drawFaults has some kinds of fault happen in some places: many runs with a few kinds each find more than few runs with
// all of them.
func drawFaults(r *rand.Rand) faults {
	f := faults{}
	for _, some := range mostFaults {
		if r.IntN(2) == 0 {
			continue
		}
		for _, kind := range some.kinds {
			oneIn := 1 << r.IntN(5)
			switch often := r.IntN(4); {
			case scarce[kind] && often < 3:
				f[kind] = 1 + oneIn/8
			case rare[kind] && often < 2:
				f[kind] = 1 + oneIn
			case often == 0:
				f[kind] = some.oneIn * oneIn
			}
		}
	}
	return f
}

// of gives the faults of the platform's and the keyring's kinds.
func (f faults) of(prefixes ...string) platform.Faults {
	some := platform.Faults{}
	for _, kind := range kindsOf(prefixes...) {
		some[platform.Kind(kind)] = f[kind]
	}
	return some
}

// disk are the faults of the disk. What could happen to every operation happens to fewer.
func (f faults) disk() files.Faults {
	return files.Faults{
		NoSpace: f["file.enospc"], Denied: 12 * f["file.eacces"], Busy: f["file.ebusy"], IO: 4 * f["file.eio"],
		ShortRead: f["file.shortRead"], Slow: 12 * f["file.slow"], Lied: f["file.lied"], TornList: f["file.tornList"],
		Scanner: f["file.scanner"],
	}
}

// events are the faults of the hints that a folder changed.
func (f faults) events() files.EventFaults {
	return files.EventFaults{
		Missed: f["event.missed"], Late: f["event.late"], Doubled: f["event.doubled"], Overflow: f["event.overflow"],
		Silent: f["event.silent"], Refused: f["event.refused"],
	}
}
