package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"postroom/sage"
)

// maxJSON is the largest JSON request that is read, in bytes.
const maxJSON = 1 << 20

// parameters are what a call was given, by the profile's names, from the place the profile names. They are read
// once.
type parameters struct {
	read bool
	body map[string]json.RawMessage
	err  error
}

// fill reads the parameters.
func (c *call) fill() error {
	p := &c.params
	if p.read {
		return p.err
	}
	p.read = true
	if c.route.place != sage.InBody {
		return nil
	}
	c.expectJSON()
	raw, err := io.ReadAll(io.LimitReader(c.r.Body, maxJSON+1))
	switch {
	case err != nil:
		p.err = fmt.Errorf("%w: %w", errBroken, err)
	case len(raw) > maxJSON:
		p.err = errMalformed("The request is too large.")
	case json.Unmarshal(raw, &p.body) != nil:
		p.err = errMalformed("The request is not a JSON object.")
	}
	return p.err
}

// expectJSON writes down a JSON request that does not say it is one.
func (c *call) expectJSON() {
	if !isType(c.r.Header.Get("Content-Type"), "application/json") {
		c.s.notes.add("content-type: %s came as %q in place of application/json", c.route.op, c.r.Header.Get("Content-Type"))
	}
}

// isType compares media types without their parameters.
func isType(got, want string) bool {
	g, _, err := mime.ParseMediaType(got)
	w, _, err2 := mime.ParseMediaType(want)
	return errors.Join(err, err2) == nil && g == w
}

// text is a parameter that is a text; missing ones are empty.
func (c *call) text(name string) (string, error) {
	if err := c.fill(); err != nil {
		return "", err
	}
	switch c.route.place {
	case sage.InQuery:
		return c.r.URL.Query().Get(name), nil
	case sage.InHeader:
		return c.r.Header.Get(name), nil
	}
	return textOf(c.params.body, name)
}

func textOf(object map[string]json.RawMessage, name string) (string, error) {
	raw, ok := object[name]
	if !ok || string(raw) == "null" {
		return "", nil
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", errMalformed(fmt.Sprintf("%q must be a text.", name))
	}
	return s, nil
}

// need is a parameter that has to be there.
func (c *call) need(name string) (string, error) {
	value, err := c.text(name)
	if err == nil && strings.TrimSpace(value) == "" {
		err = errMalformed(fmt.Sprintf("%q is missing.", name))
	}
	return value, err
}

// whole is a parameter that is a whole number; -1 when it is missing.
func (c *call) whole(name string) (int64, error) {
	if err := c.fill(); err != nil {
		return 0, err
	}
	var text string
	switch c.route.place {
	case sage.InQuery:
		text = c.r.URL.Query().Get(name)
	case sage.InHeader:
		text = c.r.Header.Get(name)
	case sage.InBody:
		text = string(c.params.body[name])
	}
	if text == "" || text == "null" {
		return -1, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errMalformed(fmt.Sprintf("%q must be a whole number.", name))
	}
	return n, nil
}

// key is the API key a request carries: in the profile's header, or in one that the sandbox takes as well.
func (c *call) key() string {
	h := c.s.profile.Key
	if key := keyIn(c.r.Header, h.Header, h.Scheme); key != "" {
		return key
	}
	for _, also := range h.Also {
		header, scheme, _ := strings.Cut(also, ":")
		if key := keyIn(c.r.Header, strings.TrimSpace(header), strings.TrimSpace(scheme)); key != "" {
			return key
		}
	}
	return ""
}

func keyIn(h http.Header, name, scheme string) string {
	value := h.Get(name)
	if scheme == "" {
		return value
	}
	word, key, ok := strings.Cut(value, " ")
	if !ok || !strings.EqualFold(word, scheme) {
		return ""
	}
	return strings.TrimSpace(key)
}
