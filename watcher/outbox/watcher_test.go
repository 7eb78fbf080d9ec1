package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
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
		w.tells()
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
