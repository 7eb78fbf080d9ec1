//go:build unix

package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"postroom/watcher/disk"
)

// acts are all that a file system can be made to do with a name, beside looking.
func acts(fsys disk.FS, other string) map[string]func(name string) error {
	closing := func(f disk.File, err error) error {
		if err == nil {
			err = f.Close()
		}
		return err
	}
	return map[string]func(string) error{
		"open":        func(name string) error { return closing(fsys.Open(name)) },
		"create":      func(name string) error { return closing(fsys.Create(name + ".new")) },
		"list":        func(name string) error { _, err := fsys.ReadDir(filepath.Dir(name)); return err },
		"make":        func(name string) error { return fsys.Mkdir(name + ".folder") },
		"make all":    func(name string) error { return fsys.MkdirAll(filepath.Join(name+".folders", "a", "b")) },
		"rename away": func(name string) error { return fsys.Rename(name, other) },
		"rename here": func(name string) error { return fsys.Rename(other, name) },
		"move away":   func(name string) error { return fsys.Move(name, other) },
		"move here":   func(name string) error { return fsys.Move(other, name+".moved") },
		"remove":      func(name string) error { return fsys.Remove(name) },
		"sync":        func(name string) error { return fsys.SyncDir(filepath.Dir(name)) },
	}
}

func TestNothingIsDoneThroughALinkWithinAFolder(t *testing.T) {
	dir := t.TempDir()
	root, outside := filepath.Join(dir, "company"), filepath.Join(dir, "outside")
	if err := disk.OS().MkdirAll(filepath.Join(outside, "deep")); err != nil {
		t.Fatal(err)
	}
	private := put(t, filepath.Join(outside, "deep", "private.json"), "private")
	if err := disk.OS().MkdirAll(filepath.Join(root, "Outbox")); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"Outbox/orders": filepath.Join(outside, "deep"), "Sent": outside, "Up": "..", "Loop": "Loop", "Inside": "Outbox",
	} {
		if err := os.Symlink(target, filepath.Join(root, filepath.FromSlash(link))); err != nil {
			t.Fatal(err)
		}
	}
	fsys := disk.Within(disk.OS(), root)
	mine := put(t, filepath.Join(root, "Outbox", "mine.json"), "mine")
	for _, name := range []string{"Outbox/orders/private.json", "Sent/deep/private.json", "Up/outside/deep/private.json", "Loop/x", "Inside/mine.json"} {
		for what, act := range acts(fsys, mine) {
			err := act(filepath.Join(root, filepath.FromSlash(name)))
			blocked, is := errors.AsType[*disk.BlockedError](err)
			if !is || !errors.Is(err, disk.ErrNotRegular) || blocked.Path == "" {
				t.Errorf("%s %s: %v", what, name, err)
			}
		}
	}
	for _, name := range []string{private, filepath.Join(root, "..", "outside", "deep", "private.json"), root + "x/y", filepath.Dir(root)} {
		for what, act := range acts(fsys, mine) {
			if err := act(name); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s %s: %v", what, name, err)
			}
		}
	}
	names, err := disk.OS().ReadDir(filepath.Join(outside, "deep"))
	if err != nil || len(names) != 1 || content(t, private) != "private" || content(t, mine) != "mine" {
		t.Errorf("%v, %v", names, err)
	}
}

func TestWithinAFolderAllGoesOnAsEver(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join(dir, "link") // root itself may be one
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "real"), 0o700), os.Symlink("real", root)); err != nil {
		t.Fatal(err)
	}
	fsys := disk.Within(disk.OS(), root+"/")
	name, other := filepath.Join(root, "a", "b", "x.json"), filepath.Join(root, "other.json")
	if err := fsys.MkdirAll(filepath.Dir(name)); err != nil {
		t.Fatal(err)
	}
	order := []string{"open", "create", "list", "make", "make all", "rename away", "rename here", "move away", "move here", "sync", "remove"}
	put(t, name, "x")
	for what, act := range acts(fsys, other) {
		if !slices.Contains(order, what) {
			t.Errorf("%s is not tried", what)
		}
		_ = act
	}
	for _, what := range order {
		if what == "remove" {
			put(t, name, "x")
		}
		if err := acts(fsys, other)[what](name); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := disk.Way(fsys, filepath.Join(root, "not", "there")); err != nil {
		t.Error(err)
	}
	if _, err := fsys.Open(filepath.Join(root, "not", "there")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
