package files

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newDisk is a disk of a kind with a folder "/w" on it, and everything passes at once.
func newDisk(t testing.TB, kind Kind) (*Disk, *View) {
	t.Helper()
	g := gate.New(1)
	g.Free(true)
	return diskAt(t, g, kind)
}

func diskAt(t testing.TB, g *gate.Gate, kind Kind) (*Disk, *View) {
	t.Helper()
	d := New(g, Options{Kind: kind})
	must(t, d.MakeAll("/w"))
	return d, d.View(g.Process("engine"))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write makes a file the way the engine does, without a sync.
func write(t testing.TB, v *View, name, content string) {
	t.Helper()
	f, err := v.Create(name)
	must(t, err)
	_, err = f.Write([]byte(content))
	must(t, err)
	must(t, f.Close())
}

func wantTree(t testing.TB, d *Disk, want string) {
	t.Helper()
	if got := d.Tree("/w"); got != want {
		t.Errorf("the disk has\n%swant\n%s", got, want)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// kinds of error that the engine decides on.
func kindOf(err error) string {
	if err == nil {
		return "ok"
	}
	for _, k := range []error{
		fs.ErrExist, fs.ErrNotExist, fs.ErrPermission, disk.ErrNotRegular, disk.ErrOtherVolume, disk.ErrBusy, syscall.ENOTDIR,
		syscall.EINVAL, syscall.ENAMETOOLONG, syscall.EBADF, syscall.ELOOP, syscall.EBUSY, fs.ErrClosed, io.EOF,
	} {
		if errors.Is(err, k) {
			return k.Error()
		}
	}
	return err.Error()
}

// under makes paths of different roots comparable.
func under(root, name string) string { return filepath.Join(root, filepath.FromSlash(name)) }

func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }
