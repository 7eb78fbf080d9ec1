package files

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

// afterCuts runs a story on many disks, each with a power cut of another seed, and counts what is left.
func afterCuts(t *testing.T, kind Kind, story func(d *Disk, v *View)) map[string]int {
	t.Helper()
	left := make(map[string]int)
	for seed := range uint64(300) {
		g := gate.New(seed)
		g.Free(true)
		d, v := diskAt(t, g, kind)
		d.FlushAll()
		story(d, v)
		d.Crash(true)
		left[d.Tree("/w")]++
	}
	return left
}

func TestNothingIsLostWhenAProcessEnds(t *testing.T) {
	d, v := newDisk(t, Ext4)
	write(t, v, "/w/a", "one")
	must(t, v.Move("/w/a", "/w/b"))
	if damage := d.Crash(false); len(damage) > 0 {
		t.Errorf("lost: %v", damage)
	}
	wantTree(t, d, lines(`b "one"`))
}

func TestWhatIsSyncedOutlivesAPowerCut(t *testing.T) {
	left := afterCuts(t, Ext4, func(_ *Disk, v *View) {
		must(t, disk.WriteFile(v, "/w/state", []byte("one")))
		must(t, v.Mkdir("/w/d"))
		must(t, v.Move("/w/state", "/w/d/state"))
		must(t, v.SyncDir("/w/d")) // and with it the folder's own name, which it builds on
	})
	if len(left) != 1 || left[lines("d/", `d/state "one"`)] == 0 {
		t.Errorf("left were %v", left)
	}
}

func TestContentThatWasNotSyncedIsLostZeroedOrTorn(t *testing.T) {
	left := afterCuts(t, Ext4, func(d *Disk, v *View) {
		write(t, v, "/w/a", "12345678")
		must(t, v.SyncDir("/w"))
	})
	for _, want := range []string{`""`, `"12345678"`, `"\x00\x00\x00\x00\x00\x00\x00\x00"`, `"1234"`} {
		if left[lines("a "+want)] == 0 {
			t.Errorf("never was left %s: %v", want, left)
		}
	}
}

func TestContentThatWasSyncedAndOverwrittenComesBackOrMixes(t *testing.T) {
	left := afterCuts(t, Ext4, func(d *Disk, v *View) {
		must(t, d.Lay("/w/a", []byte("abcdefgh")))
		f, err := v.OpenWriting("/w/a", Writing{})
		must(t, err)
		_, err = f.Write([]byte("1234"))
		must(t, err)
	})
	for _, want := range []string{"abcdefgh", "1234efgh", "12cdefgh"} {
		if left[lines(fmt.Sprintf("a %q", want))] == 0 {
			t.Errorf("never was left %s: %v", want, left)
		}
	}
}

func TestARenameIsUndoneInBothFoldersOrInNeither(t *testing.T) {
	left := afterCuts(t, Ext4, func(d *Disk, v *View) {
		must(t, d.Lay("/w/from/a", []byte("one")))
		must(t, d.MakeAll("/w/to"))
		must(t, v.Move("/w/from/a", "/w/to/a"))
	})
	if len(left) != 2 || left[lines("from/", `from/a "one"`, "to/")] == 0 || left[lines("from/", "to/", `to/a "one"`)] == 0 {
		t.Errorf("left were %v", left)
	}
}

func TestSyncingNamesDoesNothingWhereNamesAreLazy(t *testing.T) {
	lazy := NTFS
	lazy.LazyNames = true
	left := afterCuts(t, lazy, func(d *Disk, v *View) {
		must(t, d.Lay("/w/a", []byte("one")))
		must(t, v.Move("/w/a", "/w/b"))
		must(t, v.SyncDir("/w"))
	})
	if len(left) != 2 {
		t.Errorf("left were %v", left)
	}
}

func TestAPowerCutGivesBackWhatWasReplacedOrRemoved(t *testing.T) {
	d, v := newDisk(t, Ext4)
	must(t, d.Lay("/w/a", []byte("old")))
	must(t, d.Lay("/w/b", []byte("new")))
	must(t, d.Lay("/w/c", []byte("gone")))
	must(t, v.Rename("/w/b", "/w/a"))
	must(t, v.Remove("/w/c"))
	d.volumes[0].undo(func() bool { return false })
	wantTree(t, d, lines(`a "old"`, `b "new"`, `c "gone"`))
}

func TestTheSystemWritesByItselfInTime(t *testing.T) {
	g := gate.New(1)
	g.Free(true)
	d := New(g, Options{Writeback: 1}) // a nanosecond, which is over
	must(t, d.MakeAll("/w"))
	write(t, d.View(g.Process("engine")), "/w/a", "one")
	if damage := d.Crash(true); len(damage) > 0 {
		t.Errorf("lost: %v", damage)
	}
}

// TestAPowerCutUndoesOnlyWhatCameLast does any renames, syncs and removals: what a folder holds after the cut must be what
// it held at some time since its last sync.
func TestAPowerCutUndoesOnlyWhatCameLast(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := gate.New(rapid.Uint64().Draw(rt, "seed"))
		g.Free(true)
		d, v := diskAt(t, g, Kind{ReuseIdentity: true})
		folders := []string{"/w/x", "/w/y", "/w/z"}
		held := make(map[string][]string) // what each folder held since its last sync
		for _, f := range folders {
			must(t, d.MakeAll(f))
			held[f] = []string{content(d, f)}
		}
		name := rapid.Custom(func(rt *rapid.T) string {
			return rapid.SampledFrom(folders).Draw(rt, "folder") + "/" + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "name")
		})
		for n := range rapid.IntRange(1, 30).Draw(rt, "operations") {
			switch from := name.Draw(rt, "from"); rapid.IntRange(0, 5).Draw(rt, "operation") {
			case 0:
				_ = v.Drop(from, fmt.Append(nil, n), true)
				for _, f := range folders { // a drop is durable, and so is what it builds on
					held[f] = held[f][:1]
					held[f][0] = content(d, f)
				}
				d.FlushAll()
			case 1, 2:
				_ = v.Move(from, name.Draw(rt, "to"))
			case 3:
				_ = v.Rename(from, name.Draw(rt, "to"))
			case 4:
				_ = v.Remove(from)
			case 5:
				f := from[:4]
				must(t, v.SyncDir(f))
				held[f] = held[f][len(held[f])-1:]
			}
			for _, f := range folders {
				held[f] = append(held[f], content(d, f))
			}
		}
		d.Crash(true)
		seen := make(map[string]string)
		for _, f := range folders {
			now := content(d, f)
			if !slices.Contains(held[f], now) {
				rt.Errorf("%s holds %q after the cut, and never held that: %q", f, now, held[f])
			}
			for one := range strings.FieldsSeq(now) {
				_, what, _ := strings.Cut(one, "=")
				if seen[what] != "" {
					rt.Errorf("the content %s is in %s and in %s", what, seen[what], f)
				}
				seen[what] = f
			}
		}
	})
}

func content(d *Disk, folder string) string {
	var b strings.Builder
	for f := range d.Walk(folder) {
		fmt.Fprintf(&b, "%s=%s ", strings.TrimPrefix(f.Path, folder+"/"), f.Content)
	}
	return b.String()
}
