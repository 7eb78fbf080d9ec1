package assets

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// languages that every room must speak.
var languages = []string{"en", "es", "fr", "de"}

// room reads translations/<name>.<lang>.json as key and plural forms; a plain sentence has the form "".
func room(t *testing.T, name, lang string) map[string]map[string]string {
	t.Helper()
	data, err := translations.ReadFile("translations/" + name + "." + lang + ".json")
	if err != nil {
		t.Errorf("%s has no words in %s: %v", name, lang, err)
		return nil
	}
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatalf("%s.%s.json: %v", name, lang, err)
	}
	words := make(map[string]map[string]string)
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			words[key] = map[string]string{"": v}
		case map[string]any:
			words[key] = map[string]string{}
			for form, said := range v {
				words[key][form] = fmt.Sprint(said)
			}
		default:
			t.Errorf("%s.%s.json: %s is neither a sentence nor plural forms", name, lang, key)
		}
	}
	return words
}

func rooms(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(translations, "translations/*.json")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		parts := strings.Split(filepath.Base(file), ".")
		if len(parts) != 3 {
			t.Errorf("%s is not named <room>.<language>.json", file)
			continue
		}
		names[parts[0]] = true
	}
	return slices.Sorted(maps.Keys(names))
}

var holeNames = regexp.MustCompile(`\.[a-zA-Z]+`)

// filled lists the holes of a sentence.
func filled(sentence string) []string {
	found := map[string]bool{}
	for _, action := range regexp.MustCompile(`{{[^}]*}}`).FindAllString(sentence, -1) {
		for _, hole := range holeNames.FindAllString(action, -1) {
			found[hole] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestEveryRoomSaysTheSameInEveryLanguage(t *testing.T) {
	for _, name := range rooms(t) {
		english := room(t, name, "en")
		for _, lang := range languages[1:] {
			other := room(t, name, lang)
			for key, forms := range english {
				translated, ok := other[key]
				if !ok {
					t.Errorf("%s.%s.json lacks %q", name, lang, key)
					continue
				}
				if want, got := allHoles(forms), allHoles(translated); !slices.Equal(want, got) && !strings.HasPrefix(key, "words.date") {
					t.Errorf("%s.%s.json: %q fills %v, English fills %v", name, lang, key, got, want)
				}
				if (len(forms) == 1) != (len(translated) == 1) {
					t.Errorf("%s.%s.json: %q has plural forms in one language only", name, lang, key)
				}
			}
			for key := range other {
				if _, ok := english[key]; !ok {
					t.Errorf("%s.%s.json says %q, which English does not", name, lang, key)
				}
			}
		}
	}
}

// allHoles lists the holes of all plural forms. Only a date may take others than English: TestDatesAreWholeInEveryLanguage
// looks at those.
func allHoles(forms map[string]string) []string {
	var found []string
	for _, sentence := range forms {
		found = append(found, filled(sentence)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestDatesAreWholeInEveryLanguage: a date takes the month by its name or in two digits, but leaves none of its parts out.
func TestDatesAreWholeInEveryLanguage(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	dates := map[string]bool{}
	for _, lang := range append(slices.Clone(languages), "en-US") {
		w := For(lang).In(time.UTC)
		for day := now.AddDate(-2, 0, 0); day.Before(now); day = day.AddDate(0, 0, 1) {
			said := w.Date(day, now)
			key := lang + said
			if day.Year() == now.Year() {
				key += "2026"
			}
			if dates[key] || strings.Contains(said, "{{") {
				t.Errorf("%s: %q stands for two days", lang, said)
			}
			dates[key] = true
		}
	}
}

func TestEverySentenceIsWhole(t *testing.T) {
	for _, name := range rooms(t) {
		for _, lang := range languages {
			for key, forms := range room(t, name, lang) {
				for form, sentence := range forms {
					if strings.TrimSpace(sentence) != sentence || sentence == "" {
						t.Errorf("%s.%s.json: %q is empty or has spaces around it", name, lang, key)
					}
					if strings.Count(sentence, "{{") != strings.Count(sentence, "}}") {
						t.Errorf("%s.%s.json: %q has an open hole", name, lang, key)
					}
					if form != "" && form != "one" && form != "other" && form != "many" {
						t.Errorf("%s.%s.json: %q has the plural form %q", name, lang, key, form)
					}
				}
				if _, counted := forms["other"]; len(forms) > 1 && !counted {
					t.Errorf("%s.%s.json: %q lacks the form \"other\"", name, lang, key)
				}
			}
		}
	}
}

func TestNoKeyIsSaidByTwoRooms(t *testing.T) {
	owner := map[string]string{}
	for _, name := range rooms(t) {
		for key := range room(t, name, "en") {
			if other, taken := owner[key]; taken {
				t.Errorf("%q stands in %s and in %s", key, other, name)
			}
			owner[key] = name
		}
	}
}

// TestEveryProblemInTheCodeHasItsSentences finds the codes that are written out anywhere in the module, and asks for
// what happened in every language.
func TestEveryProblemInTheCodeHasItsSentences(t *testing.T) {
	said := map[string]bool{}
	for _, name := range rooms(t) {
		for key := range room(t, name, "en") {
			said[key] = true
		}
	}
	codes := problemCodes(t)
	if len(codes) < 30 {
		t.Errorf("only %d codes are found", len(codes))
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if !said["problem."+code] {
			t.Errorf("%s: no sentence problem.%s", codes[code], code)
		}
	}
}

// problemCodes finds the codes of problems and one place of each.
func problemCodes(t *testing.T) map[string]string {
	t.Helper()
	codes := map[string]string{}
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil //nolint:nilerr // the compiler tells of a file that cannot be read
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, value := range codesOf(n) {
				if code, err := strconv.Unquote(value.Value); err == nil {
					codes[code] = set.Position(value.Pos()).String()
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// makers are the functions that make a problem of a code, and which of their arguments it is.
var makers = map[string]int{"newProblem": 0, "problem": 0, "refuse": 1}

// codesOf are the codes that stand in one piece of a program: Problem{Code: "..."}, p.Code = "...", const codeX = "..."
// and the calls of makers.
func codesOf(n ast.Node) []*ast.BasicLit {
	var found []*ast.BasicLit
	add := func(e ast.Expr) {
		if value, ok := e.(*ast.BasicLit); ok && value.Kind == token.STRING {
			found = append(found, value)
		}
	}
	switch n := n.(type) {
	case *ast.CompositeLit:
		for _, element := range n.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok && typeName(n.Type) == "Problem" && typeName(pair.Key) == "Code" {
				add(pair.Value)
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "Code" && len(n.Rhs) == len(n.Lhs) {
				add(n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if strings.HasPrefix(name.Name, "code") && len(name.Name) > 4 && i < len(n.Values) {
				add(n.Values[i])
			}
		}
	case *ast.CallExpr:
		if at, ok := makers[typeName(n.Fun)]; ok && at < len(n.Args) {
			add(n.Args[at])
		}
	}
	return found
}

func typeName(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
