package broken

import (
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"postroom/watcher"
	"postroom/watcher/disk"
)

// wrong is a file system in which some operations are wrong; nil ones are right.
type wrong struct {
	disk.FS
	create  func(name string) (disk.File, error)
	open    func(name string) (disk.File, error)
	lstat   func(name string) (disk.Info, error)
	readDir func(name string) ([]disk.Entry, error)
	move    func(from, to string) error
	syncDir func(name string) error
}

// Create implements disk.FS.
func (w *wrong) Create(name string) (disk.File, error) {
	if w.create == nil {
		return w.FS.Create(name)
	}
	return w.create(name)
}

// Open implements disk.FS.
func (w *wrong) Open(name string) (disk.File, error) {
	if w.open == nil {
		return w.FS.Open(name)
	}
	return w.open(name)
}

// Lstat implements disk.FS.
func (w *wrong) Lstat(name string) (disk.Info, error) {
	if w.lstat == nil {
		return w.FS.Lstat(name)
	}
	return w.lstat(name)
}

// ReadDir implements disk.FS.
func (w *wrong) ReadDir(name string) ([]disk.Entry, error) {
	if w.readDir == nil {
		return w.FS.ReadDir(name)
	}
	return w.readDir(name)
}

// Move implements disk.FS.
func (w *wrong) Move(from, to string) error {
	if w.move == nil {
		return w.FS.Move(from, to)
	}
	return w.move(from, to)
}

// SyncDir implements disk.FS.
func (w *wrong) SyncDir(name string) error {
	if w.syncDir == nil {
		return w.FS.SyncDir(name)
	}
	return w.syncDir(name)
}

// onFiles makes some operations of a life's file system wrong.
func onFiles(name string, plant func(right disk.FS, w *wrong)) Bug {
	return each(name, func(o *watcher.Options) {
		w := &wrong{FS: o.FS}
		plant(o.FS, w)
		o.FS = w
	})
}

// unsynced is a file whose Sync does nothing.
type unsynced struct{ disk.File }

// Sync implements disk.File.
func (unsynced) Sync() error { return nil }

// staged is a name under which a result is hidden while it is written.
var staged = regexp.MustCompile(`^\.(.+\.result\.json)\.\d+\.postroom-part$`)

// shown is where a result would be written if it were written where it will lie.
func shown(path string) string {
	if m := staged.FindStringSubmatch(filepath.Base(path)); m != nil && in("Inbox", path) {
		return filepath.Join(filepath.Dir(filepath.Dir(path)), "results", m[1])
	}
	return path
}

func ofFiles() []Bug {
	return []Bug{
		onFiles("forgets to sync what it lays down", func(right disk.FS, w *wrong) {
			w.create = func(name string) (disk.File, error) {
				f, err := right.Create(name)
				if err != nil {
					return nil, err
				}
				return unsynced{f}, nil
			}
		}),
		onFiles("forgets to sync the folder in which it lays something down", func(_ disk.FS, w *wrong) {
			w.syncDir = func(string) error { return nil }
		}),
		onFiles("moves over what is there", func(right disk.FS, w *wrong) {
			w.move = right.Rename
			w.readDir = func(name string) ([]disk.Entry, error) {
				if strings.Contains(name, "Outbox") {
					return right.ReadDir(name)
				}
				return nil, nil
			}
		}),
		onFiles("keeps no version of what it replaces", func(right disk.FS, w *wrong) {
			w.move = func(from, to string) error {
				err := right.Move(from, to)
				if err != nil || !in("history", to) {
					return err
				}
				entries, err := right.ReadDir(filepath.Dir(to))
				for _, e := range entries {
					if e.Name != filepath.Base(to) {
						err = errors.Join(err, right.Remove(filepath.Join(filepath.Dir(to), e.Name)))
					}
				}
				return err
			}
		}),
		onFiles("shows what it is still writing", func(right disk.FS, w *wrong) {
			w.create = func(name string) (disk.File, error) { return right.Create(shown(name)) }
			w.open = func(name string) (disk.File, error) { return right.Open(shown(name)) }
			w.lstat = func(name string) (disk.Info, error) { return right.Lstat(shown(name)) }
			w.move = func(from, to string) error {
				if shown(from) == to {
					return nil
				}
				return right.Move(shown(from), to)
			}
		}),
		onFiles("copies and then removes where it should move", func(right disk.FS, w *wrong) {
			w.move = func(from, to string) error {
				if in("Inbox", to) {
					return right.Move(from, to)
				}
				write, err := copyOf(right, from)
				if err != nil {
					return err
				}
				if err := write(to); err != nil {
					return err
				}
				return right.Remove(from)
			}
		}),
		onFiles("removes and then writes where it should move", func(right disk.FS, w *wrong) {
			w.move = func(from, to string) error {
				if in("Inbox", to) {
					return right.Move(from, to)
				}
				if _, err := right.Lstat(to); err == nil {
					return fs.ErrExist
				}
				write, err := copyOf(right, from)
				if err != nil {
					return err
				}
				if err := right.Remove(from); err != nil {
					return err
				}
				return write(to)
			}
		}),
		onFiles("tidies up the Outbox", func(right disk.FS, w *wrong) {
			w.move = func(from, to string) error {
				err := right.Move(from, to)
				if err != nil || !in(".sending", to) {
					return err
				}
				entries, err := right.ReadDir(filepath.Dir(from))
				if err != nil {
					return nil //nolint:nilerr // the move is done
				}
				for _, e := range entries {
					_ = right.Remove(filepath.Join(filepath.Dir(from), e.Name))
				}
				return nil
			}
		}),
		editsFiles(),
		writesElsewhere(),
	}
}

// editsFiles is a file that gets a line feed at its end, as a tool that means well does it: the first one of a world, since
// an engine looks again and again at one that never stays as it was.
func editsFiles() Bug {
	return Bug{"edits a file that it sends", func() func(o *watcher.Options) {
		var n counter
		return func(o *watcher.Options) {
			right := o.FS
			o.FS = &wrong{FS: right, move: func(from, to string) error {
				if !in(".sending", to) || in(".sending", from) || n.next() > 1 {
					return right.Move(from, to)
				}
				return errors.Join(extend(right, from, to), right.Remove(from))
			}}
		}
	}}
}

// extend copies a file that is not there yet, with a line feed more.
func extend(right disk.FS, from, to string) error {
	f, err := right.Open(from)
	if err != nil {
		return err
	}
	data := make([]byte, 1<<20)
	n, _ := f.Read(data)
	_ = f.Close()
	out, err := right.Create(to)
	if err != nil {
		return err
	}
	_, err = out.Write(append(data[:n:n], '\n'))
	_ = out.Close()
	return err
}

// writesElsewhere leaves a copy of what comes beside the company's folder, once for each name.
func writesElsewhere() Bug {
	return Bug{"writes outside of its folders", func() func(o *watcher.Options) {
		var once sync.Once
		return func(o *watcher.Options) {
			right := o.FS
			w := &wrong{FS: right}
			w.create = func(name string) (disk.File, error) {
				if at := strings.Index(filepath.ToSlash(name), "/Inbox/"); at >= 0 {
					once.Do(func() {
						if f, err := right.Create(filepath.Join(filepath.Dir(filepath.Dir(name[:at+1])), "elsewhere.json")); err == nil {
							_ = f.Close()
						}
					})
				}
				return right.Create(name)
			}
			o.FS = w
		}
	}}
}
