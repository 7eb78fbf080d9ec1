package assets

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestNoSentenceIsLeftUnsaid finds sentences that nothing in the program can say. A key is said where it is written out, or
// where the program writes out its beginning up to a dot and works out the rest; a problem where its code is written.
func TestNoSentenceIsLeftUnsaid(t *testing.T) {
	written := writtenWords(t)
	for _, name := range rooms(t) {
		for key := range room(t, name, "en") {
			if !sayable(key, written) {
				t.Errorf("%s.en.json: nothing says %q", name, key)
			}
		}
	}
	for _, dead := range []string{"window.row.unheard", "problem.neverHeardOf", "problem.neverHeardOf.do", "settings.unheard.hint"} {
		if sayable(dead, written) {
			t.Errorf("%q counts as said: the test finds nothing", dead)
		}
	}
}

// worked are beginnings of keys whose rest is worked out from what stands elsewhere than in a string: a command's name, an
// ID of the platform profile, a property of a data contract.
var worked = []string{
	"help.", "connection.domain.", "wizard.domain.", "wizard.passcode.domain.", "popup.listName.", "window.property.",
}

func sayable(key string, written map[string]bool) bool {
	if written[key] {
		return true
	}
	for _, beginning := range worked {
		if strings.HasPrefix(key, beginning) {
			return true
		}
	}
	// Every piece after what is written out must itself be a word of the program.
	for at := len(key); at > 0; {
		at = strings.LastIndexByte(key[:at], '.')
		if at < 0 {
			return false
		}
		if written[key[:at]] || written[key[:at+1]] {
			if rest := key[at+1:]; allWritten(rest, written) {
				return true
			}
		}
	}
	return false
}

// allWritten tells whether each of the words between the dots stands somewhere as a string of its own, or with its dot.
func allWritten(rest string, written map[string]bool) bool {
	if written[rest] || written["."+rest] {
		return true
	}
	for word := range strings.SplitSeq(rest, ".") {
		if !written[word] && !written["."+word] && !written[word+"."] && !written["."+word+"."] {
			return false
		}
	}
	return true
}

// pageWord is anything in a page or the profile that could be a key.
var pageWord = regexp.MustCompile(`[a-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]*)+`)

// writtenWords are all strings of the module's programs and pages, and the values of the platform's profile.
func writtenWords(t *testing.T) map[string]bool {
	t.Helper()
	written := map[string]bool{}
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch {
		case strings.HasSuffix(path, "_test.go"):
		case strings.HasSuffix(path, ".go"):
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return nil //nolint:nilerr // the compiler tells of a file that cannot be read
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if value, ok := n.(*ast.BasicLit); ok && value.Kind == token.STRING {
					if said, err := strconv.Unquote(value.Value); err == nil {
						written[said] = true
					}
				}
				return true
			})
		case strings.HasSuffix(path, ".html"), filepath.Base(path) == "profile.json":
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, found := range pageWord.FindAllString(string(data), -1) {
				written[found] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return written
}
