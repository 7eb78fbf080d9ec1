package contract

import (
	"bytes"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed schemas/*.json
var schemaFiles embed.FS

// schemaBase is where the schemas say they are. Nothing is ever fetched from there.
const schemaBase = "https://postroom.invalid/contract/"

// contractOf is a compiled contract.
type contractOf struct {
	schema *jsonschema.Schema
	shape  *shape
	own    []string // names that a record has and that a wrapper around records would not have
}

// compile compiles the embedded schemas.
func compile() (map[string]contractOf, error) {
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(jsonschema.SchemeURLLoader{}) // no schema is loaded from a file or the network
	names := Contracts()
	for _, name := range names {
		data, err := schemaFiles.ReadFile("schemas/" + name + ".json")
		if err != nil {
			return nil, fmt.Errorf("contract: reading the schema of %s: %w", name, err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("contract: reading the schema of %s: %w", name, err)
		}
		if err := compiler.AddResource(schemaBase+name+".json", doc); err != nil {
			return nil, fmt.Errorf("contract: adding the schema of %s: %w", name, err)
		}
	}
	contracts := make(map[string]contractOf, len(names))
	all := shapes{}
	for _, name := range names {
		schema, err := compiler.Compile(schemaBase + name + ".json")
		if err != nil {
			return nil, fmt.Errorf("contract: compiling the schema of %s: %w", name, err)
		}
		own := slices.DeleteFunc(slices.Clone(schema.Required), func(name string) bool { return name == "timestamp" })
		contracts[name] = contractOf{schema: schema, shape: all.of(schema), own: own}
	}
	return contracts, nil
}

// Contracts names the contracts there are: address, companySetting, customer, order, orderResult, product.
func Contracts() []string {
	entries, err := schemaFiles.ReadDir("schemas")
	if err != nil {
		return nil // the folder is part of the program
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(path.Base(entry.Name()), ".json"))
	}
	return names
}
