//go:build unix

package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// patiently runs an operation once: here no program can hold a file against a rename or a removal.
func patiently(operation func() error) error { return operation() }

func openRegular(name string) (*os.File, error) {
	// O_NONBLOCK: a pipe that took the file's place must not hang us before we have seen what it is.
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENXIO) {
		return nil, fmt.Errorf("opening %s: %w", name, ErrNotRegular)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("opening %s: %w", name, ErrNotRegular)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func lstat(name string) (Info, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return Info{}, err
	}
	return toInfo(info), nil
}

func statFile(f *os.File) (Info, error) {
	info, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	return toInfo(info), nil
}

func toInfo(info fs.FileInfo) Info {
	i := Info{Size: info.Size(), ModTime: info.ModTime(), Mode: info.Mode()}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		var b [40]byte
		id := strconv.AppendUint(b[:0], uint64(s.Dev), 16) //nolint:unconvert // its type differs between systems
		id = strconv.AppendUint(append(id, '-'), s.Ino, 16)
		i.Identity = string(id)
		i.Hidden = hidden(s)
	}
	return i
}

// rename replaces. SyncDir makes it durable.
func rename(oldName, newName string) error { return os.Rename(oldName, newName) }

// moveNoReplace asks the system for a rename that does not replace. Where the file system has none, a second name
// and the removal of the first do the same; where it has no second names either, the new name is taken by an empty
// file of ours first, and only that is replaced.
func moveNoReplace(oldName, newName string) error {
	err := renameNoReplace(oldName, newName)
	if unsupported(err) {
		err = linkAndUnlink(oldName, newName)
	}
	switch {
	case errors.Is(err, unix.EXDEV):
		return fmt.Errorf("%w: %w", ErrOtherVolume, err)
	case errors.Is(err, fs.ErrExist) && halfMoved(oldName, newName):
		return unlink(oldName)
	}
	return err
}

func unsupported(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EOPNOTSUPP)
}

func linkAndUnlink(oldName, newName string) error {
	err := link(oldName, newName)
	if unsupported(err) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EMLINK) {
		return reserveAndRename(oldName, newName)
	}
	if err != nil {
		return err
	}
	return unlink(oldName)
}

func reserveAndRename(oldName, newName string) error {
	if _, err := os.Lstat(oldName); err != nil {
		return bare(err)
	}
	f, err := os.OpenFile(newName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return bare(err)
	}
	mine, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, unlink(newName))
	}
	there, err := os.Lstat(newName)
	if err != nil {
		return bare(err)
	}
	if !os.SameFile(mine, there) || there.Size() != 0 {
		return unix.EEXIST
	}
	if err := os.Rename(oldName, newName); err != nil {
		return errors.Join(bare(err), unlink(newName))
	}
	return nil
}

// halfMoved tells that an interrupted linkAndUnlink left the one file under both names. On a file system that
// folds case, two spellings of one name are no two names.
func halfMoved(oldName, newName string) bool {
	if filepath.Dir(oldName) == filepath.Dir(newName) && Fold(filepath.Base(oldName)) == Fold(filepath.Base(newName)) {
		return false
	}
	a, errA := os.Lstat(oldName)
	b, errB := os.Lstat(newName)
	if errA != nil || errB != nil || !os.SameFile(a, b) || !a.Mode().IsRegular() {
		return false
	}
	s, ok := a.Sys().(*syscall.Stat_t)
	return ok && s.Nlink > 1
}

func link(oldName, newName string) error { return bare(os.Link(oldName, newName)) }

func unlink(name string) error { return bare(os.Remove(name)) }

// bare takes the paths out of an error that will be given both by the caller.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	err = d.Sync()
	if unsupported(err) { // network drives: they order names themselves, or not at all
		err = nil
	}
	return errors.Join(err, d.Close())
}

func free(name string) (uint64, error) {
	var s unix.Statfs_t
	if err := statfs(name, &s); err != nil {
		return 0, fmt.Errorf("asking for free space at %s: %w", name, err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}

func statfs(name string, s *unix.Statfs_t) error {
	for {
		if err := unix.Statfs(name, s); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
