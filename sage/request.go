package sage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const contentJSON = "application/json"

// request is one call before it is sent, perhaps more than once: after a redirect, or with a rotated key.
type request struct {
	op       string // the operation's name in the profile
	method   string
	url      *url.URL
	shown    string // url without what may not be logged
	header   http.Header
	body     *Body // nil: none
	key      Secret
	confined bool        // must not leave the platform's host: it holds secrets or a person's data
	content  bool        // carries a file, out or in
	silent   bool        // its answer has no body to be read
	weighty  bool        // something is given up for its success: a guest network's page is none
	private  []concealed // keys and secrets: no answer is kept that has one in it
	secrets  []concealed // what is struck out of every text: those, and IDs and addresses
}

// param is a value with its name, in the order in which they are sent.
type param struct {
	name  string
	value any
}

// newRequest begins a call to one of the profile's paths. IDs and other holes are named in hide, if they are not to
// be shown.
func (c *Client) newRequest(op, method string, path Template, holes, hide map[string]string) (*request, error) {
	u, err := c.address(path, holes)
	if err != nil {
		return nil, &Error{Op: op, Method: method, URL: c.guard.base.host, Err: err}
	}
	shown := make(map[string]string, len(holes))
	for hole, value := range holes {
		shown[hole] = value
		if mask, ok := hide[hole]; ok {
			shown[hole] = mask
		}
	}
	r := &request{op: op, method: method, url: u, shown: c.base.String() + string(path), header: http.Header{}}
	for hole, value := range shown {
		r.shown = strings.Replace(r.shown, "{"+hole+"}", value, 1)
	}
	for hole := range hide {
		r.hide(holes[hole])
	}
	return r, nil
}

// given begins a call to an address that the platform handed out.
func (c *Client) given(op, method, address string) (*request, error) {
	u, err := c.follow(address)
	r := &request{op: op, method: method, url: u, header: http.Header{}}
	if u != nil {
		r.shown = shownAddress(u)
		r.hide(u.RequestURI())
	}
	if err != nil {
		return nil, r.fail(kindOf(err), err)
	}
	return r, nil
}

// shownAddress is an address of the platform's making as it may be logged: it may hold a capability anywhere.
func shownAddress(u *url.URL) string { return u.Scheme + "://" + u.Host + "/…" }

// place puts parameters where the profile wants them.
func (r *request) place(where Place, params []param) {
	switch where {
	case InBody:
		r.json(params)
	case InQuery:
		query := r.url.RawQuery
		for _, p := range params {
			if query != "" {
				query += "&"
			}
			query += url.QueryEscape(p.name) + "=" + url.QueryEscape(p.text())
		}
		r.url.RawQuery = query
	case InHeader:
		for _, p := range params {
			r.header.Set(p.name, headerText(p.text()))
		}
	}
}

// json makes the parameters the body, as an object in their order. A param whose value is a list of params is an
// object within.
func (r *request) json(params []param) {
	data := object(params)
	r.body = &Body{Size: int64(len(data)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
	r.header.Set("Content-Type", contentJSON)
}

func object(params []param) []byte {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, p := range params {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(jsonValue(p.name))
		out.WriteByte(':')
		if within, ok := p.value.([]param); ok {
			out.Write(object(within))
			continue
		}
		out.Write(jsonValue(p.value))
	}
	out.WriteByte('}')
	return out.Bytes()
}

// jsonValue writes a value as it is, an & as an &.
func jsonValue(value any) []byte {
	if secret, ok := value.(Secret); ok {
		value = secret.Reveal()
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // texts and whole numbers only: cannot fail
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// text is the value outside a JSON body.
func (p param) text() string {
	switch value := p.value.(type) {
	case Secret:
		return value.Reveal()
	case string:
		return value
	default:
		return string(jsonValue(value))
	}
}

// headerText makes any text fit for a header: as it is, or percent-encoded where a header could not hold it.
func headerText(text string) string {
	plainText := strings.TrimSpace(text) == text
	for i := range len(text) {
		plainText = plainText && text[i] >= ' ' && text[i] < 0x7f && text[i] != '%'
	}
	if plainText {
		return text
	}
	return url.PathEscape(text)
}

// guard names keys and secrets, which must neither stand in any text about this call nor be kept from its answer.
func (r *request) guard(values ...concealed) {
	for _, v := range values {
		r.private, r.secrets = add(r.private, v), add(r.secrets, v)
	}
}

// hide names values that must not stand in any text about this call.
func (r *request) hide(values ...string) {
	for _, value := range values {
		r.secrets = add(r.secrets, conceal(value))
	}
}

// strike takes every secret of this call out of a text.
func (r *request) strike(text string) string { return strike(text, r.secrets) }

// words makes a platform's words fit to be kept: without secrets, and on one line.
func (r *request) words(text string) string { return sentence(r.strike(text)) }

// mostID bounds what is kept of an answer besides addresses and words, in bytes: a file's ID, an ETag.
const mostID = 1024

// clean refuses to keep a value of an answer that has a secret in it, or is longer than any ID: it goes into the journal.
func (r *request) clean(name Lookup, value string) error {
	if len(value) > mostID {
		return r.fail(ErrMalformed, fmt.Errorf("its %s is longer than %d bytes", name.First(), mostID))
	}
	if holds(value, r.private) {
		return r.fail(ErrMalformed, fmt.Errorf("its %s repeats a key or a secret", name.First()))
	}
	return nil
}

// kindOf is the sentinel of an error from following an address.
func kindOf(err error) error {
	if errors.Is(err, ErrUnsafeURL) {
		return ErrUnsafeURL
	}
	return ErrMalformed
}

// fail makes the error of this call.
func (r *request) fail(kind, cause error) *Error {
	e := &Error{Op: r.op, Method: r.method, URL: strike(r.shown, r.private), kind: kind}
	if cause != nil {
		e.Err = &struck{cause, r.strike}
	}
	return e
}

// struck is an error whose text has no secret of a call, whatever a library or a server put into it.
type struck struct {
	err    error
	strike func(string) string
}

func (s *struck) Error() string { return s.strike(s.err.Error()) }
func (s *struck) Unwrap() error { return s.err }
