package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"postroom/watcher"
)

// Limits of serving.
const (
	idleTime   = 30 * time.Minute // without a page being looked at
	goodbye    = 2 * time.Second  // for answers under way when serving ends
	readTime   = 10 * time.Second // for a request, head and body
	writeTime  = 30 * time.Second // for an answer; a stream of events has its own
	mostHeader = 16 << 10         // bytes
)

// ErrClosed says that the site has been closed for good, with its agent.
var ErrClosed = errors.New("the status page is closed")

// Options are what a Site is made of.
type Options struct {
	Engine Engine
	Dir    string // folder of the site's own, for the files that lead a browser in; made when it is needed
	Logger *slog.Logger
	Now    func() time.Time // wall clock; nil is time.Now
	Idle   time.Duration    // how long it listens without use; 0 is half an hour
}

// Site is the status page of one agent. It listens from the first Open until it has not been used for a while.
type Site struct {
	o    Options
	turn chan struct{} // holds a token while serving begins or ends; guards what is below
	now  *serving      // nil while nobody listens
	over bool
}

// serving is one span of time in which the site listens.
type serving struct {
	*rooms
	listener net.Listener
	server   *http.Server
	used     chan struct{} // somebody looks at a page
	stop     context.CancelFunc
	ended    chan struct{}
}

// New makes a site that does not listen yet.
func New(o Options) *Site {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Idle == 0 {
		o.Idle = idleTime
	}
	return &Site{o: o, turn: make(chan struct{}, 1)}
}

// Open gives an address that lets in once, within a minute, and a file that leads a browser there. It begins to listen if the
// site does not yet. The address is a secret: it belongs into no log and in no program's arguments.
func (s *Site) Open(ctx context.Context) (watcher.StatusPage, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return watcher.StatusPage{}, ctx.Err()
	}
	if s.over {
		return watcher.StatusPage{}, ErrClosed
	}
	if s.now == nil {
		if err := s.begin(ctx); err != nil {
			return watcher.StatusPage{}, err
		}
	}
	s.now.use()
	return s.invite(s.now)
}

// invite makes a token, and the file that holds it.
func (s *Site) invite(v *serving) (watcher.StatusPage, error) {
	token := newToken()
	address := "http://" + v.listener.Addr().String() + enterPath + "?token=" + token
	file, err := leadIn(s.o.Dir, address)
	if err != nil {
		return watcher.StatusPage{}, err
	}
	v.doors.admit(token, file)
	return watcher.StatusPage{URL: address, File: file}, nil
}

// begin listens on a port of loopback that is free just now.
func (s *Site) begin(ctx context.Context) error {
	if err := clearLeadIns(s.o.Dir); err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening for the status page: %w", err)
	}
	listener = newCrowd(listener)
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	v := &serving{listener: listener, used: make(chan struct{}, 1), stop: stop, ended: make(chan struct{})}
	v.rooms = newRooms(s.o, v.use)
	v.server = &http.Server{
		Handler:     v.handler(), //nolint:contextcheck // a request brings its own
		ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: time.Minute, MaxHeaderBytes: mostHeader,
		BaseContext: func(net.Listener) context.Context { return life }, // a stream of events ends with it
		ErrorLog:    slog.NewLogLogger(s.o.Logger.Handler(), slog.LevelDebug),
	}
	s.now = v
	s.o.Logger.Info("the status page is open", slog.String("address", listener.Addr().String()))
	go func() {
		defer close(v.ended)
		s.serve(life, v)
	}()
	return nil
}

// use says that somebody looks at a page.
func (v *serving) use() {
	select {
	case v.used <- struct{}{}:
	default:
	}
}

// serve answers until life ends or nobody has looked for a while.
func (s *Site) serve(life context.Context, v *serving) {
	served := make(chan error, 1)
	go func() { served <- v.server.Serve(v.listener) }()
	err := s.wait(life, v, served)
	v.stop()
	last, cancel := context.WithTimeout(context.WithoutCancel(life), goodbye)
	defer cancel()
	if v.server.Shutdown(last) != nil {
		_ = v.server.Close() // whoever does not take an answer is cut off
	}
	if err == nil {
		err = <-served
	}
	if !errors.Is(err, http.ErrServerClosed) {
		s.o.Logger.Warn("the status page could not be served", slog.Any("error", err))
	}
	if err := clearLeadIns(s.o.Dir); err != nil {
		s.o.Logger.Warn("files of the status page were left behind", slog.Any("error", err))
	}
	s.o.Logger.Info("the status page is closed")
}

// wait returns when serving is to end: nil, or what the server ended with.
func (s *Site) wait(life context.Context, v *serving, served <-chan error) error {
	idle := time.NewTimer(s.o.Idle)
	defer idle.Stop()
	sweep := time.NewTicker(tokenTime)
	defer sweep.Stop()
	for {
		select {
		case <-life.Done():
			return nil
		case err := <-served:
			s.leave(life, v, true)
			return err
		case <-v.used:
			idle.Reset(s.o.Idle)
		case <-sweep.C:
			v.doors.sweep()
		case <-idle.C:
			if s.leave(life, v, false) {
				return nil
			}
			idle.Reset(s.o.Idle)
		}
	}
}

// leave has the next Open begin anew. It gives false where one has just used this one, unless it must.
func (s *Site) leave(life context.Context, v *serving, must bool) bool {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-life.Done():
		return true
	}
	select {
	case <-v.used:
		if !must {
			return false
		}
	default:
	}
	if s.now == v {
		s.now = nil
	}
	return true
}

// Close ends serving for good and waits until it has ended.
func (s *Site) Close() {
	s.turn <- struct{}{}
	v := s.now
	s.now, s.over = nil, true
	<-s.turn
	if v != nil {
		v.stop()
		<-v.ended
	}
}
