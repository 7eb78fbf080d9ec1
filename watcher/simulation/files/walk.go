package files

import (
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"postroom/watcher/disk"
)

// place is what a path leads to.
type place struct {
	dir  *node  // the folder; nil for "/"
	name string // within dir, as it was given
	key  string
	node *node // nil where nothing stands
}

// maxLinks is how many symbolic links a path may lead through.
const maxLinks = 40

const maxName = 255

// walk follows a path; the last step, if it is a link, only when follow says so. The folder of a name that is not there
// must be. The error is bare.
func (d *Disk) walk(name string, follow bool) (place, error) {
	return d.walkFrom(filepath.ToSlash(filepath.Clean(name)), follow, 0)
}

func (d *Disk) walkFrom(name string, follow bool, links int) (place, error) {
	at := place{node: d.volumes[0].root}
	for rest := strings.TrimPrefix(name, "/"); rest != ""; {
		step, after, more := strings.Cut(rest, "/")
		done := len(name) - len(rest) + len(step) // bytes of name that have been walked
		rest = after
		var err error
		if at, err = d.step(at, step); err != nil {
			return place{}, err
		}
		switch {
		case at.node == nil && more:
			return place{}, fs.ErrNotExist
		case at.node == nil:
			return at, nil
		case at.node.kind == fs.ModeSymlink && (more || follow):
			if links == maxLinks {
				return place{}, syscall.ELOOP
			}
			target := at.node.target
			if !strings.HasPrefix(target, "/") {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name[:done]), target))
			}
			return d.walkFrom(filepath.ToSlash(filepath.Join(target, rest)), follow, links+1)
		}
	}
	return at, nil
}

// step goes from a folder to what has a name in it.
func (d *Disk) step(from place, name string) (place, error) {
	dir := from.node
	switch {
	case !dir.folder():
		return place{}, syscall.ENOTDIR
	case len(name) > maxName:
		return place{}, syscall.ENAMETOOLONG
	}
	to := place{dir: dir, name: name, key: dir.volume.kind.key(name)}
	if e := dir.entries[to.key]; e != nil {
		to.node = e.node
		if e.node.mounted != nil {
			to.node = e.node.mounted.root
		}
	}
	return to, nil
}

// have is walk to something that is there.
func (d *Disk) have(name string, follow bool) (place, error) {
	at, err := d.walk(name, follow)
	switch {
	case err != nil:
	case at.node == nil:
		err = fs.ErrNotExist
	case at.node.leaving():
		err = disk.ErrBusy
	case at.dir != nil && at.dir.entries[at.key] == nil: // it has just gone
		err = fs.ErrNotExist
	}
	return at, err
}

// haveFolder is walk to a folder.
func (d *Disk) haveFolder(name string) (*node, error) {
	at, err := d.have(name, true)
	if err == nil && !at.node.folder() {
		err = syscall.ENOTDIR
	}
	return at.node, err
}

// writable tells why the names of a folder cannot be changed, if so.
func writable(dir *node) error {
	if dir == nil {
		return syscall.EBUSY // "/"
	}
	if dir.perm&0o200 == 0 {
		return syscall.EACCES
	}
	return nil
}

// makeAll makes folders as far as they are missing, durably.
func (d *Disk) makeAll(name string) error {
	at, err := d.walk(name, true)
	if err == fs.ErrNotExist { //nolint:errorlint // it is bare
		if err = d.makeAll(filepath.Dir(name)); err == nil {
			at, err = d.walk(name, true)
		}
	}
	if err != nil {
		return err
	}
	if at.node != nil {
		if !at.node.folder() {
			return syscall.ENOTDIR
		}
		return nil
	}
	v := at.dir.volume
	n, _ := v.create(fs.ModeDir, 0o700, d.now())
	v.set(at.dir, at.key, &entry{v.kind.stored(at.name), n})
	return nil
}
