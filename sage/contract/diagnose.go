package contract

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// want is what the parser looked for when it met something else.
type want int

const (
	wantValue         want = iota
	wantItem               // of a list, after a comma
	wantName               // of a property
	wantColon              // after a name
	wantCommaInArray       // or the bracket that closes it
	wantCommaInObject      // or the bracket that closes it
	wantEnd                // of the file
)

// wrong says what is wrong where the parser stands, as a person would who looks at the file.
func (p *parser) wrong(sought want) error {
	w := p.w
	c, ok := w.peek()
	switch {
	case !ok:
		return p.cut("")
	case c == 0:
		return p.zeros()
	}
	problem, known := p.stranger(c)
	if !known {
		problem = p.diagnose(sought, c)
	}
	return p.fault(problem, w.offset())
}

// fault is the error for a problem at an offset.
func (p *parser) fault(problem Problem, offset int64) error { return &Error{p.at(problem, offset)} }

// at fills in the line and column.
func (p *parser) at(problem Problem, offset int64) Problem {
	place := p.w.place(max(offset, p.w.known.offset, p.w.base))
	problem.Line, problem.Column = place.line, place.column
	return problem
}

// cut is the error for a file that ends too early. Within is what closes the text that it ends in.
func (p *parser) cut(within string) error {
	if p.w.err != nil && !p.w.eof {
		return p.w.err
	}
	closers := []byte(within)
	for _, bracket := range slices.Backward(p.open) {
		if len(closers) == maxShown {
			break
		}
		closers = append(closers, closing(bracket))
	}
	return p.fault(Problem{Code: CodeCut, Expected: string(closers)}, p.w.offset())
}

func closing(bracket byte) byte {
	if bracket == '{' {
		return '}'
	}
	return ']'
}

// brokenOff is the error for a value that breaks off in a zero byte, n bytes on.
func (p *parser) brokenOff(n int) error {
	p.w.pos += n
	return p.zeros()
}

// zeros tells a file whose end is not written yet, and which the system filled up with zeros, from one that holds
// a zero.
func (p *parser) zeros() error {
	w := p.w
	cut := p.cut("")
	inside := p.fault(Problem{Code: CodeControlCharacter, Got: "0x00"}, w.offset())
	w.outer, w.inner = -1, -1
	for {
		rest := w.buf[w.pos:]
		if len(bytes.Trim(rest, "\x00")) > 0 {
			return inside
		}
		w.pos = len(w.buf)
		if !w.fill() {
			break
		}
	}
	if !w.eof {
		return w.err
	}
	return cut
}

// stranger knows the characters that are wrong wherever they stand between values.
func (p *parser) stranger(c byte) (Problem, bool) {
	b := p.w.ahead(utf8.UTFMax)
	r, size := utf8.DecodeRune(b)
	switch {
	case r == utf8.RuneError && size == 1:
		return Problem{Code: CodeUTF8, Got: fmt.Sprintf("0x%02x", c)}, true
	case c == '#' || bytes.HasPrefix(b, []byte("//")) || bytes.HasPrefix(b, []byte("/*")):
		return Problem{Code: CodeComment, Got: p.line()}, true
	case strings.ContainsRune("'`´‘’‚“”„«»", r):
		return Problem{Code: CodeWrongQuote, Got: string(r)}, true
	case r > unicode.MaxASCII && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)):
		return Problem{Code: CodeStrangeSpace, Got: fmt.Sprintf("U+%04X", r)}, true
	case r < ' ' || r == 0x7f:
		return Problem{Code: CodeControlCharacter, Got: fmt.Sprintf("0x%02x", c)}, true
	}
	return Problem{}, false
}

func (p *parser) diagnose(sought want, c byte) Problem {
	switch sought {
	case wantValue:
		return p.noValue(c)
	case wantItem:
		if c == ',' {
			return Problem{Code: CodeExtraComma}
		}
		return Problem{Code: CodeTrailingComma, Got: string(c)}
	case wantName:
		return p.noName(c)
	case wantColon:
		return p.noColon(c)
	case wantCommaInArray, wantCommaInObject:
		return p.noComma(c)
	}
	return p.noEnd(c)
}

func (p *parser) noValue(c byte) Problem {
	inObject := len(p.open) > 0 && p.open[len(p.open)-1] == '{'
	switch {
	case inObject && (c == ',' || c == '}' || c == ']'):
		return Problem{Code: CodeMissingValue, Got: p.lastName()}
	case c == ',':
		return Problem{Code: CodeExtraComma}
	case c == '}':
		return p.bracket(c)
	case c == '+' || c == '.':
		return Problem{Code: CodeWrongNumber, Got: p.got()}
	case isWord(c):
		got := p.got()
		if word, ok := words[strings.ToLower(got)]; ok {
			return Problem{Code: CodeWrongWord, Got: got, Expected: word}
		}
		return Problem{Code: CodeUnquoted, Got: got}
	}
	return Problem{Code: CodeSyntax, Got: p.got()}
}

// words are what other languages write, and what JSON writes.
var words = map[string]string{
	"true": "true", "yes": "true", "false": "false", "no": "false",
	"null": "null", "none": "null", "nil": "null", "undefined": "null", "nan": "null", "inf": "null", "infinity": "null",
}

func (p *parser) noName(c byte) Problem {
	switch {
	case c == '}':
		return Problem{Code: CodeTrailingComma, Got: "}"}
	case c == ',':
		return Problem{Code: CodeExtraComma}
	case c == ']':
		return p.bracket(c)
	case '0' <= c && c <= '9':
		if whole := p.decimalComma(); whole != "" {
			return Problem{Code: CodeWrongNumber, Got: whole}
		}
	}
	if isWord(c) {
		return Problem{Code: CodeUnquoted, Got: p.got()}
	}
	return Problem{Code: CodeSyntax, Expected: `"`, Got: p.got()}
}

// decimalComma is a number like 1,5 of which the parser has read the comma already.
func (p *parser) decimalComma() string {
	w := p.w
	from := w.pos
	for from > 0 && w.offset()-int64(w.pos-from) > w.base && (isNumeric(w.buf[from-1]) || w.buf[from-1] == ',') {
		from--
	}
	if w.pos-from < 2 || w.buf[w.pos-1] != ',' {
		return ""
	}
	return shorten(w.buf[from:w.pos]) + p.got()
}

func (p *parser) noColon(c byte) Problem {
	name := p.lastName()
	if before, _, ok := strings.Cut(name, ":"); ok && p.w.offset() == p.name.to+1 {
		return Problem{Code: CodeMissingQuote, Got: strings.TrimSpace(before)} // "name: "Acme"
	}
	if c == '=' {
		return Problem{Code: CodeSyntax, Expected: ":", Got: "="}
	}
	return Problem{Code: CodeMissingColon, Got: name}
}

func (p *parser) noComma(c byte) Problem {
	adjacent := p.quoted && p.w.offset() == p.ended
	switch {
	case c == '}' || c == ']':
		return p.bracket(c)
	case adjacent && isWord(c):
		text := p.lastText()
		if trimmed := strings.TrimRight(text, " "); strings.HasSuffix(trimmed, ",") {
			return Problem{Code: CodeMissingQuote, Got: strings.TrimRight(trimmed, ", ")} // "Acme,"email"
		}
		return Problem{Code: CodeInnerQuote, Got: text} // "Bar "El Sol""
	case c == ':' || c == ';' || c == '=':
		return Problem{Code: CodeSyntax, Expected: ",", Got: string(c)}
	}
	return Problem{Code: CodeMissingComma, Got: p.got()}
}

func (p *parser) noEnd(c byte) Problem {
	next := bytes.TrimLeft(p.w.ahead(maxShown), ", \r\n\t")
	switch {
	case c == '}' || c == ']':
		return Problem{Code: CodeExtraBracket, Got: string(c)}
	case len(next) > 0 && (next[0] == '{' || next[0] == '['):
		return Problem{Code: CodeSeveralDocuments, Got: string(next[0])}
	}
	return Problem{Code: CodeTextAfterEnd, Got: p.got()}
}

// bracket says whether the bracket that is met closes something further out, so that one is missing, or nothing.
func (p *parser) bracket(c byte) Problem {
	for _, b := range p.open {
		if closing(b) == c {
			inner := p.open[len(p.open)-1]
			return Problem{Code: CodeMissingBracket, Expected: string(closing(inner)), Got: string(c)}
		}
	}
	return Problem{Code: CodeExtraBracket, Got: string(c)}
}

// control is the error for a character that must not stand in a text. A line break there means that the text was
// never closed.
func (p *parser) control(from int64, c byte) error {
	switch c {
	case 0:
		return p.zeros()
	case '\n', '\r':
		return p.fault(Problem{Code: CodeMissingQuote, Got: p.held(span{from, p.w.offset()})}, from-1)
	}
	return p.fault(Problem{Code: CodeControlCharacter, Got: fmt.Sprintf("0x%02x", c)}, p.w.offset())
}

// wrongNumber says what is wrong with a number, and whether it is one at all: 2026-11-24 is not.
func (p *parser) wrongNumber(text []byte) error {
	w := p.w
	offset, got := w.offset(), string(text) // reading on moves the text
	switch b := w.ahead(len(got) + 1); {
	case !unfinished(got):
	case len(b) == len(got):
		return p.cut("")
	case b[len(got)] == 0:
		return p.brokenOff(len(got))
	}
	w.pos += len(got)
	for _, c := range w.ahead(maxShown) {
		if !isWord(c) && !isNumeric(c) && c != ':' {
			break
		}
		got += string([]byte{c})
	}
	code := CodeWrongNumber
	digits := strings.TrimLeft(got, "+-")
	if strings.ContainsFunc(digits, func(r rune) bool { return r >= utf8.RuneSelf || !isNumeric(byte(r)) }) ||
		strings.Count(digits, "-") > 1 {
		code = CodeUnquoted
	}
	return p.fault(Problem{Code: code, Got: shorten([]byte(got))}, offset)
}

// unfinished reports whether one more digit makes a number of it.
func unfinished(text string) bool {
	_, ok := numeral([]byte(text + "0"))
	return ok
}
