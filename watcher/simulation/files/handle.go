package files

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

// access is what a program does with an open file, and what it lets others do meanwhile (where Kind.Sharing).
type access int

const (
	reading access = 1 << iota
	writing
	shareReading
	shareWriting
	shareDeleting
)

// handle is an open file.
type handle struct {
	view   *View
	node   *node
	name   string
	access access
	epoch  int

	// Guarded by Disk.mu.

	at      int
	closed  bool
	version int // of the content at the last read
	read    bool
}

// open opens a node, unless somebody is in the way.
func (v *View) open(n *node, name string, a access) (*handle, error) {
	if n.volume.kind.Sharing {
		if a&shareReading == 0 && n.scanning() {
			return nil, disk.ErrBusy
		}
		for _, other := range n.open() {
			if !compatible(a, other.access) {
				return nil, disk.ErrBusy
			}
		}
	}
	h := &handle{view: v, node: n, name: name, access: a, epoch: n.volume.epoch}
	n.handles = append(n.handles, h)
	return h, nil
}

func compatible(a, b access) bool {
	return (a&reading == 0 || b&shareReading != 0) && (b&reading == 0 || a&shareReading != 0) &&
		(a&writing == 0 || b&shareWriting != 0) && (b&writing == 0 || a&shareWriting != 0)
}

// open gives the open files of a node. Those of dead processes are closed.
func (n *node) open() []*handle {
	n.handles = slices.DeleteFunc(n.handles, func(h *handle) bool { return h.dead() })
	return n.handles
}

func (h *handle) dead() bool {
	select {
	case <-h.view.process.Dead():
		return true
	default:
		return false
	}
}

// leaving tells that a file was removed and has its name only because it is open. Once it is not, it goes.
func (n *node) leaving() bool {
	if n.removed && len(n.open()) == 0 {
		n.removed = false
		n.vanish()
		return false
	}
	return n.removed
}

// vanish takes the name of a file that was removed.
func (n *node) vanish() {
	dir, stored := n.dir, n.dir.entries[n.key].name
	n.volume.change(nil, edit{dir: dir, key: n.key})
	n.volume.disk.tell(dir, stored)
}

func (n *node) scanning() bool { return time.Now().Before(n.scanned) }

// inTheWay tells that somebody's open file keeps this one from being renamed or removed.
func (n *node) inTheWay() bool {
	if !n.volume.kind.Sharing {
		return false
	}
	if n.folder() { // no file below a folder may be open
		found := false
		eachIn("", n, func(_ string, n *node) { found = found || n.inTheWay() })
		return found
	}
	return n.scanning() || slices.ContainsFunc(n.open(), func(h *handle) bool { return h.access&shareDeleting == 0 })
}

func (n *node) heldForWriting() bool {
	return slices.ContainsFunc(n.open(), func(h *handle) bool { return h.access&writing != 0 })
}

// do has an operation on the open file pass the gate. The error is bare.
func (h *handle) do(operation string, effect func() error) error {
	return h.view.do(operation, h.name, func() error {
		if err := h.usable(); err != nil {
			return err
		}
		return effect()
	})
}

func (h *handle) usable() error {
	switch {
	case h.closed:
		return fs.ErrClosed
	case h.epoch != h.node.volume.epoch:
		return syscall.EIO // its volume was taken away
	}
	return nil
}

// Read is io.Reader's.
func (h *handle) Read(p []byte) (n int, err error) {
	err = h.do(opRead, func() error {
		n, err = h.get(p, h.at, true)
		h.at += n
		return err
	})
	return n, h.told("read", err)
}

// ReadAt is io.ReaderAt's.
func (h *handle) ReadAt(p []byte, at int64) (n int, err error) {
	if at < 0 {
		return 0, h.told("read", fs.ErrInvalid)
	}
	err = h.do(opRead, func() error {
		n, err = h.get(p, int(min(at, 1<<40)), false)
		if err == nil && n < len(p) {
			err = io.EOF
		}
		return err
	})
	return n, h.told("read", err)
}

// get reads at a place.
func (h *handle) get(p []byte, at int, short bool) (int, error) {
	data := h.node.data
	if h.access&reading == 0 {
		return 0, syscall.EBADF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if at >= len(data) {
		return 0, io.EOF
	}
	e := gate.Effect{Operation: opRead, Path: h.name}
	if h.node.reader != nil && !h.view.person {
		p = h.node.reader.met(p, len(data)-at, h.view.disk.gate)
	}
	if most := min(len(p), len(data)-at); short && most > 1 && h.view.hit(h.view.disk.faults.ShortRead, countShortRead, e) {
		p = p[:1+h.view.disk.gate.Intn(most-1)]
	}
	if h.read && h.version != h.node.version {
		h.view.disk.gate.Count(countTornRead)
	}
	h.read, h.version = true, h.node.version
	return copy(p, data[at:]), nil
}

// Seek is io.Seeker's. It is no effect.
func (h *handle) Seek(offset int64, whence int) (int64, error) {
	h.view.disk.mu.Lock()
	defer h.view.disk.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += int64(h.at)
	case io.SeekEnd:
		offset += int64(len(h.node.data))
	}
	if offset < 0 {
		return 0, h.told("seek", fs.ErrInvalid)
	}
	h.at = int(offset)
	return offset, nil
}

// Write is io.Writer's.
func (h *handle) Write(p []byte) (n int, err error) {
	err = h.do(opWrite, func() error {
		n, err = h.put(p)
		return err
	})
	return n, h.told("write", err)
}

func (h *handle) put(p []byte) (int, error) {
	v, vol := h.view, h.node.volume
	if h.access&writing == 0 {
		return 0, syscall.EBADF
	}
	e := gate.Effect{Operation: opWrite, Path: h.name}
	var failed error
	most := len(p)
	grows := max(h.at+len(p)-len(h.node.data), 0)
	switch {
	case v.hit(v.disk.faults.IO, countIO, e):
		failed, most = syscall.EIO, 0
	case grows > 0 && v.hit(v.disk.faults.NoSpace, countNoSpace, e):
		failed, most = syscall.ENOSPC, len(p)/2
	case int64(grows) > vol.left():
		failed, most = syscall.ENOSPC, max(len(p)-grows+int(vol.left()), 0)
	}
	if most > 0 {
		h.node.put(p[:most], h.at)
		h.at += most
		h.node.touch(v.disk.now())
		v.disk.tellOf(h.node)
	}
	return most, failed
}

// Sync is disk.File's.
func (h *handle) Sync() error {
	return h.told("sync", h.do(opSync, func() error {
		h.node.sync()
		return nil
	}))
}

// Stat is disk.File's. It is no effect.
func (h *handle) Stat() (disk.Info, error) {
	if h.dead() {
		return disk.Info{}, h.told("stat", gate.ErrDead)
	}
	h.view.disk.mu.Lock()
	defer h.view.disk.mu.Unlock()
	if err := h.usable(); err != nil {
		return disk.Info{}, h.told("stat", err)
	}
	return h.node.info(), nil
}

// Close is io.Closer's. It is no effect.
func (h *handle) Close() error {
	h.view.disk.mu.Lock()
	defer h.view.disk.mu.Unlock()
	if h.closed {
		return h.told("close", fs.ErrClosed)
	}
	h.closed = true
	h.node.handles = slices.DeleteFunc(h.node.handles, func(other *handle) bool { return other == h })
	if h.epoch == h.node.volume.epoch && !h.node.leaving() {
		h.node.volume.release(h.node)
	}
	return nil
}

// told makes the error that the caller sees; io.EOF stays bare.
func (h *handle) told(operation string, err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // it is bare
		return err
	}
	return told(operation, h.name, err)
}

// String names it in a test's message.
func (h *handle) String() string { return fmt.Sprintf("open file %s", h.name) }
