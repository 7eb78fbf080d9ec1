package watcher

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"
)

// doctorCodes are the codes of findings that are written out in the doctor's files, with their level.
func doctorCodes(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("doctor*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := make(map[string]string)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, isCall := n.(*ast.CallExpr)
			if !isCall {
				return true
			}
			method, isMethod := call.Fun.(*ast.SelectorExpr)
			if !isMethod || len(call.Args) < 2 {
				return true
			}
			switch method.Sel.Name {
			case "well", "note", "wrong":
				if code, isText := call.Args[1].(*ast.BasicLit); isText {
					if text, err := strconv.Unquote(code.Value); err == nil {
						codes[text] = method.Sel.Name
					}
				}
			}
			return true
		})
	}
	for _, code := range []string{
		"tlsUnknown", "tlsOtherName", "tlsExpired", "tlsBroken", "platformNoName", "platformSilent", "contentUnreadable", "contentChanged",
	} {
		codes[code] = "wrong"
	}
	return codes
}
