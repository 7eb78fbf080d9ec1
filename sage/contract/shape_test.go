package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// TestAShapeHidesNothingFromItsSchema checks random records with what their shape builds of them and with all of
// them: both must be found right, or both wrong.
func TestAShapeHidesNothingFromItsSchema(t *testing.T) {
	checker := newChecker(t)
	names := rapid.SampledFrom([]string{
		"id", "customer", "addresses", "deliveryAddress", "invoiceAddress", "discount", "tax", "surcharge", "timestamp",
		"city", "country", "postCode", "address1", "telephone1", "firstName", "lastName", "email", "orderDate", "errors",
		"code", "netPrice", "name", "companyId", "lastCheckDataErrors", "unknown", "currencyRate", "paymentMethod",
	})
	good := rapid.SampledFrom([]string{anOrder(1), addressText, `{"id": 1}`})
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		kinds := []*rapid.Generator[any]{
			rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.StringN(0, 5, -1).AsAny(),
			rapid.Map(rapid.SampledFrom([]string{"0", "7", "7.0", "7.5", "-1e3", "1e-3"}), func(s string) any { return json.Number(s) }),
		}
		if depth > 0 {
			kinds = append(kinds,
				rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) }), 0, 3).AsAny(),
				rapid.MapOfN(names, rapid.Deferred(func() *rapid.Generator[any] { return value(depth - 1) }), 0, 6).AsAny())
		}
		return rapid.OneOf(kinds...)
	}
	rapid.Check(t, func(t *rapid.T) {
		contract := rapid.SampledFrom(Contracts()).Draw(t, "contract")
		var record map[string]any
		decode(t, []byte(good.Draw(t, "record")), &record)
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			record[names.Draw(t, "name")] = value(3).Draw(t, "value")
		}
		text, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		var all any
		decode(t, text, &all)
		wanted := checker.contracts[contract].schema.Validate(all)
		report, err := checker.Check(context.Background(), bytes.NewReader(append(append([]byte("["), text...), ']')), contract)
		if err != nil {
			t.Fatal(err)
		}
		if (wanted == nil) != (report.Problem == nil) {
			t.Fatalf("%s:\nthe schema says %v\nthe check says %+v", text, wanted, report.Problems)
		}
	})
}

func decode(t *rapid.T, text []byte, into any) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

func TestASchemaThatLooksAtMoreGetsTheWholeValue(t *testing.T) {
	for text, problem := range map[string]bool{
		`{"properties": {"a": {"type": "string", "pattern": "^x"}}}`:                         true,
		`{"properties": {"a": {"enum": ["x"]}}}`:                                             true,
		`{"properties": {"a": {"type": "string"}}}`:                                          false,
		`{"additionalProperties": {"type": "integer"}}`:                                      true,
		`{"properties": {"b": {"type": "integer"}}, "required": ["b"]}`:                      true,
		`{"properties": {"c": {"items": {"type": "integer"}}}}`:                              true,
		`{"properties": {"c": {"items": {"type": "string"}, "minItems": 2}}}`:                true,
		`{"properties": {"c": {"contains": {"const": "y"}}}}`:                                false,
		`{"properties": {"d": {"minimum": 8}}}`:                                              true,
		`{"properties": {"d": {"multipleOf": 0.5}}}`:                                         false,
		`{"properties": {"e": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "null"}}}`:     false,
		`{"properties": {"e": {"$ref": "#/$defs/n", "type": "string"}}, "$defs": {"n": {}}}`: true,
		`{"maxProperties": 3}`:                                                               true,
		`{"required": ["zz"]}`:                                                               true,
		`{"required": ["a"]}`:                                                                false,
	} {
		report, err := check(context.Background(), bytes.NewReader([]byte(`[{"a": "z", "c": ["y"], "d": 7.5, "e": null}]`)), compiled(t, text), nil, MaxRecord)
		if err != nil {
			t.Fatal(err)
		}
		if (report.Problem != nil) != problem {
			t.Errorf("%s: %+v", text, report.Problems)
		}
	}
}

func compiled(t *testing.T, text string) contractOf {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("test.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("test.json")
	if err != nil {
		t.Fatal(err)
	}
	return contractOf{schema: schema, shape: shapes{}.of(schema)}
}
