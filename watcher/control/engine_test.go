package control

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"postroom/watcher"
)

var _ Engine = (*watcher.Engine)(nil)

// The window states its calls as an interface of its own, and may not be imported from here: it would bring Fyne along.
// So the two are compared as they are written.
func TestTheWindowsEngineAndThisOneAreTheSame(t *testing.T) {
	ours, theirs := methods(t, "engine.go"), methods(t, "../../gui/engine.go")
	if len(ours) < 30 {
		t.Fatalf("only %d calls were found", len(ours))
	}
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		if ours[name] != theirs[name] {
			t.Errorf("the window asks %s%s, the agent answers %s%s", name, theirs[name], name, ours[name])
		}
		delete(ours, name)
	}
	if len(ours) > 0 {
		t.Errorf("the window never asks %v", slices.Sorted(maps.Keys(ours)))
	}
}

// methods reads the interface Engine of a source file: the types of each method, without its arguments' names.
func methods(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != "Engine" {
			return true
		}
		for _, method := range spec.Type.(*ast.InterfaceType).Methods.List {
			f := method.Type.(*ast.FuncType)
			found[method.Names[0].Name] = "(" + kindsOf(f.Params) + ") (" + kindsOf(f.Results) + ")"
		}
		return false
	})
	return found
}

func kindsOf(fields *ast.FieldList) string {
	var kinds []string
	for _, field := range fields.List {
		for range max(1, len(field.Names)) {
			kinds = append(kinds, types.ExprString(field.Type))
		}
	}
	return strings.Join(kinds, ", ")
}
