package outbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postroom/watcher/disk"
)

func TestAnEditedFileIsToldAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		first := w.tells("settled orders/a.json")
		w.write("Outbox/orders/a.json", `[{"id":"2"}]`)
		w.pass(60 * time.Millisecond)
		second := w.tells("settled orders/a.json")
		if first[0].SHA256 == second[0].SHA256 || first[0].Info.Identity != second[0].Info.Identity {
			t.Fatalf("%+v and %+v", first[0], second[0])
		}
		w.write("Outbox/orders/a.json", `[{"id":"2"`)
		w.pass(time.Minute)
		w.tells("unsendable orders/a.json cut")
	})
}

func TestAFileThatIsToBeToldAgainIsToldAsGoneWhenItLeaves(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/a.json")
		w.write("Outbox/orders/a.json", `[{"id":"2"`)
		w.watcher.Again("Outbox/orders/a.json")
		w.pass(60 * time.Millisecond)
		w.remove("Outbox/orders/a.json")
		w.pass(time.Second)
		w.tells("gone orders/a.json")
	})
}

func TestAFileThatIsWaitedForFromTheStartIsToldAnewOrAsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.write("Outbox/orders/a.json", complete)
		w.options.Known = []Known{{Path: "Outbox/orders/a.json"}, {Path: "Outbox/orders/b.json"}}
		w.start()
		w.pass(time.Second)
		w.tells("settled orders/a.json", "gone orders/b.json")
	})
}

func TestARemovedFileIsToldAsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		told := w.tells("settled orders/a.json")
		w.remove("Outbox/orders/a.json")
		w.pass(499 * time.Millisecond)
		w.tells()
		w.pass(time.Millisecond)
		gone := w.tells("gone orders/a.json")
		if gone[0].Info.Identity != told[0].Info.Identity || gone[0].Info.Size != told[0].Info.Size || gone[0].Scope != "orders" {
			t.Fatalf("%+v", gone[0])
		}
		w.pass(time.Hour)
		w.tells()
	})
}

func TestAFileThatIsSavedByRemovingItIsNotGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/a.json")
		w.remove("Outbox/orders/a.json")
		w.pass(200 * time.Millisecond)
		w.write("Outbox/orders/a.json", `[{"id":"2"}]`)
		w.pass(time.Minute)
		w.tells("settled orders/a.json")
	})
}

func TestAFileThatWasNeverToldLeavesInSilence(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.remove("Outbox/orders/a.json")
		w.pass(time.Hour)
		w.tells()
	})
}

func TestWhatTheEngineTookIsNotGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		found := w.tells("settled orders/a.json")
		w.rename("Outbox/orders/a.json", "Outbox/.sending/1")
		w.watcher.Forget("Outbox/orders/a.json", found[0].Info.Identity)
		w.pass(time.Hour)
		w.tells()

		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/a.json")
	})
}

func TestANewFileUnderTheNameOfOneThatWasTakenIsToldWithoutAnEvent(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		first := w.tells("settled orders/a.json")
		if err := os.Rename(w.full("Outbox/orders/a.json"), w.full("Outbox/.sending/1")); err != nil {
			t.Fatal(err)
		}
		w.put("Outbox/orders/a.json", `[{"id":"2"}]`, 0)
		w.watcher.Forget("Outbox/orders/a.json", first[0].Info.Identity)
		w.pass(60 * time.Millisecond)
		second := w.tells("settled orders/a.json")
		w.watcher.Forget("Outbox/orders/a.json", first[0].Info.Identity) // late, and about another file
		w.remove("Outbox/orders/a.json")
		w.pass(time.Second)
		gone := w.tells("gone orders/a.json")
		if gone[0].Info.Identity != second[0].Info.Identity {
			t.Fatal("the wrong file is gone")
		}
	})
}

func TestAgainTellsAFileOnceMore(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.put("Outbox/orders/a.json", complete, time.Hour)
		w.bell.ring(w.full("Outbox/orders/a.json"))
		w.pass(0)
		w.tells("settled orders/a.json")
		w.watcher.Again("Outbox/orders/a.json")
		w.pass(0)
		w.tells("settled orders/a.json")
		w.watcher.Again("Outbox/orders/none.json")
		w.watcher.Again("somewhere/else.json")
		w.pass(time.Hour)
		w.tells("gone orders/none.json")
	})
}

func TestWhatTheJournalKnowsIsNotToldAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		known := func(name string) Known {
			info, err := disk.OS().Lstat(w.full(name))
			if err != nil {
				t.Fatal(err)
			}
			return Known{Path: name, Info: info}
		}
		for _, name := range []string{"same", "edited", "removed"} {
			w.put("Outbox/orders/"+name+".json", complete, time.Hour)
			w.options.Known = append(w.options.Known, known("Outbox/orders/"+name+".json"))
		}
		w.put("Outbox/orders/edited.json", `[{"id":"2"}]`, time.Minute)
		w.remove("Outbox/orders/removed.json")
		w.put("Outbox/orders/new.json", complete, time.Hour)
		w.start()
		w.pass(time.Second)
		found := w.take()
		slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.Path, b.Path) })
		w.found = found
		w.tells("settled orders/edited.json", "settled orders/new.json", "gone orders/removed.json")
	})
}

func TestARefusedTellingIsRepeated(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.set(func() { w.fail = errors.New("disk full") })
		w.write("Outbox/orders/a.json", complete)
		w.pass(time.Minute)
		w.set(func() { w.fail = nil })
		w.pass(11 * time.Second)
		w.tells("settled orders/a.json")
		w.set(func() { w.fail = errors.New("disk full") })
		w.remove("Outbox/orders/a.json")
		w.pass(time.Minute)
		w.set(func() { w.fail = nil })
		w.pass(11 * time.Second)
		w.tells("gone orders/a.json")
	})
}

// folding is a file system that folds case, as Windows' and macOS' do: it finds a file under any spelling, and lists
// it under one.
type folding struct{ disk.FS }

func (f folding) Lstat(name string) (disk.Info, error) {
	info, err := f.FS.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return f.FS.Lstat(listed(name))
	}
	return info, err
}

func (f folding) Open(name string) (disk.File, error) {
	file, err := f.FS.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return f.FS.Open(listed(name))
	}
	return file, err
}

// listed is the spelling under which a file is listed.
func listed(name string) string {
	return filepath.Join(filepath.Dir(name), strings.ToLower(filepath.Base(name)))
}

func TestAFileIsToldUnderOneSpellingOnly(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.FS = folding{w.options.FS}
		w.start()
		w.put("Outbox/orders/a.json", complete, time.Minute)
		w.bell.ring(w.full("Outbox/orders/A.json")) // another spelling than the listing's
		w.pass(time.Hour)
		w.tells("settled orders/A.json")
		w.remove("Outbox/orders/a.json")
		w.pass(time.Minute)
		w.tells("gone orders/A.json")
	})
}

func TestWhereCaseCountsANewSpellingIsANewFile(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.put("Outbox/orders/a.json", complete, time.Minute)
		w.put("Outbox/orders/A.json", `[{"id":"2"}]`, time.Minute)
		w.bell.ring(w.full("Outbox/orders/a.json"))
		w.bell.ring(w.full("Outbox/orders/A.json"))
		w.pass(0)
		w.tells("settled orders/a.json", "settled orders/A.json")
		w.remove("Outbox/orders/A.json")
		w.pass(time.Second)
		w.tells("gone orders/A.json")
		w.rename("Outbox/orders/a.json", "Outbox/orders/A.json")
		w.pass(time.Second)
		w.tells("settled orders/A.json", "gone orders/a.json")
	})
}

// Somebody empties a file that waits, or drops an empty one under its name: what was told of it holds no longer, and the
// empty file is explained like any other. Who only writes it anew has the same file edited.
func TestAFileThatStaysEmptyIsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.put("Outbox/orders/a.json", complete, time.Minute)
		w.put("Outbox/orders/b.json", complete, time.Minute)
		w.pass(time.Minute)
		w.tells("settled orders/a.json", "settled orders/b.json")
		for _, name := range []string{"Outbox/orders/a.json", "Outbox/orders/b.json"} {
			w.write(name, "")
		}
		w.pass(30 * time.Second)
		w.tells()
		w.write("Outbox/orders/b.json", `[{"id":"2"}]`)
		w.pass(10 * time.Second)
		w.tells("settled orders/b.json")
		w.set(func() { w.fail = errors.New("no room in the journal") })
		w.pass(time.Minute)
		w.set(func() { w.fail = nil })
		w.pass(10 * time.Second)
		w.tells("gone orders/a.json")
		w.pass(time.Hour)
		w.tells()
		if loose := w.watcher.Loose(); len(loose) != 1 || loose[0].Path != "Outbox/orders/a.json" || loose[0].Problem.Code != codeEmpty {
			t.Errorf("of what waits is said %+v", loose)
		}
		w.write("Outbox/orders/a.json", complete)
		w.pass(time.Minute)
		w.tells("settled orders/a.json")
	})
}
