package files

import (
	"slices"
	"time"
)

// change is one change of names that a power cut may undo.
type change struct {
	at     time.Time
	edits  []edit
	touch  []*node // further folders whose later changes build on this one
	undone bool
}

// edit is what one name stood for and stands for now.
type edit struct {
	dir    *node
	key    string
	before *entry
	after  *entry
}

// any tells whether is says true of a folder that the change concerns.
func (c *change) any(is func(*node) bool) bool {
	for _, e := range c.edits {
		if is(e.dir) {
			return true
		}
	}
	return slices.ContainsFunc(c.touch, is)
}

func (c *change) each(do func(*node)) {
	c.any(func(n *node) bool {
		do(n)
		return false
	})
}

// change makes edits, which must be of this volume, and keeps them in the log.
func (v *volume) change(touch []*node, edits ...edit) {
	now := v.disk.now()
	for i := range edits {
		e := &edits[i]
		e.before = e.dir.entries[e.key]
		v.set(e.dir, e.key, e.after)
		e.dir.stamp = v.kind.stamp(now)
	}
	v.settle()
	v.log = append(v.log, change{at: time.Now(), edits: edits, touch: touch})
	for _, e := range edits {
		if e.before != nil {
			v.release(e.before.node)
		}
	}
}

// settle drops from the log what the system has written by itself by now.
func (v *volume) settle() {
	if v.disk.writeback <= 0 {
		return
	}
	limit := time.Now().Add(-v.disk.writeback)
	n := 0
	for n < len(v.log) && !v.log[n].at.After(limit) {
		n++
	}
	v.log = v.log[n:]
}

// syncDir makes a folder's names durable, and with them whatever they build on.
func (v *volume) syncDir(dir *node) {
	need := map[*node]bool{dir: true}
	kept := len(v.log)
	for i := len(v.log) - 1; i >= 0; i-- {
		c := v.log[i]
		if c.any(func(n *node) bool { return need[n] }) {
			c.each(func(n *node) { need[n] = true })
			continue
		}
		kept--
		v.log[kept] = c
	}
	v.log = slices.Delete(v.log, 0, kept)
}

// undo takes back changes, the last one first. Each folder loses no change without losing all later ones.
func (v *volume) undo(survives func() bool) (undone []change) {
	v.settle()
	lost := make(map[*node]bool)
	stopped := false
	for i := range v.log {
		c := &v.log[i]
		c.undone = stopped || c.any(func(n *node) bool { return lost[n] }) || !survives()
		if c.undone {
			c.each(func(n *node) { lost[n] = true })
			stopped = v.kind.LazyNames
		}
	}
	for i := len(v.log) - 1; i >= 0; i-- {
		c := v.log[i]
		if !c.undone {
			continue
		}
		for j := len(c.edits) - 1; j >= 0; j-- {
			v.set(c.edits[j].dir, c.edits[j].key, c.edits[j].before)
		}
		undone = append(undone, c)
	}
	v.log, v.free = nil, nil
	return undone
}
