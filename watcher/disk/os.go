package disk

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const (
	fileMode   = 0o600
	folderMode = 0o700
)

// OS is the real file system.
func OS() FS { return osFS{} }

// osFS is the file system of the machine. What differs between systems is in the functions of os_linux.go,
// os_darwin.go, os_unix.go and os_windows.go.
type osFS struct{}

// osFile adds the identity to what os.File tells.
type osFile struct{ *os.File }

// Stat tells about the open file.
func (f osFile) Stat() (Info, error) { return statFile(f.File) }

func (osFS) Open(name string) (File, error) {
	f, err := openRegular(name)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) Create(name string) (File, error) {
	var f *os.File
	err := patiently(func() (err error) {
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(fileMode); err != nil { // the umask may have taken more than it should
		return nil, errors.Join(err, f.Close(), os.Remove(name))
	}
	return osFile{f}, nil
}

func (osFS) Lstat(name string) (Info, error) { return lstat(name) }

func (osFS) ReadDir(name string) ([]Entry, error) {
	d, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	list, err := d.ReadDir(-1)
	if err = errors.Join(err, d.Close()); err != nil {
		return nil, fmt.Errorf("listing %s: %w", name, err)
	}
	entries := make([]Entry, len(list))
	for i, e := range list {
		entries[i] = Entry{Name: e.Name(), Type: e.Type()}
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Name, b.Name) })
	return entries, nil
}

func (osFS) Mkdir(name string) error {
	if err := os.Mkdir(name, folderMode); err != nil {
		return err
	}
	return os.Chmod(name, folderMode)
}

func (o osFS) MkdirAll(name string) error {
	err := o.Mkdir(name)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		info, statErr := os.Stat(name) // a company's folder may well be reached through a link
		if statErr != nil {
			return statErr
		}
		if !info.IsDir() {
			return fmt.Errorf("making folder %s: a file stands there: %w", name, fs.ErrExist)
		}
		return nil
	case errors.Is(err, fs.ErrNotExist) && filepath.Dir(name) != name:
		if err := o.MkdirAll(filepath.Dir(name)); err != nil {
			return err
		}
		if err := o.Mkdir(name); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	default:
		return err
	}
}

func (osFS) Rename(oldName, newName string) error {
	return patiently(func() error { return rename(oldName, newName) })
}

func (osFS) Move(oldName, newName string) error {
	err := patiently(func() error { return moveNoReplace(oldName, newName) })
	if err != nil {
		return &os.LinkError{Op: "move", Old: oldName, New: newName, Err: err}
	}
	return nil
}

func (osFS) Remove(name string) error {
	return patiently(func() error { return os.Remove(name) })
}

func (osFS) SyncDir(name string) error { return syncDir(name) }

func (osFS) Free(name string) (uint64, error) { return free(name) }

func (osFS) Remote(name string) bool { return remote(name) }

func (osFS) Held(name string) bool { return held(name) }
