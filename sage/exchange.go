package sage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// response is an answer that is not an error. It has to be closed.
type response struct {
	*http.Response
	attempt *attempt
	body    *incoming
	date    time.Time // the server's clock when it answered, ours if it gave none
	done    context.CancelFunc
}

// close ends an answer whose body nobody reads. A little of it is read, for a moment at most, so that the connection
// can be used again.
func (r *response) close() {
	enough := time.AfterFunc(mostDrain, func() { r.attempt.cancel(nil) })
	_, _ = io.CopyN(io.Discard, r.body, bufferSize)
	enough.Stop()
	r.end()
}

// mostDrain bounds the reading of what nobody wants.
const mostDrain = 2 * time.Second

func (r *response) end() {
	_ = r.body.Close()
	r.attempt.end()
	r.done()
}

// exchange sends a request, follows redirects, and turns every answer that is not a success into an *Error. A 304 is
// a success where the request was conditional.
func (c *Client) exchange(ctx context.Context, r *request) (*response, error) {
	limit := c.profile.Timeouts.Call
	if r.content {
		limit = c.profile.Timeouts.Transfer
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTooLong)
	resp, err := c.redirected(ctx, r)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.done = cancel
	return resp, nil
}

// redirected sends a request and follows redirects. The key is dropped when the host changes, and not taken up again.
func (c *Client) redirected(ctx context.Context, r *request) (*response, error) {
	at := *r
	left := false
	for hops := 0; ; hops++ {
		left = left || !c.guard.own(at.url)
		resp, err := c.hop(ctx, &at, left)
		if err != nil {
			return nil, err
		}
		if !isRedirect(resp.StatusCode) {
			return resp, nil
		}
		location := resp.Header.Get("Location")
		resp.close()
		if hops >= c.profile.Limits.Redirects {
			return nil, at.fail(ErrRedirect, fmt.Errorf("more than %d", hops))
		}
		if err := c.turn(&at, location, resp.StatusCode); err != nil {
			return nil, err
		}
	}
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// turn points a request to where it was redirected. Method and content stay, but for a 303, which asks to look
// elsewhere for the outcome of what has been done.
func (c *Client) turn(r *request, location string, status int) error {
	next, err := r.url.Parse(strings.TrimSpace(location))
	if err != nil || location == "" {
		return r.fail(ErrMalformed, errors.New("a redirect without a readable address"))
	}
	next.Fragment, next.RawFragment = "", ""
	if err := c.guard.check(next); err != nil {
		return r.fail(ErrUnsafeURL, err)
	}
	if r.url.Scheme == "https" && next.Scheme != "https" {
		return r.fail(ErrUnsafeURL, errors.New("a redirect from https to http"))
	}
	if r.confined && !c.guard.own(next) {
		return r.fail(ErrRedirect, fmt.Errorf("to another host, %s, with what is for the platform only", next.Host))
	}
	if status == http.StatusSeeOther && r.method != http.MethodGet {
		r.method, r.body = http.MethodGet, nil
		r.header = r.header.Clone()
		r.header.Del("Content-Type")
	}
	r.url, r.shown = next, shownAddress(next)
	return nil
}

// hop is one request and its answer.
func (c *Client) hop(ctx context.Context, r *request, left bool) (*response, error) {
	a := c.attempt(ctx, r, left)
	sent, err := a.request() //nolint:contextcheck // the attempt has a context of its own, made of ctx
	if err != nil {
		a.end()
		return nil, err
	}
	raw, err := c.transport.RoundTrip(sent) //nolint:bodyclose // response.end closes it
	if err != nil {
		failure := a.broken(err)
		a.end()
		a.tell(failure)
		return nil, failure
	}
	resp := a.response(raw)
	conditional := raw.StatusCode == http.StatusNotModified && r.header.Get("If-None-Match") != ""
	if isSuccess(raw.StatusCode) || isRedirect(raw.StatusCode) || conditional {
		a.tell(&Error{Status: raw.StatusCode})
		return resp, nil
	}
	failure := resp.refusal()
	resp.end()
	a.tell(failure)
	return nil, failure
}

func isSuccess(status int) bool { return status >= 200 && status <= 299 }

// ask is an exchange whose answer is one JSON document.
func (c *Client) ask(ctx context.Context, r *request) (answer, *response, error) {
	resp, err := c.exchange(ctx, r)
	if err != nil {
		return answer{}, nil, err
	}
	if r.weighty && strings.HasPrefix(strings.ToLower(resp.Header.Get("Content-Type")), "text/html") {
		resp.close()
		return answer{}, nil, resp.attempt.r.fail(ErrMalformed, errors.New("a web page"))
	}
	if r.silent || resp.StatusCode == http.StatusNotModified || resp.StatusCode == http.StatusNoContent {
		resp.close()
		return answer{}, resp, nil
	}
	defer resp.end()
	a, failure := resp.json(c.profile.Limits.Answer)
	if failure != nil {
		failure.began = r.body != nil // the platform has taken the call
		return answer{}, nil, failure
	}
	return a, resp, nil
}

// json reads the answer's document.
func (r *response) json(limit int64) (answer, *Error) {
	at := r.attempt
	body, err := decoded(r.Header, r.body)
	if err != nil {
		return answer{}, at.unread(err)
	}
	data, err := readAtMost(body, limit)
	if err != nil {
		return answer{}, at.unread(err)
	}
	if r.ContentLength >= 0 && r.body.length < r.ContentLength {
		return answer{}, at.r.fail(ErrTruncated, nil)
	}
	a, err := parseAnswer(data)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return answer{}, at.r.fail(ErrTruncated, nil)
	case err != nil:
		return answer{}, at.r.fail(ErrMalformed, err)
	}
	return a, nil
}
