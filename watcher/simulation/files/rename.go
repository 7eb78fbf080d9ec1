package files

import (
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

// rename gives something another name. The error is bare.
func (v *View) rename(oldName, newName string, replace bool) error {
	from, err := v.disk.walk(oldName, false)
	if err != nil {
		return err
	}
	to, err := v.disk.walk(newName, false)
	switch {
	case err != nil:
		return err
	case from.dir == nil || to.dir == nil:
		return syscall.EBUSY
	case from.dir.volume != to.dir.volume:
		return syscall.EXDEV
	case from.node == nil:
		return fs.ErrNotExist
	case from.node.volume != from.dir.volume || to.node != nil && to.node.volume != to.dir.volume:
		return syscall.EBUSY // a place at which a volume is mounted
	}
	if from.node.leaving() || to.node != nil && to.node.leaving() {
		return disk.ErrBusy
	}
	if err := mayRename(from, to, oldName, newName, replace); err != nil {
		return err
	}
	if from.node == to.node && from.name == to.name {
		return nil
	}
	for _, dir := range []*node{from.dir, to.dir} {
		if err := writable(dir); err != nil {
			return err
		}
	}
	if from.node.inTheWay() || to.node != nil && to.node != from.node && to.node.inTheWay() {
		return disk.ErrBusy
	}
	v.moved(from, to)
	v.scan(from.node, gate.Effect{Operation: opMove, Path: newName})
	return nil
}

// mayRename tells what else stands at the new name, or why a folder cannot go there. As with os.Rename no folder is
// replaced.
func mayRename(from, to place, oldName, newName string, replace bool) error {
	same := from.node == to.node
	switch {
	case same && from.name != to.name: // another spelling of it
		return nil
	case to.node != nil && (!replace || to.node.folder()):
		return fs.ErrExist
	case same:
		return nil
	case from.node.folder() && strings.HasPrefix(filepath.Clean(newName)+"/", filepath.Clean(oldName)+"/"):
		return syscall.EINVAL
	case from.node.folder() && to.node != nil:
		return syscall.ENOTDIR
	}
	return nil
}

// moved changes the names.
func (v *View) moved(from, to place) {
	vol := from.dir.volume
	was := from.dir.entries[from.key].name
	stored := vol.kind.stored(to.name)
	if to.node != nil && to.node != from.node {
		v.disk.ended(to.node)
	}
	vol.change(nil,
		edit{dir: from.dir, key: from.key},
		edit{dir: to.dir, key: to.key, after: &entry{stored, from.node}})
	v.disk.tell(from.dir, was)
	v.disk.tell(to.dir, stored)
	v.disk.ended(from.node)
}
