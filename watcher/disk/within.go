package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// BlockedError says that a link, or something else, stands where a folder or a plain file should be. It is ErrNotRegular.
type BlockedError struct{ Path string }

// Error names the place.
func (e *BlockedError) Error() string {
	return e.Path + " is a link, or something else that should not stand there"
}

// Is makes it ErrNotRegular.
func (e *BlockedError) Is(target error) bool { return target == ErrNotRegular }

// Within is the file system for whoever may touch nothing outside root, a company's folder: content is read and effects
// are made only where every step from root on is a folder of its own. A link on the way is a *BlockedError, wherever it
// leads; root itself may be reached through links, that is a person's choice. Looks (Lstat, Held, Free, Remote) are not
// held back.
//
// Between the look at the way and the effect somebody who may write in root can still put a link there; what stands on
// the way for longer than that instant is seen. A file system other than OS has no links and is given back as it is.
func Within(fsys FS, root string) FS {
	if _, real := fsys.(osFS); !real {
		return fsys
	}
	return within{FS: fsys, root: filepath.Clean(root)}
}

// Way looks at every step from the root of a file system that Within gave to the folder in which name lies.
func Way(fsys FS, name string) error {
	if w, ok := fsys.(within); ok {
		return w.way(filepath.Dir(name))
	}
	return nil
}

// Plain is Way, and looks that what stands at name, if anything does, is a plain file: a link or a pipe is a
// *BlockedError. It is for files that are opened by somebody else's hand, as locks are.
func Plain(fsys FS, name string) error {
	w, ok := fsys.(within)
	if !ok {
		return nil
	}
	if err := w.way(filepath.Dir(name)); err != nil {
		return err
	}
	info, err := w.Lstat(name)
	if err == nil && !info.Regular() {
		return &BlockedError{Path: name}
	}
	return nil
}

// within holds every call to what lies in root.
type within struct {
	FS
	root string
}

func (w within) way(folder string) error {
	rest, inside := strings.CutPrefix(folder, w.root)
	if !inside || rest != "" && rest[0] != filepath.Separator {
		return fmt.Errorf("%s does not lie in %s: %w", folder, w.root, fs.ErrPermission)
	}
	for i := 1; i < len(rest); i++ {
		end := strings.IndexByte(rest[i:], filepath.Separator)
		if end < 0 {
			end = len(rest) - i
		}
		i += end
		step := w.root + rest[:i]
		info, err := w.Lstat(step)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // whatever is done there says so itself, or makes it
		case err != nil:
			return err
		case !info.Mode.IsDir():
			return &BlockedError{Path: step}
		}
	}
	return nil
}

func (w within) Open(name string) (File, error) {
	if err := w.way(filepath.Dir(name)); err != nil {
		return nil, err
	}
	return w.FS.Open(name)
}

func (w within) Create(name string) (File, error) {
	if err := w.way(filepath.Dir(name)); err != nil {
		return nil, err
	}
	return w.FS.Create(name)
}

func (w within) ReadDir(name string) ([]Entry, error) {
	if err := w.way(name); err != nil {
		return nil, err
	}
	return w.FS.ReadDir(name)
}

func (w within) Mkdir(name string) error {
	if err := w.way(filepath.Dir(name)); err != nil {
		return err
	}
	return w.FS.Mkdir(name)
}

func (w within) MkdirAll(name string) error {
	if err := w.way(name); err != nil {
		return err
	}
	return w.FS.MkdirAll(name)
}

func (w within) Rename(oldName, newName string) error {
	if err := w.ways(oldName, newName); err != nil {
		return err
	}
	return w.FS.Rename(oldName, newName)
}

func (w within) Move(oldName, newName string) error {
	if err := w.ways(oldName, newName); err != nil {
		return err
	}
	return w.FS.Move(oldName, newName)
}

func (w within) ways(oldName, newName string) error {
	if err := w.way(filepath.Dir(oldName)); err != nil {
		return err
	}
	return w.way(filepath.Dir(newName))
}

func (w within) Remove(name string) error {
	if err := w.way(filepath.Dir(name)); err != nil {
		return err
	}
	return w.FS.Remove(name)
}

func (w within) SyncDir(name string) error {
	if err := w.way(name); err != nil {
		return err
	}
	return w.FS.SyncDir(name)
}
