package files

import (
	"io/fs"
	"testing"
	"testing/synctest"

	"postroom/watcher/disk"
)

// On Windows and its shares a file that is removed while a program reads it keeps its name until that is done.
func TestARemovedFileKeepsItsNameUntilItIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // what is in the way is tried again
		d, v := newDisk(t, Share)
		write(t, v, "/w/a.json", "content")
		f, err := v.Open("/w/a.json")
		must(t, err)
		must(t, v.Remove("/w/a.json"))
		wantTree(t, d, "") // nobody counts on it any more
		_, err = v.Open("/w/a.json")
		wantError(t, err, disk.ErrBusy)
		_, err = v.Create("/w/a.json")
		wantError(t, err, disk.ErrBusy)
		wantError(t, v.Move("/w/a.json", "/w/b.json"), disk.ErrBusy)
		names, err := v.ReadDir("/w")
		must(t, err)
		if len(names) != 1 {
			t.Errorf("%d names are listed, want the one that goes last", len(names))
		}
		must(t, f.Close())
		_, err = v.Lstat("/w/a.json")
		wantError(t, err, fs.ErrNotExist)
		write(t, v, "/w/a.json", "another")
		wantTree(t, d, lines(`a.json "another"`))
	})
}

func TestARemovalThatWaitsIsDoneByTheEndOfTheProcessAndUndoneByAPowerCut(t *testing.T) {
	for name, c := range map[string]struct {
		powerCut bool
		want     string
	}{"the process ends": {false, ""}, "the power goes": {true, lines(`a.json "content"`)}} {
		t.Run(name, func(t *testing.T) {
			d, v := newDisk(t, Share)
			write(t, v, "/w/a.json", "content")
			d.FlushAll()
			_, err := v.Open("/w/a.json")
			must(t, err)
			must(t, v.Remove("/w/a.json"))
			v.process.Kill()
			d.Crash(c.powerCut)
			wantTree(t, d, c.want)
		})
	}
}

func TestAReadIsMetInTheMiddle(t *testing.T) {
	d, v := newDisk(t, Ext4)
	person := d.Person(d.gate.Process("person"))
	must(t, person.Drop("/w/a.json", []byte("0123456789"), false))
	begun, stop, err := person.Reading("/w/a.json")
	must(t, err)
	f, err := v.Open("/w/a.json")
	must(t, err)
	defer f.Close()
	first := make([]byte, 10)
	n, err := f.Read(first)
	must(t, err)
	if <-begun; n == 10 {
		t.Error("it was read in one go")
	}
	stop()
	must(t, person.Overwrite("/w/a.json", []byte("abcdefghijklmno")))
	rest := make([]byte, 20)
	m, err := f.Read(rest)
	must(t, err)
	if got, want := string(first[:n])+string(rest[:m]), "0123456789"[:n]+"abcdefghijklmno"[n:]; got != want {
		t.Errorf("the reader has %q, want %q", got, want)
	}
	if d.gate.Counts()[countTornRead] != 1 {
		t.Error("nobody has counted it")
	}
}
