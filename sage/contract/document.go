package contract

import (
	"bytes"
	"errors"
	"strings"
)

// document reads a file from its first byte to its last: how it is encoded, how it holds its records, and each
// record in turn.
type document struct {
	*parser
	shape  *shape                     // what is built of a record
	scopes []string                   // names that records may stand under, beside data and items
	own    func(name string) bool     // whether a name is one that a record has and a wrapper has not
	take   func(v any, at span) error // takes a record, while its bytes are held; nil: the file has none to tell
	again  func()                     // forgets the records and problems told so far

	form    Shape
	wrapper string
	scoped  bool // records were found under one of the scopes
}

// read reads the file. The error is an *Error, the source's, or what take returned.
func (d *document) read() error {
	if err := d.encoding(); err != nil {
		return err
	}
	var err error
	switch c := d.next(); {
	case c == 0 && d.w.eof && d.w.pos == len(d.w.buf):
		return d.fault(Problem{Code: CodeEmpty}, d.w.offset())
	case c == '[' && d.take != nil:
		d.form = ShapeArray
		err = d.list()
	case c == '{' && d.take != nil:
		err = d.wrapped()
	case c == '[' || c == '{':
		_, err = d.value(nil)
	default:
		return d.scalar()
	}
	if err != nil {
		return err
	}
	return d.end()
}

// end makes sure that nothing follows.
func (d *document) end() error {
	d.space()
	if _, more := d.w.peek(); more {
		return d.wrong(wantEnd)
	}
	if !d.w.eof {
		return d.w.err
	}
	return nil
}

// encoding tells the encodings that are not plain UTF-8 by the first bytes of the file.
func (d *document) encoding() error {
	b := d.w.ahead(8)
	zero := func(pattern string) bool { // 0: a zero byte, x: another one
		if len(b) < len(pattern) {
			return false
		}
		for i := range pattern {
			if (b[i] == 0) != (pattern[i] == '0') {
				return false
			}
		}
		return true
	}
	var problem Problem
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		problem = Problem{Code: CodeBOM}
	case zero("x0000000"):
		return nil // one character, and space that is not written yet
	case bytes.HasPrefix(b, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(b, []byte{0, 0, 0xfe, 0xff}), zero("x000"), zero("000x"):
		problem = Problem{Code: CodeUTF16, Got: "UTF-32"}
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}), zero("x0"), zero("0x"):
		problem = Problem{Code: CodeUTF16, Got: "UTF-16"}
	default:
		return nil
	}
	return d.fault(problem, d.w.offset())
}

// scalar reads a file that begins neither with a list nor with an object: correct JSON without a record, or no
// JSON at all.
func (d *document) scalar() error {
	kind := kindOf(d.w.ahead(8))
	start := d.at(Problem{Code: CodeNoRecords}, d.w.offset())
	_, err := d.value(nil)
	if err == nil {
		err = d.end()
	}
	if problem, ok := problemOf(err); ok && problem.Code != CodeCut && problem.Code != CodeExponent {
		return &Error{Problem{Code: CodeNotJSON, Line: start.Line, Column: start.Column, Got: kind}}
	}
	if err == nil && d.take != nil {
		return &Error{start}
	}
	return err
}

// kindOf guesses what a file is that is not JSON: spreadsheet, archive, pdf, picture, xml, binary or text.
func kindOf(b []byte) string {
	for _, known := range []struct{ prefix, kind string }{
		{"PK\x03\x04", "spreadsheet"},
		{"\xd0\xcf\x11\xe0", "spreadsheet"}, // Excel before 2007
		{"%PDF", "pdf"},
		{"\x89PNG", "picture"},
		{"\xff\xd8\xff", "picture"},
		{"GIF8", "picture"},
		{"\x1f\x8b", "archive"},
		{"<", "xml"},
	} {
		if bytes.HasPrefix(b, []byte(known.prefix)) {
			return known.kind
		}
	}
	if bytes.ContainsFunc(b, func(r rune) bool { return r < '\t' }) {
		return "binary"
	}
	return "text"
}

// problemOf is what an error says of the file.
func problemOf(err error) (Problem, bool) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Problem, true
	}
	return Problem{}, false
}

// list reads the records of an array.
func (d *document) list() error {
	if err := d.enter('['); err != nil {
		return err
	}
	if d.next() == ']' {
		d.leave()
		return nil
	}
	for {
		if err := d.one(); err != nil {
			return err
		}
		switch d.next() {
		case ',':
			d.w.pos++
			if c := d.next(); c == ']' || c == ',' {
				return d.wrong(wantItem)
			}
		case ']':
			d.leave()
			return nil
		default:
			return d.wrong(wantCommaInArray)
		}
	}
}

// one reads one record.
func (d *document) one() error {
	d.space()
	from := d.w.keep()
	defer d.w.release()
	d.built = 0
	v, err := d.value(d.shape)
	if err != nil {
		return err
	}
	return d.take(v, span{from, d.w.offset()})
}

// wrapped reads an object: records under a name, or a record itself. Which of the two is not certain before its
// end, since a record may have a list called "items", too. It is read as a wrapper first; where it turns out to be
// a record, it is read again.
func (d *document) wrapped() error {
	start := d.w.keep()
	wrapper, own, err := d.members()
	if err != nil {
		return err
	}
	streamed := wrapper != ""
	if streamed && (!own || !d.uncertain()) {
		d.form, d.wrapper = ShapeWrapped, wrapper
		d.w.outer = -1
		d.w.release()
		return nil
	}
	d.form = ShapeObject
	d.w.pos = int(start - d.w.base)
	d.w.outer, d.w.inner = -1, -1
	d.again()
	return d.one()
}

// uncertain reports whether the records that are being read may turn out to be a part of one record.
func (d *document) uncertain() bool { return d.w.outer >= 0 && !d.scoped }

// members reads an object as a wrapper. It gives the name the records stand under, if there is one, and whether
// there was a name that only a record has.
func (d *document) members() (wrapper string, own bool, err error) {
	if err := d.enter('{'); err != nil {
		return "", false, err
	}
	seen := nameSet{parser: d.parser, first: len(d.hashes)}
	defer seen.forget()
	if d.next() == '}' {
		d.leave()
		return "", false, nil
	}
	for {
		name, _, err := d.member(whole, &seen) // whole, so that it gives any name back
		if err != nil {
			return "", false, err
		}
		own = own || d.own(name)
		switch list := d.next() == '['; {
		case list && (d.isScope(name) || !own && isWrapper(name)):
			if wrapper == "" || d.isScope(name) {
				wrapper = name
			}
			d.scoped = d.scoped || d.isScope(name)
			if d.w.inner >= 0 && d.w.outer < 0 {
				d.w.outer = d.w.inner // from now on it need not fit into memory
			}
			d.w.release()
			err = d.list()
		default:
			_, err = d.value(nil)
		}
		if err != nil {
			return "", false, err
		}
		switch d.next() {
		case ',':
			d.w.pos++
		case '}':
			d.leave()
			return wrapper, own, nil
		default:
			return "", false, d.wrong(wantCommaInObject)
		}
	}
}

func (d *document) isScope(name string) bool {
	for _, scope := range d.scopes {
		if strings.EqualFold(name, scope) {
			return true
		}
	}
	return false
}

func isWrapper(name string) bool {
	return strings.EqualFold(name, "data") || strings.EqualFold(name, "items")
}
