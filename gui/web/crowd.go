package web

import (
	"net"
	"sync"
)

// mostConnections bounds how many connections there are at once. Every user of the computer can connect; what they hold open
// must not take from the agent what it carries files with.
const mostConnections = 64

// crowd is a listener that lets in only so many at once and turns the others away.
type crowd struct {
	net.Listener
	places chan struct{}
}

func newCrowd(l net.Listener) *crowd { return &crowd{l, make(chan struct{}, mostConnections)} }

// Accept gives the next for whom there is a place.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case c.places <- struct{}{}:
			return &guest{conn, sync.OnceFunc(func() { <-c.places })}, nil
		default:
			_ = conn.Close() // whoever it is comes again
		}
	}
}

// guest gives its place back when it goes.
type guest struct {
	net.Conn
	leave func()
}

func (g *guest) Close() error {
	defer g.leave()
	return g.Conn.Close()
}
