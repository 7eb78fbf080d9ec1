package contract

import (
	"encoding/json"
	"hash/maphash"
	"strconv"
)

// parser reads JSON from a window, once and strictly, and builds as much of it as a shape asks for.
type parser struct {
	w      *window
	names  bool          // names are looked at: for doubled ones, and for the properties of a shape
	note   func(Problem) // hears of problems that reading survives; nil: they are none
	open   []byte        // the brackets that are open
	hashes []uint64      // of the names in the open objects, one object after another
	seed   maphash.Seed
	text   []byte // a text with its escapes resolved
	built  int    // list items built for this record
	name   span   // the last name, for a diagnosis
	last   span   // the last text, likewise
	ended  int64  // where the last value ended
	quoted bool   // the last value was a text
}

// span is a part of the file.
type span struct{ from, to int64 }

func newParser(w *window) *parser { return &parser{w: w, seed: maphash.MakeSeed()} }

// maxItems bounds what is built of a record's lists. Each item costs some 30 times what it takes in the file.
const maxItems = 20_000

// The values of which a shape asks the kind alone.
var (
	someObject = map[string]any{}
	someArray  = []any{}
	someText   = ""
	someNumber = json.Number("0")
)

// value reads one value. With no shape it is read and forgotten.
func (p *parser) value(s *shape) (v any, err error) {
	p.space()
	c, _ := p.w.peek()
	switch c {
	case '{':
		v, err = p.object(s)
	case '[':
		v, err = p.array(s)
	case '"':
		v, err = p.textValue(s)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		v, err = p.number(s)
	case 't':
		v, err = true, p.literal("true")
	case 'f':
		v, err = false, p.literal("false")
	case 'n':
		err = p.literal("null")
	default:
		err = p.wrong(wantValue)
	}
	p.ended, p.quoted = p.w.offset(), c == '"'
	return v, err
}

// space skips white space.
func (p *parser) space() {
	w := p.w
	for {
		for i, c := range w.buf[w.pos:] {
			if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				w.pos += i
				return
			}
		}
		w.pos = len(w.buf)
		if !w.fill() {
			return
		}
	}
}

// next skips white space and gives the next byte, 0 at the end.
func (p *parser) next() byte {
	p.space()
	c, _ := p.w.peek()
	return c
}

// enter opens a bracket.
func (p *parser) enter(bracket byte) error {
	if len(p.open) == MaxDepth {
		return p.fault(Problem{Code: CodeTooDeep, Expected: strconv.Itoa(MaxDepth)}, p.w.offset())
	}
	p.open = append(p.open, bracket)
	p.w.pos++
	return nil
}

// leave closes it.
func (p *parser) leave() {
	p.open = p.open[:len(p.open)-1]
	p.w.pos++
}

func (p *parser) array(s *shape) (any, error) {
	if err := p.enter('['); err != nil {
		return nil, err
	}
	var items *shape
	list := someArray
	if s != nil && s.items != nil {
		items, list = s.items, nil
	}
	if p.next() == ']' {
		p.leave()
		return someArray, nil
	}
	for {
		v, err := p.value(p.afford(items))
		if err != nil {
			return nil, err
		}
		if items != nil && p.built <= maxItems {
			list = append(list, v)
		}
		switch p.next() {
		case ',':
			p.w.pos++
			if c := p.next(); c == ']' || c == ',' {
				return nil, p.wrong(wantItem)
			}
		case ']':
			p.leave()
			return list, nil
		default:
			return nil, p.wrong(wantCommaInArray)
		}
	}
}

// afford gives the shape while there is room for more items, and tells once when there is none.
func (p *parser) afford(items *shape) *shape {
	if items == nil {
		return nil
	}
	if p.built++; p.built <= maxItems {
		return items
	}
	if p.built == maxItems+1 && p.note != nil {
		p.note(p.at(Problem{Code: CodeTooManyItems, Expected: strconv.Itoa(maxItems)}, p.w.offset()))
	}
	return nil
}

func (p *parser) object(s *shape) (any, error) {
	if err := p.enter('{'); err != nil {
		return nil, err
	}
	values := someObject
	if s != nil && (s.props != nil || s.rest != nil) {
		values = make(map[string]any, len(s.props))
	}
	seen := nameSet{parser: p, first: len(p.hashes)}
	defer seen.forget()
	if p.next() == '}' {
		p.leave()
		return values, nil
	}
	for {
		name, child, err := p.member(s, &seen)
		if err != nil {
			return nil, err
		}
		v, err := p.value(child)
		if err != nil {
			return nil, err
		}
		if child != nil {
			values[name] = v
		}
		switch p.next() {
		case ',':
			p.w.pos++
		case '}':
			p.leave()
			return values, nil
		default:
			return nil, p.wrong(wantCommaInObject)
		}
	}
}

// member reads a name and its colon, and finds what the shape asks of it. The name is given where it does.
func (p *parser) member(s *shape, seen *nameSet) (name string, child *shape, err error) {
	if p.next() != '"' {
		return "", nil, p.wrong(wantName)
	}
	if p.names && p.w.inner < 0 {
		p.w.keep()
		defer p.w.release()
	}
	at, escaped, err := p.string()
	if err != nil {
		return "", nil, err
	}
	p.name = at
	if p.names {
		plain := p.plain(at, escaped)
		if seen.add(plain) && p.note != nil {
			p.note(p.at(Problem{Code: CodeDuplicateKey, Property: shorten(plain)}, at.from-1))
		}
		name, child = s.member(plain)
	}
	if p.next() != ':' {
		return "", nil, p.wrong(wantColon)
	}
	p.w.pos++
	return name, child, nil
}

// nameSet are the names of one object, as hashes with a seed of their own run: two different names are taken for
// one with a chance of 1 in 2^64 a pair.
type nameSet struct {
	parser *parser
	first  int
	many   map[uint64]struct{} // of an object with many names
}

const manyNames = 48

// add adds a name and reports whether it was there.
func (n *nameSet) add(name []byte) bool {
	p := n.parser
	hash := maphash.Bytes(p.seed, name)
	if n.many != nil {
		_, there := n.many[hash]
		n.many[hash] = struct{}{}
		return there
	}
	for _, h := range p.hashes[n.first:] {
		if h == hash {
			return true
		}
	}
	p.hashes = append(p.hashes, hash)
	if len(p.hashes)-n.first == manyNames {
		n.many = make(map[uint64]struct{}, 2*manyNames)
		for _, h := range p.hashes[n.first:] {
			n.many[h] = struct{}{}
		}
	}
	return false
}

func (n *nameSet) forget() { n.parser.hashes = n.parser.hashes[:n.first] }
