//go:build unix && !darwin

package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// trash follows the Trash specification of freedesktop.org, 1.0: the home's trash for files on the home's file system, the
// one at the top of its own file system for others.
func trash(name string) error {
	name, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	device, err := deviceOf(name)
	if err != nil {
		return err
	}
	data := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		home, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNoTrash, err)
		}
		data = filepath.Join(home, ".local", "share")
	}
	if err := os.MkdirAll(data, 0o700); err == nil {
		if at, err := deviceOf(data); err == nil && at == device {
			return trashIn(filepath.Join(data, "Trash"), name, name)
		}
	}
	top := filepath.Dir(name)
	for parent := filepath.Dir(top); parent != top; parent = filepath.Dir(top) {
		if at, err := deviceOf(parent); err != nil || at != device {
			break
		}
		top = parent
	}
	relative, err := filepath.Rel(top, name)
	if err != nil {
		return err
	}
	if err := trashIn(filepath.Join(top, fmt.Sprintf(".Trash-%d", os.Getuid())), name, relative); err != nil {
		return fmt.Errorf("%w: %w", ErrNoTrash, err)
	}
	return nil
}

func deviceOf(name string) (uint64, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, ErrNoTrash
	}
	return uint64(stat.Dev), nil //nolint:unconvert // of another width elsewhere
}

// trashIn moves a file into a trash that is this user's alone. Its note, which keeps the name in the trash for it, comes
// first.
func trashIn(can, name, told string) error {
	for _, part := range []string{"files", "info"} {
		if err := os.MkdirAll(filepath.Join(can, part), 0o700); err != nil {
			return err
		}
	}
	if info, err := os.Lstat(can); err != nil || !info.IsDir() {
		return errors.Join(ErrNoTrash, err) // a link may lead anywhere
	}
	end := filepath.Ext(name)
	stem := strings.TrimSuffix(filepath.Base(name), end)
	note := "[Trash Info]\nPath=" + (&url.URL{Path: told}).EscapedPath() + "\nDeletionDate=" + time.Now().Format("2006-01-02T15:04:05") + "\n"
	for n := 1; n < 10_000; n++ {
		as := stem + end
		if n > 1 {
			as = fmt.Sprintf("%s %d%s", stem, n, end)
		}
		noted, to := filepath.Join(can, "info", as+".trashinfo"), filepath.Join(can, "files", as)
		f, err := os.OpenFile(noted, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		_, err = f.WriteString(note)
		if err = errors.Join(err, f.Close()); err == nil {
			err = OS().Move(name, to)
		}
		if err == nil {
			return nil
		}
		if removed := os.Remove(noted); removed != nil || !errors.Is(err, fs.ErrExist) {
			return errors.Join(err, removed)
		}
	}
	return fs.ErrExist
}
