package sage

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// attempt is one request on the wire: what it is watched by, and how its failure is told.
type attempt struct {
	c       *Client
	r       *request
	left    bool // it goes, or was once redirected, to another host than the platform's: no key
	outer   context.Context
	ctx     context.Context
	cancel  context.CancelCauseFunc
	dog     *watchdog
	out     *outgoing // nil: no content
	at      time.Time
	started time.Time
}

func (c *Client) attempt(ctx context.Context, r *request, left bool) *attempt {
	a := &attempt{c: c, r: r, left: left, outer: ctx, at: c.now(), started: time.Now()}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	a.dog = newWatchdog(a.cancel)
	return a
}

// end lets go of everything: nothing of ours is read after it.
func (a *attempt) end() {
	a.dog.rest()
	if a.out != nil {
		_ = a.out.Close()
	}
	a.cancel(nil)
}

// request makes what is sent.
func (a *attempt) request() (*http.Request, error) {
	r, limits := a.r, a.c.profile.Timeouts
	sent := (&http.Request{
		Method: r.method, URL: r.url, Host: r.url.Host, Header: r.header.Clone(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(httptrace.WithClientTrace(a.ctx, a.trace()))
	sent.Header.Set("User-Agent", a.c.userAgent)
	if sent.Header.Get("Accept") == "" {
		sent.Header.Set("Accept", contentJSON)
	}
	if !r.key.IsZero() && !a.left {
		key := a.c.profile.Key
		sent.Header.Set(key.Header, key.Value(r.key))
	}
	if r.body != nil {
		source, err := r.body.Open()
		if err != nil {
			return nil, r.fail(ErrContent, err)
		}
		a.out = newOutgoing(source, r.body.Size, a.dog, limits)
		sent.Body, sent.ContentLength = a.out, r.body.Size
		if !r.content {
			// A kept connection that the server has just closed: net/http sends the call again if no byte of it was
			// written. Content is not its to send twice.
			sent.GetBody = r.body.Open
		}
		if r.body.Size == 0 {
			_ = a.out.Close()
			sent.Body = http.NoBody
		}
		if above := a.c.profile.Limits.ExpectContinueAbove; above > 0 && r.body.Size > above {
			sent.Header.Set("Expect", "100-continue")
		}
	}
	a.dog.await(limits.Dial + limits.TLS + limits.Answer)
	return sent, nil
}

// response takes an answer over.
func (a *attempt) response(raw *http.Response) *response {
	if a.out != nil {
		a.out.answered.Store(true)
	}
	a.dog.rest()
	body := &incoming{ReadCloser: raw.Body, dog: a.dog, idle: a.c.profile.Timeouts.Idle}
	return &response{Response: raw, attempt: a, body: body, date: serverDate(raw.Header, a.c.now()), done: func() {}}
}

// broken tells why no answer came.
func (a *attempt) broken(err error) *Error {
	failure := a.cause(err)
	failure.began = a.began()
	return failure
}

// began tells whether content has begun to go out.
func (a *attempt) began() bool { return a.out != nil && a.out.began.Load() }

func (a *attempt) cause(err error) *Error {
	if own := a.out.err(); own != nil {
		return a.r.fail(ErrContent, own)
	}
	late, isLate := errors.AsType[stalled](context.Cause(a.ctx))
	switch {
	case isLate:
		a.c.shun()
		return a.r.fail(ErrNetwork, late)
	case a.outer.Err() != nil:
		return a.r.fail(nil, a.outer.Err()) // the caller's own end
	case errors.Is(err, ErrUnsafeURL):
		return a.r.fail(ErrUnsafeURL, err)
	}
	a.c.shun()
	return a.r.fail(ErrNetwork, err)
}

// unread tells why an answer's body could not be read to its end.
func (a *attempt) unread(err error) *Error {
	switch {
	case errors.Is(err, ErrTooBig):
		return a.r.fail(ErrTooBig, nil)
	case errors.Is(err, io.ErrUnexpectedEOF) && a.ctx.Err() == nil:
		return a.r.fail(ErrTruncated, nil)
	case errors.Is(err, ErrMalformed), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return a.r.fail(ErrMalformed, err)
	}
	return a.cause(err)
}

// refusal reads an error's body.
func (r *response) refusal() *Error {
	a := r.attempt
	profile := a.c.profile
	e := a.r.fail(nil, nil)
	e.Status, e.Foreign, e.began = r.StatusCode, a.left, a.began()
	e.RetryAfter = retryAfter(r.Header.Get("Retry-After"), r.date, profile.Limits.RetryAfter)
	if r.StatusCode < 400 {
		e.kind = ErrMalformed
		return e
	}
	body, err := decoded(r.Header, io.LimitReader(r.body, profile.Limits.ErrorBody))
	if err != nil {
		return e
	}
	// What can be read counts, even of a body that breaks off or never ends.
	data, _ := io.ReadAll(io.LimitReader(body, profile.Limits.ErrorBody))
	document, err := parseAnswer(data)
	if err != nil {
		return e
	}
	e.Code = document.code(profile.Errors.Code)
	e.Message = a.r.words(document.text(profile.Errors.Message))
	e.Limit = max(0, document.bytes(profile.Errors.Limit))
	return e
}

// mostMessage bounds what is kept of a platform's own words, in characters.
const mostMessage = 300

// sentence makes a platform's words fit for one line.
func sentence(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > mostMessage {
		text = string(runes[:mostMessage]) + "…"
	}
	return text
}

// serverDate is the Date of an answer, ours where it gave none.
func serverDate(header http.Header, ours time.Time) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}
	return ours
}

// tell reports the attempt to whoever listens.
func (a *attempt) tell(e *Error) {
	took := time.Since(a.started)
	x := Exchange{At: a.at, Op: a.r.op, Method: a.r.method, URL: strike(a.r.shown, a.r.private), Status: e.Status, Code: e.Code, Duration: took}
	switch {
	case e.Message != "":
		x.Failure = e.Message
	case e.what() != nil:
		x.Failure = e.what().Error()
	case e.Err != nil:
		x.Failure = e.Err.Error()
	}
	a.c.log.Debug("Exchange with the platform", "operation", x.Op, "method", x.Method, "url", x.URL,
		"status", strconv.Itoa(x.Status), "code", x.Code, "failure", x.Failure, "took", took)
	if a.c.onExchange != nil {
		a.c.onExchange(x)
	}
	if hear, ok := a.outer.Value(watched{}).(func(Exchange)); ok {
		hear(x)
	}
}
