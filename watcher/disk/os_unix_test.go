//go:build unix

package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestOpenNeverFollowsALink(t *testing.T) {
	dir := t.TempDir()
	secret := write(t, filepath.Join(dir, "secret"), "s")
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink(secret, link); err != nil {
		t.Fatal(err)
	}
	if _, err := OS().Open(link); !errors.Is(err, ErrNotRegular) {
		t.Fatalf("got %v, want ErrNotRegular", err)
	}
	info, err := OS().Lstat(link)
	if err != nil || info.Regular() || info.Mode.Type() != fs.ModeSymlink {
		t.Fatalf("%+v, %v", info, err)
	}
}

func TestOpenOfAPipeDoesNotHang(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	if _, err := OS().Open(pipe); !errors.Is(err, ErrNotRegular) {
		t.Fatalf("got %v, want ErrNotRegular", err)
	}
}

func TestModesDoNotDependOnTheUmask(t *testing.T) {
	dir := t.TempDir()
	old := syscall.Umask(0o777)
	defer syscall.Umask(old)
	deep := filepath.Join(dir, "a", "b")
	if err := OS().MkdirAll(deep); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(OS(), filepath.Join(deep, "f"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"a": 0o700, "a/b": 0o700, "a/b/f": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
}

// The ways of moving where the file system has no rename that does not replace.
var moves = map[string]func(oldName, newName string) error{
	"by a second name":   linkAndUnlink,
	"by a reserved name": reserveAndRename,
}

func TestFallbacksOfMoveNeverReplace(t *testing.T) {
	for way, move := range moves {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			a, b := write(t, filepath.Join(dir, "a"), "a"), write(t, filepath.Join(dir, "b"), "b")
			if err := move(a, b); !errors.Is(err, fs.ErrExist) {
				t.Fatalf("got %v, want fs.ErrExist", err)
			}
			free := filepath.Join(dir, "c")
			if err := move(a, free); err != nil {
				t.Fatal(err)
			}
			if data, err := os.ReadFile(free); err != nil || string(data) != "a" {
				t.Fatalf("%q, %v", data, err)
			}
			if _, err := os.Lstat(a); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("the old name is still there: %v", err)
			}
			if err := move(a, filepath.Join(dir, "d")); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("got %v, want fs.ErrNotExist", err)
			}
			if _, err := os.Lstat(filepath.Join(dir, "d")); !errors.Is(err, fs.ErrNotExist) {
				t.Fatal("an empty file was left behind")
			}
		})
	}
}

func TestMoveEndsWhatWasInterrupted(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, filepath.Join(dir, "a"), "a"), filepath.Join(dir, "b")
	if err := os.Link(a, b); err != nil { // the first of the two steps
		t.Fatal(err)
	}
	if err := OS().Move(a, b); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(a); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the old name is still there: %v", err)
	}
	if data, err := os.ReadFile(b); err != nil || string(data) != "a" {
		t.Fatalf("%q, %v", data, err)
	}
}

func TestTwoSpellingsOfOneNameAreNoInterruptedMove(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, filepath.Join(dir, "a.json"), "a"), filepath.Join(dir, "A.json")
	if err := os.Link(a, b); err != nil { // stands for a file system that folds case
		t.Fatal(err)
	}
	if err := OS().Move(a, b); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("got %v: the file's only name may have been removed", err)
	}
}

func TestMoveRefusesAnotherVolume(t *testing.T) {
	const other = "/dev/shm"
	dir := t.TempDir()
	var a, b unix.Stat_t
	if unix.Stat(dir, &a) != nil || unix.Stat(other, &b) != nil || a.Dev == b.Dev {
		t.Skip("no second volume here")
	}
	to, err := os.MkdirTemp(other, "postroom") //nolint:usetesting // on another volume than the test's own folder
	if err != nil {
		t.Skip("no second volume here:", err)
	}
	defer os.RemoveAll(to)
	name := write(t, filepath.Join(dir, "a"), "a")
	if err := OS().Move(name, filepath.Join(to, "a")); !errors.Is(err, ErrOtherVolume) {
		t.Fatalf("got %v, want ErrOtherVolume", err)
	}
	if _, err := os.Lstat(name); err != nil {
		t.Fatal("the file is gone")
	}
}
