package contract

import (
	"reflect"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// shape says how much of a value a schema looks at, so that no more of it is built: of a property that no schema
// knows nothing, of a text that must only be one the kind. It is what keeps a record of many megabytes cheap.
type shape struct {
	props  map[string]prop
	rest   *shape // of the properties that are not in props; nil: they are not built
	items  *shape // nil: the items of a list are not built
	text   bool   // a text itself is looked at
	number bool   // a number itself is looked at
}

// prop is one property. The name is kept so that none is made for every record.
type prop struct {
	name  string
	shape *shape
}

// member finds what is to be built of a property.
func (s *shape) member(name []byte) (string, *shape) {
	if s == nil {
		return "", nil
	}
	if p, ok := s.props[string(name)]; ok {
		return p.name, p.shape
	}
	if s.rest != nil {
		return string(name), s.rest
	}
	return "", nil
}

// whole is the shape of a value of which everything is looked at.
var whole = func() *shape {
	s := &shape{text: true, number: true}
	s.rest, s.items = s, s
	return s
}()

// simple are the fields of a schema whose demands a shape can foresee. A schema that uses any other gets the
// whole value.
var simple = []string{
	"DraftVersion", "Location", "ID", "Ref", "Types", "Properties", "Required", "Items2020",
	"Title", "Description", "Comment", "Examples", "Deprecated", "ReadOnly", "WriteOnly",
}

// shapes makes shapes, one for each schema.
type shapes map[*jsonschema.Schema]*shape

func (all shapes) of(schema *jsonschema.Schema) *shape {
	if s, ok := all[schema]; ok {
		return s
	}
	if !isSimple(schema) {
		all[schema] = whole
		return whole
	}
	if schema.Ref != nil {
		all[schema] = all.of(schema.Ref)
		return all[schema]
	}
	s := &shape{}
	all[schema] = s
	if schema.Types != nil {
		types := schema.Types.ToStrings()
		s.number = slices.Contains(types, "integer") && !slices.Contains(types, "number")
	}
	if schema.Properties != nil || schema.Required != nil {
		s.props = map[string]prop{}
		for name, child := range schema.Properties {
			s.props[name] = prop{name, all.of(child)}
		}
		for _, name := range schema.Required {
			if _, ok := s.props[name]; !ok {
				s.props[name] = prop{name, &shape{}}
			}
		}
	}
	if schema.Items2020 != nil {
		s.items = all.of(schema.Items2020)
	}
	return s
}

func isSimple(schema *jsonschema.Schema) bool {
	v := reflect.ValueOf(schema).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && !slices.Contains(simple, field.Name) && !v.Field(i).IsZero() {
			return false
		}
	}
	// Where a reference has neighbours, both have a say.
	return schema.Ref == nil || schema.Types == nil && schema.Properties == nil && schema.Items2020 == nil &&
		len(schema.Required) == 0
}
