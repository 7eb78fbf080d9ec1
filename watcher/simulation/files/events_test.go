package files

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"postroom/watcher/outbox"
	"postroom/watcher/simulation/gate"
)

// listening runs a story with a watch on "/w" and tells what was heard.
func listening(t *testing.T, kind Kind, f EventFaults, story func(d *Disk, v *View)) (heard string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d, v := newDisk(t, kind)
		var mu sync.Mutex
		stop, err := d.Events(v.process, f).Watch("/w", func(n outbox.Notice) {
			mu.Lock()
			defer mu.Unlock()
			if n.Lost {
				n.Name = "!"
			}
			heard += n.Name + " "
		})
		must(t, err)
		story(d, v)
		synctest.Wait()
		stop()
	})
	return heard
}

func TestEventsTellOfEachChange(t *testing.T) {
	got := listening(t, Ext4, EventFaults{}, func(d *Disk, v *View) {
		f, err := v.Create("/w/a")
		must(t, err)
		_, err = f.Write([]byte("one"))
		must(t, err)
		must(t, f.Close())
		must(t, v.Move("/w/a", "/w/b"))
		must(t, v.Touch("/w/b", time.Now()))
		must(t, v.Mkdir("/w/d"))
		must(t, v.Move("/w/b", "/w/d/b"))
		must(t, v.Remove("/w/d/b"))
		must(t, v.Remove("/w/d"))
	})
	if want := "a a a b b d b d "; got != want {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestEventsComeToHarm(t *testing.T) {
	change := func(_ *Disk, v *View) { must(t, v.Mkdir("/w/d")) }
	for kind, c := range map[string]struct {
		faults EventFaults
		want   string
	}{
		"missed":   {EventFaults{Missed: 1}, ""},
		"doubled":  {EventFaults{Doubled: 1}, "d d "},
		"overflow": {EventFaults{Overflow: 1}, "! "},
		"late":     {EventFaults{Late: 1}, ""},
	} {
		if got := listening(t, Ext4, c.faults, change); got != c.want {
			t.Errorf("%s: heard %q, want %q", kind, got, c.want)
		}
	}
	got := listening(t, Ext4, EventFaults{Late: 1, MostLate: time.Second}, func(d *Disk, v *View) {
		change(d, v)
		time.Sleep(time.Second)
	})
	if got != "d " {
		t.Errorf("late: heard %q", got)
	}
	if got := listening(t, Share, EventFaults{}, change); got != "" {
		t.Errorf("a network drive told %q", got)
	}
}

func TestAWatchEndsWithItsFolder(t *testing.T) {
	gone := func(_ *Disk, v *View) {
		must(t, v.Rename("/w", "/v"))
		must(t, v.Mkdir("/v/d"))
		must(t, v.Mkdir("/w"))
		must(t, v.Mkdir("/w/d"))
	}
	if got := listening(t, Ext4, EventFaults{}, gone); got != "! " {
		t.Errorf("heard %q", got)
	}
	if got := listening(t, Ext4, EventFaults{Silent: 1}, gone); got != "" {
		t.Errorf("silent: heard %q", got)
	}
}

func TestAWatchedVolumeThatGoesAwayEndsTheWatch(t *testing.T) {
	got := listening(t, Ext4, EventFaults{}, func(d *Disk, v *View) {
		must(t, d.Mount("/media", Ext4))
		stop, err := d.Events(v.process, EventFaults{}).Watch("/media", func(n outbox.Notice) {
			if !n.Lost {
				t.Errorf("heard %+v", n)
			}
		})
		must(t, err)
		_, err = d.Unmount("/media", true, false)
		must(t, err)
		synctest.Wait()
		stop()
	})
	if got != "" {
		t.Errorf("heard %q", got)
	}
}

func TestADeadProcessHearsNothing(t *testing.T) {
	got := listening(t, Ext4, EventFaults{}, func(d *Disk, v *View) {
		v.process.Kill()
		must(t, d.Person(d.gate.Process("person")).Mkdir("/w/d"))
	})
	if got != "" {
		t.Errorf("heard %q", got)
	}
}

func TestAFolderThatIsNotThereCannotBeWatched(t *testing.T) {
	d, v := newDisk(t, Ext4)
	if _, err := d.Events(v.process, EventFaults{}).Watch("/no", nil); err == nil {
		t.Error("it can")
	}
	if _, err := d.Events(v.process, EventFaults{Refused: 1}).Watch("/w", nil); err == nil {
		t.Error("it can though the system has no watch left")
	}
}

// TestOneSeedIsOneRun has several processes at once on a disk full of faults.
func TestOneSeedIsOneRun(t *testing.T) {
	hashes := make(map[uint64]bool)
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			g := gate.New(5)
			d, _ := diskAt(t, g, NTFS)
			d.SetFaults(Faults{NoSpace: 9, Denied: 9, Busy: 9, IO: 9, ShortRead: 9, Slow: 9, Lied: 9, TornList: 9, Scanner: 3})
			end := make(chan struct{})
			var all sync.WaitGroup
			for n := range 4 {
				all.Go(func() { turmoil(d, g.Process(fmt.Sprint("p", n)), n) })
			}
			go func() {
				all.Wait()
				close(end)
			}()
			g.Run(end)
			hashes[g.Hash()] = true
		})
	}
	if len(hashes) != 1 {
		t.Errorf("one seed gave %d runs", len(hashes))
	}
}

func turmoil(d *Disk, p *gate.Process, n int) {
	v := d.View(p)
	stop, err := d.Events(p, EventFaults{Late: 3, Missed: 5, Doubled: 5, Overflow: 9}).Watch("/w", func(n outbox.Notice) {
		d.gate.Note(p.Name(), n.Name, fmt.Sprint(n.Lost))
	})
	if err == nil {
		defer stop()
	}
	for i := range 20 {
		name := fmt.Sprintf("/w/%d", (i+n)%5)
		if f, err := v.Create(name); err == nil {
			_, _ = f.Write([]byte(name))
			_ = f.Close()
		}
		if f, err := v.Open(name); err == nil {
			_, _ = f.Read(make([]byte, 10))
			_ = f.Close()
		}
		_ = v.Move(name, fmt.Sprintf("/w/%d", i%3))
		_, _ = v.ReadDir("/w")
		_ = v.Remove(name)
		time.Sleep(time.Millisecond)
	}
}
