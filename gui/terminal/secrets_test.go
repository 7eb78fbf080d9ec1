package terminal_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"postroom/sage/secrettest"
)

// Every test of the whole program ends with a search: whatever its platforms heard or gave out of keys and secrets must
// not stand in anything that its processes said, nor in any file of its homes: logs, journal with its log, settings, the
// encrypted vault, bundles.

// remains are what one test leaves behind.
type remains struct {
	mu      sync.Mutex // guards what follows
	homes   []string
	texts   []byte
	witness *witness
}

// all are the remains of the tests that run, by their names, and what was heard, by the names of the outermost tests: a
// subtest may have its own computers and its parent's platform.
var all = struct {
	sync.Mutex // guards what follows
	left       map[string]*remains
	heard      map[string]*witness
}{left: map[string]*remains{}, heard: map[string]*witness{}}

// remainsOf are those of a test. They are searched when it ends, before its folders go.
func remainsOf(t *testing.T) *remains {
	t.Helper()
	all.Lock()
	defer all.Unlock()
	if left := all.left[t.Name()]; left != nil {
		return left
	}
	t.TempDir() // the test's folders are removed after whatever is registered from here on
	outermost, _, _ := strings.Cut(t.Name(), "/")
	if all.heard[outermost] == nil {
		all.heard[outermost] = newWitness()
		all.heard[outermost].note(passphrase, "the passphrase")
	}
	left := &remains{witness: all.heard[outermost]}
	all.left[t.Name()] = left
	t.Cleanup(func() {
		left.search(t)
		all.Lock()
		defer all.Unlock()
		delete(all.left, t.Name())
	})
	return left
}

// heardBy remembers what is secret in all that a test's platforms hear and say.
func heardBy(t *testing.T) *witness {
	t.Helper()
	return remainsOf(t).witness
}

// said adds what a process put out.
func (r *remains) said(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts = append(append(r.texts, text...), '\n')
}

// folder adds a folder that is searched at the end.
func (r *remains) folder(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.homes = append(r.homes, path)
}

// hunt looks for all that was heard.
func (r *remains) hunt() *secrettest.Hunt {
	hunt := secrettest.New(nil)
	for secret, what := range r.witness.secrets() {
		hunt.Add(what, secret)
	}
	return hunt
}

func (r *remains) search(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	hunt := r.hunt()
	hunt.Check(t, "what the processes said", r.texts)
	for _, home := range r.homes {
		if entries, err := os.ReadDir(home); err != nil || len(entries) == 0 {
			continue // a command that needs no home made none
		}
		hunt.Folder(t, home, func(path string) bool {
			return strings.HasPrefix(path, "sandbox") || strings.HasPrefix(path, "practice") // a platform's own state
		})
	}
}
