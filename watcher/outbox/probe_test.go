package outbox

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
)

// probed has a world try out whether events arrive; those of folders do that echo tells.
func (w *world) probed(echo func(folder string) bool) {
	w.options.Probe = true
	w.set(func() {
		w.fault = func(op disktest.Op, name string) error {
			if op == disktest.Create && filepath.Base(name) == probeName && echo(filepath.ToSlash(filepath.Dir(name))) {
				w.bell.ring(w.full(name))
			}
			return nil
		}
	})
}

func TestAFolderWithoutEventsIsFoundOutAndSwept(t *testing.T) {
	inWorld(t, func(w *world) {
		w.probed(func(folder string) bool { return folder != "Outbox/orders" })
		w.start()
		w.pass(2 * probeWait)
		want := map[string]Arrival{"Outbox": ArrivalEvents, "Outbox/orders": ArrivalSwept, "Outbox/customers": ArrivalEvents}
		for folder, arrival := range w.watcher.Arrivals() {
			if arrival != want[folder] {
				t.Errorf("%s: %q, want %q", folder, arrival, want[folder])
			}
		}
		w.looksBegin()
		w.pass(w.watcher.pace.Sweep)
		if n := w.looked(disktest.ReadDir, "Outbox/orders"); n < 9 {
			t.Errorf("the folder without events was looked at %d times in %v", n, w.watcher.pace.Sweep)
		}
		if n := w.looked(disktest.ReadDir, "Outbox/customers"); n > 2 {
			t.Errorf("one with events was looked at %d times", n)
		}
		w.nothingLeft()
		w.tells()
		w.shows()
	})
}

// nothingLeft fails when a probe is still there.
func (w *world) nothingLeft() {
	w.t.Helper()
	left, err := filepath.Glob(w.full("Outbox/*/" + probeName))
	if err != nil || len(left) > 0 {
		w.t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAnEventThatComesLateIsBelieved(t *testing.T) {
	inWorld(t, func(w *world) {
		w.probed(func(string) bool { return false })
		w.start()
		w.pass(2 * probeWait)
		if got := w.watcher.Arrivals()["Outbox/orders"]; got != ArrivalSwept {
			t.Fatalf("%q", got)
		}
		w.bell.ring(w.full("Outbox/orders/" + probeName))
		w.pass(showEvery)
		if got := w.watcher.Arrivals()["Outbox/orders"]; got != ArrivalEvents {
			t.Errorf("%q", got)
		}
	})
}

func TestAProbeThatACrashLeftIsRemoved(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("Outbox/orders/"+probeName, "", 0)
		w.probed(func(string) bool { return true })
		w.start()
		w.pass(probeWait)
		w.nothingLeft()
		w.tells()
	})
}

func TestAFolderThatCannotBeWrittenIsNotHeldAgainstItsEvents(t *testing.T) {
	inWorld(t, func(w *world) {
		w.options.Probe = true
		w.set(func() {
			w.fault = func(op disktest.Op, name string) error {
				if op == disktest.Create {
					return os.ErrPermission
				}
				return nil
			}
		})
		w.start()
		w.pass(2 * probeWait)
		if got := w.watcher.Arrivals()["Outbox/orders"]; got != ArrivalUnknown {
			t.Errorf("%q", got)
		}
	})
}

func TestANetworkDriveIsSweptWhateverArrives(t *testing.T) {
	inWorld(t, func(w *world) {
		w.remote = true
		w.probed(func(string) bool { return true })
		w.start()
		w.pass(2 * probeWait)
		if got := w.watcher.Arrivals()["Outbox/orders"]; got != ArrivalSwept {
			t.Errorf("%q", got)
		}
		if n := w.counted(string(disktest.Create)); n != 0 {
			t.Errorf("%d probes", n)
		}
	})
}

func TestASystemWithoutEventsIsToldAsSwept(t *testing.T) {
	inWorld(t, func(w *world) {
		w.bell.fail = errors.New("no instance left")
		w.options.Probe = true
		w.start()
		w.pass(showEvery)
		if got := w.watcher.Arrivals()["Outbox/orders"]; got != ArrivalSwept {
			t.Errorf("%q", got)
		}
	})
}

func TestTheSystemsEventsAnswerTheProbe(t *testing.T) {
	notifier, err := NewNotifier(nil)
	if err != nil {
		t.Skipf("the system has no watch to give: %v", err)
	}
	defer notifier.Close()
	dir := t.TempDir()
	heard := make(chan struct{}, 8)
	stop, err := notifier.Watch(dir, func(n Notice) {
		if n.Name == probeName {
			heard <- struct{}{}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	w := &Watcher{options: Options{FS: disk.OS(), Probe: true}}
	w.probe(&folder{full: dir, stop: func() {}})
	<-heard
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
