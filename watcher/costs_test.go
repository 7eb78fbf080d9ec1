package watcher

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postroom/watcher/disk"
	"postroom/watcher/disk/disktest"
	"postroom/watcher/journal"
)

// tally counts what a journey costs: calls of the file-system door, by what they are and where, and what is put into the
// journal about it, each of which is durable before the next step.
type tally struct {
	r *rig

	mu    sync.Mutex // guards what follows
	calls map[string]int
	puts  []string // the state that each Put leaves the transfer in; progress while it is processed once, however often it is told
}

// sweeps are the calls of every sweep, whether there is a file or not.
var sweeps = []string{"lstat Outbox", "readdir Outbox", "lstat Outbox/orders", "readdir Outbox/orders"}

func (c *tally) call(op disktest.Op, name string) error {
	place, err := filepath.Rel(filepath.Join(c.r.desk, acme), name)
	called := string(op) + " " + filepath.ToSlash(place)
	if err != nil || strings.HasPrefix(place, "..") || slices.Contains(sweeps, called) {
		return nil //nolint:nilerr // not of the company's folder
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[called]++
	return nil
}

// tallied is a journal that is looked over the shoulder.
type tallied struct {
	*journal.Journal
	c *tally
}

func (j tallied) Put(ctx context.Context, changes ...journal.Change) error {
	states := []string{}
	for _, change := range changes {
		switch change := change.(type) {
		case journal.Added:
			states = append(states, string(change.Transfer.State))
		case journal.Stepped:
			states = append(states, string(change.Transfer.State))
		}
	}
	if put := strings.Join(states, "+"); put != "" {
		j.c.mu.Lock()
		if at := len(j.c.puts) - 1; at < 0 || put != string(journal.Processing) || j.c.puts[at] != put {
			j.c.puts = append(j.c.puts, put)
		}
		j.c.mu.Unlock()
	}
	return j.Journal.Put(ctx, changes...)
}

// taken gives what was counted since the last time. The transfer's ID is written as ID.
func (c *tally) taken() (calls map[string]int, puts string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls = map[string]int{}
	id := ""
	for call := range c.calls {
		if at, found := strings.CutPrefix(call, "move Outbox/.sending/"); found {
			id = at
		}
	}
	for call, n := range c.calls {
		if id != "" {
			call = strings.ReplaceAll(call, id, "ID")
		}
		calls[strings.ReplaceAll(call, month(), "MONTH")] += n
	}
	puts = strings.Join(c.puts, " ")
	c.calls, c.puts = map[string]int{}, nil
	return calls, puts
}

// TestOneJourneyCostsSoManyCallsAndCommits holds what one small file costs from its drop until its result lies in Inbox, so
// that whoever adds a system call or a commit sees it here, and says why it is worth it. It is no limit.
func TestOneJourneyCostsSoManyCallsAndCommits(t *testing.T) {
	type cost struct {
		call  string
		times int
		why   string
	}
	inBubble(t, slow, func(t *testing.T, r *rig) {
		c := &tally{r: r, calls: map[string]int{}}
		r.options.FS = disktest.Faults{FS: disk.OS(), Before: c.call}
		r.options.Journal = func(ctx context.Context) (Journal, error) {
			j, err := journal.Open(ctx, filepath.Join(r.home, journalFile), journal.Options{})
			return tallied{j, c}, err
		}
		r.start()
		r.pass(time.Minute)
		c.taken()
		r.drop(acme, "Outbox/orders/november.json", orders(1, 3))
		for _, part := range []struct {
			name  string
			pass  time.Duration
			puts  string
			costs []cost
		}{
			{
				"from the drop to the platform", 5 * time.Second, "queued claimed created sent validating validating",
				[]cost{
					{"lstat Outbox/orders/november.json", 4, "found; unchanged a moment later; as it was when it is checked; the same when it is claimed"},
					{"open Outbox/orders/november.json", 1, "the check"},
					{"stat Outbox/orders/november.json", 2, "of the open file: before the check and after it"},
					{"read Outbox/orders/november.json", 2, "its content and its end: checked and hashed in one go"},
					{"close Outbox/orders/november.json", 1, ""},
					{"move Outbox/orders/november.json", 1, "the claim"},
					{"open Outbox/.sending/ID", 1, "the sending"},
					{"read Outbox/.sending/ID", 3, "once more before it is sent, and the end of it"},
					{"close Outbox/.sending/ID", 1, ""},
					{"lstat Sent", 1, "the month's folder is made: the first file of a month"},
					{"lstat Sent/MONTH", 1, "likewise"},
					{"mkdir Sent/MONTH", 1, "likewise"},
					{"readdir Sent/MONTH", 1, "which names are taken: once, then they are remembered"},
					{"readdir Inbox/results", 1, "likewise, since the result takes the file's stem"},
					{"move Outbox/.sending/ID", 1, "into Sent; no fsync: the journal knows both names"},
				},
			},
			{
				"from there to its result", 2 * time.Minute, "validating processing accepted accepted accepted",
				[]cost{
					{"lstat Inbox", 2, "no link on the way"},
					{"lstat Inbox/.incoming", 1, "likewise"},
					{"lstat Inbox/results", 1, "likewise"},
					{"create Inbox/.incoming/.november.result.json.1.postroom-part", 1, "the result is laid down whole or not at all"},
					{"write Inbox/.incoming/.november.result.json.1.postroom-part", 1, ""},
					{"read Inbox/.incoming/.november.result.json.1.postroom-part", 2, "its records are counted"},
					{"sync Inbox/.incoming/.november.result.json.1.postroom-part", 1, "its content before its name"},
					{"close Inbox/.incoming/.november.result.json.1.postroom-part", 1, ""},
					{"move Inbox/.incoming/.november.result.json.1.postroom-part", 1, ""},
					{"syncdir Inbox/results", 1, "its name, before the journal says that it is there"},
				},
			},
		} {
			r.pass(part.pass)
			calls, puts := c.taken()
			if puts != part.puts {
				t.Errorf("%s the journal is put\n%s\nwhere it was\n%s", part.name, puts, part.puts)
			}
			for _, held := range part.costs {
				if calls[held.call] != held.times {
					t.Errorf("%s: %s %d times, where it was %d (%s)", part.name, held.call, calls[held.call], held.times, held.why)
				}
				delete(calls, held.call)
			}
			for _, more := range slices.Sorted(maps.Keys(calls)) {
				t.Errorf("%s: %s %d times, where it was not", part.name, more, calls[more])
			}
		}
		r.expect("november.json", journal.Accepted)
	})
}
