package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// hold opens a file as another program would that shares it as given.
func hold(t *testing.T, name string, access, share uint32) (release func()) {
	t.Helper()
	h, err := open(name, access, share, windows.FILE_ATTRIBUTE_NORMAL)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := windows.CloseHandle(h); err != nil {
			t.Error(err)
		}
	}
}

func newFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(name, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const shareAll = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE

func TestAFileThatIsBeingWrittenIsBusyAndHeld(t *testing.T) {
	name := newFile(t)
	release := hold(t, name, windows.GENERIC_WRITE, shareAll)
	if !OS().Held(name) {
		t.Error("not held")
	}
	if _, err := OS().Open(name); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	release()
	if OS().Held(name) {
		t.Error("held by nobody")
	}
	f, err := OS().Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestMoveWaitsForAVirusScanner(t *testing.T) {
	name := newFile(t)
	release := hold(t, name, windows.GENERIC_READ, windows.FILE_SHARE_READ)
	time.AfterFunc(300*time.Millisecond, release)
	if err := OS().Move(name, name+".moved"); err != nil {
		t.Fatal(err)
	}
}

func TestMoveSaysWhenAProgramDoesNotLetGo(t *testing.T) {
	name := newFile(t)
	defer hold(t, name, windows.GENERIC_READ, windows.FILE_SHARE_READ)()
	if err := OS().Move(name, name+".moved"); !errors.Is(err, ErrBusy) {
		t.Fatalf("got %v, want ErrBusy", err)
	}
}

func TestAFolderIsFlushedWhileOthersUseIt(t *testing.T) {
	name := newFile(t)
	folder := filepath.Dir(name)
	defer hold(t, name, windows.GENERIC_WRITE, shareAll)()
	watched, err := open(folder, windows.FILE_LIST_DIRECTORY, shareAll, windows.FILE_FLAG_BACKUP_SEMANTICS)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(watched)
	if err := OS().SyncDir(folder); err != nil {
		t.Error(err)
	}
	if err := OS().SyncDir(filepath.Join(folder, "not there")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a folder that is not there it says %v", err)
	}
}

func TestRenameReplacesAndTellsBothNames(t *testing.T) {
	name := newFile(t)
	if err := os.WriteFile(name+".new", []byte("[1]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := OS().Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(name); err != nil || string(data) != "[1]" {
		t.Errorf("%q, %v", data, err)
	}
	err := OS().Rename(name+".new", name)
	if both, is := errors.AsType[*os.LinkError](err); !is || both.Old != name+".new" || both.New != name || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a file that is not there it says %v", err)
	}
}

func TestNetworkPathsAreRemote(t *testing.T) {
	if !OS().Remote(`\\server\share\company`) {
		t.Error(`\\server\share is not remote`)
	}
	if OS().Remote(t.TempDir()) {
		t.Error("the test's folder is remote")
	}
}

func TestHiddenByAttribute(t *testing.T) {
	name := newFile(t)
	p, err := windows.UTF16PtrFromString(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := windows.SetFileAttributes(p, windows.FILE_ATTRIBUTE_HIDDEN); err != nil {
		t.Fatal(err)
	}
	if info, err := OS().Lstat(name); err != nil || !info.Hidden || !info.Regular() {
		t.Errorf("%+v, %v", info, err)
	}
}
