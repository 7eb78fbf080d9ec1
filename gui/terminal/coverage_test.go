package terminal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// ofTheWindow are the calls that make sense with a window alone, or for which the commands have another.
var ofTheWindow = map[string]string{
	"Raise":      "brings the window to the front",
	"Show":       "brings the window to the front, with a place in it",
	"FirstFrame": "tells that the window can be seen",
	"AddFiles":   "send asks for Place, which also tells where the copies are",
}

func TestTheCommandsCanDoAllThatTheWindowCan(t *testing.T) {
	window := callsOf(t, "../engine.go", "Engine")
	if len(window) < 30 {
		t.Fatalf("only %d calls of the window are found", len(window))
	}
	used := selectors(t)
	for name := range window {
		if ofTheWindow[name] == "" && !used[name] {
			t.Errorf("no command asks for %s", name)
		}
	}
}

func TestEveryCallThatCommandsStateIsMade(t *testing.T) {
	used := selectors(t)
	for name := range callsOf(t, "engine.go", "engine") {
		if !used[name] {
			t.Errorf("no command asks for %s", name)
		}
	}
}

// callsOf are the methods of an interface of a source file.
func callsOf(t *testing.T, path, name string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isType := n.(*ast.TypeSpec)
		if !isType || spec.Name.Name != name {
			return true
		}
		for _, method := range spec.Type.(*ast.InterfaceType).Methods.List {
			found[method.Names[0].Name] = true
		}
		return false
	})
	return found
}

// selectors are the methods that this room's own files speak of, however they call them.
func selectors(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, isSelector := n.(*ast.SelectorExpr); isSelector {
				if x, isName := s.X.(*ast.Ident); isName && (x.Name == "e" || x.Name == "engine") {
					found[s.Sel.Name] = true
				}
			}
			return true
		})
	}
	return found
}
