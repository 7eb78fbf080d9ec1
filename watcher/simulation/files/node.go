package files

import (
	"io/fs"
	"slices"
	"strconv"
	"time"

	"postroom/watcher/disk"
)

// node is a file, a folder, or what else can have a name. Guarded by Disk.mu.
type node struct {
	volume *volume
	inode  uint64
	kind   fs.FileMode // type bits
	perm   fs.FileMode
	hidden bool
	stamp  time.Time
	dir    *node  // in which it has its name; nil while it has none
	key    string // of its name there
	last   *node  // the folder in which it had its last name
	freed  bool   // its identity can be given again
	target string

	// Of a file.

	data      []byte
	version   int       // of the content
	safe      []byte    // what a power cut leaves; data begins with it as long as nothing of it was overwritten
	safeStamp time.Time // its time stamp
	dirty     bool      // data is not safe
	dirtyAt   time.Time // since when
	handles   []*handle
	scanned   time.Time // until when a scanner has it open
	removed   bool      // it was removed while it was open, and has its name until it is closed (where Kind.LateDelete)
	reader    *reader   // who waits for its being read; nil for nobody

	// Of a folder.

	entries map[string]*entry
	mounted *volume // what stands here instead
	watches []*watch
}

// entry is a name in a folder. It is never changed.
type entry struct {
	name string
	node *node
}

func (n *node) folder() bool { return n.kind == fs.ModeDir }

func (n *node) regular() bool { return n.kind == 0 }

// info is what is told about it.
func (n *node) info() disk.Info {
	i := disk.Info{Size: int64(len(n.data)), ModTime: n.stamp, Mode: n.kind | n.perm, Hidden: n.hidden}
	switch {
	case n.folder():
		i.Size = 4096
	case n.kind == fs.ModeSymlink:
		i.Size = int64(len(n.target))
	}
	if !n.volume.kind.NoIdentity {
		var b [40]byte
		id := strconv.AppendInt(b[:0], int64(n.volume.number), 16)
		i.Identity = string(strconv.AppendUint(append(id, '-'), n.inode, 16))
	}
	return i
}

// names lists a folder in order.
func (n *node) names() []*entry {
	list := make([]*entry, 0, len(n.entries))
	for _, e := range n.entries {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *entry) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return list
}

// touch notes that the content was changed.
func (n *node) touch(now time.Time) {
	n.stamp = n.volume.kind.stamp(now)
	n.version++
	if !n.dirty {
		n.dirty, n.dirtyAt = true, time.Now()
	}
}

// put writes at a place. What is safe stays as it was.
func (n *node) put(p []byte, at int) {
	was := len(n.data)
	if at < len(n.safe) {
		n.data = slices.Clone(n.data) // safe may be the same bytes
	}
	if end := at + len(p); end > len(n.data) {
		n.data = slices.Grow(n.data, end-len(n.data))[:end]
		if at > was {
			clear(n.data[was:at])
		}
	}
	copy(n.data[at:], p)
	n.grown(len(n.data) - was)
}

// cut makes it empty.
func (n *node) cut() {
	n.grown(-len(n.data))
	n.data = nil
}

func (n *node) grown(by int) {
	if n.dir != nil {
		n.volume.used += int64(by)
	}
}

// sync makes the content safe.
func (n *node) sync() {
	n.data = slices.Clip(n.data)
	n.safe, n.safeStamp, n.dirty = n.data, n.stamp, false
}
