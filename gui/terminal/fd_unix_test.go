//go:build unix

package terminal

import (
	"os"
	"syscall"
)

// dup makes a file descriptor of its own, that no os.File closes.
func dup(f *os.File) (int, error) { return syscall.Dup(int(f.Fd())) }
