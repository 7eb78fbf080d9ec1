package watcher

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/disk"
	"postroom/watcher/journal"
)

func TestAnExpiredKeyIsRenewedAndNothingIsNoticed(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.pass(time.Second)
		if err := r.platform.ExpireKey(acme, "ecommerce"); err != nil {
			t.Fatal(err)
		}
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		r.drain()
		r.expect("a.json", journal.Accepted)
		connections, err := r.Connections(t.Context())
		if err != nil || connections[0].Key.State != KeyGood || connections[0].Key.RenewedAt.IsZero() {
			t.Errorf("%+v, %v", connections, err)
		}
		r.invariants(acme, [][]byte{content}, true)
	})
}

func TestAKeyThatAPersonMustMendStopsAllTrafficUntilItIsMended(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*sandbox.Sandbox) error
		mend  func(*rig) error
		state KeyState
		says  string
	}{
		{
			"locked", func(p *sandbox.Sandbox) error { return p.LockKey(acme, "") },
			func(r *rig) error { return r.RenewSecret(r.t.Context(), "connectionacmeltd") }, KeyLocked, "connectionLocked",
		},
		{
			"locked hard", func(p *sandbox.Sandbox) error { return p.LockKeyHard(acme, "") },
			func(r *rig) error {
				return errors.Join(r.platform.UnlockKey(acme, ""), r.Rotate(r.t.Context(), acme, ""))
			}, KeyLockedHard, "connectionLockedHard",
		},
		{"revoked", func(p *sandbox.Sandbox) error { return p.RevokeKey(acme, "") }, nil, KeyRevoked, "connectionRevoked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, slow, func(t *testing.T, r *rig) {
				r.start()
				r.pass(time.Second)
				if err := c.spoil(r.platform); err != nil {
					t.Fatal(err)
				}
				content := orders(1, 1)
				r.drop(acme, "Outbox/orders/a.json", content)
				r.pass(10 * time.Minute)
				shown, err := r.Transfer(t.Context(), r.expect("a.json", journal.Claimed).ID)
				if err != nil || shown.Waits == nil || shown.Waits.Code != c.says {
					t.Errorf("waits %v, %v", shown.Waits, err)
				}
				calls := len(r.platform.Calls())
				r.pass(45 * time.Minute)
				if n := len(r.platform.Calls()) - calls; n > 0 {
					t.Errorf("%d calls with a key that is %s", n, c.name)
				}
				connections, err := r.Connections(t.Context())
				if err != nil || connections[0].Key.State != c.state {
					t.Errorf("%+v, %v", connections, err)
				}
				if c.mend == nil {
					return
				}
				if err := c.mend(r); err != nil {
					t.Fatal(err)
				}
				r.drain()
				r.expect("a.json", journal.Accepted)
				r.invariants(acme, [][]byte{content}, true)
			})
		})
	}
}

func TestAListThatCannotBeHadSaysWhyAndComesLater(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(5)); err != nil {
			t.Fatal(err)
		}
		r.platform.AddFault(sandbox.Fault{Kind: sandbox.FaultTruncate, Op: sandbox.OpDownload, Times: 3})
		r.start()
		r.pass(2 * time.Second)
		connections, err := r.Connections(t.Context())
		if err != nil || connections[0].Lanes[0].Problem == nil || connections[0].Lanes[0].Problem.Code != "platformStrange" {
			t.Errorf("%+v, %v", connections, err)
		}
		if files := r.files(acme); files != "" {
			t.Errorf("half a list is there:\n%s", files)
		}
		r.pass(5 * time.Minute)
		lists, err := r.Lists(t.Context(), acme)
		if err != nil || len(lists) != 1 {
			t.Errorf("%+v, %v", lists, err)
		}
		if err := os.RemoveAll(filepath.Join(r.desk, acme, "Inbox")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.desk, acme, "Inbox"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(6)); err != nil {
			t.Fatal(err)
		}
		r.pass(20 * time.Minute)
		connections, err = r.Connections(t.Context())
		if err != nil || connections[0].Lanes[0].Problem == nil || connections[0].Lanes[0].Problem.Code != "outboxBlocked" {
			t.Errorf("%+v, %v", connections[0].Lanes[0], err)
		}
	})
}

// fullDisk is a file system with as much room as it says.
type fullDisk struct {
	disk.FS
	free *atomic.Uint64
}

func (f fullDisk) Free(string) (uint64, error) { return f.free.Load(), nil }

func TestAfterASleepEverythingIsLookedAtAtOnce(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		var slept atomic.Int64
		r.options.Now = func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
		var down atomic.Bool
		r.options.Transport = &meddler{under: r.options.Transport, before: func(*http.Request) (*http.Response, error) {
			if down.Load() {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("network is unreachable")}
			}
			return nil, nil
		}}
		r.start()
		r.pass(time.Minute)
		down.Store(true)
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		r.pass(time.Hour) // tries are a minute apart by now, and lists a quarter of an hour
		if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(5)); err != nil {
			t.Fatal(err)
		}
		// The lid is closed for the night and opened where there is a network.
		slept.Store(int64(12 * time.Hour))
		down.Store(false)
		r.pass(6 * time.Second)
		if got := r.named("a.json"); got.SentAt.IsZero() {
			t.Errorf("6 s after the computer woke up it is %s\n%s", got.State, r.log)
		}
		if lists, err := r.Lists(t.Context(), acme); err != nil || len(lists) != 1 {
			t.Errorf("%+v, %v", lists, err)
		}
		r.pass(time.Hour)
		r.expect("a.json", journal.Accepted)
		r.invariants(acme, [][]byte{content}, true)
	})
}

func TestHowMuchRoomStaysFreeIsASetting(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		free := &atomic.Uint64{}
		free.Store(300 << 20)
		r.options.FS = fullDisk{disk.OS(), free}
		r.start()
		choices, err := r.Settings(t.Context())
		if err != nil || choices.MinFreeMB != 200 {
			t.Fatalf("%+v, %v", choices, err)
		}
		for _, c := range []struct {
			name string
			mb   int
			want journal.State
		}{{"a.json", 200, journal.Accepted}, {"b.json", 500, journal.Queued}, {"c.json", 0, journal.Accepted}} {
			choices.MinFreeMB = c.mb
			if err := r.SaveSettings(t.Context(), choices); err != nil {
				t.Fatal(err)
			}
			r.drop(acme, "Outbox/orders/"+c.name, orders(int(c.name[0])*100, 1))
			r.pass(20 * time.Minute)
			r.expect(c.name, c.want)
		}
		r.expect("b.json", journal.Accepted)
	})
}

func TestAResultOrAListIsNotFetchedIntoADiskThatIsTooFull(t *testing.T) {
	inBubble(t, sandbox.Options{Pace: 10 * time.Second, ResultDelay: time.Minute}, func(t *testing.T, r *rig) {
		free := &atomic.Uint64{}
		free.Store(1 << 40)
		r.options.FS = fullDisk{disk.OS(), free}
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(50 * time.Second)
		free.Store(roomUsual<<20 + 100) // more than must stay free, by less than the list has
		if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(5)); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		if lists, err := r.Lists(t.Context(), acme); err != nil || len(lists) != 0 {
			t.Errorf("%+v, %v", lists, err)
		}
		connections, err := r.Connections(t.Context())
		if err != nil || !slices.ContainsFunc(connections[0].Lanes, func(l Lane) bool {
			return l.Scope == "customers" && l.Problem != nil && l.Problem.Code == "diskFull"
		}) {
			t.Errorf("%+v, %v", connections, err)
		}
		free.Store(roomUsual<<20 - 1)
		r.drop(acme, "Outbox/orders/b.json", orders(100, 1))
		r.pass(time.Hour)
		r.expect("b.json", journal.Queued)
		free.Store(1 << 40)
		r.pass(time.Hour)
		if got := r.expect("a.json", journal.Accepted); got.ResultState != journal.ResultLaid {
			t.Errorf("the result is %q", got.ResultState)
		}
		if lists, err := r.Lists(t.Context(), acme); err != nil || len(lists) != 1 {
			t.Errorf("%+v, %v", lists, err)
		}
	})
}

func TestWithTooLittleRoomNothingNewIsTaken(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		free := &atomic.Uint64{}
		free.Store(roomUsual<<20 - 1)
		r.options.FS = fullDisk{disk.OS(), free}
		if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(5)); err != nil {
			t.Fatal(err)
		}
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(20 * time.Minute)
		shown, err := r.Transfer(t.Context(), r.expect("a.json", journal.Queued).ID)
		if err != nil || shown.Waits == nil || shown.Waits.Code != "diskFull" {
			t.Errorf("waits %v, %v", shown.Waits, err)
		}
		if o, err := r.Overview(t.Context()); err != nil || o.Companies[0].Problem == nil || o.Companies[0].Problem.Code != "diskFull" {
			t.Errorf("%+v, %v", o, err)
		}
		if files := r.files(acme); files != "Outbox/orders/a.json" {
			t.Errorf("files:\n%s", files)
		}
		free.Store(roomUsual << 21)
		r.pass(20 * time.Minute)
		r.expect("a.json", journal.Accepted)
		if lists, err := r.Lists(t.Context(), acme); err != nil || len(lists) != 1 {
			t.Errorf("%+v, %v", lists, err)
		}
	})
}

func TestAFolderThatIsAwayIsWaitedForAndNothingIsConcluded(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		contents := [][]byte{orders(1, 1), orders(100, 1)}
		r.drop(acme, "Outbox/orders/a.json", contents[0])
		r.pass(5 * time.Second)
		r.drop(acme, "Outbox/orders/b.json", contents[1])
		r.pass(4 * time.Second)
		folder := filepath.Join(r.desk, acme)
		if err := os.Rename(folder, folder+" away"); err != nil {
			t.Fatal(err)
		}
		r.pass(2 * time.Hour)
		if _, err := os.Stat(folder); err == nil {
			t.Error("the folder was made anew")
		}
		if o, err := r.Overview(t.Context()); err != nil || o.Companies[0].Problem == nil {
			t.Errorf("%+v, %v", o, err)
		}
		if err := os.Rename(folder+" away", folder); err != nil {
			t.Fatal(err)
		}
		r.drain()
		r.expect("a.json", journal.Accepted)
		r.expect("b.json", journal.Accepted)
		r.invariants(acme, contents, true)
	})
}

func TestNoSecretLeaves(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.options.Transport = &meddler{under: r.options.Transport, change: func(q *http.Request, resp *http.Response, err error) (*http.Response, error) {
			if isTrack(q) && resp != nil { // the platform repeats what it was sent
				resp.Body.Close()
				return answerWith(q, 500, `{"code":9,"message":"bad key `+q.Header.Get("apikey")+`"}`), nil
			}
			return resp, err
		}}
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Minute)
		first, err := r.platform.InitialKey(acme, "")
		if err != nil {
			t.Fatal(err)
		}
		r.stop()
		r.secretsStayIn(t, first.Reveal())
	})
}

func TestAFolderThatCannotBeUsedIsToldAndWaitedFor(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		blocked := filepath.Join(r.desk, acme, "Inbox")
		if err := os.Remove(blocked); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(blocked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Minute)
		o, err := r.Overview(t.Context())
		if err != nil || o.Companies[0].Problem == nil || o.Companies[0].Problem.Code != "outboxBlocked" {
			t.Errorf("%+v, %v", o, err)
		}
		if n := strings.Count(r.log.String(), "a folder of a company is a link or a file"); n != 1 {
			t.Errorf("logged %d times", n)
		}
		if err := os.Remove(blocked); err != nil {
			t.Fatal(err)
		}
		r.drain()
		r.expect("a.json", journal.Accepted)
		if o, err := r.Overview(t.Context()); err != nil || o.Companies[0].Problem != nil {
			t.Errorf("%+v, %v", o, err)
		}
	})
}

func TestAClockThatIsSetBackHoldsUpNothing(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		var back atomic.Int64
		r.options.Now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
		r.start()
		if err := r.platform.SetInstalled(acme, false); err != nil {
			t.Fatal(err)
		}
		content := orders(1, 1)
		r.drop(acme, "Outbox/orders/a.json", content)
		r.pass(time.Minute)
		r.expect("a.json", journal.Processing)
		back.Store(int64(5 * time.Hour))
		if err := r.platform.SetInstalled(acme, true); err != nil {
			t.Fatal(err)
		}
		r.pass(6 * time.Minute) // the most between two looks is five
		r.expect("a.json", journal.Accepted)
		r.invariants(acme, [][]byte{content}, true)
	})
}
