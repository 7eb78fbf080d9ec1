package watcher

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/assets"
	"postroom/watcher/disk"
)

// desktop is a file system that knows who has its files open.
type desktop struct {
	disk.FS
	open  map[string]string
	asked int
}

func (d *desktop) Opener(name string) string {
	d.asked++
	return d.open[name]
}

func TestTheProgramThatHasAFileOpenIsToldAndRememberedForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desktop{open: map[string]string{"/a.json": "excel"}}
		e := &Engine{fs: d}
		held := newProblem("fileHeld", "name", "a.json")
		for range 3 {
			if p := e.withOpener(held, "/a.json"); p.Args["program"] != "excel" || p.Args["name"] != "a.json" {
				t.Errorf("told %+v", p)
			}
		}
		if held.Args["program"] != "" || d.asked != 1 {
			t.Errorf("the problem became %+v, asked %d times", held, d.asked)
		}
		time.Sleep(openerGood + time.Second)
		d.open = nil
		if p := e.withOpener(held, "/a.json"); p.Args["program"] != "" || d.asked != 2 {
			t.Errorf("told %+v after it was closed, asked %d times", p, d.asked)
		}
		for _, path := range strings.Split(strings.Repeat("/x ", 3*mostOpeners), " ") {
			d.open = nil
			e.withOpener(held, path+time.Now().String()+string(rune('a'+d.asked)))
		}
		if d.asked > mostOpeners+3 {
			t.Errorf("asked %d times at once", d.asked)
		}
		if p := e.withOpener(newProblem("fileEmpty"), "/a.json"); len(p.Args) != 0 {
			t.Errorf("an empty file is told as %+v", p)
		}
	})
	what, _ := assets.For("en").Problem("fileHeld", map[string]string{"name": "a.json", "program": "excel"})
	if what != "a.json is open in another program (excel)." {
		t.Errorf("it reads %q", what)
	}
}
