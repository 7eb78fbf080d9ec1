package contract

import (
	"context"
	"io"
	"strconv"
	"strings"
)

// A record that was read once is looked into again for what is rarely asked: where a property stands, what the
// record's ID is. Its bytes are in memory and known to be correct.

// inside is a parser for correct JSON in memory.
func inside(raw []byte) *parser {
	w := &window{ctx: context.Background(), limit: len(raw), buf: raw, err: io.EOF, eof: true, outer: -1, inner: 0, known: place{line: 1, column: 1}}
	p := newParser(w)
	p.names = true
	return p
}

// eachMember calls visit with each name of an object, the parser standing before its value, until visit reports that
// it is done. It does nothing where the parser does not stand before an object.
func (p *parser) eachMember(visit func(name []byte) (done bool)) {
	if p.next() != '{' || p.enter('{') != nil || p.next() == '}' {
		return
	}
	for p.next() == '"' {
		at, escaped, err := p.string()
		if err != nil || p.next() != ':' {
			return
		}
		p.w.pos++
		p.space()
		before := p.w.pos
		if visit(p.plain(at, escaped)) {
			return
		}
		if p.w.pos = before; p.skip() != nil || p.next() != ',' {
			return
		}
		p.w.pos++
	}
}

// eachItem does the same for a list.
func (p *parser) eachItem(visit func(i int) (done bool)) {
	if p.next() != '[' || p.enter('[') != nil {
		return
	}
	for i := 0; p.next() != ']'; i++ {
		before := p.w.pos
		if visit(i) {
			return
		}
		if p.w.pos = before; p.skip() != nil || p.next() != ',' {
			return
		}
		p.w.pos++
	}
}

func (p *parser) skip() error {
	_, err := p.value(nil)
	return err
}

// locate finds the value at a path, or the innermost that is there on the way. Of a doubled name the last counts,
// as it does for who reads the file.
func locate(raw []byte, path []string) (offset int, value []byte) {
	p := inside(raw)
	p.space()
	offset = p.w.pos
	for _, step := range path {
		found := -1
		p.w.pos = offset
		p.eachMember(func(name []byte) bool {
			if string(name) == step {
				found = p.w.pos
			}
			return false
		})
		p.w.pos = offset
		p.eachItem(func(i int) bool {
			if strconv.Itoa(i) == step {
				found = p.w.pos
			}
			return found >= 0
		})
		if found < 0 {
			break
		}
		offset = found
	}
	p.w.pos = offset
	if p.skip() != nil {
		return offset, nil
	}
	return offset, raw[offset:p.w.pos]
}

// identify is the ID of a record as written, a text without its quotation marks.
func identify(raw []byte) string {
	p := inside(raw)
	best, rank := "", len(idNames)
	p.eachMember(func(name []byte) bool {
		r := idRank(string(name))
		if r >= rank {
			return false
		}
		if id, ok := p.scalarText(); ok && id != "" {
			best, rank = id, r
		}
		return rank == 0
	})
	return best
}

// idNames are what an ID is called, the best first.
var idNames = []string{"id", "companyid", "orderid"}

func idRank(name string) int {
	for i, id := range idNames {
		if strings.EqualFold(name, id) {
			return i
		}
	}
	return len(idNames)
}

func isIDName(name string) bool { return idRank(name) < len(idNames) }

// scalarText is a text, a number, true or false as written, the text without its quotation marks.
func (p *parser) scalarText() (string, bool) {
	switch p.next() {
	case '"':
		at, escaped, err := p.string()
		if err != nil {
			return "", false
		}
		return string(p.plain(at, escaped)), true
	case '{', '[', 'n', 0:
		return "", false
	}
	from := p.w.pos
	if p.skip() != nil {
		return "", false
	}
	return string(p.w.buf[from:p.w.pos]), true
}

// oneBased is an index as a person counts.
func oneBased(index string) string {
	n, err := strconv.Atoi(index)
	if err != nil {
		return index
	}
	return strconv.Itoa(n + 1)
}
