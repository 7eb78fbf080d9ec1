package sage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// Latest is the newest file of a scope that comes from Sage.
type Latest struct {
	FileID      string
	Timestamp   time.Time // zero if the answer has no readable time
	Size        int64     // bytes, -1 if not told
	DownloadURL string    // absolute
	ETag        string    // for the next conditional look; "" if the server has none
	NotModified bool      // nothing new since the given ETag, which is all that is repeated
}

// Latest looks for the newest file of a scope, conditionally when an ETag is given. [A] 5
//
// ErrNothingThere: Sage has not uploaded one yet; not a failure.
func (s *Session) Latest(ctx context.Context, scope, etag string) (Latest, error) {
	o := s.client.profile.Operations.LatestFile
	call, err := s.client.newRequest("latestFile", o.Method, o.Path, s.holes(scope), nil)
	if err != nil {
		return Latest{}, err
	}
	if etag != "" {
		call.header.Set("If-None-Match", etag)
	}
	a, resp, err := s.ask(ctx, call)
	if err != nil {
		return Latest{}, err
	}
	switch resp.StatusCode {
	case http.StatusNotModified:
		return Latest{ETag: etag, Size: -1, NotModified: true}, nil
	case http.StatusNoContent:
		return Latest{}, call.fail(ErrNothingThere, nil)
	}
	names := s.client.profile.Answers
	latest := Latest{FileID: a.text(names.FileID), Size: a.bytes(names.Size), ETag: resp.Header.Get("ETag")}
	if err := call.clean(names.FileID, latest.FileID); err != nil {
		return Latest{}, err
	}
	if len(latest.ETag) > mostID || holds(latest.ETag, call.private) {
		latest.ETag = "" // does without
	}
	latest.Timestamp, _ = moment(a.text(names.Timestamp), time.Time{})
	latest.DownloadURL, err = s.address(call, a, names.DownloadURL)
	return latest, err
}

// Download writes a result or list to w and gives its length in bytes. Whole or an error: a body that is shorter than
// announced is ErrTruncated, one over limit bytes is ErrTooBig (0: the profile's limit). What w has after an error is
// worth nothing. An error of w comes back wrapped.
func (s *Session) Download(ctx context.Context, address string, w io.Writer, limit int64) (int64, error) {
	if limit <= 0 {
		limit = s.client.profile.Limits.Download
	}
	call, err := s.client.given("download", http.MethodGet, address)
	if err != nil {
		return 0, err
	}
	call.content = true
	var n int64
	err = s.authorised(ctx, call, func(r *request) error {
		resp, err := s.client.exchange(ctx, r)
		if err != nil {
			return err
		}
		defer resp.end()
		n, err = resp.copyTo(w, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// copyTo writes the body to w, all of it or with an error.
func (r *response) copyTo(w io.Writer, limit int64) (int64, error) {
	at := r.attempt
	if r.StatusCode == http.StatusPartialContent {
		return 0, at.r.fail(ErrTruncated, errors.New("a part that was not asked for"))
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "text/html" {
		return 0, at.r.fail(ErrMalformed, errors.New("a web page")) // of a proxy that wants a log-in
	}
	body, err := decoded(r.Header, r.body)
	if err != nil {
		return 0, at.unread(err)
	}
	if r.ContentLength > limit {
		return 0, at.r.fail(ErrTooBig, nil)
	}
	out := &sink{w: w}
	n, err := io.CopyBuffer(out, io.LimitReader(body, limit+1), make([]byte, bufferSize))
	switch {
	case out.err != nil:
		return 0, fmt.Errorf("%s: writing what comes: %w", at.r.op, out.err)
	case err != nil:
		return 0, at.unread(err)
	case n > limit:
		return 0, at.r.fail(ErrTooBig, nil)
	case r.ContentLength >= 0 && r.body.length != r.ContentLength:
		return 0, at.r.fail(ErrTruncated, fmt.Errorf("%d of %d bytes", r.body.length, r.ContentLength))
	}
	return n, nil
}

// sink keeps our side's error apart from the network's, and hides ReadFrom: the watchdog must see each read.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		s.err = err
	}
	return n, err
}
