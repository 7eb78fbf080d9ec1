package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

// View is the disk as one process sees it: a disk.FS, and what programs of people do besides (people.go). It is safe for
// concurrent use.
type View struct {
	disk    *Disk
	process *gate.Process
	person  bool
}

var _ disk.FS = (*View)(nil)

// View is the disk for one life of an engine.
func (d *Disk) View(p *gate.Process) *View { return &View{disk: d, process: p} }

// Person is the disk for somebody who comes to no harm but full disks, open files and volumes that are away.
func (d *Disk) Person(p *gate.Process) *View { return &View{disk: d, process: p, person: true} }

// patience is for how long an operation is tried again while an open file is in the way, as disk.OS does on Windows.
var patience = []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, 1500 * time.Millisecond}

// do has an operation pass the gate and happen. The error is bare.
func (v *View) do(operation, name string, effect func() error) error {
	e := gate.Effect{Operation: operation, Path: name}
	slept := false
	for tries := 0; ; {
		wait, err := v.once(e, !slept, effect)
		switch {
		case wait > 0:
			slept = true
			time.Sleep(wait) // of the bubble
		case errors.Is(err, disk.ErrBusy) && tries < len(patience):
			time.Sleep(patience[tries])
			tries++
		default:
			return err
		}
	}
}

// once tries an operation, or says how long it is to wait first.
func (v *View) once(e gate.Effect, slow bool, effect func() error) (wait time.Duration, err error) {
	if err := v.process.Pass(e); err != nil {
		return 0, err
	}
	if slow {
		wait = v.slow(e)
	}
	if wait == 0 {
		err = v.happen(e, effect)
	}
	if dead := v.process.Done(e); dead != nil {
		return 0, dead
	}
	if errors.Is(err, disk.ErrBusy) {
		v.disk.gate.Count(countSharing)
	}
	return wait, err
}

// happen does what the operation does, or what goes wrong instead.
func (v *View) happen(e gate.Effect, effect func() error) error {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	if err := v.fault(e); err != nil {
		return err
	}
	if err := effect(); err != nil {
		return err
	}
	return v.lie(e)
}

// told makes the error that the caller sees.
func told(operation, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: operation, Path: name, Err: err}
}

func told2(operation, from, to string, err error) error {
	if err == nil {
		return nil
	}
	return &os.LinkError{Op: operation, Old: from, New: to, Err: err}
}

// Open is disk.FS's.
func (v *View) Open(name string) (disk.File, error) {
	var h *handle
	err := v.do(opOpen, name, func() error {
		at, err := v.disk.have(name, false)
		switch {
		case errors.Is(err, syscall.ELOOP):
			return disk.ErrNotRegular
		case err != nil:
			return err
		case !at.node.regular():
			return disk.ErrNotRegular
		case at.node.perm&0o400 == 0:
			return syscall.EACCES
		}
		h, err = v.open(at.node, name, reading|shareReading|shareDeleting)
		return err
	})
	if err != nil {
		return nil, told("open", name, err)
	}
	return h, nil
}

// Create is disk.FS's.
func (v *View) Create(name string) (disk.File, error) {
	h, err := v.create(name)
	if err != nil {
		return nil, told("create", name, err)
	}
	return h, nil
}

func (v *View) create(name string) (h *handle, err error) {
	err = v.do(opCreate, name, func() error {
		n, err := v.add(name, 0, 0o600)
		if err != nil {
			return err
		}
		h, err = v.open(n, name, reading|writing|shareReading|shareWriting)
		return err
	})
	return h, err
}

// add makes something new with a name.
func (v *View) add(name string, kind, perm fs.FileMode) (*node, error) {
	at, err := v.disk.walk(name, false)
	switch {
	case err != nil:
		return nil, err
	case at.node != nil && at.node.leaving():
		return nil, disk.ErrBusy
	case at.node != nil:
		return nil, fs.ErrExist
	}
	if err := writable(at.dir); err != nil {
		return nil, err
	}
	vol := at.dir.volume
	if vol.left() == 0 {
		return nil, syscall.ENOSPC
	}
	n, after := vol.create(kind, perm, v.disk.now())
	n.dirty, n.dirtyAt = kind == 0, time.Now()
	var touch []*node
	if after != nil {
		touch = append(touch, after)
	}
	if kind == fs.ModeDir {
		touch = append(touch, n)
	}
	stored := vol.kind.stored(at.name)
	vol.change(touch, edit{dir: at.dir, key: at.key, after: &entry{stored, n}})
	v.disk.tell(at.dir, stored)
	return n, nil
}

// Lstat is disk.FS's.
func (v *View) Lstat(name string) (info disk.Info, err error) {
	err = v.do(opLstat, name, func() error {
		at, err := v.disk.have(name, false)
		if err == nil {
			info = at.node.info()
		}
		return err
	})
	return info, told("lstat", name, err)
}

// ReadDir is disk.FS's.
func (v *View) ReadDir(name string) ([]disk.Entry, error) {
	var list []disk.Entry
	torn := false
	err := v.do(opReadDir, name, func() (err error) {
		list, err = v.list(name)
		torn = err == nil && len(list) > 1 && v.hit(v.disk.faults.TornList, countTornList, gate.Effect{Operation: opReadDir, Path: name})
		return err
	})
	if err == nil && torn {
		err = v.listRest(name, &list)
	}
	if err != nil {
		return nil, told("readdir", name, err)
	}
	return list, nil
}

// listRest lists the second half of a folder's names again, as they are by now.
func (v *View) listRest(name string, list *[]disk.Entry) error {
	half := len(*list) / 2
	first, from := (*list)[:half], (*list)[half].Name
	return v.do(opReadDir, name, func() error {
		later, err := v.list(name)
		if err != nil {
			return err
		}
		*list = first
		for _, e := range later {
			if e.Name >= from {
				*list = append(*list, e)
			}
		}
		return nil
	})
}

func (v *View) list(name string) ([]disk.Entry, error) {
	dir, err := v.disk.haveFolder(name)
	if err != nil {
		return nil, err
	}
	if dir.perm&0o400 == 0 {
		return nil, syscall.EACCES
	}
	names := dir.names()
	list := make([]disk.Entry, len(names))
	for i, e := range names {
		list[i] = disk.Entry{Name: e.name, Type: e.node.kind}
	}
	return list, nil
}

// Mkdir is disk.FS's.
func (v *View) Mkdir(name string) error {
	return told("mkdir", name, v.do(opMkdir, name, func() error {
		_, err := v.add(name, fs.ModeDir, 0o700)
		return err
	}))
}

// MkdirAll is disk.FS's.
func (v *View) MkdirAll(name string) error {
	err := v.Mkdir(name)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return told("mkdir", name, v.do(opLstat, name, func() error {
			at, err := v.disk.have(name, true)
			if err == nil && !at.node.folder() {
				err = fs.ErrExist
			}
			return err
		}))
	case errors.Is(err, fs.ErrNotExist) && filepath.Dir(name) != name:
		if err := v.MkdirAll(filepath.Dir(name)); err != nil {
			return err
		}
		if err := v.Mkdir(name); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	}
	return err
}

// Rename is disk.FS's.
func (v *View) Rename(from, to string) error {
	return told2("rename", from, to, v.do(opRename, from+" -> "+to, func() error { return v.rename(from, to, true) }))
}

// Move is disk.FS's.
func (v *View) Move(from, to string) error {
	return told2("move", from, to, v.do(opMove, from+" -> "+to, func() error {
		err := v.rename(from, to, false)
		if err == syscall.EXDEV { //nolint:errorlint // it is bare
			return disk.ErrOtherVolume
		}
		return err
	}))
}

// Remove is disk.FS's.
func (v *View) Remove(name string) error {
	return told("remove", name, v.do(opRemove, name, func() error {
		at, err := v.disk.have(name, false)
		if err != nil {
			return err
		}
		return v.remove(at)
	}))
}

func (v *View) remove(at place) error {
	if err := writable(at.dir); err != nil {
		return err
	}
	n := at.node
	if n == n.volume.root {
		return syscall.EBUSY
	}
	if n.folder() && len(n.entries) > 0 {
		return syscall.ENOTEMPTY
	}
	if n.inTheWay() {
		return disk.ErrBusy
	}
	if n.volume.kind.LateDelete && len(n.open()) > 0 {
		n.removed = true
		v.disk.gate.Count(countLateDelete)
		return nil
	}
	var touch []*node
	if n.folder() {
		touch = append(touch, n)
	}
	stored := at.dir.entries[at.key].name
	n.volume.change(touch, edit{dir: at.dir, key: at.key})
	v.disk.tell(at.dir, stored)
	v.disk.ended(n)
	return nil
}

// SyncDir is disk.FS's.
func (v *View) SyncDir(name string) error {
	return told("syncdir", name, v.do(opSyncDir, name, func() error {
		dir, err := v.disk.haveFolder(name)
		if err == nil && !dir.volume.kind.LazyNames {
			dir.volume.syncDir(dir)
		}
		return err
	}))
}

// Free is disk.FS's.
func (v *View) Free(name string) (free uint64, err error) {
	err = v.do(opFree, name, func() error {
		at, err := v.disk.have(name, true)
		if err == nil {
			free = uint64(at.node.volume.left())
		}
		return err
	})
	return free, told("free", name, err)
}

// Remote is disk.FS's.
func (v *View) Remote(name string) bool {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	at, err := v.disk.have(name, true)
	return err == nil && at.node.volume.kind.Remote
}

// Held is disk.FS's.
func (v *View) Held(name string) (held bool) {
	err := v.do(opHeld, name, func() error {
		at, err := v.disk.have(name, false)
		held = err == nil && !at.node.volume.kind.NoHeld && at.node.heldForWriting()
		return nil
	})
	return err == nil && held
}
