package sage

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var errSealed = errors.New("the call has ended")

// outgoing is a request's content on its way out: exactly as long as announced, watched, and closed for certain when
// the call ends, although net/http may still be reading then.
type outgoing struct {
	source io.ReadCloser
	left   int64 // bytes still to be read
	dog    *watchdog
	idle   time.Duration
	answer atomic.Int64 // the limit until the answer begins, once all has gone out

	turn     chan struct{} // held while source is used
	sealed   chan struct{} // closed when no further read may begin
	seal     sync.Once
	answered atomic.Bool // the answer is there: its reading is what the watchdog watches now
	began    atomic.Bool // content has begun to go out
	whole    atomic.Bool // all of it has
	failure  atomic.Pointer[error]
}

func newOutgoing(source io.ReadCloser, size int64, dog *watchdog, limits Timeouts) *outgoing {
	o := &outgoing{
		source: source, left: size, dog: dog, idle: limits.Idle,
		turn: make(chan struct{}, 1), sealed: make(chan struct{}),
	}
	o.answer.Store(int64(limits.Answer))
	o.turn <- struct{}{}
	o.whole.Store(size == 0)
	return o
}

// Read gives the next bytes. The last ones are kept back until the source has ended where it should.
func (o *outgoing) Read(p []byte) (int, error) {
	select {
	case <-o.turn:
	case <-o.sealed:
		return 0, errSealed
	}
	defer func() { o.turn <- struct{}{} }()
	select {
	case <-o.sealed:
		return 0, errSealed
	default:
	}
	if o.left == 0 {
		return 0, io.EOF
	}
	o.watch(o.dog.rest)
	n, err := o.read(p)
	if n > 0 {
		o.began.Store(true)
	}
	if err != nil {
		o.failure.Store(&err)
		return 0, err
	}
	if o.left == 0 {
		o.whole.Store(true)
		o.watch(func() { o.dog.await(time.Duration(o.answer.Load())) })
	} else {
		o.watch(func() { o.dog.moving(o.idle) })
	}
	return n, nil
}

func (o *outgoing) watch(f func()) {
	if !o.answered.Load() {
		f()
	}
}

func (o *outgoing) read(p []byte) (int, error) {
	if int64(len(p)) > o.left {
		p = p[:o.left]
	}
	n, err := o.source.Read(p)
	o.left -= int64(n)
	switch {
	case err == io.EOF && o.left > 0:
		return 0, fmt.Errorf("it ended %d bytes before its announced length: %w", o.left, io.ErrUnexpectedEOF)
	case err != nil && err != io.EOF:
		return 0, err
	case o.left == 0 && err == nil:
		return n, o.end()
	}
	return n, nil
}

// end looks whether the source has ended too.
func (o *outgoing) end() error {
	var more [1]byte
	n, err := io.ReadFull(o.source, more[:])
	if n > 0 {
		return errors.New("it is longer than announced")
	}
	if err != io.EOF {
		return err
	}
	return nil
}

// Close ends the reading and waits for a read that is under way.
func (o *outgoing) Close() error {
	var err error
	o.seal.Do(func() {
		close(o.sealed)
		<-o.turn
		err = o.source.Close()
		o.turn <- struct{}{}
	})
	return err
}

// err is what kept the content from being read, nil if nothing did.
func (o *outgoing) err() error {
	if o == nil {
		return nil
	}
	if err := o.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// incoming is an answer's body, watched while the network is read.
type incoming struct {
	io.ReadCloser
	dog    *watchdog
	idle   time.Duration
	length int64 // bytes read, as they came
}

func (i *incoming) Read(p []byte) (int, error) {
	i.dog.moving(i.idle)
	n, err := i.ReadCloser.Read(p)
	i.dog.rest()
	i.length += int64(n)
	return n, err
}

func (i *incoming) Close() error {
	i.dog.rest()
	return i.ReadCloser.Close()
}

// decoded unpacks what a server compressed without being asked.
func decoded(header http.Header, body io.Reader) (io.Reader, error) {
	switch strings.ToLower(strings.TrimSpace(header.Get("Content-Encoding"))) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		return gzip.NewReader(body)
	default:
		return nil, fmt.Errorf("%w: unknown content encoding", ErrMalformed)
	}
}

// readAtMost reads all of r, or fails with ErrTooBig.
func readAtMost(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, ErrTooBig
	}
	return data, err
}
