package outbox

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"postroom/assets"
)

func TestEveryCodeHasItsSentences(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok {
			return true
		}
		code, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		found++
		for _, language := range []string{"en", "es", "fr", "de"} {
			words := assets.For(language)
			for _, key := range []string{"problem." + code, "problem." + code + ".do"} {
				if words.Say(key) == key {
					t.Errorf("%s: no sentence %s", language, key)
				}
			}
		}
		return true
	})
	if found < 11 {
		t.Fatalf("found only %d codes", found)
	}
}
