package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// RoundTripper reaches the sandbox without a network: each request is answered on the goroutine that makes it. It
// behaves as a connection to the sandbox would, faults included, and knows no other host than the sandbox's own.
func (s *Sandbox) RoundTripper() http.RoundTripper { return direct{s} }

type direct struct{ s *Sandbox }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	body := &requestBody{ReadCloser: req.Body, announced: req.ContentLength}
	if req.Body == nil {
		body.ReadCloser = http.NoBody
	}
	defer body.Close()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if !d.s.serves(req.URL.Host) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{
			Err: "no such host", Name: req.URL.Hostname(), IsNotFound: true,
		}}
	}
	served := req.WithContext(req.Context()) // a shallow copy
	served.Body = body
	served.Host = or(req.Host, req.URL.Host)
	served.RequestURI = req.URL.RequestURI()
	served.RemoteAddr = "127.0.0.1:0"
	if req.ContentLength == 0 && req.Body != nil && req.Body != http.NoBody {
		served.ContentLength, body.announced = -1, -1
	}
	answer := &response{header: http.Header{}}
	aborted := serve(d.s.Handler(), answer, served)
	switch {
	case req.Context().Err() != nil:
		answer.drop()
		return nil, req.Context().Err()
	case body.err != nil:
		answer.drop()
		return nil, body.err
	case aborted && answer.status == 0:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return answer.response(req, aborted), nil
}

// serve calls a handler and tells whether it ended its connection.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			aborted = true
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

// requestBody is a request's body as a server sees it: its length is held to, and an error of the client's own
// reader is the client's to see.
type requestBody struct {
	io.ReadCloser
	announced int64 // -1 when it was not
	read      int64
	err       error
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	switch {
	case b.announced >= 0 && b.read > b.announced:
		b.err = fmt.Errorf("http: ContentLength=%d with Body length %d", b.announced, b.read)
	case err == io.EOF && b.announced > b.read:
		b.err = fmt.Errorf("http: ContentLength=%d with Body length %d", b.announced, b.read)
	case err != nil && err != io.EOF:
		b.err = err
	}
	if b.err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// response collects what a handler writes. A stream it is given is handed on and not read.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
	stream io.ReadCloser
	pause  time.Duration
}

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *response) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// take lets a handler pass a body on without copying it. See bodyTaker.
func (r *response) take(stream io.ReadCloser) { r.stream = stream }

// slow lets a handler spread its body over time without waiting for it. See pacer.
func (r *response) slow(pause time.Duration) { r.pause = pause }

func (r *response) drop() {
	if r.stream != nil {
		_ = r.stream.Close()
	}
}

func (r *response) response(req *http.Request, cut bool) *http.Response {
	r.WriteHeader(http.StatusOK)
	resp := &http.Response{
		Status:     fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)),
		StatusCode: r.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        r.header,
		ContentLength: contentLength(r.header, int64(r.body.Len())),
		Request:       req,
	}
	body := r.stream
	if body == nil {
		body = io.NopCloser(&r.body)
	}
	if r.pause > 0 || cut {
		body = &answerBody{ReadCloser: body, done: req.Context().Done(), stopped: req.Context().Err, pause: r.pause, cut: cut}
	}
	resp.Body = body
	return resp
}

// answerBody is a body that comes slowly, or ends too early.
type answerBody struct {
	io.ReadCloser
	done    <-chan struct{}
	stopped func() error
	pause   time.Duration
	cut     bool
}

// piece is how much of a slow body comes at a time, in bytes.
const piece = 256

func (b *answerBody) Read(p []byte) (int, error) {
	if b.pause > 0 {
		p = p[:min(len(p), piece)]
		timer := time.NewTimer(b.pause)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-b.done:
			return 0, b.stopped()
		}
	}
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && b.cut {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// contentLength is what the header says, else what there is.
func contentLength(h http.Header, otherwise int64) int64 {
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		return n
	}
	return otherwise
}
