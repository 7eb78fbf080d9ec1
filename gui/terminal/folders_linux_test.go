package terminal_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postroom/watcher"
	"postroom/watcher/journal"
)

// Each test takes something away that the folders of a company stand on, while the real agent works in them.

// mount mounts something until the test ends; only root may.
func mount(t *testing.T, what, at, kind string, flags uintptr, options string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount: run as root to see this")
	}
	if err := syscall.Mount(what, at, kind, flags, options); err != nil {
		t.Skip("needs to mount, which this system does not let root do: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(at, syscall.MNT_DETACH) }) // it may be gone already
}

// fill takes room on a disk until so many bytes are left, and gives what frees it.
func fill(t *testing.T, disk, name string, leave int64) (free func()) {
	t.Helper()
	path := filepath.Join(disk, name)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var room syscall.Statfs_t
	if err := syscall.Statfs(disk, &room); err != nil {
		t.Fatal(err)
	}
	take := int64(room.Bavail)*room.Bsize - leave
	if _, err := io.CopyN(file, zeros{}, take); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// shownAs tells whether a file is shown in a state.
func (f *office) shownAs(name string, states ...journal.State) bool {
	f.t.Helper()
	for _, t := range f.transfers() {
		for _, state := range states {
			if t.Name == name && t.State == state {
				return true
			}
		}
	}
	return false
}

// TestAFullDiskIsToldAndLosesNothing fills the disk of home and folders while one file is with Sage and another waits.
func TestAFullDiskIsToldAndLosesNothing(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	mount(t, "postroom-test", disk, "tmpfs", 0, "size=230m")
	for _, dir := range []string{"home", "desk"} {
		if err := os.Mkdir(filepath.Join(disk, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f := newOffice(t, officeOptions{home: filepath.Join(disk, "home"), folder: filepath.Join(disk, "desk")})
	f.before = append(f.before, "nearly", "wholly")
	f.live()
	f.file("before.json")
	f.drains()
	f.installed(false)
	f.file("sent.json")
	f.until("it is with Sage", func() bool { return f.shownAs("sent.json", journal.Processing) })

	freeMost := fill(t, disk, "nearly", 256<<10)
	f.file("waits.json")
	f.waitsFor("waits.json", "diskFull")
	freeRest := fill(t, disk, "wholly", 0)
	f.installed(true) // the platform's word, which cannot be written down
	f.until("the full disk is noticed", func() bool {
		said := f.agent.errs.String()
		return strings.Contains(said, "no space left") || strings.Contains(said, "is full")
	})
	f.always(false)
	f.dies(nil)
	_, again := f.do("run") // an agent that cannot even begin says why
	if status := again.end(); status != 1 || !strings.Contains(again.errs.String(), "room") {
		t.Errorf("on a full disk a new agent ended with %d: %s", status, again.errs)
	}
	freeRest()
	f.live()
	f.until("the file that was sent has ended", func() bool { return f.shownAs("sent.json", journal.Accepted) })
	f.waitsFor("waits.json", "diskFull")
	freeMost()
	f.drains()
	f.agent.stop()
	f.atLast()
}

func TestAFolderThatIsUnmountedIsWaitedForAndNotMadeAnew(t *testing.T) {
	t.Parallel()
	drive, at := t.TempDir(), t.TempDir()
	mount(t, drive, at, "", syscall.MS_BIND, "")
	f := newOffice(t, officeOptions{folder: at})
	f.live()
	f.file("before.json")
	f.drains()
	f.installed(false)
	f.file("followed.json")
	f.until("it is with Sage", func() bool { return f.shownAs("followed.json", journal.Processing) })

	if err := syscall.Unmount(at, syscall.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	f.lookNow()
	f.tells("folderAway", "outboxGone")
	f.installed(true) // its result has nowhere to go
	f.dropped["elsewhere.json"] = []byte(order("W-elsewhere"))
	drop(t, filepath.Join(drive, filepath.Base(f.company)), "elsewhere.json", order("W-elsewhere"))
	f.until("the platform has ended with the file", func() bool { return f.platform.Files()[1].HasResult })
	if left := names(t, at); len(left) > 0 {
		t.Errorf("where the drive was, %q was made", left)
	}
	mount(t, drive, at, "", syscall.MS_BIND, "")
	f.lookNow()
	f.drains()
	f.agent.stop()
	f.atLast()
}

// lookNow has the agent look at everything, as a person does who does not want to wait; the soak waits.
func (f *office) lookNow() {
	f.t.Helper()
	if soaks() {
		return
	}
	if err := f.engine().CheckNow(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// tells waits until the company is shown to have one of some problems.
func (f *office) tells(codes ...string) {
	f.t.Helper()
	var told *watcher.Problem
	eventually(f.t, "the company tells of "+strings.Join(codes, " or "), func() bool {
		overview, err := f.engine().Overview(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		told = overview.Companies[0].Problem
		return told != nil && strings.Contains(strings.Join(codes, " "), told.Code)
	}, func() string {
		if told == nil {
			return ""
		}
		return ", but of " + told.Code
	})
}

func TestAnOutboxThatMayOnlyBeReadIsToldAndWaitedFor(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	outbox := filepath.Join(f.company, "Outbox")
	mount(t, outbox, outbox, "", syscall.MS_BIND, "")
	if err := f.engine().Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.file("during.json")
	f.until("it is queued", func() bool { return f.shownAs("during.json", journal.Queued) })
	remount(t, outbox, syscall.MS_RDONLY)
	if err := f.engine().Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.waitsFor("during.json", "folderLocked", "cannotRead")
	f.always(false)
	remount(t, outbox, 0)
	f.drains()
	f.agent.stop()
	f.atLast()
}

// TestAHomeThatMayOnlyBeReadLosesNothing takes the right to write from the home: nothing can be written down, so nothing more
// may be done.
func TestAHomeThatMayOnlyBeReadLosesNothing(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	mount(t, f.home, f.home, "", syscall.MS_BIND, "")
	f.installed(false)
	f.file("sent.json")
	f.until("it is with Sage", func() bool { return f.shownAs("sent.json", journal.Processing) })
	remount(t, f.home, syscall.MS_RDONLY)
	f.file("during.json")
	f.installed(true)
	f.dies(nil) // what it had open it may still write; a new one may open nothing
	_, again := f.do("run")
	if status := again.end(); status != 1 || !strings.Contains(again.errs.String(), f.home) {
		t.Errorf("with a home that may only be read, a new agent ended with %d: %s", status, again.errs)
	}
	f.always(false)
	remount(t, f.home, 0)
	f.live()
	f.drains()
	f.agent.stop()
	f.atLast()
}

func remount(t *testing.T, at string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("", at, "", syscall.MS_REMOUNT|syscall.MS_BIND|flags, ""); err != nil {
		t.Fatal(err)
	}
}

// TestOfTwoAgentsOnOneOutboxOneCarries has a second home try for the same Outbox again and again, while files are dropped.
func TestOfTwoAgentsOnOneOutboxOneCarries(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	other := f.another()
	if err := os.CopyFS(filepath.Join(other.home, "connections"), os.DirFS(filepath.Join(f.home, "connections"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one.json", "two.json", "three.json"} {
		f.file(name)
		if _, second := other.do("run"); second.end() != 1 || !strings.Contains(second.errs.String(), f.company) {
			t.Errorf("the second agent ended with %d: %s", second.end(), second.errs)
		}
	}
	f.drains()
	f.agent.stop()
	f.atLast()
}

// TestAFileThatIsWrittenSlowlyIsSentWhole keeps a file open and writes on it piece by piece.
func TestAFileThatIsWrittenSlowlyIsSentWhole(t *testing.T) {
	t.Parallel()
	f := newOffice(t, officeOptions{})
	f.live()
	f.file("before.json")
	f.drains()
	content := strings.Replace(order("W-slow"), "[", "["+strings.Repeat(" ", 8<<10), 1) // complete with its last byte alone
	piece, every, rest := 256, 100*time.Millisecond, time.Duration(0)
	if soaks() { // two minutes, with a rest in which a file that nobody holds open is taken for cut
		piece, every, rest = 128, 850*time.Millisecond, 65*time.Second
	}
	path := filepath.Join(f.company, "Outbox", "orders", "slow.json")
	slow, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for at := 0; at < len(content); at += piece {
		if _, err := slow.WriteString(content[at:min(at+piece, len(content))]); err != nil {
			t.Fatal(err)
		}
		<-ticker.C // the slow program's own pace
		if at == 10*piece {
			<-time.After(rest)
		}
		if at+piece < len(content) && !there(path) {
			t.Fatalf("it was taken at %d of %d bytes", at, len(content))
		}
	}
	slow.Close()
	f.dropped["slow.json"] = []byte(content)
	f.drains()
	f.agent.stop()
	f.atLast()
}
