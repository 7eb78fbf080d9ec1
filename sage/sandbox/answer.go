package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"postroom/sage"
)

// answer is what a request is answered with: JSON fields, a refusal, a stored content or, as a fault, a page.
type answer struct {
	status     int
	fields     []field
	refusal    *Refusal
	silent     bool // a refusal without a code
	stream     io.ReadCloser
	taker      bodyTaker // takes the stream in place of having it written
	size       int64     // of stream, bytes
	page       string
	etag       string
	retryAfter time.Duration
}

// field is a value and where the profile says it stands.
type field struct {
	name  sage.Lookup
	value any
}

func (a answer) close() {
	if a.stream != nil {
		_ = a.stream.Close()
	}
}

func (a answer) code() int {
	if a.refusal == nil {
		return 0
	}
	return a.refusal.Code
}

// bodyTaker is a ResponseWriter that takes a whole body as it is. RoundTripper's is one.
type bodyTaker interface{ take(io.ReadCloser) }

// pacer is a ResponseWriter that can spread its body over time. RoundTripper's is one.
type pacer interface{ slow(time.Duration) }

// write sends an answer, in the way a fault says.
func (s *Sandbox) write(w http.ResponseWriter, r *http.Request, a answer, f Fault) {
	if taker, ok := w.(bodyTaker); ok && a.stream != nil {
		a.taker = taker
	} else {
		defer a.close()
	}
	body, kind := s.body(a)
	h := w.Header()
	if kind != "" {
		h.Set("Content-Type", kind)
	}
	if a.etag != "" {
		h.Set("ETag", a.etag)
	}
	if a.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((a.retryAfter+time.Second-1)/time.Second)))
	}
	size := int64(len(body))
	if a.stream != nil {
		size = a.size
	}
	if a.status != http.StatusNotModified && a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	w.WriteHeader(a.status)
	switch {
	case f.Kind == FaultTruncate && size > 0:
		s.writePart(w, a, body, size/2)
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	case f.Kind == FaultSlowBody:
		s.writeSlowly(w, r, a, body, f.Wait)
	default:
		s.writePart(w, a, body, size)
	}
}

func (s *Sandbox) body(a answer) (body []byte, contentType string) {
	switch {
	case a.page != "":
		return []byte(a.page), "text/html; charset=utf-8"
	case a.stream != nil:
		return nil, "application/json"
	case a.refusal != nil:
		return s.object(s.refusalFields(a)), "application/json"
	case len(a.fields) > 0:
		return s.object(a.fields), "application/json"
	case a.status == http.StatusNotModified || a.status == http.StatusNoContent:
		return nil, ""
	}
	return []byte("{}"), "application/json"
}

func (s *Sandbox) refusalFields(a answer) []field {
	names := s.profile.Errors
	fields := []field{{names.Message, a.refusal.Message}}
	if !a.silent {
		var code any = a.refusal.Code
		if s.dialect.TextCodes {
			code = strconv.Itoa(a.refusal.Code)
		}
		fields = append(fields, field{names.Code, code})
	}
	if a.refusal.Limit > 0 {
		fields = append(fields, field{names.Limit, a.refusal.Limit})
	}
	return fields
}

// object writes fields as one JSON object. A name with dots stands within others.
func (s *Sandbox) object(fields []field) []byte {
	top := make(map[string]any, len(fields))
	for _, f := range fields {
		at, name := top, f.name.First()
		if name == "" {
			continue
		}
		if s.dialect.UpperCaseNames {
			name = strings.ToUpper(name)
		}
		for {
			outer, inner, nested := strings.Cut(name, ".")
			if !nested {
				break
			}
			next, ok := at[outer].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[outer] = next
			}
			at, name = next, inner
		}
		at[name] = f.value
	}
	raw, err := json.Marshal(top)
	if err != nil {
		panic("sandbox: " + err.Error()) // texts, numbers and times alone
	}
	return raw
}

// writePart writes the first n bytes of an answer's body and sees that they leave.
func (s *Sandbox) writePart(w http.ResponseWriter, a answer, body []byte, n int64) {
	if a.taker != nil {
		a.taker.take(&part{Reader: io.LimitReader(a.stream, n), Closer: a.stream})
		return
	}
	// An error means that whoever asked has gone.
	if a.stream != nil {
		_, _ = io.CopyN(w, a.stream, n)
	} else {
		_, _ = w.Write(body[:n])
	}
}

// part is the beginning of a stream.
type part struct {
	io.Reader
	io.Closer
}

func (s *Sandbox) writeSlowly(w http.ResponseWriter, r *http.Request, a answer, body []byte, wait time.Duration) {
	if p, ok := w.(pacer); ok {
		p.slow(wait)
		s.writePart(w, a, body, max(a.size, int64(len(body))))
		return
	}
	source := io.Reader(strings.NewReader(string(body)))
	if a.stream != nil {
		source = a.stream
	}
	for {
		if !pause(r.Context(), wait) {
			panic(http.ErrAbortHandler)
		}
		if _, err := io.CopyN(w, source, piece); err != nil {
			return // all is written, or whoever asked has gone
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
}
