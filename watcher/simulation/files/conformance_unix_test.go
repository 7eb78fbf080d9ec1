//go:build unix

package files

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

// bench is a file system with a folder to try things in, and a record of what they came to.
type bench struct {
	disk.FS
	root string
	link func(target, name string) error
	pipe func(name string) error

	said  strings.Builder
	ids   map[string]int // identities in the order in which they were seen
	loose bool           // identities are not looked at: the real disk gives those of removed files again as it likes
	hands []disk.File
}

func (b *bench) at(name string) string { return under(b.root, name) }

func (b *bench) say(operation string, err error, more ...any) {
	fmt.Fprintf(&b.said, "%s: %s", operation, kindOf(err))
	if err == nil && len(more) > 0 {
		fmt.Fprint(&b.said, " ", fmt.Sprint(more...))
	}
	b.said.WriteByte('\n')
}

func (b *bench) id(i disk.Info) int {
	if b.loose {
		return 0
	}
	n, seen := b.ids[i.Identity]
	if !seen {
		n = len(b.ids)
		b.ids[i.Identity] = n
	}
	return n
}

func (b *bench) create(name, content string) {
	f, err := b.Create(b.at(name))
	if err == nil {
		_, err = f.Write([]byte(content))
		b.hands = append(b.hands, f)
	}
	b.say("create "+name, err)
}

func (b *bench) lstat(name string) {
	i, err := b.Lstat(b.at(name))
	if err != nil {
		b.say("lstat "+name, err)
		return
	}
	size := i.Size
	if !i.Regular() {
		size = 0
	}
	b.say("lstat "+name, nil, size, i.Mode, b.id(i), i.Hidden)
}

func (b *bench) read(name string) {
	data, err := disk.ReadFile(b, b.at(name), 1<<20)
	b.say("read "+name, err, string(data))
}

func (b *bench) list(name string) {
	all, err := b.ReadDir(b.at(name))
	b.say("list "+name, err, all)
}

func (b *bench) mkdir(name string) { b.say("mkdir "+name, b.Mkdir(b.at(name))) }
func (b *bench) mkall(name string) { b.say("mkdirall "+name, b.MkdirAll(b.at(name))) }
func (b *bench) rename(from, to string) {
	b.say("rename "+from+" "+to, b.Rename(b.at(from), b.at(to)))
}
func (b *bench) move(from, to string) { b.say("move "+from+" "+to, b.Move(b.at(from), b.at(to))) }
func (b *bench) remove(name string)   { b.say("remove "+name, b.Remove(b.at(name))) }
func (b *bench) syncdir(name string)  { b.say("syncdir "+name, b.SyncDir(b.at(name))) }
func (b *bench) held(name string)     { b.say("held "+name, nil, b.Held(b.at(name))) }
func (b *bench) symlink(target, name string) {
	b.say("link "+name, b.link(target, b.at(name)))
}

// close closes all that is open and tells about it first.
func (b *bench) close() {
	for _, f := range b.hands {
		i, err := f.Stat()
		b.say("stat", err, i.Size, b.id(i))
		b.say("close", f.Close())
		_, err = f.Write([]byte("x"))
		b.say("write after it", err)
	}
	b.hands = nil
}

// both gives the real disk and the simulated one.
func both(t testing.TB, dir string) (realDisk, simulated *bench) {
	t.Helper()
	realDisk = &bench{
		FS: disk.OS(), root: dir, ids: map[string]int{}, link: os.Symlink,
		pipe: func(name string) error { return syscall.Mkfifo(name, 0o600) },
	}
	g := gate.New(1)
	g.Free(true)
	d := New(g, Options{})
	must(t, d.MakeAll("/w"))
	v := d.View(g.Process("engine"))
	simulated = &bench{
		FS: v, root: "/w", ids: map[string]int{}, link: v.Link,
		pipe: func(name string) error { return v.Special(name, os.ModeNamedPipe) },
	}
	return realDisk, simulated
}

// cases are operations that must come to the same on both.
var cases = map[string]func(b *bench){
	"a file": func(b *bench) {
		b.create("a", "one")
		b.lstat("a")
		b.held("a")
		b.close()
		b.held("a")
		b.read("a")
		b.create("a", "two")
		b.read("a")
		b.list("")
		b.remove("a")
		b.remove("a")
		b.lstat("a")
		b.list("")
	},
	"identities stay through renames": func(b *bench) {
		b.mkdir("d")
		b.create("a", "one")
		b.lstat("a")
		b.rename("a", "b")
		b.lstat("b")
		b.move("b", "d/c")
		b.lstat("d/c")
		b.rename("d", "e")
		b.lstat("e/c")
		b.close()
	},
	"move never replaces": func(b *bench) {
		b.create("a", "one")
		b.create("b", "two")
		b.move("a", "b")
		b.move("a", "a")
		b.move("c", "a")
		b.move("c", "d")
		b.move("a", "no/a")
		b.mkdir("d")
		b.move("a", "d")
		b.move("d", "a")
		b.read("a")
		b.read("b")
		b.symlink("nowhere", "l")
		b.move("a", "l")
		b.move("l", "m")
		b.lstat("m")
		b.close()
	},
	"rename replaces files": func(b *bench) {
		b.create("a", "one")
		b.create("b", "two")
		b.rename("a", "b")
		b.read("b")
		b.lstat("a")
		b.rename("b", "b")
		b.mkdir("d")
		b.mkdir("e")
		b.rename("b", "d")
		b.rename("d", "b")
		b.rename("d", "e")
		b.rename("d", "d/x")
		b.rename("no", "b")
		b.close()
		b.list("")
	},
	"what is open stays readable": func(b *bench) {
		b.loose = true
		b.create("a", "one")
		b.remove("a")
		b.close()
		b.create("b", "two")
		f, err := b.Open(b.at("b"))
		b.say("open", err)
		b.move("b", "c")
		b.create("b", "three")
		data, err := io.ReadAll(f)
		b.say("read", err, string(data))
		_, err = f.Seek(1, io.SeekStart)
		b.say("seek", err)
		data, err = io.ReadAll(f)
		b.say("read", err, string(data))
		p := make([]byte, 5)
		n, err := f.ReadAt(p, 1)
		b.say("readat", err, n)
		n, err = f.ReadAt(p[:2], 0)
		b.say("readat", err, n)
		n, err = f.Write([]byte("no"))
		b.say("write", err, n)
		b.say("close", f.Close())
		b.say("close", f.Close())
		b.close()
	},
	"folders": func(b *bench) {
		b.mkdir("d")
		b.mkdir("d")
		b.mkdir("x/y")
		b.mkall("x/y/z")
		b.mkall("x/y/z")
		b.create("x/f", "f")
		b.mkall("x/f")
		b.mkall("x/f/g")
		b.mkdir("x/f/g")
		b.create("x/f/g", "")
		b.lstat("x/f/g")
		b.list("x")
		b.list("x/f")
		b.list("no")
		b.remove("x")
		b.lstat("x")
		b.lstat("x/y")
		b.remove("x/y/z")
		b.remove("x/y")
		b.syncdir("x")
		b.syncdir("no")
		b.close()
	},
	"links, pipes and folders are no files": func(b *bench) {
		b.mkdir("d")
		b.create("d/f", "far")
		b.close()
		b.symlink(b.at("d/f"), "l")
		b.symlink("d", "dl")
		b.symlink("loop", "loop")
		b.say("pipe", b.pipe(b.at("p")))
		for _, name := range []string{"l", "dl", "loop", "p", "d"} {
			b.lstat(name)
			b.read(name)
		}
		b.create("l", "")
		b.read("dl/f")
		b.list("dl")
		b.create("dl/g", "g")
		b.list("d")
		b.mkall("dl")
		b.mkall("dl/h")
		b.mkdir("l")
		b.read("loop/f")
		b.list("loop")
		b.remove("dl")
		b.remove("l")
		b.read("d/f")
		b.remove("p")
		b.list("")
		b.close()
	},
	"long and hidden names": func(b *bench) {
		long := strings.Repeat("n", 255)
		b.create(long, "long")
		b.create(long+"n", "longer")
		b.lstat(long)
		b.move(long, long+"n")
		b.create(".hidden", "")
		b.lstat(".hidden")
		b.create("a", "")
		b.create("A", "")
		b.create("\u00e4", "")
		b.create("a\u0308", "")
		b.list("")
		b.close()
	},
	"what is staged is laid down whole": func(b *bench) {
		b.say("write", disk.WriteFile(b, b.at("f"), []byte("one")))
		b.say("write", disk.WriteFile(b, b.at("f"), []byte("two")))
		b.read("f")
		s, err := disk.Stage(b, b.root, "g")
		b.say("stage", err)
		_, err = s.Write([]byte("three"))
		b.say("write", err)
		data, err := io.ReadAll(s.Reader())
		b.say("read", err, string(data))
		b.say("move", s.Move(b.at("f")))
		b.say("move", s.Move(b.at("h")))
		b.say("close", s.Close())
		b.list("")
		b.read("h")
	},
}

func TestTheDiskDoesWhatTheRealOneDoes(t *testing.T) {
	for name, run := range cases {
		t.Run(name, func(t *testing.T) {
			realDisk, simulated := both(t, t.TempDir())
			run(realDisk)
			run(simulated)
			if real, ours := realDisk.said.String(), simulated.said.String(); real != ours {
				t.Errorf("%s", difference(real, ours))
			}
		})
	}
}

func TestAnyOperationsComeToTheSameAsOnTheRealDisk(t *testing.T) {
	dir, tries := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		tries++
		root := under(dir, fmt.Sprint(tries))
		must(t, os.Mkdir(root, 0o700))
		realDisk, simulated := both(t, root)
		realDisk.loose, simulated.loose = true, true
		names := rapid.SampledFrom([]string{"a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "l", "l/a", "", "."})
		for range rapid.IntRange(1, 20).Draw(rt, "operations") {
			op, from, to := rapid.IntRange(0, 9).Draw(rt, "op"), names.Draw(rt, "from"), names.Draw(rt, "to")
			for _, b := range []*bench{realDisk, simulated} {
				anyOf(b, op, from, to)
			}
		}
		for _, b := range []*bench{realDisk, simulated} {
			b.close()
		}
		if real, ours := realDisk.said.String(), simulated.said.String(); real != ours {
			rt.Fatalf("%s", difference(real, ours))
		}
	})
}

func anyOf(b *bench, op int, from, to string) {
	switch op {
	case 0:
		b.create(from, to)
	case 1:
		b.mkdir(from)
	case 2:
		b.mkall(from)
	case 3:
		b.rename(from, to)
	case 4:
		b.move(from, to)
	case 5:
		if from != "" && from != "." {
			b.remove(from)
		}
	case 6:
		b.lstat(from)
	case 7:
		b.list(from)
	case 8:
		b.read(from)
	case 9:
		if from != "" && from != "." {
			b.symlink("d", from)
		}
	}
}

// difference shows where two records part.
func difference(real, ours string) string {
	a, b := strings.Split(real, "\n"), strings.Split(ours, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%s\n    real: %s\n    ours: %s", strings.Join(a[:i], "\n"), a[i], b[i])
		}
	}
	return "one is longer\n" + real + "\n" + ours
}
