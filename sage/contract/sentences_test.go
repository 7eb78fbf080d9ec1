package contract

import (
	"encoding/json"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"strconv"
	"testing"
)

// TestEveryCodeHasItsSentences reads the codes from the source and the sentences from the catalogues, which this
// package may not import.
func TestEveryCodeHasItsSentences(t *testing.T) {
	file, err := goparser.ParseFile(token.NewFileSet(), "report.go", nil, goparser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Code" {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
		return true
	})
	if len(codes) < 30 {
		t.Fatalf("only these codes were found: %v", codes)
	}
	for _, lang := range []string{"en", "es", "fr", "de"} {
		data, err := os.ReadFile("../../assets/translations/problems-contract." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		sentences := map[string]string{}
		if err := json.Unmarshal(data, &sentences); err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			for _, key := range []string{"problem." + code, "problem." + code + ".do"} {
				if sentences[key] == "" {
					t.Errorf("%s: no sentence %s", lang, key)
				}
				delete(sentences, key)
			}
		}
		for key := range sentences {
			t.Errorf("%s: %s is said of no code", lang, key)
		}
	}
}
