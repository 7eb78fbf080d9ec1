//go:build unix

package outbox

import (
	"syscall"
	"time"
)

// processTime is the processor time, of user and system, that this process has had.
func processTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
