package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// trash moves a file into the user's own trash. That of another volume is the Finder's to manage.
func trash(name string) error {
	home, err := os.UserHomeDir()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoTrash, err)
	}
	end := filepath.Ext(name)
	stem := strings.TrimSuffix(filepath.Base(name), end)
	for n := 1; n < 10_000; n++ {
		as := stem + end
		if n > 1 {
			as = fmt.Sprintf("%s %d%s", stem, n, end)
		}
		switch err := OS().Move(name, filepath.Join(home, ".Trash", as)); {
		case errors.Is(err, syscall.EXDEV):
			return ErrNoTrash
		case !errors.Is(err, fs.ErrExist):
			return err
		}
	}
	return fs.ErrExist
}
