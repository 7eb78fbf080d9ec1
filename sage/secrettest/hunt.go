package secrettest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Hunt looks for secrets. It is safe for concurrent use.
type Hunt struct {
	mu    sync.Mutex // guards what follows
	names map[string]string
	table map[uint64][]form
}

// form is one way to write one secret.
type form struct {
	secret, kind string
	text         []byte
}

// Find is a secret that stands somewhere. It does not hold it.
type Find struct {
	Secret string // its name
	Form   string
	At     int // offset in bytes
}

// String names the find.
func (f Find) String() string {
	return fmt.Sprintf("%s, written as %s, at byte %d", f.Secret, f.Form, f.At)
}

// New begins a hunt for secrets, by name.
func New(secrets map[string]string) *Hunt {
	h := &Hunt{names: map[string]string{}, table: map[uint64][]form{}}
	for name, value := range secrets {
		h.Add(name, value)
	}
	return h
}

// Add looks for one more secret from now on. One of less than eight bytes is too short to be told from chance: Add panics.
func (h *Hunt) Add(name, value string) {
	if len(value) < width {
		panic("secrettest: " + name + " is too short to be looked for")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names[value] != "" {
		return
	}
	h.names[value] = name
	kinds, seen := forms(value), map[string]bool{}
	for _, kind := range append([]string{"plain"}, slices.Sorted(maps.Keys(kinds))...) {
		text := kinds[kind]
		if !seen[text] { // many values look the same in JSON, in an address and plain
			key := head([]byte(text))
			h.table[key] = append(h.table[key], form{name, kind, []byte(text)})
		}
		seen[text] = true
	}
}

// Len is how many secrets are looked for.
func (h *Hunt) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.names)
}

// In gives what stands in some bytes, in their order.
func (h *Hunt) In(data []byte) []Find {
	h.mu.Lock()
	defer h.mu.Unlock()
	var finds []Find
	search(lowered(bytes.Clone(data)), h.table, func(f form, at int) {
		finds = append(finds, Find{f.secret, f.kind, at})
	})
	slices.SortStableFunc(finds, func(a, b Find) int { return a.At - b.At })
	return finds
}

// Check fails the test if a secret stands in some bytes.
func (h *Hunt) Check(t testing.TB, where string, data []byte) {
	t.Helper()
	for i, find := range h.In(data) {
		if i == 5 {
			t.Errorf("%s holds more", where)
			return
		}
		t.Errorf("%s holds %s", where, find)
	}
}

// Folder fails the test if a secret stands in the name or the content of a file in a folder and those below, but for
// files that skip names by their path in it (nil: none). It gives the number of files and folders that were looked at, and
// fails when there is none.
func (h *Hunt) Folder(t testing.TB, folder string, skip func(path string) bool) int {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		within := strings.TrimPrefix(path, folder)
		h.Check(t, fmt.Sprintf("the name of number %d", seen), []byte(within))
		if entry.IsDir() && path != folder {
			seen++
		}
		if !entry.Type().IsRegular() || skip != nil && skip(filepath.ToSlash(strings.TrimPrefix(within, string(filepath.Separator)))) {
			return nil
		}
		data, err := os.ReadFile(path) //nolint:gosec // a test's own folder, at rest
		if err != nil {
			return err
		}
		seen++
		h.File(t, within, data)
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("%d files and folders of %s were looked at, %v", seen, folder, err)
	}
	return seen
}

// File fails the test if a secret stands in a file's content, also within a zip or gzip file.
func (h *Hunt) File(t testing.TB, name string, data []byte) {
	t.Helper()
	h.Check(t, name, data)
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		for _, entry := range archive.File {
			h.Check(t, name, []byte(entry.Name+" "+entry.Comment))
			h.inside(t, name+" ▸ "+entry.Name, func() (io.ReadCloser, error) { return entry.Open() })
		}
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		h.inside(t, name+" ▸", func() (io.ReadCloser, error) { return gzip.NewReader(bytes.NewReader(data)) })
	}
}

func (h *Hunt) inside(t testing.TB, name string, open func() (io.ReadCloser, error)) {
	t.Helper()
	r, err := open()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	h.Check(t, name, data)
}
