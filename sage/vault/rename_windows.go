package vault

import (
	"errors"
	"time"

	"golang.org/x/sys/windows"
)

const (
	renameTries = 20
	renamePause = 100 * time.Millisecond
)

// rename replaces and returns once the volume has written that down. It tries again for two seconds while a virus scanner
// holds one of the files open.
func rename(from, to string) error {
	old, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	young, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := windows.MoveFileEx(old, young, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
		busy := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !busy || try == renameTries {
			return err
		}
		time.Sleep(renamePause)
	}
}

// syncDir has nothing left to do: the rename was written through.
func syncDir(string) error { return nil }
