package contract

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// violations turns what the schema library says of a record into problems with their place in the file.
func (r *run) violations(err error, at span) {
	found, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		r.tell(r.at(Problem{Code: CodeUnreadable}, at.from))
		return
	}
	raw := r.w.bytes(at.from, at.to)
	for _, leaf := range leaves(found) {
		if r.full() {
			return
		}
		offset, value := locate(raw, leaf.InstanceLocation)
		for _, problem := range problems(leaf, value) {
			r.tell(r.at(problem, at.from+int64(offset)))
		}
	}
}

// leaves are the errors that say something by themselves, by their path: the library goes through a record's
// properties in no order, and what is told of a file is to be the same each time.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	var all []*jsonschema.ValidationError
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			all = append(all, e)
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(e)
	slices.SortStableFunc(all, func(a, b *jsonschema.ValidationError) int {
		return slices.CompareFunc(a.InstanceLocation, b.InstanceLocation, func(a, b string) int {
			return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) // so that 9 comes before 10
		})
	})
	return all
}

// problems are those of one error; value is what stands at its place.
func problems(leaf *jsonschema.ValidationError, value []byte) []Problem {
	at := property(leaf.InstanceLocation)
	switch k := leaf.ErrorKind.(type) {
	case *kind.Required:
		var all []Problem
		for _, name := range k.Missing {
			name = property(append(slices.Clone(leaf.InstanceLocation), name))
			all = append(all, Problem{Code: CodeMissingProperty, Property: name})
		}
		return all
	case *kind.Type:
		return []Problem{{Code: wanted(k.Want), Property: at, Expected: strings.Join(k.Want, ", "), Got: shorten(value)}}
	}
	rule := strings.Join(leaf.ErrorKind.KeywordPath(), "/")
	return []Problem{{Code: CodeWrongValue, Property: at, Expected: rule, Got: shorten(value)}}
}

// wanted is the code for a value of the wrong kind.
func wanted(types []string) Code {
	types = slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == "null" })
	if len(types) == 1 {
		switch types[0] {
		case "string":
			return CodeWantsText
		case "number":
			return CodeWantsNumber
		case "integer":
			return CodeWantsInteger
		case "boolean":
			return CodeWantsYesNo
		case "object":
			return CodeWantsGroup
		case "array":
			return CodeWantsList
		}
	}
	if len(types) == 2 && slices.Contains(types, "string") && slices.Contains(types, "integer") {
		return CodeWantsID
	}
	return CodeWrongValue
}

// property writes a path as a person reads it: customer.addresses[2].city is that of the second address.
func property(path []string) string {
	var b strings.Builder
	for _, step := range path {
		switch {
		case step != "" && strings.Trim(step, "0123456789") == "":
			b.WriteString("[" + oneBased(step) + "]")
			continue
		case b.Len() > 0:
			b.WriteByte('.')
		}
		b.WriteString(step)
	}
	return shorten([]byte(b.String()))
}
