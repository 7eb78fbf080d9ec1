package sage

import (
	"net"
	"syscall"
	"testing"
)

// probed fails unless the system watches over a connection.
func probed(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	raw, err := conn.SyscallConn()
	must(t, err)
	for name, want := range map[string]struct{ option, value int }{
		"TCP_KEEPIDLE": {syscall.TCP_KEEPIDLE, 3}, "TCP_KEEPINTVL": {syscall.TCP_KEEPINTVL, 2},
		"TCP_KEEPCNT": {syscall.TCP_KEEPCNT, 2}, "TCP_USER_TIMEOUT": {0x12, 6000},
	} {
		err := raw.Control(func(fd uintptr) {
			if got, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, want.option); err != nil || got != want.value {
				t.Errorf("%s is %d, %v; want %d", name, got, err, want.value)
			}
		})
		must(t, err)
	}
}
