package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// partEnd marks a file that is still being written by us. The leading dot hides it and the Outbox ignores it.
const partEnd = ".postroom-part"

// maxParts bounds how many leftovers of one name Stage steps over; those in Inbox RemoveParts clears at the next start.
const maxParts = 1000

// Staged is a file that is being written where nobody looks for it, until it is laid down whole. Close gives it up
// unless that has happened.
type Staged struct {
	fsys   FS
	path   string
	file   File
	synced bool
	laid   bool
}

// Stage begins a file in folder, under a hidden name made from name. The folder must be on the volume on which the
// file will lie.
func Stage(fsys FS, folder, name string) (*Staged, error) {
	for n := range maxParts {
		end := "." + strconv.Itoa(n+1) + partEnd
		path := filepath.Join(folder, "."+clip(name, maxName-1-len(end))+end)
		file, err := fsys.Create(path)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("beginning %s in %s: %w", name, folder, err)
		}
		return &Staged{fsys: fsys, path: path, file: file}, nil
	}
	return nil, fmt.Errorf("beginning %s in %s: %w", name, folder, fs.ErrExist)
}

// Write appends to the file.
func (s *Staged) Write(p []byte) (int, error) { return s.file.Write(p) }

// Reader reads what has been written from its beginning. It is good until the file is laid down or given up.
func (s *Staged) Reader() *io.SectionReader { return io.NewSectionReader(s.file, 0, 1<<62) }

// Path is where the file lies while it is staged.
func (s *Staged) Path() string { return s.path }

// Move lays the file down at name and never replaces: fs.ErrExist if something is there, after which Move may be
// called with another name.
func (s *Staged) Move(name string) error { return s.lay(name, s.fsys.Move) }

// Replace lays the file down at name in place of what is there.
func (s *Staged) Replace(name string) error { return s.lay(name, s.fsys.Rename) }

func (s *Staged) lay(name string, rename func(oldName, newName string) error) error {
	if err := s.finish(); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := rename(s.path, name); err != nil {
		return fmt.Errorf("laying down %s: %w", name, err)
	}
	s.laid = true
	if err := s.fsys.SyncDir(filepath.Dir(name)); err != nil {
		return fmt.Errorf("laying down %s: %w", name, err)
	}
	return nil
}

// finish makes the content durable before its name is.
func (s *Staged) finish() error {
	if s.synced {
		return nil
	}
	if s.file == nil {
		return fs.ErrClosed
	}
	err := s.file.Sync()
	err = errors.Join(err, s.file.Close())
	s.file = nil
	s.synced = err == nil
	return err
}

// Close gives the file up and removes what was written, unless it has been laid down. It is meant to be deferred.
func (s *Staged) Close() error {
	if s.laid {
		return nil
	}
	s.laid = true
	var err error
	if s.file != nil {
		err = s.file.Close()
		s.file = nil
	}
	if e := s.fsys.Remove(s.path); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}

// WriteFile lays data down at name in place of what is there: after a crash one of the two is there, whole. It is
// for state files; two writers of one name do not mix, the later one stays.
func WriteFile(fsys FS, name string, data []byte) error {
	staged, err := Stage(fsys, filepath.Dir(name), filepath.Base(name))
	if err != nil {
		return err
	}
	if _, err := staged.Write(data); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", name, err), staged.Close())
	}
	if err := staged.Replace(name); err != nil {
		return errors.Join(err, staged.Close())
	}
	return nil
}

// ReadFile reads a whole file of at most limit bytes.
func ReadFile(fsys FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("reading %s: longer than %d bytes", name, limit)
	}
	return data, nil
}

// RemoveParts clears a folder of what a crash left half written by Stage. Files changed after before are left: they
// may be another process's that is writing just now. A folder that is not there is clear.
func RemoveParts(fsys FS, folder string, before time.Time) error {
	entries, err := fsys.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !isPart(e.Name) {
			continue
		}
		path := filepath.Join(folder, e.Name)
		info, err := fsys.Lstat(path)
		if err == nil && info.Regular() && info.ModTime.Before(before) {
			err = fsys.Remove(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clearing %s: %w", folder, err)
		}
	}
	return nil
}

// isPart tells the names that Stage makes from all others.
func isPart(name string) bool {
	rest, ok := strings.CutSuffix(name, partEnd)
	if !ok || !strings.HasPrefix(rest, ".") {
		return false
	}
	dot := strings.LastIndexByte(rest, '.')
	number, err := strconv.Atoi(rest[dot+1:])
	return dot > 0 && err == nil && number > 0 && number <= maxParts
}
