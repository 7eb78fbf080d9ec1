package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher/journal"
)

// keysOf are the items that the vault has of a connection.
func (r *rig) keysOf(id string) (items int) {
	r.t.Helper()
	for _, item := range []vault.Item{vault.Secret, vault.InitialKey, vault.CurrentKey} {
		if _, err := r.options.Vault.Get(r.t.Context(), id, item); err == nil {
			items++
		}
	}
	return items
}

func TestACompanyIsForgottenWithItsKeysAndItsFilesStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		a := r.connect(acme)
		r.drop(acme, "Outbox/orders/a.json", orders(1, 2))
		r.start()
		r.drain()
		r.expect("a.json", journal.Accepted)
		if err := r.PauseCompany(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		before := r.files(acme)
		told, err := r.Forgetting(t.Context(), acme)
		if err != nil || told.Connections != 1 || told.Folder != a.Folder || told.OnTheirWay != 0 || told.Done != 1 || told.Begun {
			t.Errorf("told: %+v, %v", told, err)
		}
		if err := r.Forget(t.Context(), acme, ForgetHow{}); err != nil {
			t.Fatal(err)
		}
		if r.files(acme) != before || !strings.Contains(before, "a.json") {
			t.Errorf("the files were\n%s\nand are\n%s", before, r.files(acme))
		}
		if n := r.keysOf(a.ID); n != 0 {
			t.Errorf("%d items of its keys are left", n)
		}
		overview := must(r.Overview(t.Context()))(t)
		if len(overview.Companies) != 0 || overview.Halted() || r.linkOf(a.ID) != nil {
			t.Errorf("it is still there: %+v", overview)
		}
		if kept := must(r.Transfers(t.Context(), Query{Company: acme}))(t); len(kept.Transfers) != 1 {
			t.Errorf("its history has %d transfers", len(kept.Transfers))
		}
		values := must(r.journal.Settings(t.Context()))(t)
		links := must(r.journal.Links(t.Context()))(t)
		renewals := must(r.journal.Renewals(t.Context(), a.ID, 10))(t)
		if values[pauseKey(acme)] != "" || values[settingLeaving+acme] != "" || len(links)+len(renewals) != 0 {
			t.Errorf("left: %v, %v, %v", values, links, renewals)
		}
		if err := r.Forget(t.Context(), acme, ForgetHow{}); !errors.Is(err, ErrNotFound) {
			t.Errorf("forgotten twice: %v", err)
		}
		r.blameless()
	})
}

// The same content is noticed all the same: deleting a history is no way to send a file twice.
func TestAForgottenHistoryIsNotShownAndStillKeepsAFileFromBeingSentTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		r.connect(acme)
		r.drop(acme, "Outbox/orders/a.json", orders(1, 2))
		r.drop(acme, "Outbox/orders/bad.json", []byte(`[{"id":1}]`))
		if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(3)); err != nil {
			t.Fatal(err)
		}
		r.start()
		r.drain()
		r.expect("bad.json", journal.Unchecked)
		if err := r.Forget(t.Context(), acme, ForgetHow{History: true}); err != nil {
			t.Fatal(err)
		}
		page := must(r.Transfers(t.Context(), Query{}))(t)
		lists := must(r.Lists(t.Context(), acme))(t)
		if len(page.Transfers)+len(lists) != 0 {
			t.Errorf("still told: %v, %v", page.Transfers, lists)
		}
		r.connect(acme)
		r.pass(time.Minute)
		r.drop(acme, "Outbox/orders/again.json", orders(1, 2))
		r.pass(time.Minute)
		r.expect("again.json", journal.Held)
		r.blameless()
	})
}

func TestForgettingRefusesWhileFilesAreOnTheirWayAndWaitsForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{Pace: time.Minute})
		a := r.connect(acme)
		r.drop(acme, "Outbox/orders/a.json", orders(1, 2))
		r.start()
		r.pass(20 * time.Second)
		if t := r.named("a.json"); !t.State.InFlight() {
			r.t.Fatalf("it is %s", t.State)
		}
		if err := r.Forget(t.Context(), acme, ForgetHow{}); !errors.Is(err, ErrWrongState) || problemOf(err, "").Code != "filesOnTheirWay" {
			t.Fatalf("while a file is on its way: %v", err)
		}
		if err := r.KeepCompany(t.Context(), acme); !errors.Is(err, ErrWrongState) {
			t.Errorf("kept although nobody asked: %v", err)
		}
		if err := r.Forget(t.Context(), acme, ForgetHow{Wait: true}); err != nil {
			t.Fatal(err)
		}
		if o := must(r.Overview(t.Context()))(t); len(o.Companies) != 1 || !o.Companies[0].Leaving {
			t.Errorf("it does not say that it leaves: %+v", o.Companies)
		}
		if err := r.KeepCompany(t.Context(), acme); err != nil {
			t.Error(err)
		}
		if err := r.Forget(t.Context(), acme, ForgetHow{Wait: true}); err != nil {
			t.Fatal(err)
		}
		r.stop() // and the wait outlives the agent
		r.start()
		r.drain()
		r.pass(10 * time.Second)
		r.expect("a.json", journal.Accepted)
		if o := must(r.Overview(t.Context()))(t); len(o.Companies) != 0 || r.keysOf(a.ID) != 0 {
			t.Errorf("it is still there: %+v", o.Companies)
		}
		r.blameless()
	})
}

// consent remembers what a connection has, to give it to one that comes in its place.
func (r *rig) consent(a Account) (again func()) {
	r.t.Helper()
	kept := map[vault.Item]sage.Secret{}
	for _, item := range []vault.Item{vault.Secret, vault.InitialKey, vault.CurrentKey} {
		kept[item] = must(r.options.Vault.Get(r.t.Context(), a.ID, item))(r.t)
	}
	return func() {
		a.ID += "2"
		for item, value := range kept {
			if err := r.options.Vault.Set(r.t.Context(), a.ID, item, value); err != nil {
				r.t.Fatal(err)
			}
		}
		if err := writeKept(r.fileSystem(), r.accountPath(a.ID), accountRecord{Account: a}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// What was on its way is nobody's for a while, and goes on where it was when the company is connected anew.
func TestWhatWasOnItsWayGoesOnWhenAForgottenCompanyIsConnectedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{Pace: time.Minute})
		again := r.consent(r.connect(acme))
		first, second := orders(1, 2), orders(3, 2)
		r.drop(acme, "Outbox/orders/a.json", first)
		r.drop(acme, "Outbox/orders/b.json", second)
		r.start()
		r.pass(30 * time.Second)
		if err := r.Forget(t.Context(), acme, ForgetHow{Anyway: true, History: true}); err != nil {
			t.Fatal(err)
		}
		if o := must(r.Overview(t.Context()))(t); len(o.Companies) != 0 {
			t.Errorf("it is still there: %+v", o.Companies)
		}
		r.pass(time.Hour)
		again()
		r.pass(time.Minute)
		r.drain()
		r.expect("a.json", journal.Accepted)
		r.expect("b.json", journal.Accepted)
		r.invariants(acme, [][]byte{first, second}, true)
	})
}

func TestALockedVaultRefusesToForgetBeforeAnythingIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, sandbox.Options{})
		a := r.connect(acme)
		r.start()
		r.pass(time.Minute)
		r.onboarding.opened.Store(new(vault.Vault(locked{r.options.Vault})))
		if err := r.Forget(t.Context(), acme, ForgetHow{}); !errors.Is(err, ErrVaultLocked) {
			t.Errorf("with a locked vault: %v", err)
		}
		if _, err := os.Stat(r.accountPath(a.ID)); err != nil || r.keysOf(a.ID) == 0 {
			t.Errorf("something is gone: %v", err)
		}
	})
}

// locked is a vault that waits for its passphrase.
type locked struct{ vault.Vault }

func (locked) Locked() bool { return true }

// TestACrashAtAnyEffectOfForgettingIsFinishedByTheNextAgent ends the process at every effect of a forgetting, before it and
// after it.
func TestACrashAtAnyEffectOfForgettingIsFinishedByTheNextAgent(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n, over := 0, false; !over && !t.Failed(); n++ {
			t.Run(fmt.Sprintf("n=%d,after=%v", n, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, sandbox.Options{})
					a := r.connect(acme)
					content := orders(1, 2)
					r.drop(acme, "Outbox/orders/a.json", content)
					r.start()
					r.drain()
					r.stop()
					l := &life{left: -1, after: after}
					asked := r.forgetAndDie(l, n)
					over = l.last == ""
					r.start()
					r.pass(time.Minute)
					values := must(r.journal.Settings(t.Context()))(t)
					_, err := os.Stat(filepath.Join(r.home, "connections", a.ID+".json"))
					gone := os.IsNotExist(err)
					switch {
					case values[settingLeaving+acme] != "":
						t.Errorf("it is not finished: %v", values)
					case gone && r.keysOf(a.ID) != 0:
						t.Error("keys are left that nobody uses")
					case !gone && r.keysOf(a.ID) == 0:
						t.Error("a connection has no keys")
					case asked && !gone:
						t.Error("it said that it was done, and it was not")
					}
					if files := r.files(acme); !strings.Contains(files, "a.json") {
						t.Errorf("the files are\n%s", files)
					}
					if t.Failed() {
						t.Logf("the crash was at %s\n%s", l.last, r.log)
					}
				})
			})
			if over {
				t.Logf("%d effects", n)
			}
		}
	}
}

// forgetAndDie runs an engine that forgets the company, until its life ends at the n-th effect from then on; it tells whether
// that was said to be done.
func (r *rig) forgetAndDie(l *life, n int) (done bool) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	l.end = cancel
	restore := r.mortal(l)
	defer restore()
	e, err := Open(ctx, r.options)
	if err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	time.Sleep(time.Minute)
	l.mu.Lock()
	l.left = n
	l.mu.Unlock()
	done = e.Forget(ctx, acme, ForgetHow{History: true}) == nil
	over := l.gone()
	cancel()
	<-ended
	l.mu.Lock()
	l.dead = true
	if !over {
		l.last = ""
	}
	l.mu.Unlock()
	_ = e.Close()
	return done
}
