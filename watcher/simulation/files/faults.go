package files

import (
	"io/fs"
	"syscall"
	"time"

	"postroom/watcher/simulation/gate"
)

// Faults say how often an operation comes to harm: one time in so many, 0 for never. They hold for the views that View
// gives, not for a Person's. Each is counted at the gate under the name given here.
type Faults struct {
	NoSpace   int // "file.enospc": a file, a folder, or half of what was to be written does not fit
	Denied    int // "file.eacces": for no reason, this time
	Busy      int // "file.ebusy": a rename or removal
	IO        int // "file.eio": reading, writing, syncing, opening, listing
	ShortRead int // "file.shortRead": a read gives less than there is, and the rest may have changed by the next one
	Slow      int // "file.slow": an operation waits for up to MostSlow before it happens
	Lied      int // "file.lied": a rename, removal or new folder happens, and an error is told
	TornList  int // "file.tornList": names change while a folder is listed
	Scanner   int // "file.scanner": a virus scanner holds a file that is new or renamed (where Kind.Sharing)

	MostSlow    time.Duration // 0: 2 s
	MostScanned time.Duration // 0: 4 s
}

// Kinds of fault as they are counted. Refusals of an open file's holder are counted as "file.sharing", reads that saw two
// versions of a content as "file.tornRead", files that were removed and keep their names as "file.lateDelete".
const (
	countNoSpace   = "file.enospc"
	countDenied    = "file.eacces"
	countBusy      = "file.ebusy"
	countIO        = "file.eio"
	countShortRead = "file.shortRead"
	countTornRead  = "file.tornRead"
	countSlow      = "file.slow"
	countLied      = "file.lied"
	countTornList  = "file.tornList"
	countScanner   = "file.scanner"
	countSharing   = "file.sharing"

	countLateDelete = "file.lateDelete"
)

// Operations as the gate has them.
const (
	opOpen    = "file.open"
	opCreate  = "file.create"
	opLstat   = "file.lstat"
	opReadDir = "file.readdir"
	opMkdir   = "file.mkdir"
	opRename  = "file.rename"
	opMove    = "file.move"
	opRemove  = "file.remove"
	opSyncDir = "file.syncdir"
	opRead    = "file.read"
	opWrite   = "file.write"
	opSync    = "file.sync"
	opFree    = "file.free"
	opHeld    = "file.held"
	opChange  = "file.change" // attributes, by a person
)

// fault draws what happens to an operation instead of itself.
func (v *View) fault(e gate.Effect) error {
	f := &v.disk.faults
	switch e.Operation {
	case opCreate, opMkdir:
		if v.hit(f.NoSpace, countNoSpace, e) {
			return syscall.ENOSPC
		}
	case opMove, opRename, opRemove:
		if v.hit(f.Busy, countBusy, e) {
			return syscall.EBUSY
		}
	case opRead, opSync, opSyncDir:
		if v.hit(f.IO, countIO, e) {
			return syscall.EIO
		}
		return nil
	case opWrite, opFree, opHeld:
		return nil
	}
	switch {
	case v.hit(f.Denied, countDenied, e):
		return syscall.EACCES
	case (e.Operation == opOpen || e.Operation == opReadDir) && v.hit(f.IO, countIO, e):
		return syscall.EIO
	}
	return nil
}

// lie draws whether what happened is told as an error. A network drive that repeats a request whose answer was lost finds
// nothing under the old name any more.
func (v *View) lie(e gate.Effect) error {
	switch e.Operation {
	case opMove, opRename, opRemove:
		if v.hit(v.disk.faults.Lied, countLied, e) {
			if v.disk.gate.Chance(2) {
				return fs.ErrNotExist
			}
			return syscall.EIO
		}
	case opMkdir:
		if v.hit(v.disk.faults.Lied, countLied, e) {
			return syscall.EIO
		}
	}
	return nil
}

// hit draws one fault, counts it and tells of it.
func (v *View) hit(oneIn int, kind string, e gate.Effect) bool {
	if v.person || oneIn <= 0 || !v.disk.gate.Chance(oneIn) {
		return false
	}
	v.disk.gate.Count(kind)
	v.disk.gate.Note(v.process.Name(), e.Operation+" "+e.Path, kind)
	return true
}

// slow draws for how long an operation waits.
func (v *View) slow(e gate.Effect) time.Duration {
	f := &v.disk.faults
	if !v.hit(f.Slow, countSlow, e) {
		return 0
	}
	most := f.MostSlow
	if most <= 0 {
		most = 2 * time.Second
	}
	return time.Duration(1+v.disk.gate.Intn(int(most/time.Millisecond))) * time.Millisecond
}

// scan draws whether a scanner looks at a file that has just got its name.
func (v *View) scan(n *node, e gate.Effect) {
	f := &v.disk.faults
	if n.kind != 0 || !n.volume.kind.Sharing || !v.hit(f.Scanner, countScanner, e) {
		return
	}
	most := f.MostScanned
	if most <= 0 {
		most = 4 * time.Second
	}
	n.scanned = time.Now().Add(time.Duration(v.disk.gate.Intn(int(most/time.Millisecond))) * time.Millisecond)
}
