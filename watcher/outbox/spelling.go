package outbox

import (
	"hash/maphash"
	"path/filepath"

	"postroom/watcher/disk"
)

// Windows and macOS fold case, and macOS composes characters as it likes: an event may name a file in another
// spelling than the listing does. Both name one file, which must not be told twice.

// spellings finds the name under which a file is known by what the name looks like (a hash of it, to stay small).
// Where names are told apart by case, two files of one look are two files, and which of them is kept does not matter.
type spellings struct {
	seed  maphash.Seed
	names map[uint64]string
}

func newSpellings() spellings {
	return spellings{seed: maphash.MakeSeed(), names: make(map[uint64]string)}
}

func (s spellings) look(name string) uint64 { return maphash.String(s.seed, disk.Fold(name)) }

func (s spellings) add(name string) { s.names[s.look(name)] = name }

func (s spellings) remove(name string) {
	if look := s.look(name); s.names[look] == name {
		delete(s.names, look)
	}
}

// spelt tells whether the file seen under a new name is one that is known, and still there, under another; that one
// has been seen then.
func (w *Watcher) spelt(d *folder, name string, info disk.Info) bool {
	other := d.forms.names[d.forms.look(name)]
	f := d.files[other]
	if f == nil || other == name || info.Identity == "" || f.mark.identity != info.Identity {
		return false
	}
	there, err := w.options.FS.Lstat(filepath.Join(d.full, other))
	if err != nil || there.Identity != info.Identity {
		return false
	}
	f.seen = d.sweeps
	w.see(d, other, there, nil)
	return true
}
