package sage

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answer is a JSON document of the platform, read tolerantly: names in any case, figures as numbers or as text.
type answer struct{ root any }

// parseAnswer reads one JSON value. What follows it is an error: such a body is not what was announced.
func parseAnswer(data []byte) (answer, error) {
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	decoder.UseNumber()
	var a answer
	if err := decoder.Decode(&a.root); err != nil {
		return answer{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return answer{}, errors.New("more than one JSON value")
	}
	return a, nil
}

// find gives the value at a dotted path, nil if there is none. A list on the way means its first element.
func (a answer) find(path string) any {
	value := a.root
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
		}
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = member(object, name)
	}
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	return value
}

// member finds a name as it stands, else in any case and with or without _ and -.
func member(object map[string]any, name string) any {
	if value, ok := object[name]; ok {
		return value
	}
	wanted := plain(name)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if plain(key) == wanted {
			return object[key]
		}
	}
	return nil
}

// text gives the first value of a lookup that is text or a number and not empty.
func (a answer) text(lookup Lookup) string {
	for _, path := range lookup {
		switch value := a.find(path).(type) {
		case string:
			if value = strings.TrimSpace(value); value != "" {
				return value
			}
		case json.Number:
			return value.String()
		}
	}
	return ""
}

// In gives what a lookup finds in a JSON document that was decoded into an any with UseNumber, "" if there is nothing.
// Package callback reads the platform's calls with it.
func (l Lookup) In(document any) string { return answer{document}.text(l) }

// bytes gives a size, -1 if there is none.
func (a answer) bytes(lookup Lookup) int64 {
	f, err := strconv.ParseFloat(a.text(lookup), 64)
	if err != nil || f < 0 || f != math.Trunc(f) || f > 1<<53 {
		return -1
	}
	return int64(f)
}

// code reads a platform's code. Numbers of other lengths are not codes of the platform: some bodies repeat the HTTP
// status under the same name. [D] four digits, [A] where and how
func (a answer) code(lookup Lookup) int {
	for _, path := range lookup {
		if code := codeOf(a.find(path)); code != 0 {
			return code
		}
	}
	return codeOf(a.root)
}

func codeOf(value any) int {
	var text string
	switch value := value.(type) {
	case json.Number:
		text = value.String()
	case string:
		text = value
	default:
		return 0
	}
	text, _ = strings.CutSuffix(text, ".0")
	// "2100", "E2100", "SAGE-2100", "2100: key expired": one group of four digits, and no other digits before it.
	start := strings.IndexAny(text, "0123456789")
	if start < 0 || start > 16 {
		return 0
	}
	digits := text[start:]
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	if len(digits) != 4 || digits[0] == '0' {
		return 0
	}
	code, _ := strconv.Atoi(digits)
	return code
}

// percent reads a progress [A]: 0 to 100 as a number, as text, or with a per cent sign. Anything else is no figure.
func percent(text string) *float64 {
	text = strings.TrimSpace(text)
	if number, ok := strings.CutSuffix(text, "%"); ok {
		text = strings.TrimSpace(number)
	}
	if text == "" || strings.Trim(text, "0123456789.eE+-") != "" {
		return nil // ParseFloat would take NaN, Inf and hexadecimal too
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 || f > 100 {
		return nil
	}
	f += 0 // -0 is 0
	return &f
}

// The magnitudes that tell the numeric forms of a time apart: up to 30 years it counts from now, up to the year 5138
// it is epoch seconds, then milliseconds.
const (
	mostSeconds      = 1_000_000_000
	mostEpochSeconds = 100_000_000_000
	mostMilliseconds = 100_000_000_000_000
)

// moment reads a time [A] 2.3: RFC 3339 (without a zone it is UTC), epoch seconds or milliseconds, and seconds from
// now, if now is not zero.
func moment(text string, now time.Time) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05",
		"2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", http.TimeFormat, time.RFC1123Z,
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	if text == "" || strings.Trim(text, "0123456789.eE+") != "" {
		return time.Time{}, false
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || f > mostMilliseconds:
		return time.Time{}, false
	case f > mostEpochSeconds:
		return time.UnixMilli(int64(f)).UTC(), true
	case f > mostSeconds:
		return time.UnixMilli(int64(f * 1000)).UTC(), true
	case now.IsZero():
		return time.Time{}, false
	}
	return now.Add(time.Duration(f * float64(time.Second))).UTC(), true
}

// ReadExpiry reads an "expires" in every form that the contract allows [A] 2.3. The server's clock counts: now is the
// time by its Date header, or of this computer where it gave none. False: not readable.
func ReadExpiry(text string, now time.Time) (time.Time, bool) { return moment(text, now) }

// retryAfter reads a Retry-After header: seconds, or a date by the server's clock. What is not readable, past or
// negative is 0; more than most is most.
func retryAfter(header string, serverTime time.Time, most time.Duration) time.Duration {
	header = strings.TrimSpace(header)
	var wait time.Duration
	if date, err := http.ParseTime(header); err == nil {
		wait = date.Sub(serverTime)
	} else if header != "" && strings.Trim(header, "0123456789.") == "" {
		seconds, err := strconv.ParseFloat(header, 64)
		switch {
		case errors.Is(err, strconv.ErrSyntax):
			return 0
		case seconds > most.Seconds():
			return most
		}
		wait = time.Duration(seconds * float64(time.Second))
	}
	return min(max(wait, 0), most)
}
