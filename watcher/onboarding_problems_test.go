package watcher

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"postroom/assets"
	"postroom/sage"
)

func TestEveryRefusalOfThePlatformHasItsSentence(t *testing.T) {
	for _, says := range platformSays {
		err := platformProblem("https://sage.example:8443/api", fmt.Errorf("asking: %w", says.err))
		told, ok := errors.AsType[*ProblemError](err)
		if !ok || told.Problem.Code != says.code || told.Problem.Args["host"] != "sage.example:8443" || !errors.Is(err, says.err) {
			t.Errorf("%v: %v", says.err, err)
		}
	}
	err := platformProblem("https://sage.example", &sage.Error{Status: 418, Code: 9999})
	if told, ok := errors.AsType[*ProblemError](err); !ok || told.Problem.Code != "platformRefused" || told.Problem.Args["status"] != "418" {
		t.Errorf("a refusal without a name: %v", err)
	}
	if other := errors.New("other"); platformProblem("", other) != other || platformProblem("", nil) != nil { //nolint:errorlint // the same one
		t.Error("what is not of the platform was changed")
	}
}

// codeForm is what a problem's code looks like, among the other texts of the source.
var codeForm = regexp.MustCompile(`^[a-z]+([A-Z][a-z]+)+$`)

// TestEveryProblemOfThisPackageIsSaidInEveryLanguage finds the codes where this package makes problems of them: as the
// first text of refuse and newProblem, and as a value of a variable or field named code.
func TestEveryProblemOfThisPackageIsSaidInEveryLanguage(t *testing.T) {
	codes := map[string]token.Position{}
	set := token.NewFileSet()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	note := func(e ast.Expr) {
		if text, ok := e.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if code, err := strconv.Unquote(text.Value); err == nil && codeForm.MatchString(code) {
				codes[code] = set.Position(e.Pos())
			}
		}
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, source, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "refuse" || f.Name == "newProblem") {
					for _, arg := range n.Args[:min(2, len(n.Args))] {
						note(arg)
					}
				}
			case *ast.AssignStmt:
				if name, ok := n.Lhs[0].(*ast.Ident); ok && name.Name == "code" {
					note(n.Rhs[0])
				}
			}
			return true
		})
	}
	for _, says := range platformSays {
		codes[says.code] = token.Position{Filename: "platformSays"}
	}
	for _, setting := range settingRules {
		codes[settingProblem(setting.setting)] = token.Position{Filename: "settingProblem"}
	}
	if len(codes) < 50 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	for _, language := range []string{"en", "es", "fr", "de"} {
		words := assets.For(language)
		for code, place := range codes {
			if !words.Has("problem."+code) || !words.Has("problem."+code+".do") {
				t.Errorf("%s: %q is not said in %s", place, code, language)
			}
		}
	}
}
