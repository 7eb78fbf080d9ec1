package sage

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"syscall"
	"time"
)

// A network that is swapped under live connections, as a VPN or another Wi-Fi does it, closes none of them: what is sent
// into them vanishes, and what is waited for never comes. They are found out within 10 s, in whichever way they can be:
//   - the system asks the other side whether it is still there (keep-alive), and gives up on what it does not acknowledge
//     (see unacknowledged, where the system can);
//   - over HTTP/2 the other end is asked by ping, which also sees through a proxy that is there while what is behind it is
//     not;
//   - over HTTP/1.1 a kept connection on which nothing comes back is given up early, because it may be the connection
//     that is at fault. The call fails as one whose answer was lost, and the next goes over a new connection, which is
//     given all the time a slow platform may need;
//   - after any failure of the network nothing that was kept is used again.
const (
	probeAfter     = 3 * time.Second // without a byte
	probeEvery     = 2 * time.Second
	probeCount     = 2
	unacknowledged = 6 * time.Second // what was sent
	pingAfter      = 4 * time.Second // without a frame
	pingWithin     = 3 * time.Second
	silentReuse    = 6 * time.Second // on a kept HTTP/1.1 connection
)

// probes is what the system asks of every connection.
var probes = net.KeepAliveConfig{Enable: true, Idle: probeAfter, Interval: probeEvery, Count: probeCount}

// pings is what is asked of every HTTP/2 connection.
var pings = http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingWithin}

// lively has a new connection give up on what is not acknowledged. A system that cannot do that does without.
func lively(raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) { _ = giveUpAfter(fd, unacknowledged) })
}

// trace notices on which kind of connection a request goes out.
func (a *attempt) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		limit := a.c.profile.Timeouts.Answer
		if info.Reused && !multiplexed(info.Conn) {
			limit = min(limit, silentReuse)
		}
		if a.out == nil {
			a.dog.await(limit)
			return
		}
		a.out.answer.Store(int64(limit))
	}}
}

// multiplexed tells an HTTP/2 connection, which is asked by ping.
func multiplexed(conn net.Conn) bool {
	secured, ok := conn.(*tls.Conn)
	return ok && secured.ConnectionState().NegotiatedProtocol == "h2"
}

// shun sees to it that no call goes over a connection from before a failure of the network.
func (c *Client) shun() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
