package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
	"postroom/watcher/outbox"
)

// countingJournal counts what deliveries and lanes cost.
type countingJournal struct {
	*journal.Journal
	puts, looks    atomic.Int64
	steps, endings atomic.Int64 // commits with which a file goes on, and such that only say how one ended
}

func (c *countingJournal) Put(ctx context.Context, changes ...journal.Change) error {
	c.puts.Add(1)
	step, ended := false, false
	for _, change := range changes {
		if stepped, ok := change.(journal.Stepped); ok {
			t := stepped.Transfer
			step = step || t.State.InFlight()
			ended = ended || t.State == journal.Accepted && t.ResultState == journal.ResultAwaited && t.ResultPath == ""
		}
	}
	if step {
		c.steps.Add(1)
	} else if ended {
		c.endings.Add(1)
	}
	return c.Journal.Put(ctx, changes...)
}

func (c *countingJournal) Same(ctx context.Context, company string, since time.Time, sha256 ...string) ([]journal.Transfer, error) {
	c.looks.Add(1)
	return c.Journal.Same(ctx, company, since, sha256...)
}

func (r *rig) counting() *countingJournal {
	counting := &countingJournal{}
	r.options.Journal = func(ctx context.Context) (Journal, error) {
		j, err := journal.Open(ctx, filepath.Join(r.home, journalFile), journal.Options{})
		counting.Journal = j
		return counting, err
	}
	return counting
}

// pausedRig is a running agent with one company that sends nothing for now.
func pausedRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, sandbox.Options{})
	r.connect(acme)
	r.start()
	r.pass(time.Second)
	if err := r.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestManyFilesOfOneDeliveryCostOneLookAndOneCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		r.connect(acme)
		counting := r.counting()
		r.start()
		r.pass(time.Second)
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		var found []outbox.Finding
		for i := range 50 {
			found = append(found, settledAs(fmt.Sprintf("%d.json", i), fmt.Sprintf("%064x", i)))
		}
		puts, looks := counting.puts.Load(), counting.looks.Load()
		if err := r.companyOf(acme).deliver(t.Context(), found); err != nil {
			t.Fatal(err)
		}
		if puts, looks := counting.puts.Load()-puts, counting.looks.Load()-looks; puts != 1 || looks != 1 {
			t.Errorf("%d commits and %d looks for 50 files", puts, looks)
		}
	})
}

// Of a file in a full lane: the claim with the last word of the one before, the record, the content.
func TestAFileInAFullLaneCostsThreeCommitsOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		r.connect(acme)
		counting := r.counting()
		const files = 10
		for i := range files {
			r.drop(acme, fmt.Sprintf("Outbox/orders/%d.json", i), orders(i+1, 1))
		}
		r.start()
		r.drain()
		for i := range files {
			r.expect(fmt.Sprintf("%d.json", i), journal.Accepted)
		}
		if steps, endings := counting.steps.Load(), counting.endings.Load(); steps != 3*files || endings < 1 || endings > 2 { // two where the first was through before the second came
			t.Errorf("%d steps and %d endings by themselves", steps, endings)
		}
	})
}

// What one file of a delivery becomes may be what the next is equal to.
func TestAFileEqualToOneThatWasEditedInTheSameDeliveryIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pausedRig(t)
		c := r.companyOf(acme)
		before, after, other := fmt.Sprintf("%064x", 1), fmt.Sprintf("%064x", 2), fmt.Sprintf("%064x", 3)
		for _, found := range [][]outbox.Finding{
			{settledAs("a.json", before)},
			{settledAs("b.json", other), settledAs("a.json", after), settledAs("c.json", after)},
		} {
			if err := c.deliver(t.Context(), found); err != nil {
				t.Fatal(err)
			}
		}
		r.expect("a.json", journal.Queued)
		r.expect("b.json", journal.Queued)
		if held := r.expect("c.json", journal.Held); held.Problem.Args["other"] != "a.json" {
			t.Errorf("held for %v", held.Problem)
		}
	})
}

func settledAs(name, sha256 string) outbox.Finding {
	return outbox.Finding{
		Kind: outbox.Settled, Path: "Outbox/orders/" + name, Scope: "orders", SHA256: sha256, Records: 1,
		Info: disk.Info{Size: 12, ModTime: time.Now(), Identity: name},
	}
}

// cutOff is a drive whose answers are lost for a while, once a file was claimed: the claim has happened.
type cutOff struct {
	disk.FS
	lost atomic.Bool
}

func (u *cutOff) Move(oldName, newName string) error {
	err := u.FS.Move(oldName, newName)
	if err == nil && aside(newName) && u.lost.Load() {
		return errors.New("the connection to the drive was lost")
	}
	return err
}

func (u *cutOff) Lstat(name string) (disk.Info, error) {
	if aside(name) && u.lost.Load() {
		return disk.Info{}, errors.New("the connection to the drive was lost")
	}
	return u.FS.Lstat(name)
}

func aside(name string) bool { return filepath.Base(filepath.Dir(name)) == ".sending" }

func TestAFileThatComesUnderTheNameOfAClaimedOneIsAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		r.connect(acme)
		drive := &cutOff{FS: disk.OS()}
		drive.lost.Store(true)
		r.options.FS = drive
		first, second := orders(1, 1), orders(2, 2)
		r.drop(acme, "Outbox/orders/a.json", first)
		r.start()
		r.pass(time.Second)
		r.drop(acme, "Outbox/orders/a.json", second)
		r.pass(time.Minute)
		if got := r.expect("a.json", journal.Queued); got.Size != int64(len(first)) {
			t.Errorf("what is known of the first was written over: %d bytes", got.Size)
		}
		drive.lost.Store(false)
		r.drain()
		both, err := r.journal.Transfers(t.Context(), journal.Query{})
		if err != nil {
			t.Fatal(err)
		}
		taken := make(map[int64]int)
		for _, one := range both {
			taken[one.Size]++
			if one.State != journal.Accepted {
				t.Errorf("%s of %d bytes is %s\n%s", one.Name, one.Size, one.State, r.log)
			}
		}
		if len(both) != 2 || taken[int64(len(first))] != 1 || taken[int64(len(second))] != 1 {
			t.Errorf("taken, by size: %v", taken)
		}
		r.blameless()
	})
}

// A person renames a file that waits and drops another under its name, all before anybody looks: two files, and neither is
// taken for one that was sent before.
func TestAFileWhoseNameWasGivenToAnotherIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pausedRig(t)
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Minute)
		was := r.expect("a.json", journal.Queued)
		folder := filepath.Join(r.desk, acme, "Outbox", "orders")
		if err := os.Rename(filepath.Join(folder, "a.json"), filepath.Join(folder, "0.json")); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/a.json", orders(2, 2))
		r.pass(time.Minute)
		if renamed, another := r.expect("0.json", journal.Queued), r.expect("a.json", journal.Queued); renamed.ID != was.ID || another.ID == was.ID {
			t.Errorf("%s went on as %s, and %s is another", was.ID, renamed.ID, another.ID)
		}
	})
}

func TestAFileThatWasEmptiedIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pausedRig(t)
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Minute)
		r.drop(acme, "Outbox/orders/a.json", nil)
		r.pass(2 * time.Minute)
		gone := r.expect("a.json", journal.Cancelled)
		if files := r.files(acme); !strings.Contains(files, "Outbox/orders/a.json") {
			t.Errorf("the empty file is gone:\n%s", files)
		}
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Minute)
		if again := r.expect("a.json", journal.Queued); again.ID == gone.ID {
			t.Error("what was written later is the same transfer")
		}
	})
}

// A person renames a file in the moment in which its lane is about to claim it, and the lane says first that it is gone.
func TestAFileThatItsLaneFoundGoneIsANewOneUnderItsNewName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		r.connect(acme)
		r.start()
		r.pass(time.Second)
		c := r.companyOf(acme)
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		found := settledAs("a.json", fmt.Sprintf("%064x", 1))
		if err := c.deliver(t.Context(), []outbox.Finding{found}); err != nil {
			t.Fatal(err)
		}
		if err := c.gone(t.Context(), r.expect("a.json", journal.Queued)); err != nil {
			t.Fatal(err)
		}
		was := r.expect("a.json", journal.Cancelled)
		r.crashed = time.Now() // the run before ended a moment ago
		found.Path = "Outbox/orders/b.json"
		moved, err := c.follow(t.Context(), was.ID, found)
		if is := r.expect("a.json", journal.Cancelled); moved || err != nil || is.From != "" {
			t.Errorf("moved %v, from %q: %v", moved, is.From, err)
		}
	})
}
