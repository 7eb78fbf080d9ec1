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

// The window and the commands state their calls as interfaces of their own, and may not be imported from here: they would
// bring Fyne along, or import this room themselves. So they are compared as they are written.
func TestTheWindowAndTheCommandsAskWhatTheAgentAnswers(t *testing.T) {
	ours := methods(t, "engine.go", "Engine")
	if len(ours) < 30 {
		t.Fatalf("only %d calls were found", len(ours))
	}
	asked := map[string]bool{}
	for who, theirs := range map[string]map[string]string{
		"the window": methods(t, "../../gui/engine.go", "Engine"), "a command": methods(t, "../../gui/terminal/engine.go", "engine"),
	} {
		for _, name := range slices.Sorted(maps.Keys(theirs)) {
			asked[name] = true
			if ours[name] != theirs[name] {
				t.Errorf("%s asks %s%s, the agent answers %s%s", who, name, theirs[name], name, ours[name])
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		if !asked[name] {
			t.Errorf("nobody ever asks %s", name)
		}
	}
}

// methods reads an interface of a source file: the types of each method, without its arguments' names.
func methods(t *testing.T, path, name string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != name {
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
