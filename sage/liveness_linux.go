package sage

import (
	"syscall"
	"time"
)

// giveUpAfter sets TCP_USER_TIMEOUT.
func giveUpAfter(fd uintptr, limit time.Duration) error {
	const userTimeout = 0x12 // milliseconds
	return syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, userTimeout, int(limit/time.Millisecond))
}
