package sage

import (
	"syscall"
	"time"
)

// giveUpAfter sets TCP_MAXRT.
func giveUpAfter(fd uintptr, limit time.Duration) error {
	const maxRetransmission = 5 // seconds
	return syscall.SetsockoptInt(syscall.Handle(fd), syscall.IPPROTO_TCP, maxRetransmission, int(limit/time.Second))
}
