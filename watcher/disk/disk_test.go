package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
)

func put(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func content(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := disk.OS().ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.Name
	}
	return all
}

func TestMoveNeverReplaces(t *testing.T) {
	dir := t.TempDir()
	a, b := put(t, filepath.Join(dir, "a.json"), "a"), put(t, filepath.Join(dir, "b.json"), "b")
	if err := disk.OS().Move(a, b); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("got %v, want fs.ErrExist", err)
	}
	if content(t, a) != "a" || content(t, b) != "b" {
		t.Fatal("a refused move changed a file")
	}
}

func TestMoveKeepsTheIdentity(t *testing.T) {
	dir := t.TempDir()
	a, b := put(t, filepath.Join(dir, "a.json"), "a"), filepath.Join(dir, "b.json")
	before, err := disk.OS().Lstat(a)
	if err != nil || before.Identity == "" {
		t.Fatalf("identity %q, error %v", before.Identity, err)
	}
	if err := disk.OS().Move(a, b); err != nil {
		t.Fatal(err)
	}
	after, err := disk.OS().Lstat(b)
	if err != nil || !after.Same(before) {
		t.Fatalf("after the move %+v, before it %+v, error %v", after, before, err)
	}
	if _, err := disk.OS().Lstat(a); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the old name is still there: %v", err)
	}
}

func TestMoveOfWhatIsNotThereSaysSo(t *testing.T) {
	dir := t.TempDir()
	err := disk.OS().Move(filepath.Join(dir, "none"), filepath.Join(dir, "b"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v, want fs.ErrNotExist", err)
	}
	if !strings.Contains(err.Error(), "none") {
		t.Fatalf("%q does not name the file", err)
	}
}

func TestRenameReplaces(t *testing.T) {
	dir := t.TempDir()
	a, b := put(t, filepath.Join(dir, "a.json"), "a"), put(t, filepath.Join(dir, "b.json"), "b")
	if err := disk.OS().Rename(a, b); err != nil {
		t.Fatal(err)
	}
	if content(t, b) != "a" {
		t.Fatal("the new content is not there")
	}
}

func TestCreateRefusesAnExistingName(t *testing.T) {
	name := put(t, filepath.Join(t.TempDir(), "a"), "a")
	if _, err := disk.OS().Create(name); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("got %v, want fs.ErrExist", err)
	}
}

func TestOpenRefusesAFolder(t *testing.T) {
	if _, err := disk.OS().Open(t.TempDir()); !errors.Is(err, disk.ErrNotRegular) {
		t.Fatalf("got %v, want ErrNotRegular", err)
	}
}

func TestMkdirAllMakesWhatIsMissingAndTakesWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	for range 2 {
		if err := disk.OS().MkdirAll(deep); err != nil {
			t.Fatal(err)
		}
	}
	file := put(t, filepath.Join(dir, "file"), "")
	if err := disk.OS().MkdirAll(file); err == nil {
		t.Fatal("a file passed for a folder")
	}
	if err := disk.OS().MkdirAll(filepath.Join(file, "below")); err == nil {
		t.Fatal("a file passed for a folder above")
	}
}

func TestReadDirIsSortedAndTellsTypes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b", "a", "C"} {
		put(t, filepath.Join(dir, name), "")
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names(t, dir), " "); got != "C a b d" {
		t.Fatalf("listed %q", got)
	}
	entries, err := disk.OS().ReadDir(dir)
	if err != nil || entries[0].Type != 0 || !entries[3].Type.IsDir() {
		t.Fatalf("types %v, error %v", entries, err)
	}
}

func TestFreeTellsThatThereIsRoom(t *testing.T) {
	free, err := disk.OS().Free(t.TempDir())
	if err != nil || free == 0 {
		t.Fatalf("free %d, error %v", free, err)
	}
	if _, err := disk.OS().Free(filepath.Join(t.TempDir(), "none", "there")); err == nil {
		t.Fatal("no error for a folder that is not there")
	}
}

func TestWriteFileLeavesOldOrNewWhateverFails(t *testing.T) {
	for n := range 100 {
		dir := t.TempDir()
		name := put(t, filepath.Join(dir, "settings.json"), "old")
		fsys := disktest.Faults{FS: disk.OS(), Before: disktest.Nth(n, false)}
		err := disk.WriteFile(fsys, name, []byte("new"))
		got := content(t, name)
		if got != "old" && got != "new" {
			t.Fatalf("after a failure at operation %d the file holds %q", n, got)
		}
		if err == nil {
			if got != "new" {
				t.Fatalf("told as written at %d, and holds %q", n, got)
			}
			if n < 5 {
				t.Fatalf("only %d operations: nothing was made to fail", n)
			}
			return
		}
		if !errors.Is(err, disktest.ErrFault) {
			t.Fatalf("error at %d: %v", n, err)
		}
	}
	t.Fatal("never ended")
}

func TestWriteFileGivesUpWithoutLeavingAPart(t *testing.T) {
	dir := t.TempDir()
	fsys := disktest.Faults{FS: disk.OS(), Before: func(op disktest.Op, _ string) error {
		if op == disktest.Sync {
			return disktest.ErrFault
		}
		return nil
	}}
	if err := disk.WriteFile(fsys, filepath.Join(dir, "a"), []byte("new")); !errors.Is(err, disktest.ErrFault) {
		t.Fatalf("got %v", err)
	}
	if left := names(t, dir); len(left) != 0 {
		t.Fatalf("left %q", left)
	}
}

func TestStagedMayTryAnotherName(t *testing.T) {
	dir := t.TempDir()
	taken := put(t, filepath.Join(dir, "a.json"), "a person's")
	staged, err := disk.Stage(disk.OS(), dir, "a.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := staged.Write([]byte("ours")); err != nil {
		t.Fatal(err)
	}
	if err := staged.Move(taken); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("got %v, want fs.ErrExist", err)
	}
	if err := staged.Move(filepath.Join(dir, "a (2).json")); err != nil {
		t.Fatal(err)
	}
	if err := staged.Close(); err != nil {
		t.Fatal(err)
	}
	if content(t, taken) != "a person's" || content(t, filepath.Join(dir, "a (2).json")) != "ours" {
		t.Fatal("wrong content")
	}
	if left := names(t, dir); len(left) != 2 {
		t.Fatalf("left %q", left)
	}
}

func TestStagedCanBeReadBack(t *testing.T) {
	staged, err := disk.Stage(disk.OS(), t.TempDir(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer staged.Close()
	if _, err := staged.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		b := make([]byte, 10)
		n, _ := staged.Reader().Read(b)
		if string(b[:n]) != "content" {
			t.Fatalf("read %q", b[:n])
		}
	}
}

func TestTwoWritersOfOneNameDoNotMix(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	first, err := disk.Stage(disk.OS(), dir, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Write([]byte("fir")); err != nil {
		t.Fatal(err)
	}
	if err := disk.WriteFile(disk.OS(), name, []byte("second")); err != nil {
		t.Fatal(err)
	}
	if got := content(t, name); got != "second" {
		t.Fatalf("got %q", got)
	}
	if _, err := first.Write([]byte("st")); err != nil {
		t.Fatal(err)
	}
	if err := first.Replace(name); err != nil {
		t.Fatal(err)
	}
	if got := content(t, name); got != "first" {
		t.Fatalf("got %q", got)
	}
}

func TestRemovePartsRemovesOnlyOurs(t *testing.T) {
	dir := t.TempDir()
	theirs := []string{
		".postroom-part", "a.1.postroom-part", ".a.postroom-part", ".a.0.postroom-part", ".a.x.postroom-part",
		".a.1.postroom-part.json", ".1.postroom-part", "a.json", ".a.1001.postroom-part",
	}
	for _, name := range theirs {
		put(t, filepath.Join(dir, name), "x")
	}
	if err := os.Mkdir(filepath.Join(dir, ".folder.1.postroom-part"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, ".a.json.1.postroom-part"), "ours")
	put(t, filepath.Join(dir, ".a.json.12.postroom-part"), "ours")

	if err := disk.RemoveParts(disk.OS(), dir, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := len(names(t, dir)); got != len(theirs)+3 {
		t.Fatalf("fresh parts, another process's perhaps, were removed: %d left", got)
	}
	if err := disk.RemoveParts(disk.OS(), dir, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != len(theirs)+1 {
		t.Fatalf("left %q", got)
	}
	if err := disk.RemoveParts(disk.OS(), filepath.Join(dir, "none"), time.Now()); err != nil {
		t.Fatalf("a missing folder is not clear: %v", err)
	}
}

func TestReadFileStopsAtItsLimit(t *testing.T) {
	name := put(t, filepath.Join(t.TempDir(), "a"), "12345")
	if data, err := disk.ReadFile(disk.OS(), name, 5); err != nil || string(data) != "12345" {
		t.Fatalf("got %q, %v", data, err)
	}
	if _, err := disk.ReadFile(disk.OS(), name, 4); err == nil {
		t.Fatal("a longer file was read")
	}
}

func TestUnderStaysWithin(t *testing.T) {
	root := t.TempDir()
	for _, good := range []string{"a", "a/b.json", "Outbox/.sending/x", "a/../b"} {
		got, err := disk.Under(root, good)
		if err != nil || !strings.HasPrefix(got, root+string(filepath.Separator)) {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	for _, bad := range []string{"", "..", "../a", "a/../../b", "/etc/passwd", "/"} {
		if got, err := disk.Under(root, bad); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
	}
}
