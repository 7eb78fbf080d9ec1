package contract

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a problem repeats of a file is short, of one line, and holds no character that could move or hide text
// where it is shown.

// shorten is text as it may be shown.
func shorten(text []byte) string {
	return limited(string(text[:min(len(text), (maxShown+1)*utf8.UTFMax)]), maxShown)
}

// limited is text of at most so many characters.
func limited(text string, limit int) string {
	more := false
	var short strings.Builder
	count := 0
	for _, r := range strings.TrimSpace(text) {
		if count++; count > limit {
			more = true
			break
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			r = '·'
		}
		short.WriteRune(r)
	}
	if more {
		short.WriteRune('…')
	}
	return short.String()
}

// got is what stands where the parser stands: a text, a word, or one character.
func (p *parser) got() string {
	b := p.w.ahead(maxShown * utf8.UTFMax)
	if len(b) == 0 {
		return ""
	}
	if b[0] == '"' {
		b = b[1:]
		if end := bytes.IndexAny(b, "\"\r\n"); end >= 0 {
			b = b[:end]
		}
		return shorten(b)
	}
	end := 0
	for end < len(b) && (isWord(b[end]) || end > 0 && (b[end] == '-' || b[end] == '.') || isNumeric(b[end])) {
		end++
	}
	if end == 0 {
		_, end = utf8.DecodeRune(b)
	}
	return shorten(b[:end])
}

// line is the rest of the line.
func (p *parser) line() string {
	b := p.w.ahead(maxShown * utf8.UTFMax)
	if end := bytes.IndexAny(b, "\r\n"); end >= 0 {
		b = b[:end]
	}
	return shorten(b)
}

// held is a part of the file, as much of it as is in memory.
func (p *parser) held(at span) string {
	from := max(at.from, p.w.base)
	if at.to <= from || at.to > p.w.base+int64(len(p.w.buf)) {
		return ""
	}
	return shorten(p.w.bytes(from, at.to))
}

// lastName is the name that was read last.
func (p *parser) lastName() string { return p.held(p.name) }

// lastText is the text that ends where the parser stands. Of a long one that belongs to no record the end: it does not
// depend on the pieces in which a file comes what is told of it.
func (p *parser) lastText() string {
	at := p.last
	if p.w.inner < 0 {
		at.from = max(at.from, p.w.back())
	}
	return p.held(at)
}
