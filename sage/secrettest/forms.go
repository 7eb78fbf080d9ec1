package secrettest

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// forms are the ways in which a value may be written, by name, in lower case.
func forms(value string) map[string]string {
	forward, backward := []byte(value), []byte(value)
	slices.Reverse(backward)
	numbers := strings.Trim(fmt.Sprintf("%d", forward), "[]")
	all := map[string]string{
		"plain":             value,
		"reversed":          string(backward),
		"hex":               hex.EncodeToString(forward),
		"hex reversed":      hex.EncodeToString(backward),
		"hex with spaces":   fmt.Sprintf("% x", forward),
		"hex with colons":   strings.ReplaceAll(fmt.Sprintf("% x", forward), " ", ":"),
		"query":             url.QueryEscape(value),
		"path":              url.PathEscape(value),
		"percent":           each(forward, "%%%02x"),
		"JSON":              strings.Trim(strconv.QuoteToASCII(value), `"`),
		"JSON numbers":      each(forward, `\u%04x`),
		"HTML":              html.EscapeString(value),
		"HTML numbers":      each(forward, "&#%d;"),
		"Go":                each(forward, `\x%02x`),
		"numbers":           numbers,
		"numbers in JSON":   strings.ReplaceAll(numbers, " ", ","),
		"UTF-16 little end": string(wide(forward, 0)),
		"UTF-16 big end":    string(wide(forward, 1)),
	}
	for before := range 3 {
		all[fmt.Sprintf("base64 at %d", before)] = within(base64.RawStdEncoding.EncodeToString, forward, before, 3, 6)
		all[fmt.Sprintf("base64 for addresses at %d", before)] = within(base64.RawURLEncoding.EncodeToString, forward, before, 3, 6)
		all[fmt.Sprintf("base64 of UTF-16 at %d", before)] = within(base64.RawStdEncoding.EncodeToString, wide(forward, 0), before, 3, 6)
	}
	for before := range 5 {
		encode := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString
		all[fmt.Sprintf("base32 at %d", before)] = within(encode, forward, before, 5, 5)
	}
	for name, form := range all {
		all[name] = string(lowered([]byte(form)))
	}
	return all
}

func each(value []byte, format string) string {
	var s strings.Builder
	for _, c := range value {
		fmt.Fprintf(&s, format, c)
	}
	return s.String()
}

// wide is a value in UTF-16, of ASCII's characters.
func wide(value []byte, at int) []byte {
	w := make([]byte, 2*len(value))
	for i, c := range value {
		w[2*i+at] = c
	}
	return w
}

// within is what a value alone decides of an encoding with so many bits a character, when so many bytes stand before it
// in a group.
func within(encode func([]byte) string, value []byte, before, group, bits int) string {
	encoded := encode(append(make([]byte, before, group+len(value)), value...))
	return encoded[(before*8+bits-1)/bits : (before+len(value))*8/bits]
}

// lowered has ASCII's letters in lower case, in place.
func lowered(text []byte) []byte {
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			text[i] = c + 'a' - 'A'
		}
	}
	return text
}

// head is what a form is looked up by: its first bytes.
func head(text []byte) uint64 {
	var h uint64
	for _, c := range text[:width] {
		h = h<<8 | uint64(c)
	}
	return h
}

// width is the length in bytes below which nothing can be looked for.
const width = 8

// search calls found for every form in a text of lower case. It goes through the text once, however many there are.
func search(text []byte, table map[uint64][]form, found func(f form, at int)) {
	var h uint64
	for i, c := range text {
		h = h<<8 | uint64(c)
		if i < width-1 {
			continue
		}
		for _, f := range table[h] {
			if at := i - width + 1; bytes.HasPrefix(text[at:], f.text) {
				found(f, at)
			}
		}
	}
}
