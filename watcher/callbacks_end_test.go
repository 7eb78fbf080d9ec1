package watcher

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// oneCall is a listener to which one call comes.
type oneCall struct {
	conns chan net.Conn
	end   chan struct{}
	once  *sync.Once
}

func (o oneCall) Accept() (net.Conn, error) {
	select {
	case c := <-o.conns:
		return c, nil
	case <-o.end:
		return nil, net.ErrClosed
	}
}

func (o oneCall) Close() error   { o.once.Do(func() { close(o.end) }); return nil }
func (o oneCall) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func TestAListenerEndsRightAfterTheCallThatIsUnderWay(t *testing.T) {
	for _, stuck := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			e := &Engine{log: slog.New(slog.DiscardHandler)}
			ours, theirs := net.Pipe()
			l := oneCall{make(chan net.Conn), make(chan struct{}), &sync.Once{}}
			release := make(chan struct{})
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			ended := make(chan error, 1)
			go func() {
				ended <- e.serveAt(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					<-release
					w.WriteHeader(http.StatusNoContent)
				}))
			}()
			l.conns <- theirs
			go func() { _, _ = fmt.Fprint(ours, "POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: 0\r\n\r\n") }()
			synctest.Wait()
			began := time.Now()
			stop()
			synctest.Wait()
			if !stuck {
				close(release)
				resp, err := http.ReadResponse(bufio.NewReader(ours), nil)
				if err != nil || resp.StatusCode != http.StatusNoContent {
					t.Errorf("the call that was under way was not answered: %v", err)
				}
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
			want := time.Duration(0)
			if stuck {
				want = hangUp
				close(release)
			}
			if took := time.Since(began); took != want {
				t.Errorf("stuck=%v: it ended after %v, want %v", stuck, took, want)
			}
			_ = ours.Close()
			synctest.Wait()
		})
	}
}
