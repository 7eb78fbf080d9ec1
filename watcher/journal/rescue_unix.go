//go:build unix

package journal

import (
	"errors"
	"os"
)

// syncFolder makes what was made and renamed in a folder durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
