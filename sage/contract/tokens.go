package contract

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ordinary are the bytes of a text that stand for themselves and need no second look.
var ordinary = func() (table [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// string reads a text and gives its place without the quotation marks, and whether it holds escapes.
func (p *parser) string() (at span, escaped bool, err error) {
	w := p.w
	w.pos++
	at.from = w.offset()
	for {
		i := w.pos
		for i < len(w.buf) && ordinary[w.buf[i]] {
			i++
		}
		w.pos = i
		if i == len(w.buf) {
			if !w.fill() {
				return at, escaped, p.cut(`"`)
			}
			continue
		}
		switch c := w.buf[i]; {
		case c == '"':
			at.to = w.offset()
			p.last = at
			w.pos++
			return at, escaped, nil
		case c == '\\':
			escaped = true
			if err := p.escape(); err != nil {
				return at, escaped, err
			}
		case c < ' ':
			return at, escaped, p.control(at.from, c)
		default:
			if err := p.rune(); err != nil {
				return at, escaped, err
			}
		}
	}
}

// escape reads a backslash and what belongs to it.
func (p *parser) escape() error {
	b := p.w.ahead(2)
	if len(b) < 2 {
		return p.cut(`"`)
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		p.w.pos += 2
		return nil
	case 0:
		return p.brokenOff(1)
	case 'u':
		b = p.w.ahead(6)
		for i := 2; i < len(b); i++ {
			if b[i] == 0 {
				return p.brokenOff(i)
			}
			if !isHex(b[i]) {
				return p.fault(Problem{Code: CodeWrongEscape, Got: shorten(b[:i+1])}, p.w.offset())
			}
		}
		if len(b) < 6 {
			return p.cut(`"`)
		}
		p.w.pos += 6
		return nil
	}
	_, size := utf8.DecodeRune(p.w.ahead(1 + utf8.UTFMax)[1:])
	return p.fault(Problem{Code: CodeWrongEscape, Got: shorten(p.w.ahead(1 + size))}, p.w.offset())
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// rune reads one character that is not ASCII.
func (p *parser) rune() error {
	b := p.w.buf[p.w.pos:]
	if len(b) < utf8.UTFMax && !utf8.FullRune(b) {
		b = p.w.ahead(utf8.UTFMax)
	}
	r, size := utf8.DecodeRune(b)
	if r != utf8.RuneError || size != 1 {
		p.w.pos += size
		return nil
	}
	if !utf8.FullRune(b) {
		return p.cut(`"`)
	}
	if n := bytes.IndexByte(b, 0); n > 0 && !utf8.FullRune(b[:n]) {
		return p.brokenOff(n)
	}
	return p.fault(Problem{Code: CodeUTF8, Got: "0x" + strconv.FormatUint(uint64(b[0]), 16)}, p.w.offset())
}

// textValue reads a text and gives it if the shape wants to know it.
func (p *parser) textValue(s *shape) (any, error) {
	at, escaped, err := p.string()
	if err != nil || s == nil || !s.text {
		return someText, err
	}
	return string(p.plain(at, escaped)), nil
}

// plain is a text with its escapes resolved, until the next call.
func (p *parser) plain(at span, escaped bool) []byte {
	raw := p.w.bytes(at.from, at.to)
	if !escaped {
		return raw
	}
	p.text = unescape(p.text[:0], raw)
	return p.text
}

// unescape resolves the escapes of a text that was read by string. Half a surrogate pair becomes U+FFFD.
func unescape(to, raw []byte) []byte {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			to = append(to, raw[i])
			continue
		}
		i++
		switch raw[i] {
		case 'b':
			to = append(to, '\b')
		case 'f':
			to = append(to, '\f')
		case 'n':
			to = append(to, '\n')
		case 'r':
			to = append(to, '\r')
		case 't':
			to = append(to, '\t')
		case 'u':
			r := hexRune(raw[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if len(raw) > i+6 && raw[i+1] == '\\' && raw[i+2] == 'u' {
					pair = utf16.DecodeRune(r, hexRune(raw[i+3:]))
				}
				if pair != utf8.RuneError {
					i += 6
				}
				r = pair
			}
			to = utf8.AppendRune(to, r)
		default:
			to = append(to, raw[i])
		}
	}
	return to
}

func hexRune(b []byte) rune {
	n, _ := strconv.ParseUint(string(b[:4]), 16, 16)
	return rune(n)
}

// number reads a number and gives it as written, never as floating point.
func (p *parser) number(s *shape) (any, error) {
	w := p.w
	i := w.pos
	for {
		for i < len(w.buf) && isNumeric(w.buf[i]) {
			i++
		}
		if i < len(w.buf) || i-w.pos > MaxNumber {
			break
		}
		n := i - w.pos
		more := w.fill()
		i = w.pos + n
		if !more {
			break
		}
	}
	text := w.buf[w.pos:i]
	if len(text) > MaxNumber {
		return nil, p.fault(Problem{Code: CodeExponent, Got: shorten(text)}, w.offset())
	}
	exponent, ok := numeral(text)
	if !ok || i < len(w.buf) && isWord(w.buf[i]) {
		return nil, p.wrongNumber(text)
	}
	at := w.offset()
	w.pos = i
	if exponent > MaxExponent {
		if p.note != nil {
			p.note(p.at(Problem{Code: CodeExponent, Got: shorten(text)}, at))
		}
		return someNumber, nil
	}
	if s == nil || !s.number {
		return someNumber, nil
	}
	return json.Number(text), nil
}

func isNumeric(c byte) bool {
	return '0' <= c && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'
}

// numeral reports whether a text is a number as JSON writes it, and the size of its exponent.
func numeral(b []byte) (exponent int, ok bool) {
	digits := func() bool {
		n := 0
		for n < len(b) && '0' <= b[n] && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n > 0
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 0 && b[0] == '0' {
		b = b[1:]
	} else if !digits() {
		return 0, false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return 0, false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		for _, c := range b {
			exponent = min(exponent*10+int(c-'0'), MaxExponent+1)
		}
		if !digits() {
			return 0, false
		}
	}
	return exponent, len(b) == 0
}

// literal reads true, false or null.
func (p *parser) literal(word string) error {
	b := p.w.ahead(len(word) + 1)
	switch {
	case len(b) >= len(word) && string(b[:len(word)]) == word && (len(b) == len(word) || !isWord(b[len(word)])):
		p.w.pos += len(word)
		return nil
	case len(b) < len(word) && string(b) == word[:len(b)]:
		p.w.pos += len(b)
		return p.cut("")
	}
	if n := bytes.IndexByte(b, 0); n > 0 && string(b[:n]) == word[:n] {
		return p.brokenOff(n)
	}
	return p.wrong(wantValue)
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}
