package disk

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

func renameNoReplace(oldName, newName string) error {
	for {
		err := unix.RenamexNp(oldName, newName, unix.RENAME_EXCL)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func remote(name string) bool {
	var s unix.Statfs_t
	if err := statfs(name, &s); err != nil {
		return false
	}
	return s.Flags&unix.MNT_LOCAL == 0
}

// held cannot be told here without asking every process.
func held(string) bool { return false }

func hidden(s *syscall.Stat_t) bool {
	const ufHidden = 0x8000 // UF_HIDDEN of sys/stat.h
	return s.Flags&ufHidden != 0
}
