package files

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"syscall"
	"time"

	"postroom/watcher/simulation/gate"
)

// Options say what a Disk is made of.
type Options struct {
	Kind Kind
	Now  func() time.Time // wall time, for time stamps; nil: time.Now
	// Writeback is after how long the system makes changes durable by itself, in package time; 0: never.
	Writeback time.Duration
}

// Disk is a disk and the volumes mounted on it. It is safe for concurrent use.
type Disk struct {
	gate      *gate.Gate
	now       func() time.Time
	writeback time.Duration

	mu       sync.Mutex // guards all nodes and volumes; never held while an effect is parked
	volumes  []*volume  // the first one is that of "/"
	faults   Faults
	watching map[string]int // how many watches a process has had
}

// New makes an empty disk.
func New(g *gate.Gate, o Options) *Disk {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Disk{gate: g, now: o.Now, writeback: o.Writeback, watching: make(map[string]int)}
	d.newVolume(o.Kind)
	return d
}

// SetFaults says how unkind the disk is from now on.
func (d *Disk) SetFaults(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = f
}

// Mount puts a new, empty volume of a kind at a folder, which is made where it is missing.
func (d *Disk) Mount(name string, kind Kind) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.makeAll(name); err != nil {
		return fmt.Errorf("mounting %s: %w", name, err)
	}
	at, err := d.walk(name, false)
	if err != nil {
		return fmt.Errorf("mounting %s: %w", name, err)
	}
	if at.node == at.node.volume.root {
		return fmt.Errorf("mounting %s: %w", name, syscall.EBUSY)
	}
	v := d.newVolume(kind)
	v.point, v.above = at.dir.entries[at.key], at.dir
	at.node.mounted = v
	return nil
}

// Unmount takes the volume at a folder away, as a drive that is unplugged: what is open on it is lost. The folder is gone
// then, or, with empty, stays as the empty place at which the volume was mounted. With dirty, what was not synced is lost
// as in a power cut.
func (d *Disk) Unmount(name string, empty, dirty bool) ([]Damage, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, err := d.walk(name, false)
	if err == nil && (at.node != at.node.volume.root || at.node.volume.point == nil) {
		err = syscall.EINVAL
	}
	if err != nil {
		return nil, fmt.Errorf("unmounting %s: %w", name, err)
	}
	v := at.node.volume
	var damage []Damage
	if dirty {
		damage = v.crash(name)
	}
	v.away = true
	v.epoch++
	v.drop(false)
	d.ended(v.root)
	v.each("", func(_ string, n *node) { d.ended(n) })
	v.point.node.mounted = nil
	if !empty {
		v.above.volume.set(v.above, v.above.volume.kind.key(v.point.name), nil)
	}
	return damage, nil
}

// Remount brings back the volume that was unmounted from a folder. What was written into the folder meanwhile is hidden
// by it; Strays tells of that.
func (d *Disk) Remount(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range d.volumes {
		if !v.away || d.pathOf(v) != name {
			continue
		}
		key := v.above.volume.kind.key(v.point.name)
		if there := v.above.entries[key]; there == nil {
			v.above.volume.set(v.above, key, v.point)
		} else {
			v.point = there // a folder that somebody made there
		}
		v.away = false
		v.point.node.mounted = v
		return nil
	}
	return fmt.Errorf("mounting %s: %w", name, fs.ErrNotExist)
}

// SetFree sets how much can still be written on the volume of name, until what is there is removed.
func (d *Disk) SetFree(name string, bytes int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, err := d.walk(name, true)
	if err != nil {
		return fmt.Errorf("setting the free space at %s: %w", name, err)
	}
	at.node.volume.capacity = at.node.volume.used + bytes
	return nil
}

// pathOf is where a volume is mounted.
func (d *Disk) pathOf(v *volume) string {
	if v.point == nil {
		return "/"
	}
	name := v.point.name
	at := v.above
	for ; at.dir != nil; at = at.dir {
		name = join(at.dir.entries[at.key].name, name)
	}
	return join(d.pathOf(at.volume), name)
}

// drop forgets every open file: no process is left. What was removed while it was open goes now, or is there again after a
// power cut, which came before it went.
func (v *volume) drop(powerCut bool) {
	var leave []*node
	v.each("", func(_ string, n *node) {
		n.handles = nil
		n.scanned = time.Time{}
		if n.removed && !powerCut {
			leave = append(leave, n)
		}
		n.removed = false
	})
	for _, n := range leave {
		n.vanish()
	}
}

// each calls do with everything on a volume, in the order of names; a folder comes before what is in it.
func (v *volume) each(path string, do func(path string, n *node)) { eachIn(path, v.root, do) }

func eachIn(path string, dir *node, do func(string, *node)) {
	for _, e := range dir.names() {
		at := join(path, e.name)
		do(at, e.node)
		if e.node.folder() {
			eachIn(at, e.node, do)
		}
	}
}

func join(dir, name string) string {
	if dir == "/" || dir == "" {
		return dir + name
	}
	return dir + "/" + name
}

// sortDamage puts what was lost into the order of names.
func sortDamage(all []Damage) {
	slices.SortStableFunc(all, func(a, b Damage) int { return cmp.Compare(a.Path, b.Path) })
}
