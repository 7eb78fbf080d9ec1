package sage

import (
	"syscall"
	"time"
)

// giveUpAfter sets TCP_RXT_CONNDROPTIME.
func giveUpAfter(fd uintptr, limit time.Duration) error {
	const dropTime = 0x80 // seconds
	return syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, dropTime, int(limit/time.Second))
}
