package files

import (
	"errors"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

// Writing says how a program of a person opens a file for writing.
type Writing struct {
	Truncate bool // what is there is thrown away first
	Append   bool // it goes on at the end
	Share    bool // lets others rename and remove it meanwhile, which matters where Kind.Sharing
}

// OpenWriting opens a file for writing in place, or makes it.
func (v *View) OpenWriting(name string, w Writing) (disk.File, error) {
	var h *handle
	err := v.do(opOpen, name, func() error {
		at, err := v.disk.walk(name, true)
		if err != nil {
			return err
		}
		n := at.node
		if n == nil {
			n, err = v.add(name, 0, 0o600)
		} else if !n.regular() {
			err = disk.ErrNotRegular
		}
		if err != nil {
			return err
		}
		a := reading | writing | shareReading
		if w.Share {
			a |= shareWriting | shareDeleting
		}
		if h, err = v.open(n, name, a); err != nil {
			return err
		}
		switch {
		case w.Truncate && len(n.data) > 0:
			n.cut()
			n.touch(v.disk.now())
			v.disk.tellOf(n)
		case w.Append:
			h.at = len(n.data)
		}
		return nil
	})
	if err != nil {
		return nil, told("open", name, err)
	}
	return h, nil
}

// Drop lays a whole file down at once, as one that is moved there from elsewhere on the disk. It is durable. With replace
// it takes the place of what is there.
func (v *View) Drop(name string, data []byte, replace bool) error {
	return told("drop", name, v.do(opMove, name, func() error {
		at, err := v.disk.walk(name, false)
		switch {
		case err != nil:
			return err
		case at.node != nil && !replace:
			return fs.ErrExist
		case at.node != nil && at.node.volume.kind.LateDelete && len(at.node.open()) > 0:
			return disk.ErrBusy // its name would not be free
		case at.node != nil:
			if err := v.remove(at); err != nil {
				return err
			}
		}
		n, err := v.add(name, 0, 0o600)
		if err != nil {
			return err
		}
		n.put(data, 0)
		n.sync()
		n.volume.syncDir(at.dir)
		return nil
	}))
}

// Overwrite replaces the content of a file in place and in one go, as a program does that saves, and syncs nothing. There
// is no name and no moment at which the old content is whole beside the new one.
func (v *View) Overwrite(name string, data []byte) error {
	return told("overwrite", name, v.do(opWrite, name, func() error {
		at, err := v.disk.have(name, true)
		switch {
		case err != nil:
			return err
		case !at.node.regular():
			return disk.ErrNotRegular
		}
		n := at.node
		h, err := v.open(n, name, writing|shareReading|shareWriting|shareDeleting)
		if err != nil {
			return err
		}
		n.handles = slices.DeleteFunc(n.handles, func(other *handle) bool { return other == h })
		if n.volume.left() < int64(len(data)-len(n.data)) {
			return syscall.ENOSPC
		}
		n.cut()
		n.put(data, 0)
		n.touch(v.disk.now())
		v.disk.tellOf(n)
		return nil
	}))
}

// reader waits for a file's being read.
type reader struct {
	begun chan struct{}
	seen  bool
}

// Reading gives a channel that is closed once somebody else's program reads a file, which gets it in small pieces from then
// on, until stop: so that it can be met in the middle of it.
func (v *View) Reading(name string) (begun <-chan struct{}, stop func(), err error) {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	at, err := v.disk.have(name, true)
	if err != nil {
		return nil, nil, told("watch", name, err)
	}
	n := at.node
	r := &reader{begun: make(chan struct{})}
	n.reader = r
	return r.begun, func() {
		v.disk.mu.Lock()
		defer v.disk.mu.Unlock()
		if n.reader == r {
			n.reader = nil
		}
	}, nil
}

// met is told of a read, and what it may have.
func (r *reader) met(p []byte, left int, g *gate.Gate) []byte {
	if !r.seen {
		r.seen = true
		close(r.begun)
	}
	if most := min(len(p), left); most > 1 {
		p = p[:1+g.Intn(most/2)]
	}
	return p
}

// ReadAll reads a whole file at once.
func (v *View) ReadAll(name string) (data []byte, err error) {
	err = v.do(opRead, name, func() error {
		at, err := v.disk.have(name, true)
		if err == nil && !at.node.regular() {
			err = disk.ErrNotRegular
		}
		if err == nil {
			data = slices.Clone(at.node.data)
		}
		return err
	})
	return data, told("read", name, err)
}

// Link makes a symbolic link.
func (v *View) Link(target, name string) error {
	return told("symlink", name, v.do(opCreate, name, func() error {
		n, err := v.add(name, fs.ModeSymlink, 0o777)
		if err == nil {
			n.target = target
		}
		return err
	}))
}

// Special makes a pipe, a socket or a device.
func (v *View) Special(name string, kind fs.FileMode) error {
	if kind.Type() != kind || kind == 0 || kind == fs.ModeDir || kind == fs.ModeSymlink {
		return told("mknod", name, syscall.EINVAL)
	}
	return told("mknod", name, v.do(opCreate, name, func() error {
		_, err := v.add(name, kind, 0o600)
		return err
	}))
}

// Hide sets or clears the attribute that hides a file.
func (v *View) Hide(name string, hidden bool) error {
	return v.attribute(name, func(n *node) { n.hidden = hidden })
}

// Chmod sets the permissions.
func (v *View) Chmod(name string, mode fs.FileMode) error {
	return v.attribute(name, func(n *node) { n.perm = mode.Perm() })
}

// Touch sets the time of the last change.
func (v *View) Touch(name string, stamp time.Time) error {
	return v.attribute(name, func(n *node) {
		n.stamp = n.volume.kind.stamp(stamp)
		n.safeStamp = n.stamp
	})
}

func (v *View) attribute(name string, set func(*node)) error {
	return told("change", name, v.do(opChange, name, func() error {
		at, err := v.disk.have(name, true)
		if err != nil {
			return err
		}
		set(at.node)
		if at.dir != nil {
			v.disk.tell(at.dir, at.name)
		}
		return nil
	}))
}

// RemoveAll removes a folder with all that is in it, one after the other.
func (v *View) RemoveAll(name string) error {
	list, err := v.ReadDir(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, syscall.ENOTDIR):
		return v.Remove(name)
	case err != nil:
		return err
	}
	for _, e := range list {
		remove := v.Remove
		if e.Type == fs.ModeDir {
			remove = v.RemoveAll
		}
		if err := remove(name + "/" + e.Name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return v.Remove(name)
}
