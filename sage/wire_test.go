package sage

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a network of net.Pipe: real HTTP on a wire whose time a synctest bubble owns.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// onWire runs a test in a bubble, with a client whose requests go over a wire to the handler.
func onWire(t *testing.T, handler http.HandlerFunc, test func(t *testing.T, s *Session)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		var wg sync.WaitGroup
		base, hangUp := context.WithCancel(t.Context())
		server := &http.Server{
			BaseContext: func(net.Listener) context.Context { return base },
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				wg.Add(1)
				defer wg.Done()
				handler(w, r)
			}),
		}
		wg.Go(func() { _ = server.Serve(network) })
		transport := &http.Transport{DialContext: network.dial, DisableCompression: true}
		c, err := New(Options{BaseURL: "http://127.0.0.1", Transport: transport})
		must(t, err)
		test(t, session(c))
		hangUp()
		c.Close()
		server.Close()
		wg.Wait()
		<-time.After(time.Minute) // net/http's server lingers a moment over each connection
	})
}

// endsAfter makes a call that a time limit has to end.
func endsAfter(t *testing.T, limit time.Duration, want stalled, call func() error) {
	t.Helper()
	began := time.Now()
	err := call()
	if took := time.Since(began); took != limit {
		t.Errorf("ended after %v, want %v", took, limit)
	}
	e := wantError(t, err, ErrNetwork)
	late, ok := errors.AsType[stalled](err)
	var timeout net.Error
	if !ok || late != want || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%v, want %v", e, want)
	}
}

func TestASilentPlatformIsNotWaitedForWithoutEnd(t *testing.T) {
	silent := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	limits := DefaultProfile().Timeouts
	onWire(t, silent, func(t *testing.T, s *Session) {
		endsAfter(t, limits.Answer, errSilent, func() error {
			_, err := s.Track(t.Context(), "/t")
			return err
		})
		endsAfter(t, limits.Answer, errSilent, func() error {
			return s.Send(t.Context(), Created{UploadURL: "/u"}, content("[]"))
		})
	})
}

func TestAPlatformThatStopsReadingEndsTheUpload(t *testing.T) {
	deaf := func(w http.ResponseWriter, r *http.Request) {
		io.ReadFull(r.Body, make([]byte, 10_000))
		<-r.Context().Done()
	}
	onWire(t, deaf, func(t *testing.T, s *Session) {
		endsAfter(t, DefaultProfile().Timeouts.Idle, errIdle, func() error {
			body := Body{Size: 1 << 20, Open: func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, 1<<20)), nil }}
			return s.Send(t.Context(), Created{UploadURL: "/u"}, body)
		})
	})
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestABodyThatStopsEndsTheDownload(t *testing.T) {
	stops := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"status":`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	onWire(t, stops, func(t *testing.T, s *Session) {
		idle := DefaultProfile().Timeouts.Idle
		endsAfter(t, idle, errIdle, func() error { _, err := s.Download(t.Context(), "/d", io.Discard, 0); return err })
		endsAfter(t, idle, errIdle, func() error { _, err := s.Track(t.Context(), "/t"); return err })
	})
}

func TestABodyThatTricklesEndsWithTheWholeCall(t *testing.T) {
	trickles := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, " ")
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(7 * time.Second):
			}
		}
	}
	onWire(t, trickles, func(t *testing.T, s *Session) {
		limits := DefaultProfile().Timeouts
		endsAfter(t, limits.Call, errTooLong, func() error { _, err := s.Track(t.Context(), "/t"); return err })
		endsAfter(t, limits.Transfer, errTooLong, func() error { _, err := s.Download(t.Context(), "/d", io.Discard, 0); return err })
	})
}

func TestWhatFollowsASuccessIsNotWaitedFor(t *testing.T) {
	lingers := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "thank you")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	onWire(t, lingers, func(t *testing.T, s *Session) {
		began := time.Now()
		must(t, s.Send(t.Context(), Created{UploadURL: "/u"}, content("[]")))
		must(t, s.client.RenewSecret(t.Context(), NewSecret("i"), NewSecret("s"), NewSecret("n")))
		if took := time.Since(began); took != 2*mostDrain {
			t.Errorf("took %v", took)
		}
	})
}

func TestASlowUploadThatMovesGoesOn(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) {
		part := make([]byte, 4096)
		for {
			_, err := io.ReadFull(r.Body, part)
			if err != nil {
				return
			}
			<-time.After(10 * time.Second)
		}
	}
	onWire(t, slow, func(t *testing.T, s *Session) {
		began := time.Now()
		body := Body{Size: 1 << 20, Open: func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, 1<<20)), nil }}
		must(t, s.Send(t.Context(), Created{UploadURL: "/u"}, body))
		if took := time.Since(began); took < 30*time.Minute {
			t.Errorf("took %v only: the test shows nothing", took)
		}
	})
}

// dozing is a reader on a slow disk.
type dozing struct{ io.Reader }

func (d dozing) Read(p []byte) (int, error) { <-time.After(10 * time.Minute); return d.Reader.Read(p) }

func (d dozing) Write(p []byte) (int, error) { <-time.After(10 * time.Minute); return len(p), nil }

func TestOurOwnSlowDiskIsNotTheNetworksFault(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "[]")
	}
	onWire(t, echo, func(t *testing.T, s *Session) {
		body := Body{Size: 2, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(dozing{content2("[]")}), nil
		}}
		must(t, s.Send(t.Context(), Created{UploadURL: "/u"}, body))
		n, err := s.Download(t.Context(), "/d", dozing{}, 0)
		must(t, err)
		if n != 2 {
			t.Errorf("%d bytes", n)
		}
	})
}

func content2(text string) io.Reader { r, _ := content(text).Open(); return r }

func TestACallersEndIsItsOwn(t *testing.T) {
	silent := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	onWire(t, silent, func(t *testing.T, s *Session) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := s.Track(ctx, "/t")
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrNetwork) {
			t.Errorf("%v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = s.Track(ctx, "/t")
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrNetwork) {
			t.Errorf("%v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if _, err = s.Track(ctx, "/t"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestAConnectionIsUsedAgain(t *testing.T) {
	addresses := map[string]bool{}
	var mu sync.Mutex
	c, _ := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		addresses[r.RemoteAddr] = true
		mu.Unlock()
		io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
		}
		io.WriteString(w, `{"code":2410}`)
	}))
	s := session(c)
	for range 5 {
		must(t, s.Send(t.Context(), Created{UploadURL: "/u"}, content("[]")))
		_, err := s.Track(t.Context(), "/t")
		wantError(t, err, ErrFileNotFound)
	}
	if len(addresses) != 1 {
		t.Errorf("%d connections", len(addresses))
	}
}
