package files

import (
	"io/fs"
	"time"
)

// volume is a file system of a Disk. Guarded by Disk.mu.
type volume struct {
	disk     *Disk
	number   int
	kind     Kind
	root     *node
	point    *entry // the folder on another volume at which it is mounted; nil for the first one
	above    *node  // the folder in which point is
	away     bool
	epoch    int // how often it went away: what was open before is lost
	capacity int64
	used     int64
	last     uint64 // inode
	free     []freed
	log      []change
}

// freed is an identity that can be given again.
type freed struct {
	inode uint64
	by    *node // the folder from which its file was removed
}

const plenty = 1 << 40

func (d *Disk) newVolume(kind Kind) *volume {
	v := &volume{disk: d, number: len(d.volumes) + 1, kind: kind, capacity: plenty, last: 1}
	v.root = &node{volume: v, inode: 2, kind: fs.ModeDir, perm: 0o700, stamp: kind.stamp(d.now()), entries: map[string]*entry{}}
	v.last = 2
	d.volumes = append(d.volumes, v)
	return v
}

// create makes a node without a name. The change that names it has to depend on the folder that comes back, if any: its
// identity is that of a file which was removed from there.
func (v *volume) create(kind, perm fs.FileMode, now time.Time) (n *node, after *node) {
	n = &node{volume: v, kind: kind, perm: perm, stamp: v.kind.stamp(now)}
	if kind == fs.ModeDir {
		n.entries = map[string]*entry{}
	}
	if k := len(v.free); v.kind.ReuseIdentity && k > 0 {
		n.inode, after = v.free[k-1].inode, v.free[k-1].by
		v.free = v.free[:k-1]
		return n, after
	}
	v.last++
	n.inode = v.last
	return n, nil
}

// release lets the identity of a file without a name be given again, once nobody has it open.
func (v *volume) release(n *node) {
	if n.dir == nil && !n.freed && len(n.open()) == 0 {
		n.freed = true
		v.free = append(v.free, freed{inode: n.inode, by: n.last})
	}
}

// set changes what a name stands for; nil for nothing.
func (v *volume) set(dir *node, key string, to *entry) {
	if was := dir.entries[key]; was != nil {
		was.node.dir, was.node.key, was.node.last = nil, "", dir
		v.used -= int64(len(was.node.data))
	}
	if to == nil {
		delete(dir.entries, key)
		return
	}
	dir.entries[key] = to
	to.node.dir, to.node.key, to.node.freed = dir, key, false
	v.used += int64(len(to.node.data))
}

// left is how much can still be written.
func (v *volume) left() int64 { return max(v.capacity-v.used, 0) }
