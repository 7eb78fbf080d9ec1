package outbox

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
)

const complete = `[{"id":"1"}]`

func TestAWrittenFileIsToldOnceAfterItsLastByte(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", `[{"id":`)
		w.pass(50 * time.Millisecond)
		w.write("Outbox/orders/a.json", `[{"id":"1"}`)
		w.pass(50 * time.Millisecond)
		w.write("Outbox/orders/a.json", complete)
		w.pass(59 * time.Millisecond)
		w.tells()
		w.pass(time.Millisecond)
		found := w.tells("settled orders/a.json")
		sum := sha256.Sum256([]byte(complete))
		if f := found[0]; f.SHA256 != hex.EncodeToString(sum[:]) || f.Info.Size != int64(len(complete)) || f.Scope != "orders" || f.Records != 1 || f.Info.Identity == "" {
			t.Fatalf("%+v", f)
		}
		w.pass(time.Hour)
		w.tells()
	})
}

func TestARenameIntoPlaceIsToldAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.put("Outbox/orders/a.json.part", complete, time.Second)
		w.pass(time.Minute)
		w.tells()
		w.rename("Outbox/orders/a.json.part", "Outbox/orders/a.json")
		w.tells("settled orders/a.json")
	})
}

func TestOnANetworkDriveTheTimeStampIsNotTrusted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.remote = true
		w.start()
		w.put("Outbox/orders/a.json", complete, time.Hour)
		w.bell.ring(w.full("Outbox/orders/a.json"))
		w.pass(59 * time.Millisecond)
		w.tells()
		w.pass(time.Millisecond)
		w.tells("settled orders/a.json")
	})
}

func TestAnEmptyFileIsNeverComplete(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", "")
		w.pass(10 * time.Minute)
		w.tells()
		w.shows("orders/a.json fileEmpty")
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/a.json")
		w.shows()
	})
}

func TestACutFileIsToldAfterAMinute(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", `[{"id":"1"},`)
		w.pass(59 * time.Second)
		w.tells()
		w.shows("orders/a.json fileIncomplete")
		w.pass(time.Second)
		found := w.tells("unsendable orders/a.json cut")
		if found[0].Scope != "orders" || found[0].Problem.Args["line"] != "1" {
			t.Fatalf("%+v", found[0])
		}
		w.shows()
	})
}

func TestACutFileThatAnotherProgramHoldsOpenIsWaitedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.set(func() { w.held = true })
		w.start()
		w.write("Outbox/orders/a.json", `[{"id":"1"},`)
		w.pass(10 * time.Minute)
		w.tells()
		w.shows("orders/a.json fileHeld")
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/a.json")
	})
}

func TestASyntaxErrorIsToldWhenTheFileHasCalmedDown(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", `[{"id" "1"}]`)
		w.pass(1900 * time.Millisecond)
		w.tells()
		w.pass(400 * time.Millisecond)
		w.tells("unsendable orders/a.json missingColon")

		w.put("Outbox/orders/b.json", `{"id" "1"}`, time.Minute)
		w.bell.ring(w.full("Outbox/orders/b.json"))
		w.pass(0)
		w.tells("unsendable orders/b.json missingColon")
	})
}

func TestABrokenContractIsToldAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.Scopes = []Scope{{Name: "orders", Contract: "order"}}
		w.start()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		found := w.tells("unsendable orders/a.json missingProperty")
		if found[0].Problem.Args["property"] == "" || len(found[0].Report.Problems) == 0 {
			t.Fatalf("%+v", found[0])
		}
	})
}

func TestAFileStillBeingWrittenIsNotBlamedForItsContract(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.Scopes = []Scope{{Name: "orders", Contract: "order"}}
		w.start()
		w.write("Outbox/orders/a.json", `[`+strings.Repeat(`{"id":"1"},`, 30)) // breaks its contract 30 times, and is cut
		w.pass(30 * time.Second)
		w.tells()
		w.write("Outbox/orders/a.json", `[`+strings.Repeat(`{"id":"1"},`, 30)+`{"id":"2"}]`)
		w.pass(60 * time.Millisecond)
		w.tells("unsendable orders/a.json missingProperty")
	})
}

func TestSpaceMadeBeforeTheContentIsWrittenIsWaitedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.write("Outbox/orders/a.json", `[{"id":"1"`+strings.Repeat("\x00", 100))
		w.pass(30 * time.Second)
		w.tells()
		w.write("Outbox/orders/a.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/a.json")
	})
}

func TestWhatIsIgnoredIsNotLookedAt(t *testing.T) {
	inWorld(t, func(w *world) {
		names := []string{
			".hidden.json", "~$orders.json", "orders.json.tmp", "orders.PART", "x.crdownload", "Desktop.ini", "thumbs.db", ".orders.1.postroom-part",
		}
		for _, folder := range []string{"Outbox/orders/", "Outbox/"} {
			for _, name := range names {
				w.put(folder+name, complete, time.Hour)
			}
		}
		w.put("Outbox/.sending/a.json", complete, time.Hour)
		w.put("Outbox/Held/a.json", complete, time.Hour)
		w.start()
		for _, name := range names {
			w.bell.ring(w.full("Outbox/orders/" + name))
		}
		w.pass(time.Hour)
		w.tells()
		w.shows()
		for _, never := range []string{"Outbox/.sending", "Outbox/Held", "Outbox/.sending/a.json", "Outbox/Held/a.json", "Outbox/orders/.hidden.json", "Outbox/Thumbs.db"} {
			for _, op := range []disktest.Op{disktest.Lstat, disktest.ReadDir, disktest.Open} {
				if n := w.looked(op, never); n != 0 {
					t.Errorf("%s %s: %d times", op, never, n)
				}
			}
		}
	})
}

func TestTheListOfIgnoredNamesMayChange(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("Outbox/orders/a.bak", complete, time.Hour)
		w.put("Outbox/orders/b.json", "", time.Hour)
		w.options.Ignore = []string{"*.bak"}
		w.start()
		w.shows("orders/b.json fileEmpty")
		w.tells()
		if err := w.watcher.Ignore([]string{"b*"}); err != nil {
			t.Fatal(err)
		}
		w.pass(0)
		w.tells("settled orders/a.bak")
		w.shows()
		if err := w.watcher.Ignore([]string{"[a"}); err == nil {
			t.Fatal("a broken pattern passed")
		}
	})
}

func TestDraggedOutOfHeldIsANewDrop(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("Outbox/Held/a.json", complete, time.Hour)
		w.start()
		w.rename("Outbox/Held/a.json", "Outbox/orders/a.json")
		w.tells("settled orders/a.json")
	})
}

func TestLinksFoldersAndPipesAreExplainedAndNotFollowed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("Outbox/.sending/target.json", complete, time.Hour)
		if err := os.Symlink(w.full("Outbox/.sending/target.json"), w.full("Outbox/orders/link.json")); err != nil {
			t.Skip("no links here:", err)
		}
		if err := os.Symlink(w.full("Outbox/Held"), w.full("Outbox/orders/linked folder")); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(w.full("Outbox/orders/folder"), 0o700); err != nil {
			t.Fatal(err)
		}
		w.put("Outbox/orders/folder/a.json", complete, time.Hour)
		w.start()
		w.pass(time.Hour)
		w.tells()
		w.shows("orders/folder fileIsFolder", "orders/link.json fileIsLink", "orders/linked folder fileIsLink")
		for _, name := range []string{"link.json", "linked folder", "folder", "folder/a.json"} {
			if n := w.looked(disktest.Open, "Outbox/orders/"+name); n != 0 {
				t.Errorf("%s was opened", name)
			}
		}
		w.remove("Outbox/orders/link.json")
		w.write("Outbox/orders/link.json", complete)
		w.pass(60 * time.Millisecond)
		w.tells("settled orders/link.json")
	})
}

func TestAFileThatCannotBeReadIsExplainedAndTriedAgain(t *testing.T) {
	for _, op := range []disktest.Op{disktest.Open, disktest.Lstat, disktest.Read, disktest.Stat} {
		t.Run(string(op), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.start()
				fault := func(o disktest.Op, name string) error {
					if o == op && name == "Outbox/orders/a.json" {
						return &fs.PathError{Op: string(op), Path: name, Err: fs.ErrPermission}
					}
					return nil
				}
				w.set(func() { w.fault = fault })
				w.write("Outbox/orders/a.json", complete)
				w.write("Outbox/orders/b.json", complete)
				w.pass(time.Minute)
				w.tells("settled orders/b.json")
				w.shows("orders/a.json fileUnreadable")
				if n := w.looked(op, "Outbox/orders/a.json"); n > 30 {
					t.Errorf("tried %d times in a minute", n)
				}
				w.set(func() { w.fault = nil })
				w.pass(11 * time.Second)
				w.tells("settled orders/a.json")
				w.shows()
			})
		})
	}
}

func TestAFileThatIsBusyIsWaitedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		fault := func(op disktest.Op, name string) error {
			if op == disktest.Open && name == "Outbox/orders/a.json" {
				return disk.ErrBusy
			}
			return nil
		}
		w.set(func() { w.fault = fault })
		w.write("Outbox/orders/a.json", complete)
		w.pass(time.Minute)
		w.tells()
		w.shows("orders/a.json fileHeld")
		w.set(func() { w.fault = nil })
		w.pass(11 * time.Second)
		w.tells("settled orders/a.json")
	})
}

func TestAFileThatKeepsChangingIsMentioned(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		for i := range 200 {
			w.write("Outbox/orders/a.json", complete+strings.Repeat(" ", i))
			w.pass(30 * time.Millisecond)
		}
		w.tells()
		loose := w.watcher.Loose()
		if len(loose) != 1 || loose[0].Problem.Code != "fileWriting" || loose[0].Scope != "orders" || loose[0].Size == 0 {
			t.Fatalf("%+v", loose)
		}
		w.pass(time.Second)
		w.tells("settled orders/a.json")
		w.shows()
	})
}
