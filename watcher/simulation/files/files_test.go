package files

import (
	"errors"
	"io"
	"io/fs"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/simulation/gate"
)

func TestKindsCompareAndStoreNamesAsTheyDo(t *testing.T) {
	const composed, decomposed = "\u00e4.json", "a\u0308.json"
	for kind, want := range map[*Kind]string{
		{}:    "A.json a.json a\u0308.json \u00e4.json ",
		&NTFS: "A.json a\u0308.json \u00e4.json ",
		&APFS: "A.json \u00e4.json ",
		&HFS:  "A.json a\u0308.json ",
	} {
		d, v := newDisk(t, *kind)
		for _, name := range []string{"A.json", "a.json", composed, decomposed} {
			if err := v.Drop("/w/"+name, nil, false); err != nil && !errors.Is(err, fs.ErrExist) {
				t.Fatal(err)
			}
		}
		var got string
		for f := range d.Walk("/w") {
			got += f.Path[3:] + " "
		}
		if got != want {
			t.Errorf("%s keeps %q, want %q", kind.Name, got, want)
		}
	}
}

func TestAnotherSpellingOfANameCanBeTaken(t *testing.T) {
	d, v := newDisk(t, NTFS)
	must(t, d.Lay("/w/a.json", []byte("one")))
	must(t, v.Move("/w/a.json", "/w/A.json"))
	wantTree(t, d, lines(`A.json "one"`))
}

func TestStampsAreAsCoarseAsTheKind(t *testing.T) {
	for _, kind := range []Kind{HFS, FAT} {
		d, v := newDisk(t, kind)
		must(t, d.Lay("/w/a", nil))
		i, err := v.Lstat("/w/a")
		must(t, err)
		if !i.ModTime.Equal(i.ModTime.Truncate(kind.Stamp)) {
			t.Errorf("%s: %v", kind.Name, i.ModTime)
		}
		if (i.Identity == "") != kind.NoIdentity {
			t.Errorf("%s: identity %q", kind.Name, i.Identity)
		}
	}
}

func TestAnIdentityIsGivenAgain(t *testing.T) {
	_, v := newDisk(t, Ext4)
	write(t, v, "/w/a", "one")
	first, err := v.Lstat("/w/a")
	must(t, err)
	must(t, v.Remove("/w/a"))
	write(t, v, "/w/b", "two")
	second, err := v.Lstat("/w/b")
	must(t, err)
	if first.Identity != second.Identity {
		t.Errorf("%s and %s", first.Identity, second.Identity)
	}
}

func TestOpenFilesAreInTheWayWhereTheSystemSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, engine := newDisk(t, NTFS)
		person := d.Person(d.gate.Process("person"))
		must(t, d.Lay("/w/a", []byte("one")))
		f, err := person.OpenWriting("/w/a", Writing{Append: true})
		must(t, err)
		start := time.Now()
		_, err = engine.Open("/w/a")
		wantError(t, err, disk.ErrBusy)
		if waited := time.Since(start); waited != 2*time.Second {
			t.Errorf("waited %v", waited)
		}
		wantError(t, engine.Move("/w/a", "/w/b"), disk.ErrBusy)
		wantError(t, engine.Remove("/w/a"), disk.ErrBusy)
		if !engine.Held("/w/a") {
			t.Error("nobody holds it")
		}
		must(t, f.Close())
		r, err := engine.Open("/w/a")
		must(t, err)
		_, err = person.OpenWriting("/w/a", Writing{})
		wantError(t, err, disk.ErrBusy)
		must(t, person.Rename("/w/a", "/w/b")) // the engine lets others rename what it reads
		must(t, r.Close())
		if d.gate.Counts()[countSharing] == 0 {
			t.Error("not counted")
		}
	})
}

func TestOpenFilesOfADeadProcessAreClosed(t *testing.T) {
	d, engine := newDisk(t, NTFS)
	p := d.gate.Process("person")
	must(t, d.Lay("/w/a", nil))
	_, err := d.Person(p).OpenWriting("/w/a", Writing{})
	must(t, err)
	p.Kill()
	must(t, engine.Move("/w/a", "/w/b"))
	if n := d.Open(); n != 0 {
		t.Errorf("%d files are open", n)
	}
}

func TestADeadProcessChangesNothing(t *testing.T) {
	d, v := newDisk(t, Ext4)
	f, err := v.Create("/w/a")
	must(t, err)
	v.process.Kill()
	_, err = f.Write([]byte("one"))
	wantError(t, err, gate.ErrDead)
	wantError(t, v.Move("/w/a", "/w/b"), gate.ErrDead)
	wantError(t, v.Mkdir("/w/d"), gate.ErrDead)
	_, err = v.Lstat("/w/a")
	wantError(t, err, gate.ErrDead)
	_, err = f.Stat()
	wantError(t, err, gate.ErrDead)
	must(t, f.Close())
	wantTree(t, d, lines(`a ""`))
}

func TestAVolumeGoesAndComesBack(t *testing.T) {
	for _, empty := range []bool{false, true} {
		d, v := newDisk(t, Ext4)
		must(t, d.Mount("/media/stick", FAT))
		must(t, d.Lay("/media/stick/d/a", []byte("one")))
		wantError(t, v.Move("/media/stick/d/a", "/w/a"), disk.ErrOtherVolume)
		f, err := v.Open("/media/stick/d/a")
		must(t, err)
		_, err = d.Unmount("/media/stick", empty, false)
		must(t, err)
		_, err = v.Lstat("/media/stick/d")
		wantError(t, err, fs.ErrNotExist)
		_, err = v.Lstat("/media/stick")
		if empty != (err == nil) {
			t.Errorf("empty=%v: %v", empty, err)
		}
		_, err = f.Read(make([]byte, 1))
		wantError(t, err, syscall.EIO)
		must(t, f.Close())
		if empty {
			write(t, v, "/media/stick/stray", "lost")
		}
		must(t, d.Remount("/media/stick"))
		if got := d.Tree("/media/stick"); got != lines("d/", `d/a "one"`) {
			t.Errorf("back is\n%s", got)
		}
		if strays := d.Strays(); empty != (len(strays) == 1) {
			t.Errorf("strays %v", strays)
		}
	}
}

func TestAFullDiskTakesWhatFits(t *testing.T) {
	d, v := newDisk(t, Ext4)
	f, err := v.Create("/w/a")
	must(t, err)
	must(t, d.SetFree("/w", 3))
	n, err := f.Write([]byte("12345"))
	if n != 3 {
		t.Errorf("%d bytes fitted", n)
	}
	wantError(t, err, syscall.ENOSPC)
	_, err = v.Create("/w/b")
	wantError(t, err, syscall.ENOSPC)
	must(t, f.Close())
	must(t, v.Remove("/w/a"))
	if free, err := v.Free("/w"); err != nil || free != 3 {
		t.Errorf("%d bytes are free, %v", free, err)
	}
}

func TestAReadOnlyFolderKeepsItsNames(t *testing.T) {
	d, v := newDisk(t, Ext4)
	must(t, d.Lay("/w/d/a", nil))
	must(t, v.Chmod("/w/d", 0o500))
	wantError(t, v.Move("/w/d/a", "/w/a"), fs.ErrPermission)
	wantError(t, v.Mkdir("/w/d/b"), fs.ErrPermission)
	must(t, v.Chmod("/w/d", 0o700))
	must(t, v.Chmod("/w/d/a", 0))
	_, err := v.Open("/w/d/a")
	wantError(t, err, fs.ErrPermission)
}

// TestFaultsComeAndAreCounted has every fault come on every operation that it can come on.
func TestFaultsComeAndAreCounted(t *testing.T) {
	for kind, c := range map[string]struct {
		faults Faults
		do     func(v *View) error
		want   error
	}{
		countNoSpace: {Faults{NoSpace: 1}, func(v *View) error { return v.Mkdir("/w/d") }, syscall.ENOSPC},
		countDenied:  {Faults{Denied: 1}, func(v *View) error { return v.Move("/w/a", "/w/b") }, fs.ErrPermission},
		countBusy:    {Faults{Busy: 1}, func(v *View) error { return v.Remove("/w/a") }, syscall.EBUSY},
		countIO: {Faults{IO: 1}, func(v *View) error {
			_, err := v.Open("/w/a")
			return err
		}, syscall.EIO},
		countLied: {Faults{Lied: 1}, func(v *View) error {
			err := v.Mkdir("/w/d")
			if _, e := v.Lstat("/w/d"); e != nil {
				return e
			}
			return err
		}, syscall.EIO},
		countShortRead: {Faults{ShortRead: 1}, func(v *View) error {
			f, err := v.Open("/w/a")
			if err != nil {
				return err
			}
			n, err := f.Read(make([]byte, 100))
			if n >= 3 {
				t.Errorf("read %d bytes", n)
			}
			return errors.Join(err, f.Close())
		}, nil},
		countTornList: {Faults{TornList: 1}, func(v *View) error {
			_, err := v.ReadDir("/w")
			return err
		}, nil},
		countSlow: {Faults{Slow: 1}, func(v *View) error {
			start := time.Now()
			_, err := v.Lstat("/w/a")
			if time.Since(start) == 0 {
				t.Error("no time went by")
			}
			return err
		}, nil},
		countScanner: {Faults{Scanner: 1, MostScanned: time.Second}, func(v *View) error {
			for v.disk.gate.Counts()[countSharing] == 0 {
				must(t, v.Move("/w/a", "/w/b"))
				if err := v.Move("/w/b", "/w/a"); err != nil {
					return err
				}
			}
			return nil
		}, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			d, v := newDisk(t, Kind{Sharing: true})
			must(t, d.Lay("/w/a", []byte("one")))
			must(t, d.Lay("/w/a2", nil))
			d.SetFaults(c.faults)
			if err := c.do(v); !errors.Is(err, c.want) {
				t.Errorf("%s: error %v, want %v", kind, err, c.want)
			}
			if d.gate.Counts()[kind] == 0 {
				t.Errorf("%s is not counted: %v", kind, d.gate.Counts())
			}
			if c.want == nil {
				return
			}
			before := d.gate.Counts()[kind]
			_ = c.do(d.Person(d.gate.Process("person")))
			if d.gate.Counts()[kind] != before {
				t.Errorf("a person came to %s", kind)
			}
		})
	}
}

func TestAReaderSeesOldAndNewHalves(t *testing.T) {
	d, v := newDisk(t, Ext4)
	must(t, d.Lay("/w/a", []byte("oldold")))
	f, err := v.Open("/w/a")
	must(t, err)
	p := make([]byte, 3)
	_, err = f.Read(p)
	must(t, err)
	w, err := d.Person(d.gate.Process("person")).OpenWriting("/w/a", Writing{})
	must(t, err)
	_, err = w.Write([]byte("newnew"))
	must(t, err)
	rest, err := io.ReadAll(f)
	must(t, err)
	if got := string(p) + string(rest); got != "oldnew" {
		t.Errorf("read %q", got)
	}
	if d.gate.Counts()[countTornRead] != 1 {
		t.Error("not counted")
	}
}

func TestAListMayMissWhatIsRenamedMeanwhile(t *testing.T) {
	lengths := make(map[int]bool)
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			g := gate.New(seed)
			d, v := diskAt(t, g, Ext4)
			for _, name := range []string{"/w/a", "/w/m", "/w/z"} {
				must(t, d.Lay(name, nil))
			}
			d.SetFaults(Faults{TornList: 1})
			lengths[len(listWhileRenaming(t, g, v, d.Person(g.Process("person"))))] = true
		})
	}
	if !lengths[2] || !lengths[3] {
		t.Errorf("lists are of these lengths: %v", lengths)
	}
}

func listWhileRenaming(t *testing.T, g *gate.Gate, v, person *View) (list []disk.Entry) {
	end := make(chan struct{})
	go func() {
		defer close(end)
		moved := make(chan error)
		go func() { moved <- person.Move("/w/z", "/w/b") }()
		var err error
		list, err = v.ReadDir("/w")
		if err = errors.Join(err, <-moved); err != nil {
			t.Error(err)
		}
	}()
	g.Run(end)
	return list
}
