package watcher

import (
	"context"
	"fmt"
	"path/filepath"
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
		r := newRig(t, sandbox.Options{})
		r.connect(acme)
		r.start()
		r.pass(time.Second)
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
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
