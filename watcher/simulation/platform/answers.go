package platform

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"postroom/sage/sandbox"
)

const (
	jsonType = "application/json"
	page     = "<!DOCTYPE html><html><head><title>Sorry</title></head><body>Please try again later.</body></html>"
)

// answer makes an answer that the platform did not make.
func (c *call) answer(status int, kind, body string) *http.Response {
	resp := &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Date": {c.platform.Clock.Now().UTC().Format(http.TimeFormat)}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: c.r,
	}
	if kind != "" {
		resp.Header.Set("Content-Type", kind)
	}
	return resp
}

// instead answers in place of the platform, where the fault says so.
func (c *call) instead(k Kind) *http.Response {
	switch k {
	case Portal:
		return c.answer(http.StatusOK, "text/html; charset=utf-8", page)
	case ServerError:
		return c.answer(http.StatusInternalServerError, jsonType, `{"code":5000,"message":"The service failed."}`)
	case ProxyError:
		return c.answer(http.StatusBadGateway, "text/html", page)
	case EmptyError:
		return c.answer(http.StatusInternalServerError, "", "")
	case Throttled:
		return c.later(c.answer(http.StatusTooManyRequests, jsonType, `{"code":4290,"message":"Too many requests."}`))
	case Unavailable:
		return c.later(c.answer(http.StatusServiceUnavailable, "text/html", page))
	case Unauthorised:
		c.platform.unauthorised(c)
		return c.answer(http.StatusUnauthorized, "text/plain", "Who are you?")
	case UploadRefused:
		return c.answer([]int{http.StatusUnauthorized, http.StatusForbidden}[c.platform.gate.Intn(2)], "application/xml", "<Error><Code>AccessDenied</Code></Error>")
	case EarlyAnswer:
		return c.answer(http.StatusOK, jsonType, "{}")
	case ResultGone:
		return c.answer(http.StatusNotFound, jsonType, `{"code":2410,"message":"File not found."}`)
	}
	return c.redirect(k)
}

// later asks for patience, in one of the forms that clients see.
func (c *call) later(resp *http.Response) *http.Response {
	seconds := 1 + c.platform.gate.Intn(90)
	value := strconv.Itoa(seconds)
	c.rest = time.Duration(seconds) * time.Second
	switch c.platform.gate.Intn(5) {
	case 0:
		value = c.platform.Clock.Now().UTC().Add(time.Duration(seconds) * time.Second).Format(http.TimeFormat)
	case 1:
		value, c.rest = "soon", 0
	case 2:
		value, c.rest = "-1", 0
	}
	resp.Header.Set("Retry-After", value)
	return resp
}

// spoil does to the platform's answer what the fault says.
func (c *call) spoil(k Kind, resp *http.Response) (*http.Response, error) {
	switch k {
	case ResetAfter:
		_ = resp.Body.Close()
		return nil, reset("read")
	case SilentAfter:
		_ = resp.Body.Close()
		return nil, orReset(c.wait(-1))
	case ErrorAfter:
		return c.replaced(resp, c.instead(ServerError)), nil
	case GatewayLate:
		return c.replaced(resp, c.answer(http.StatusGatewayTimeout, "text/html", page)), nil
	case WrongDate:
		resp.Header.Set("Date", c.wrongDate())
		return resp, nil
	case SlowBody:
		resp.Body = &dripping{ReadCloser: resp.Body, call: c, pause: time.Duration(1 + c.platform.gate.Intn(int(time.Minute)))}
		return resp, nil
	case Truncated, LongLength, ShortLength, Endless, Bomb, Garbled, Strange, Stale:
		return c.rewrite(k, resp)
	}
	return resp, nil
}

func (c *call) replaced(resp, by *http.Response) *http.Response {
	_ = resp.Body.Close()
	return by
}

func (c *call) wrongDate() string {
	switch c.platform.gate.Intn(4) {
	case 0:
		return "yesterday"
	case 1:
		return ""
	}
	off := time.Duration(c.platform.gate.Intn(int(48*time.Hour))) - 24*time.Hour
	return c.platform.Clock.Now().UTC().Add(off).Format(http.TimeFormat)
}

// rewrite changes what an answer's body says, or how long it is.
func (c *call) rewrite(k Kind, resp *http.Response) (*http.Response, error) {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	told, cut := int64(len(body)), false
	switch k {
	case Truncated:
		body, cut = body[:len(body)/2], true
	case LongLength:
		told += 100
	case ShortLength:
		body = body[:len(body)/2]
		told = int64(len(body))
	case Garbled:
		body = [][]byte{[]byte("{"), []byte("<ok/>"), append(bytes.Clone(body), '}'), nil}[c.platform.gate.Intn(4)]
		told = int64(len(body))
	case Bomb:
		body = bomb()
		told = int64(len(body))
		resp.Header.Set("Content-Encoding", "gzip")
	case Strange:
		body = strange(body, c.purpose == track)
		told = int64(len(body))
	case Stale:
		body = c.platform.earlier(c, body)
		told = int64(len(body))
	case Endless:
		told = -1
	}
	resp.ContentLength = told
	resp.Header.Del("Content-Length")
	if told >= 0 {
		resp.Header.Set("Content-Length", strconv.FormatInt(told, 10))
	}
	resp.Body = &made{Reader: bytes.NewReader(body), cut: cut}
	switch {
	case k == Endless && (c.purpose == content || c.purpose == result):
		resp.Body = &dripping{ReadCloser: &endless{}, call: c, pause: 90 * time.Second}
	case k == Endless:
		resp.Body = &endless{}
	case c.purpose == content || c.purpose == result:
		resp.Body = &gated{ReadCloser: resp.Body, call: c}
	}
	return resp, nil
}

// strange adds to an answer what no client knows, and hides a state that is not final behind a word of its own.
func strange(body []byte, tracking bool) []byte {
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return body
	}
	fields["links"] = []any{map[string]any{"rel": "self", "status": nil}}
	fields["note"] = "\u202e\x00<script>"
	if word, ok := fields["status"].(string); tracking && ok && moving(sandbox.Status(word)) {
		fields["status"] = "beingLookedAt"
		fields["progress"] = "almost"
	}
	changed, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return changed
}

// moving tells the words between the content's arrival and the end.
func moving(s sandbox.Status) bool { return s != sandbox.AwaitingUpload && !s.Final() }

// bomb is four megabytes of blanks, compressed.
var bomb = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(bytes.Repeat([]byte{' '}, 4<<20))
	_ = w.Close()
	return out.Bytes()
})

// made is a body that is not the platform's.
type made struct {
	io.Reader
	cut bool
}

// Read implements io.Reader. What is cut ends as a connection does that breaks off.
func (m *made) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	if err == io.EOF && m.cut {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Close does nothing.
func (*made) Close() error { return nil }

// endless is a body without an end.
type endless struct{}

// Read implements io.Reader.
func (*endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// Close does nothing.
func (*endless) Close() error { return nil }

// drop is how much of a slow body comes at a time, in bytes.
const drop = 512

// dripping is a body with a pause before every piece.
type dripping struct {
	io.ReadCloser
	call  *call
	pause time.Duration
}

// Read implements io.Reader.
func (d *dripping) Read(b []byte) (int, error) {
	if err := d.call.wait(d.pause); err != nil {
		return 0, err
	}
	n, err := d.ReadCloser.Read(b[:min(len(b), drop)])
	if dead := d.call.process.Done(d.call.effect("net.wait")); dead != nil {
		return 0, dead
	}
	return n, err
}
