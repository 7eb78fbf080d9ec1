package outbox

import (
	"fmt"
	"path"
	"strings"

	"postroom/watcher/disk"
)

// ignored is a list of names that are left untouched, ready for use on many names. Names are compared folded.
type ignored struct {
	exact    map[string]bool
	prefixes []string
	suffixes []string
	patterns []string // the others, for path.Match
}

// compileIgnore reads the patterns of the settings: "*" for any characters, "?" for one, "[ab]" for one of several.
func compileIgnore(patterns []string) (*ignored, error) {
	ig := &ignored{exact: make(map[string]bool)}
	for _, p := range patterns {
		p = disk.Fold(strings.TrimSpace(p))
		if p == "" {
			continue
		}
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("pattern %q of names to ignore: %w", p, err)
		}
		const wild = `*?[\`
		switch head, tail := strings.TrimSuffix(p, "*"), strings.TrimPrefix(p, "*"); {
		case !strings.ContainsAny(p, wild):
			ig.exact[p] = true
		case !strings.ContainsAny(head, wild):
			ig.prefixes = append(ig.prefixes, head)
		case !strings.ContainsAny(tail, wild):
			ig.suffixes = append(ig.suffixes, tail)
		default:
			ig.patterns = append(ig.patterns, p)
		}
	}
	return ig, nil
}

// match tells whether a name is left untouched. Hidden ones are, whatever the list says.
func (ig *ignored) match(name string) bool {
	if strings.HasPrefix(name, ".") {
		return true
	}
	name = disk.Fold(name)
	if ig.exact[name] {
		return true
	}
	for _, p := range ig.prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	for _, s := range ig.suffixes {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	for _, p := range ig.patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}
