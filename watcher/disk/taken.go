package disk

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
)

// maxFolders is how many folders' names Names remembers at once: this month's Sent and Failed and the Inbox of a
// few companies.
const maxFolders = 32

// Names gives out names that are free in a folder, compared as people see them (Fold). It reads a folder once and
// remembers what it gave out, so that ten thousand files of one name cost no ten thousand listings, and two lanes
// never get the same name. That a file added meanwhile by somebody else is not replaced is Move's promise: it
// answers fs.ErrExist, and the caller asks again after Forget.
type Names struct {
	fsys FS
	seed maphash.Seed

	mu      sync.Mutex // guards what follows; never held over an effect
	folders map[string]*taken
	order   []string // the folders, the one read last at the end
}

// taken holds hashes of folded names, 8 bytes each instead of a string: a collision makes a name count as taken
// that is not, which nobody notices.
type taken struct {
	names map[uint64]struct{}
	next  map[uint64]int // where to go on numbering a name
}

// NewNames makes an empty memory over fsys.
func NewNames(fsys FS) *Names {
	return &Names{fsys: fsys, seed: maphash.MakeSeed(), folders: map[string]*taken{}}
}

// Free gives the first of name, "name (2)", "name (3)", ... that is free in folder and has not been given out, and
// gives it out. Further folders, where files of the same stem lie beside it, may be named: the name is then free in
// them too, each with the end given. A folder that is not there is empty.
func (n *Names) Free(folder, name string, beside ...Companion) (string, error) {
	all := append([]Companion{{Folder: folder}}, beside...)
	for {
		for _, c := range all {
			if err := n.load(c.Folder); err != nil {
				return "", err
			}
		}
		if free, ok := n.take(all, name); ok {
			return free, nil
		}
	}
}

// take gives out a name under the lock; false when one of the folders has been forgotten since it was loaded.
func (n *Names) take(all []Companion, name string) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range all {
		if n.folders[c.Folder] == nil {
			return "", false
		}
	}
	first := n.folders[all[0].Folder]
	key := n.hash(Fold(name))
	number := max(first.next[key], 1)
	for n.taken(all, Numbered(name, number)) {
		number++
	}
	free := Numbered(name, number)
	for _, c := range all {
		n.folders[c.Folder].names[n.hash(Fold(c.name(free)))] = struct{}{}
	}
	first.next[key] = number + 1
	return free, true
}

// Companion is a folder in which a file of the same stem will lie.
type Companion struct {
	Folder string
	End    string // ".result.json", ".error.txt"; "" for the same name
}

func (c Companion) name(name string) string {
	if c.End == "" {
		return name
	}
	return Beside(name, c.End)
}

// Forget drops what is remembered of a folder, so that it is read again: after a Move found a name taken, or when
// names were given back.
func (n *Names) Forget(folder string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.folders, folder)
	n.order = slices.DeleteFunc(n.order, func(f string) bool { return f == folder })
}

// MoveFree moves a file into a folder under the first free name and tells the name. For moves whose target need
// not be recorded before.
func (n *Names) MoveFree(oldName, folder, name string) (string, error) {
	for {
		free, err := n.Free(folder, name)
		if err != nil {
			return "", err
		}
		err = n.fsys.Move(oldName, filepath.Join(folder, free))
		if errors.Is(err, fs.ErrExist) {
			continue // given out and yet there: the next number
		}
		return free, err
	}
}

// load reads a folder's names, outside the lock.
func (n *Names) load(folder string) error {
	n.mu.Lock()
	known := n.folders[folder] != nil
	n.mu.Unlock()
	if known {
		return nil
	}
	entries, err := n.fsys.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("looking for a free name: %w", err)
	}
	names := make(map[uint64]struct{}, len(entries))
	for _, e := range entries {
		names[n.hash(Fold(e.Name))] = struct{}{}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.folders[folder] != nil { // somebody else was faster, and may have given names out since
		return nil
	}
	n.folders[folder] = &taken{names: names, next: map[uint64]int{}}
	n.order = append(n.order, folder)
	if len(n.order) > maxFolders {
		delete(n.folders, n.order[0])
		n.order = n.order[1:]
	}
	return nil
}

func (n *Names) taken(all []Companion, candidate string) bool {
	for _, c := range all {
		if _, ok := n.folders[c.Folder].names[n.hash(Fold(c.name(candidate)))]; ok {
			return true
		}
	}
	return false
}

func (n *Names) hash(s string) uint64 { return maphash.String(n.seed, s) }
