//go:build !windows

package vault

import "os"

func rename(from, to string) error { return os.Rename(from, to) }

func syncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
