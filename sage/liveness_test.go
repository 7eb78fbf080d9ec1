package sage

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// relay stands between a client and a server. Once swapped, connections that were there stay open and carry nothing any
// more, while new ones work.
type relay struct {
	t        *testing.T
	listener net.Listener
	to       string
	running  sync.WaitGroup
	carried  atomic.Int32 // connections

	mu      sync.Mutex // guards the rest
	conns   []net.Conn
	swapped chan struct{}
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r := &relay{t: t, listener: listener, to: to, swapped: make(chan struct{})}
	r.running.Go(r.accept)
	t.Cleanup(func() {
		listener.Close()
		r.swap()
		r.mu.Lock()
		for _, conn := range r.conns {
			conn.Close()
		}
		r.mu.Unlock()
		r.running.Wait()
	})
	return r
}

func (r *relay) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.to)
		if err != nil {
			conn.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, conn, server)
		swapped := r.swapped
		r.mu.Unlock()
		r.carried.Add(1)
		r.running.Go(func() { pipe(server, conn, swapped) })
		r.running.Go(func() { pipe(conn, server, swapped) })
	}
}

// pipe carries bytes until the network is swapped; from then on it swallows them.
func pipe(to, from net.Conn, swapped <-chan struct{}) {
	buffer := make([]byte, 4<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-swapped:
			_, _ = io.Copy(io.Discard, from)
			return
		default:
		}
		if err != nil {
			to.Close()
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			from.Close()
			return
		}
	}
}

// swap has every connection that is there carry nothing any more.
func (r *relay) swap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.swapped)
	r.swapped = make(chan struct{})
}

// client makes one that reaches a server through the relay.
func (r *relay) client(scheme string, server *httptest.Server) *Client {
	r.t.Helper()
	c, err := New(Options{BaseURL: scheme + "://" + r.listener.Addr().String()})
	must(r.t, err)
	if scheme == "https" {
		trusting(r.t, c, server)
		own := c.transport.(*transport)
		own.trusted.TLSClientConfig.ServerName = "example.com" // of the test server's certificate
	}
	r.t.Cleanup(c.Close)
	return c
}

// eventually repeats a call as the engine does, and fails when it has not succeeded within 10 s.
func eventually(t *testing.T, call func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	pause := time.NewTicker(time.Second)
	defer pause.Stop()
	for {
		err := call(ctx)
		if err == nil {
			return
		}
		if !errors.Is(err, ErrNetwork) {
			t.Fatalf("after the swap: %v", err)
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			t.Fatalf("not recovered: %v", err)
		}
	}
}

func TestASwappedNetworkIsRecoveredFrom(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			var multiplexed atomic.Bool
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				multiplexed.Store(r.ProtoMajor == 2)
				_, _ = io.WriteString(w, `{"status":"validating"}`)
			})
			server := livelyServer(t, scheme, handler)
			r := newRelay(t, server.Listener.Addr().String())
			s := session(r.client(scheme, server))
			track := func(ctx context.Context) error {
				_, err := s.Track(ctx, "/t")
				return err
			}
			must(t, track(t.Context()))
			must(t, track(t.Context()))
			if n := r.carried.Load(); n != 1 || multiplexed.Load() != (scheme == "https") {
				t.Fatalf("%d connections, HTTP/2 %v", n, multiplexed.Load())
			}
			r.swap()
			eventually(t, track)
		})
	}
}

func livelyServer(t *testing.T, scheme string, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if scheme == "https" {
		server.EnableHTTP2 = true
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server
}

func TestAnAnswerThatIsWaitedForWhileTheNetworkIsSwappedIsGivenUp(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 8), make(chan struct{})
	defer close(release)
	server := livelyServer(t, "https", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		if r.Method == http.MethodPut {
			<-release // a platform that thinks
		}
		_, _ = io.WriteString(w, `{"status":"validating"}`)
	}))
	r := newRelay(t, server.Listener.Addr().String())
	s := session(r.client("https", server))
	sending := make(chan error, 1)
	var sender sync.WaitGroup
	sender.Go(func() {
		content := bytes.Repeat([]byte("x"), 10<<10)
		sending <- s.Send(t.Context(), Created{Scope: "orders", FileID: "f", UploadURL: "/u", TrackingURL: "/t"}, Body{
			Size: int64(len(content)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		})
	})
	defer sender.Wait()
	<-arrived
	r.swap()
	eventually(t, func(ctx context.Context) error {
		select {
		case err := <-sending:
			if !errors.Is(err, ErrNetwork) {
				return errors.New("it came to " + err.Error())
			}
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	eventually(t, func(ctx context.Context) error {
		_, err := s.Track(ctx, "/t")
		return err
	})
}

func TestASlowAnswerIsWaitedForOverANewConnectionOnly(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "slow") {
			<-time.After(time.Minute)
		}
		_, _ = io.WriteString(w, `{"status":"validating"}`)
	}
	onWire(t, slow, func(t *testing.T, s *Session) {
		_, err := s.Track(t.Context(), "/quick")
		must(t, err)
		endsAfter(t, silentReuse, errSilent, func() error {
			_, err := s.Track(t.Context(), "/slow")
			return err
		})
		_, err = s.Track(t.Context(), "/slow")
		must(t, err)
	})
}

func TestNothingThatWasKeptIsUsedAfterAFailureOfTheNetwork(t *testing.T) {
	server := livelyServer(t, "http", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "broken") {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"status":"`+r.RemoteAddr+`"}`)
	}))
	c, err := New(Options{BaseURL: server.URL})
	must(t, err)
	defer c.Close()
	s := session(c)
	var together sync.WaitGroup
	before := make([]string, 4)
	for i := range before {
		together.Go(func() {
			if tracking, err := s.Track(t.Context(), "/t"); err == nil {
				before[i] = tracking.Status
			}
		})
	}
	together.Wait()
	_, err = s.Track(t.Context(), "/broken")
	wantError(t, err, ErrNetwork)
	tracking, err := s.Track(t.Context(), "/t")
	must(t, err)
	for _, was := range before {
		if tracking.Status == was {
			t.Errorf("the connection from %s was used again", was)
		}
	}
}

func TestTheOtherSideOfEveryConnectionIsProbed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	own := newTransport(newGuard(&url.URL{Scheme: "http", Host: listener.Addr().String()}), DefaultProfile().Timeouts, nil)
	conn, err := own.trusted.DialContext(t.Context(), "tcp", listener.Addr().String())
	must(t, err)
	defer conn.Close()
	probed(t, conn.(*net.TCPConn))
	if own.trusted.HTTP2.SendPingTimeout+own.trusted.HTTP2.PingTimeout >= 10*time.Second {
		t.Errorf("pings: %+v", own.trusted.HTTP2)
	}
}
