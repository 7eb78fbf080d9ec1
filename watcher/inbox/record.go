package inbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"

	"postroom/sage/contract"
)

// hasher tells records and properties apart by 64 bits. What counts is what they say, not how it is written: the
// order of properties, white space and escapes make no change. Numbers are as they are written.
type hasher struct{ seed maphash.Seed }

// record gives the hashes of a record's id and of its content.
func (h *hasher) record(r contract.Record) (id, sum uint64) {
	for _, p := range h.properties(r.Raw) {
		sum += p.name ^ (p.value*0x9e3779b97f4a7c15 + 1)
	}
	if r.ID == "" {
		return sum, sum // known by its content alone: it can be new or gone, not changed
	}
	return maphash.String(h.seed, r.ID), sum
}

func (h *hasher) identify(r contract.Record) uint64 {
	if r.ID == "" {
		id, _ := h.record(r)
		return id
	}
	return maphash.String(h.seed, r.ID)
}

// property is one property of a record, as hashes, with its name where it will be told.
type property struct {
	name, value uint64
	text        string
}

type properties []property

// properties takes a record apart. One that is no object is a single property without a name.
func (h *hasher) properties(raw json.RawMessage) properties {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return properties{{value: maphash.Bytes(h.seed, plain(raw))}}
	}
	all := make(properties, 0, len(object))
	for name, value := range object {
		all = append(all, property{name: maphash.String(h.seed, name), value: maphash.Bytes(h.seed, plain(value)), text: name})
	}
	slices.SortFunc(all, func(a, b property) int { return cmp.Compare(a.text, b.text) })
	return all
}

// maxFields is how many changed properties of one record are named.
const maxFields = 50

// differ names the properties that are not the same in both, sorted, as they are written.
func (p properties) differ(other properties) []string {
	var names []string
	for len(p) > 0 || len(other) > 0 {
		switch {
		case len(other) == 0 || len(p) > 0 && p[0].text < other[0].text:
			names = append(names, p[0].text)
			p = p[1:]
		case len(p) == 0 || other[0].text < p[0].text:
			names = append(names, other[0].text)
			other = other[1:]
		default:
			if p[0].value != other[0].value {
				names = append(names, p[0].text)
			}
			p, other = p[1:], other[1:]
		}
	}
	return names[:min(len(names), maxFields)]
}

// values are the properties of a record as a row shows them, by name.
func values(raw json.RawMessage) map[string]string {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil
	}
	shown := make(map[string]string, len(object))
	for name, value := range object {
		shown[name] = shownValue(value)
	}
	return shown
}

func shownValue(value json.RawMessage) string {
	value = bytes.TrimSpace(value)
	if len(value) == 0 || bytes.Equal(value, []byte("null")) {
		return ""
	}
	switch value[0] {
	case '{', '[':
		return Composite
	case '"':
		var text string
		if err := json.Unmarshal(value, &text); err == nil {
			return short(text)
		}
	}
	return short(string(value))
}

// plain is a value in one way of writing it, out of the many there are.
func plain(value json.RawMessage) []byte {
	value = bytes.TrimSpace(value)
	if len(value) == 0 || value[0] != '{' && value[0] != '[' && !bytes.ContainsRune(value, '\\') {
		return value
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return value
	}
	written, err := json.Marshal(v) // the names of objects are sorted
	if err != nil {
		return value
	}
	return written
}

// label is what a person calls a record, as far as one of its properties says so.
func label(raw json.RawMessage) string {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return ""
	}
	text := func(name string) string {
		var s string
		if err := json.Unmarshal(object[name], &s); err != nil {
			return ""
		}
		return short(s)
	}
	if name := text("name"); name != "" {
		return name
	}
	if name := strings.TrimSpace(text("firstName") + " " + text("lastName")); name != "" {
		return name
	}
	return cmp.Or(text("reference"), text("idNumber"), text("email"))
}

// short cuts a text from Sage to what a row shows, on one line.
func short(s string) string {
	const most = 120
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
