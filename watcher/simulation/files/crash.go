package files

import (
	"fmt"
	"slices"
	"time"
)

// Damage is what a power cut took.
type Damage struct {
	Path string // where the file is now, or where the name was
	What string // "lost", "zeroed", "torn"; "undone" for a change of names
	From string // with "undone": the name that is there again, "" for none
}

// String is the damage for a reader.
func (d Damage) String() string {
	if d.From != "" {
		return fmt.Sprintf("%s %s, %s is there again", d.Path, d.What, d.From)
	}
	return d.Path + " " + d.What
}

// Crash is what is left on the disk when every process has ended. Without a power cut nothing is lost. With one, what was
// not synced may be, each thing by itself as the seed says. All processes must be dead. It tells what was taken.
func (d *Disk) Crash(powerCut bool) []Damage {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Damage
	for _, v := range d.volumes {
		v.drop(powerCut)
		if v.away || !powerCut {
			continue
		}
		all = append(all, v.crash(d.pathOf(v))...)
	}
	for _, damage := range all {
		d.gate.Count("file.crash." + damage.What)
		d.gate.Note("power cut", damage.String(), "")
	}
	return all
}

// crash takes from a volume what a power cut would. Names come first: which files are there decides whose content
// matters.
func (v *volume) crash(path string) []Damage {
	g := v.disk.gate
	mood := g.Intn(3) // all of it was written in time, or nothing, or some
	survives := func() bool { return mood == 0 || mood == 2 && g.Chance(2) }
	all := v.undoNames(path, survives)
	v.each(path, func(at string, n *node) {
		if !n.dirty {
			return
		}
		if b := v.disk.writeback; b > 0 && time.Since(n.dirtyAt) >= b || survives() {
			n.sync()
			return
		}
		if what := n.damage(g.Intn(3), g.Intn); what != "" {
			all = append(all, Damage{Path: at, What: what})
		}
	})
	sortDamage(all)
	return all
}

func (v *volume) undoNames(path string, survives func() bool) []Damage {
	if len(v.log) == 0 {
		return nil
	}
	where := map[*node]string{v.root: path}
	v.each(path, func(at string, n *node) { where[n] = at })
	var all []Damage
	for _, c := range v.undo(survives) {
		damage := Damage{What: "undone"}
		for _, e := range c.edits {
			switch {
			case e.before != nil && e.after == nil:
				damage.From = join(where[e.dir], e.before.name)
			case e.after != nil:
				damage.Path = join(where[e.dir], e.after.name)
			}
		}
		if damage.Path == "" { // a removal
			damage.Path = damage.From
		}
		all = append(all, damage)
	}
	return all
}

// damage has a power cut harm the content of a file that was not synced. It tells how; "" if it cannot be seen.
func (n *node) damage(how int, intn func(int) int) string {
	was := n.data
	what := [...]string{"lost", "zeroed", "torn"}[how]
	switch what {
	case "lost":
		n.data, n.stamp = n.safe, later(n.safeStamp, n.stamp)
	case "zeroed": // the size was written, the bytes were not
		data := make([]byte, len(was))
		copy(data, n.safe)
		n.data = data
	case "torn": // the new bytes up to somewhere, then the old ones
		at := intn(len(was) + 1)
		data := slices.Clone(was[:at])
		if at < len(n.safe) {
			data = append(data, n.safe[at:]...)
		}
		n.data = data
	}
	n.grown(len(n.data) - len(was))
	n.version++
	same := slices.Equal(was, n.data)
	n.sync()
	if same {
		return ""
	}
	return what
}

func later(safe, now time.Time) time.Time {
	if safe.IsZero() { // never synced
		return now
	}
	return safe
}

// Flush makes a file or folder, and its name, durable now.
func (d *Disk) Flush(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, err := d.have(name, false)
	if err != nil {
		return fmt.Errorf("flushing %s: %w", name, err)
	}
	if at.node.regular() {
		at.node.sync()
	}
	if at.node.folder() {
		at.node.volume.syncDir(at.node)
	}
	if at.dir != nil && at.dir.volume == at.node.volume {
		at.dir.volume.syncDir(at.dir)
	}
	return nil
}

// FlushAll makes everything durable now.
func (d *Disk) FlushAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range d.volumes {
		v.log = nil
		v.each("", func(_ string, n *node) {
			if n.dirty {
				n.sync()
			}
		})
	}
}
