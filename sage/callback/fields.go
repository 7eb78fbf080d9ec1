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
	"strconv"
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

// fields are a call's values by folded name. The body's come before the query's.
type fields map[string]string

// fold makes apiKey, API_KEY, api-key and ApiKey one name [D]: Sage's own texts vary.
func fold(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

// add keeps the first value of a name that is not empty.
func (f fields) add(name, value string) {
	value = strings.TrimSpace(value)
	if value == "" || len(value) > maxField || !utf8.ValidString(value) {
		return
	}
	if name = fold(name); f[name] == "" {
		f[name] = value
	}
}

// read takes the values of a call from wherever they are.
func read(w http.ResponseWriter, r *http.Request) (fields, error) {
	f := fields{}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
	case body[0] == '{' || body[0] == '[' || strings.HasSuffix(kind, "json"):
		err = f.addJSON(body)
	case kind == "multipart/form-data":
		err = errMalformed
	default: // a form, whatever it is called
		err = f.addForm(string(body))
	}
	if err != nil {
		return nil, err
	}
	// A query is read as far as it can be: it is the way of a GET, and beside a body it does not matter.
	if err := f.addForm(r.URL.RawQuery); err != nil && len(body) == 0 {
		return nil, err
	}
	return f, nil
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
func (f fields) addJSON(body []byte) error {
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
	f.addObject(object)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if inner, ok := object[name].(map[string]any); ok {
			f.addObject(inner)
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

func (f fields) approval(now time.Time) Approval {
	a := Approval{
		Passcode:      f["passcode"],
		ApplicationID: sage.NewID(f["applicationid"]),
		Domain:        f["domain"],
		Company:       f["company"],
		Expires:       instant(f["expires"], now),
	}
	if key := f["apikey"]; len(key) <= maxKey && printable(key) {
		a.Key = sage.NewSecret(key)
	}
	return a
}

func (f fields) notification() Notification {
	return Notification{
		ApplicationID: sage.NewID(f["applicationid"]),
		Domain:        f["domain"],
		Scope:         f["scope"],
		FileID:        f["fileid"],
		Timestamp:     instant(f["timestamp"], time.Time{}),
		DownloadURL:   f["downloadurl"],
	}
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

// The limits between the ways in which a number tells a time: a year in seconds from now, and the year 5138 in
// seconds since 1970.
const (
	aYear        = 366 * 24 * 3600
	milliseconds = 100_000_000_000
)

// instant reads a time as sage-api.md section 2.3 has it: RFC 3339, epoch seconds or milliseconds, or seconds from
// now. Now is zero where the last makes no sense. What cannot be read is the zero time.
func instant(text string, now time.Time) time.Time {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC()
	}
	whole, _, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}
	case n <= aYear && now.IsZero():
		return time.Time{}
	case n <= aYear:
		return now.Add(time.Duration(n) * time.Second).UTC()
	case n < milliseconds:
		return time.Unix(n, 0).UTC()
	case n < 1000*milliseconds:
		return time.UnixMilli(n).UTC()
	}
	return time.Time{}
}
