package callback

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"postroom/sage"
)

const (
	maxField = 4096 // bytes of one value; a download URL may be long
	maxKey   = 2560 // bytes of a key: what a vault keeps
)

// errMalformed is all that is said of a body that cannot be read.
var errMalformed = errors.New("callback: not JSON, a form or a query")

// values are what a call brings.
type values struct {
	fields   fields
	document any // the body, where it is JSON
}

// fields are a call's values by folded name. Of two values the one from the body counts, or the one from the query
// where the platform's profile says that it stands there.
type fields map[string]string

// fold makes apiKey, API_KEY, api-key and ApiKey one name [D]: Sage's own texts vary.
func fold(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

// add keeps the first value of a name that is not empty.
func (f fields) add(name, value string) {
	if name = fold(name); f[name] == "" {
		f[name] = bounded(value)
	}
}

// bounded trims a value, and makes nothing of one that is none.
func bounded(value string) string {
	if value = strings.TrimSpace(value); len(value) > maxField || !utf8.ValidString(value) {
		return ""
	}
	return value
}

// text is the first of the names that has a value.
func (v values) text(names sage.Lookup) string {
	for _, name := range names {
		value := v.fields[fold(name)]
		if value == "" && strings.Contains(name, ".") {
			value = bounded(sage.Lookup{name}.In(v.document))
		}
		if value != "" {
			return value
		}
	}
	return ""
}

// read takes the values of a call from wherever they are. With queryFirst those of the query come first, and beside
// them a body that cannot be read does not matter.
func read(w http.ResponseWriter, r *http.Request, queryFirst bool) (values, error) {
	v := values{fields: fields{}}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return v, err
	}
	if queryFirst {
		if err := v.fields.addForm(r.URL.RawQuery); err != nil {
			return v, err
		}
		if err := v.addBody(r.Header.Get("Content-Type"), body); err != nil && len(v.fields) == 0 {
			return v, err
		}
		return v, nil
	}
	if err := v.addBody(r.Header.Get("Content-Type"), body); err != nil {
		return v, err
	}
	// A query is read as far as it can be: it is the way of a GET, and beside a body it does not matter.
	if err := v.fields.addForm(r.URL.RawQuery); err != nil && len(bytes.TrimSpace(body)) == 0 {
		return v, err
	}
	return v, nil
}

// addBody takes the values of a body, which may be empty.
func (v *values) addBody(contentType string, body []byte) error {
	kind, _, _ := mime.ParseMediaType(contentType)
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return nil
	case body[0] == '{' || body[0] == '[' || strings.HasSuffix(kind, "json"):
		return v.addJSON(body)
	case kind == "multipart/form-data":
		return errMalformed
	}
	return v.fields.addForm(string(body)) // a form, whatever it is called
}

func (f fields) addForm(text string) error {
	values, err := url.ParseQuery(text)
	if err != nil {
		return errMalformed // its own error repeats the text, which may hold the key
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			f.add(name, value)
		}
	}
	return nil
}

// addJSON takes the values of an object, of an object within it (as "data" or "payload" may be), or of the first
// object of a list.
func (v *values) addJSON(body []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return errMalformed
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errMalformed
	}
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	object, ok := value.(map[string]any)
	if !ok {
		return errMalformed
	}
	v.document = object
	v.fields.addObject(object)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if inner, ok := object[name].(map[string]any); ok {
			v.fields.addObject(inner)
		}
	}
	return nil
}

// addObject goes through the names in order, so that of two that fold to one always the same wins.
func (f fields) addObject(object map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		switch value := object[name].(type) {
		case string:
			f.add(name, value)
		case json.Number:
			f.add(name, value.String())
		}
	}
}

func (v values) approval(names sage.ApprovalCall, now time.Time) Approval {
	a := Approval{
		Passcode:      v.text(names.Passcode),
		ApplicationID: sage.NewID(v.text(names.ApplicationID)),
		Domain:        v.text(names.Domain),
		Company:       v.text(names.Company),
	}
	a.Expires, _ = sage.ReadExpiry(v.text(names.Expires), now)
	if key := v.text(names.Key); len(key) <= maxKey && printable(key) {
		a.Key = sage.NewSecret(key)
		a.withoutKey(key)
	}
	return a
}

// withoutKey drops what repeats the key: the other fields are logged and shown.
func (a *Approval) withoutKey(key string) {
	repeats := func(field string) bool { return strings.Contains(strings.ToLower(field), strings.ToLower(key)) }
	for _, field := range []*string{&a.Passcode, &a.Domain, &a.Company} {
		if repeats(*field) {
			*field = ""
		}
	}
	if repeats(a.ApplicationID.Reveal()) {
		a.ApplicationID = sage.ID{}
	}
}

func (v values) notification(names sage.NotificationCall) Notification {
	n := Notification{
		ApplicationID: sage.NewID(v.text(names.ApplicationID)),
		Domain:        v.text(names.Domain),
		Scope:         v.text(names.Scope),
		FileID:        v.text(names.FileID),
		DownloadURL:   v.text(names.DownloadURL),
	}
	n.Timestamp, _ = sage.ReadExpiry(v.text(names.Timestamp), time.Time{})
	return n
}

// printable refuses a key that no header can carry.
func printable(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return false
		}
	}
	return true
}
