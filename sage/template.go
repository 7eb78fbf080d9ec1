package sage

import (
	"fmt"
	"net/url"
	"strings"
)

// Template is a path below the base URL with {holes}, one path segment or a part of one each.
type Template string

// Expand fills the holes, escaped. A hole without a value, or a value that would be an empty or a dotted path
// segment, is an error.
func (t Template) Expand(values map[string]string) (string, error) {
	segments := strings.Split(string(t), "/")
	for i, segment := range segments {
		filled, err := expandSegment(segment, values, url.PathEscape)
		if err != nil {
			return "", fmt.Errorf("path %s: %w", t, err)
		}
		segments[i] = filled
	}
	return strings.Join(segments, "/"), nil
}

func expandSegment(segment string, values map[string]string, escape func(string) string) (string, error) {
	var out strings.Builder
	rest := segment
	for {
		before, hole, after, ok := cutHole(rest)
		out.WriteString(before)
		if !ok {
			break
		}
		value := values[hole]
		if value == "" {
			return "", fmt.Errorf("nothing given for {%s}", hole)
		}
		out.WriteString(escape(value))
		rest = after
	}
	if s := out.String(); s != segment && (s == "." || s == "..") {
		return "", fmt.Errorf("%q cannot be a part of a path", s)
	}
	return out.String(), nil
}

// cutHole finds the first {hole}.
func cutHole(s string) (before, hole, after string, ok bool) {
	before, rest, found := strings.Cut(s, "{")
	if !found {
		return s, "", "", false
	}
	hole, after, found = strings.Cut(rest, "}")
	if !found {
		return s, "", "", false
	}
	return before, hole, after, true
}

// Holes lists the holes' names in order.
func (t Template) Holes() []string {
	var holes []string
	rest := string(t)
	for {
		_, hole, after, ok := cutHole(rest)
		if !ok {
			return holes
		}
		holes = append(holes, hole)
		rest = after
	}
}

// Match tells whether an escaped path (url.URL.EscapedPath, below the base URL) is of this form, and what fills
// the holes. It is what the sandbox routes by.
func (t Template) Match(escapedPath string) (values map[string]string, ok bool) {
	if t == "" {
		return nil, false
	}
	want, got := strings.Split(string(t), "/"), strings.Split(escapedPath, "/")
	if len(want) != len(got) {
		return nil, false
	}
	values = map[string]string{}
	for i := range want {
		if !matchSegment(want[i], got[i], values) {
			return nil, false
		}
	}
	return values, true
}

func matchSegment(want, got string, values map[string]string) bool {
	for {
		before, hole, after, ok := cutHole(want)
		if !ok {
			return want == got
		}
		rest, found := strings.CutPrefix(got, before)
		if !found {
			return false
		}
		// The hole reaches to the next literal text, or to the segment's end.
		literal, _, _, more := cutHole(after)
		end := len(rest)
		if literal != "" || more {
			if end = strings.Index(rest, literal); end <= 0 {
				return false
			}
		}
		value, err := url.PathUnescape(rest[:end])
		if err != nil || value == "" {
			return false
		}
		values[hole] = value
		want, got = after, rest[end:]
	}
}
