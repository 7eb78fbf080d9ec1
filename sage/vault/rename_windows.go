package vault

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

const (
	renameTries = 20
	renamePause = 100 * time.Millisecond
)

// rename tries again for two seconds while a virus scanner holds one of the files open.
func rename(from, to string) error {
	for try := 1; ; try++ {
		err := os.Rename(from, to)
		busy := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !busy || try == renameTries {
			return err
		}
		time.Sleep(renamePause)
	}
}

// syncDir has no counterpart on Windows, whose file systems journal a rename by themselves.
func syncDir(string) error { return nil }
