package outbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
)

func TestAScopesFolderThatIsALinkIsNotFollowed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.remove("Outbox/orders")
		w.put("Outbox/Held/a.json", complete, time.Hour)
		if err := os.Symlink(w.full("Outbox/Held"), w.full("Outbox/orders")); err != nil {
			t.Skip("no links here:", err)
		}
		w.start()
		w.pass(time.Minute)
		w.tells()
		w.shows("orders outboxBlocked")
	})
}

func TestFilesAreToldInTheOrderInWhichTheyCame(t *testing.T) {
	inWorld(t, func(w *world) {
		var want []string
		for i := range 100 { // before the start, newest names first
			w.put(fmt.Sprintf("Outbox/orders/%03d.json", 100-i), complete, time.Hour-time.Duration(i)*time.Second)
			want = append(want, fmt.Sprintf("settled orders/%03d.json", 100-i))
		}
		w.start()
		w.tells(want...)
		want = nil
		for i := range 200 { // while it runs
			name := fmt.Sprintf("Outbox/orders/%x.json", i*7919%1009)
			w.put(name, complete, 0)
			w.bell.ring(w.full(name))
			want = append(want, "settled "+strings.TrimPrefix(name, "Outbox/"))
		}
		w.pass(60 * time.Millisecond)
		w.tells(want...)
	})
}

func TestWithoutEventsTheSweepFindsEverything(t *testing.T) {
	for name, without := range map[string]func(w *world){
		"none at all":     func(w *world) { w.options.Events = nil },
		"refused":         func(w *world) { w.bell.fail = errors.New("no space left on device") },
		"a network drive": func(w *world) { w.remote = true },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				without(w)
				w.start()
				w.put("Outbox/orders/a.json", complete, 0)
				w.pass(3*time.Second + 60*time.Millisecond)
				w.tells("settled orders/a.json")
				if err := os.Remove(w.full("Outbox/orders/a.json")); err != nil {
					t.Fatal(err)
				}
				w.pass(4 * time.Second)
				w.tells("gone orders/a.json")
			})
		})
	}
}

func TestLostEventsAreMadeUpForAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.pass(time.Second)
		w.put("Outbox/orders/a.json", complete, time.Minute)
		w.bell.lose()
		w.pass(time.Millisecond)
		w.tells("settled orders/a.json")
		w.put("Outbox/orders/b.json", complete, time.Minute)
		w.bell.ring(w.full("Outbox/orders/b.json"))
		w.pass(0)
		w.tells("settled orders/b.json") // the watch was begun anew
	})
}

func TestAMissedEventIsMadeUpForByTheNextSweep(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.put("Outbox/orders/a.json", complete, 0)
		w.pass(31 * time.Second)
		w.tells("settled orders/a.json")
		w.put("Outbox/orders/a.json", `[{"id":"2"}]`, 0)
		w.pass(31 * time.Second)
		w.tells("settled orders/a.json")
	})
}

func TestAfterSleepEverythingIsLookedAt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.put("Outbox/orders/a.json", complete, 0)
		w.set(func() { w.slept = 8 * time.Hour }) // the wall clock went on, package time did not
		w.pass(5 * time.Second)
		w.tells("settled orders/a.json")
	})
}

func TestAFolderThatVanishesTakesNothingWithIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(time.Second)
		w.tells("settled orders/a.json")
		away := w.dir + ".away"
		if err := os.Rename(w.dir, away); err != nil {
			t.Fatal(err)
		}
		w.bell.lose()
		w.pass(time.Hour)
		w.tells()
		if p := w.watcher.Problem(); p == nil || p.Code != "outboxGone" {
			t.Fatalf("problem %v", p)
		}
		if _, err := os.Lstat(w.dir); !errors.Is(err, fs.ErrNotExist) {
			t.Fatal("a folder was made where the drive used to be")
		}
		if err := os.Rename(away, w.dir); err != nil {
			t.Fatal(err)
		}
		w.put("Outbox/orders/b.json", complete, time.Minute)
		w.pass(4 * time.Second)
		w.tells("settled orders/b.json")
		if p := w.watcher.Problem(); p != nil {
			t.Fatalf("problem %v", p)
		}
		w.write("Outbox/orders/c.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/c.json") // watched again
	})
}

func TestAScopesFolderThatWasRemovedIsMadeAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(time.Second)
		w.tells("settled orders/a.json")
		w.remove("Outbox/orders")
		w.bell.lose()
		w.pass(4 * time.Second)
		w.tells("gone orders/a.json")
		w.write("Outbox/orders/b.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/b.json")
	})
}

func TestScopesMayComeAndGo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/a.json")
		if err := w.watcher.Scopes([]Scope{{Name: "invoices"}}); err != nil {
			t.Fatal(err)
		}
		w.pass(0)
		w.write("Outbox/invoices/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled invoices/a.json")
		w.shows("customers fileIsFolder", "orders fileIsFolder")
		if err := w.watcher.Scopes([]Scope{{Name: "invoices"}, {Name: "orders"}}); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		w.tells() // what was told stays told
		for _, bad := range []string{"", "..", "a/b", "held", ".sending", "con"} {
			if err := w.watcher.Scopes([]Scope{{Name: bad}}); err == nil {
				t.Errorf("scope %q passed", bad)
			}
		}
		if err := w.watcher.Scopes([]Scope{{Name: "orders"}, {Name: "Orders"}}); err == nil {
			t.Error("two scopes share a folder on Windows and macOS")
		}
	})
}

func TestASweepLooksOnlyAtWhatIsNewOrDue(t *testing.T) {
	inWorld(t, func(w *world) {
		const many = 2000
		for i := range many {
			w.put(fmt.Sprintf("Outbox/orders/%04d.json", i), complete, time.Hour)
		}
		w.start()
		if found := w.take(); len(found) != many {
			t.Fatalf("told %d", len(found))
		}
		w.looksBegin()
		w.put("Outbox/orders/new.json", complete, time.Hour)
		w.pass(31 * time.Second)
		w.tells("settled orders/new.json")
		if looks := w.counted(string(disktest.Lstat) + " Outbox/orders/"); looks > roundSize+5 {
			t.Errorf("%d looks for one new file among %d", looks, many)
		}
		w.put("Outbox/orders/1999.json", `[{"id":"2"}]`, time.Minute) // its event is lost
		w.pass(time.Duration(many/roundSize+2) * 31 * time.Second)
		w.tells("settled orders/1999.json")
	})
}

func TestNothingIsDoneWhileNothingHappens(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", "")
		w.write("Outbox/orders/b.json", complete)
		w.pass(time.Minute)
		w.looksBegin()
		w.pass(10 * time.Minute)
		if perMinute := w.counted("") / 10; perMinute > 30 {
			t.Errorf("%d operations a minute", perMinute)
		}
	})
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := Options{FS: disk.OS(), Checker: checker(), Folder: t.TempDir(), Deliver: func(context.Context, []Finding) error { return nil }}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(o *Options){
		"no file system":  func(o *Options) { o.FS = nil },
		"no checker":      func(o *Options) { o.Checker = nil },
		"nobody to tell":  func(o *Options) { o.Deliver = nil },
		"relative folder": func(o *Options) { o.Folder = "company" },
		"bad pattern":     func(o *Options) { o.Ignore = []string{"[]a]"} },
		"bad scope":       func(o *Options) { o.Scopes = []Scope{{Name: "../x"}} },
	} {
		bad := good
		spoil(&bad)
		if _, err := New(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAProcessThatWasStoppedLooksAtEverything(t *testing.T) {
	inWorld(t, func(w *world) {
		jumps := 0
		w.options.Jumped = func() { w.set(func() { jumps++ }) }
		deliver := w.options.Deliver
		w.options.Deliver = func(ctx context.Context, found []Finding) error {
			<-time.After(late*5*time.Second + time.Second) // it stands still for so long, with both clocks going on
			return deliver(ctx, found)
		}
		w.start()
		w.pass(time.Minute)
		if jumps != 0 {
			t.Fatalf("%d jumps while it ran", jumps)
		}
		w.write("Outbox/orders/a.json", complete)
		w.pass(30 * time.Second)
		if jumps != 1 {
			t.Errorf("%d jumps were noticed", jumps)
		}
	})
}
