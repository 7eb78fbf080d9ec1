package watcher

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postroom/assets"
	"postroom/sage/sandbox"
	"postroom/sage/vault"
	"postroom/watcher/courier"
	"postroom/watcher/journal"
)

func TestEveryCauseOfAWaitHasAnEnding(t *testing.T) {
	codes := courier.Causes()
	for _, says := range keyProblems {
		codes = append(codes, says.code)
	}
	for _, err := range []error{
		vault.ErrLocked, vault.ErrTimeout, vault.ErrNoKeyring, vault.ErrDamaged, vault.ErrReadBack, vault.ErrTooLong, errors.New("other"),
	} {
		codes = append(codes, problemOf(vaultProblem(err), "").Code)
	}
	for _, code := range codes {
		if _, known := causes[code]; !known {
			t.Errorf("what ends %q is not said", code)
		}
	}
}

func TestEveryCauseHasASentence(t *testing.T) {
	for _, language := range assets.Languages() {
		words := assets.For(language.Tag)
		for _, table := range []map[string]Ending{causes, loose} {
			for code := range table {
				if !words.Has("problem." + code) {
					t.Errorf("%s: a wait for %q has no sentence", language.Tag, code)
				}
			}
		}
	}
}

func TestEveryCauseOfAWaitReadsAsASentenceWithANameInIt(t *testing.T) {
	names := map[string]any{
		"file": "orders.json", "company": "Acme Ltd", "name": "earlier.json", "folder": "/acme", "user": "Ana", "computer": "desk",
		"host": "sage.example", "lock": "/acme/lock", "ahead": "Sage 50 is off.", "seen": "yesterday 18:02",
	}
	for _, language := range assets.Languages() {
		words := assets.For(language.Tag)
		keys := []string{"behind.stuck"}
		for _, state := range []journal.State{journal.Queued, journal.Claimed, journal.Created, journal.Sent, journal.Validating, journal.Processing} {
			keys = append(keys, "behind."+string(state))
		}
		for code := range causes {
			keys = append(keys, code)
		}
		for _, key := range keys {
			if !words.Has("why." + key) {
				t.Errorf("%s: nothing says why a file waits for %q", language.Tag, key)
				continue
			}
			said := words.Say("why."+key, names)
			named := false
			for _, name := range []string{"orders.json", "Acme Ltd", "earlier.json"} {
				named = named || strings.Contains(said, name)
			}
			if key != "networkDown" && key != "hostRefused" && !named || strings.Contains(said, "{{") || strings.HasSuffix(said, "..") {
				t.Errorf("%s: a wait for %q reads %q", language.Tag, key, said)
			}
		}
	}
}

// cause is why a file does not go on, as it is told.
func (r *rig) cause(name string) Cause {
	r.t.Helper()
	shown, err := r.Transfer(r.t.Context(), r.named(name).ID)
	if err != nil {
		r.t.Fatal(err)
	}
	if shown.Cause == nil {
		return Cause{}
	}
	return *shown.Cause
}

// because fails unless a file waits for what it should, ended by what it should, since a moment.
func (r *rig) because(name, code string, by Ending, since time.Time) Cause {
	r.t.Helper()
	got := r.cause(name)
	if got.Code != code || got.EndedBy != by {
		r.t.Errorf("%s waits for %q, ended by %q; want %q, %q", name, got.Code, got.EndedBy, code, by)
	}
	if off := got.Since.Sub(since); off < -time.Minute || off > time.Minute {
		r.t.Errorf("%s waits for %q since %v, want about %v", name, code, got.Since, since)
	}
	return got
}

func TestAFileBehindAnotherNamesItAndOneAtSageIsLookedAfter(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(5 * time.Second)
		dropped := time.Now()
		r.drop(acme, "Outbox/orders/b.json", orders(100, 1))
		r.pass(3 * time.Second)
		first := r.named("a.json")
		if got := r.because("b.json", "behind", EndsFile, dropped); got.Args["name"] != "a.json" || got.Args["id"] != first.ID {
			t.Errorf("b.json is behind %v, want %s", got.Args, first.ID)
		}
		if got := r.cause("b.json").Ahead; got == nil || got.ID != first.ID || got.Name != "a.json" || !got.State.InFlight() || got.Cause != nil || got.Since.IsZero() {
			t.Errorf("before b.json goes %+v", got)
		}
		if got := r.because("a.json", "atSage", EndsPlatform, dropped); got.RetryAt.IsZero() {
			t.Error("nobody knows when Sage is asked again")
		}
		if shown, err := r.Transfer(t.Context(), first.ID); err != nil || shown.Waits != nil {
			t.Errorf("a file that Sage works on is shown as waiting for %v, %v", shown.Waits, err)
		}
		r.drain()
		if got := r.cause("a.json"); got.Code != "" {
			t.Errorf("an accepted file waits for %v", got)
		}
	})
}

func TestSage50SwitchedOffAndQuarantineAreToldWithTheirBeginning(t *testing.T) {
	for _, c := range []struct {
		code string
		set  func(*sandbox.Sandbox) error
	}{
		{"sageOff", func(s *sandbox.Sandbox) error { return s.SetInstalled(acme, false) }},
		{"fileQuarantined", func(s *sandbox.Sandbox) error { s.Quarantine(true); return nil }},
	} {
		inBubble(t, sandbox.Options{}, func(t *testing.T, r *rig) {
			if err := c.set(r.platform); err != nil {
				t.Fatal(err)
			}
			r.start()
			r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
			began := time.Now()
			r.pass(7 * time.Hour)
			if got := r.because("a.json", c.code, EndsPlatform, began); got.RetryAt.IsZero() {
				t.Error("nobody knows when Sage is asked again")
			}
		})
	}
}

func TestSage50IsToldWithTheLastSignOfItToTheFilesBehindTheOneThatWaitsToo(t *testing.T) {
	inBubble(t, sandbox.Options{}, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/first.json", orders(1, 1))
		r.drain()
		seen := r.named("first.json").EndedAt
		if err := r.platform.SetInstalled(acme, false); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/a.json", orders(100, 1))
		r.pass(time.Minute)
		r.drop(acme, "Outbox/orders/b.json", orders(200, 1))
		r.pass(20 * time.Hour)
		if got := r.cause("a.json"); got.Code != "sageOff" || !got.SeenAt.Equal(seen) {
			t.Errorf("a.json waits for %q, seen %v, want %v", got.Code, got.SeenAt, seen)
		}
		got := r.cause("b.json").Ahead
		if got == nil || got.Name != "a.json" || got.Cause == nil || got.Cause.Code != "sageOff" || !got.Cause.SeenAt.Equal(seen) {
			t.Errorf("before b.json goes %+v", got)
		}
	})
}

func TestALongQuarantineIsAWarningAndNoFailure(t *testing.T) {
	inBubble(t, sandbox.Options{}, func(t *testing.T, r *rig) {
		r.platform.Quarantine(true)
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		began := time.Now()
		warning := func() *Problem {
			connections, err := r.Connections(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, lane := range connections[0].Lanes {
				if lane.Scope == "orders" {
					return lane.Problem
				}
			}
			return nil
		}
		r.pass(quarantineLong - time.Minute)
		if p := warning(); p != nil {
			t.Errorf("warned too early: %v", p)
		}
		r.because("a.json", "fileQuarantined", EndsPlatform, began)
		events, err := r.Events(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		told := false
		ended := time.After(2 * time.Hour)
		for open := true; open; {
			select {
			case event := <-events:
				told = told || event.Kind == EventConnection
			case <-ended:
				open = false
			}
		}
		if p := warning(); p == nil || p.Code != "fileQuarantinedLong" || !told {
			t.Errorf("nobody is warned: %v, told %v", p, told)
		}
		r.because("a.json", "fileQuarantinedLong", EndsSupport, began)
		if got := r.named("a.json"); got.State.Final() {
			t.Errorf("it is %s", got.State)
		}
		r.platform.Quarantine(false)
		r.pass(time.Hour)
		r.expect("a.json", journal.Accepted)
		if p := warning(); p != nil {
			t.Errorf("still warned: %v", p)
		}
	})
}

func TestAPauseIsToldSinceItBeganAndEndsForOneCompanyOrForAll(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		const other = "Other Ltd"
		r.connect(other)
		r.start()
		r.pass(time.Second)
		if err := r.PauseCompany(t.Context(), "Nobody Ltd"); !errors.Is(err, ErrNotFound) {
			t.Errorf("pausing a company that is not there: %v", err)
		}
		began := time.Now()
		if err := r.PauseCompany(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.drop(other, "Outbox/orders/b.json", orders(100, 1))
		r.pass(time.Hour)
		r.because("a.json", "paused", EndsResume, began)
		r.expect("b.json", journal.Accepted)
		overview, err := r.Overview(t.Context())
		if err != nil || overview.Paused || !overview.Companies[0].Paused || overview.Companies[1].Paused {
			t.Errorf("the overview tells %+v, %v", overview, err)
		}

		r.stop()
		r.start() // a pause outlives a restart, with its beginning
		r.pass(time.Hour)
		r.because("a.json", "paused", EndsResume, began)
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.ResumeCompany(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		r.because("a.json", "paused", EndsResume, time.Now().Add(-time.Hour)) // that of everyone
		if err := r.PauseCompany(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if err := r.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		r.expect("a.json", journal.Accepted)
	})
}

func TestNoNetworkIsToldSinceItWentAndWhenItIsTriedNext(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		var down atomic.Bool
		r.options.Transport = &meddler{under: r.options.Transport, before: func(*http.Request) (*http.Response, error) {
			if !down.Load() {
				return nil, nil
			}
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("network is unreachable")}
		}}
		r.start()
		r.pass(time.Second)
		down.Store(true)
		began := time.Now()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.drop(acme, "Outbox/orders/b.json", orders(100, 1))
		r.pass(3 * time.Hour)
		for _, name := range []string{"a.json", "b.json"} {
			got := r.because(name, "networkDown", EndsItself, began)
			if left := time.Until(got.RetryAt); left < 0 || left > time.Minute {
				t.Errorf("%s is tried again in %v", name, left)
			}
		}
	})
}

func TestALockedKeyIsToldSinceItWasLocked(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.pass(time.Hour)
		if err := r.platform.LockKey(acme, ""); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(2 * time.Hour)
		r.because("a.json", "connectionLocked", EndsUnlock, began)
	})
}

func TestAFullDiskAndAFolderThatIsAwayAreToldSinceTheyAre(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		full := fullDisk{FS: r.fileSystem(), free: new(atomic.Uint64)}
		r.options.FS = full
		r.start()
		began := time.Now()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Hour)
		r.because("a.json", "diskFull", EndsRoom, began)

		away := filepath.Join(r.desk, "elsewhere")
		if err := os.Rename(filepath.Join(r.desk, acme), away); err != nil {
			t.Fatal(err)
		}
		began = time.Now()
		r.pass(time.Hour)
		r.because("a.json", "folderAway", EndsPlace, began)
		if err := os.Rename(away, filepath.Join(r.desk, acme)); err != nil {
			t.Fatal(err)
		}
		full.free.Store(1 << 40)
		r.drain()
		r.expect("a.json", journal.Accepted)
	})
}

func TestWithoutAnAgentEveryOpenFileWaitsForOne(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(3 * time.Second)
		r.stop()
		r.options.Agent = false
		e, err := Open(t.Context(), r.options)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		page, err := e.Transfers(t.Context(), Query{})
		if err != nil || len(page.Transfers) != 1 || page.Transfers[0].Cause == nil || page.Transfers[0].Cause.EndedBy != EndsAgent {
			t.Errorf("told %+v, %v", page.Transfers, err)
		}
	})
}

func TestWhatHasFailedOrWaitsForAnAnswerSaysWhatEndsIt(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		content := orders(1, 3)
		r.platform.RefuseRecord(recordID(t, content, 1), "no such customer")
		r.drop(acme, "Outbox/orders/partly.json", content)
		r.drain()
		r.drop(acme, "Outbox/orders/again.json", content)
		r.drop(acme, "Outbox/orders/broken.json", []byte(`[{"id":}]`))
		if err := r.platform.EndNext(sandbox.Failed); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/refused.json", orders(100, 1))
		at := time.Now()
		r.pass(10 * time.Minute)
		for _, want := range []struct {
			name string
			by   Ending
		}{
			{"again.json", EndsAnswer}, {"broken.json", EndsCorrected}, {"refused.json", EndsCorrected}, {"partly.json", EndsCorrected},
		} {
			got := r.cause(want.name)
			if got.Code == "" || got.EndedBy != want.by || got.Since.IsZero() || got.Since.After(at.Add(10*time.Minute)) {
				t.Errorf("%s tells %+v, want it ended by %s", want.name, got, want.by)
			}
		}
	})
}

func TestAnEditedFileWaitsForItsWriter(t *testing.T) {
	r := &rig{}
	r.t = t
	w := &waiting{e: &Engine{}, running: true}
	got := w.own(&journal.Transfer{State: journal.Queued, Name: "a.json", Unready: true})
	if got == nil || got.Code != "fileEdited" || got.EndedBy != EndsWriter {
		t.Errorf("told %+v", got)
	}
}

func TestEveryCauseOfAStepIsToldWithItsBeginningItsNextTryAndItsEnding(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		began, retry := time.Now().UTC().Truncate(time.Second), time.Now().Add(time.Minute).UTC()
		for i, code := range courier.Causes() {
			held := journal.Transfer{
				ID: "t" + code, Sequence: int64(i + 1), Company: acme, State: journal.Claimed, Name: "a.json",
				Cause: &Problem{Code: code}, NextAttempt: retry, UpdatedAt: time.Now().Add(time.Hour),
			}
			entries := []journal.Entry{
				{At: began.Add(-time.Hour), Kind: "waiting", Args: map[string]string{"problem": "another"}},
				{At: began, Kind: "waiting", Args: map[string]string{"problem": code}},
			}
			if err := r.journal.Put(t.Context(), journal.Added{Transfer: held, Entries: entries}); err != nil {
				t.Fatal(err)
			}
			got := r.waits(t.Context()).own(&held)
			if got == nil || got.Code != code || got.EndedBy != causes[code] || !got.Since.Equal(began) || !got.RetryAt.Equal(retry) {
				t.Errorf("%s is told as %+v", code, got)
			}
		}
	})
}

func TestAConnectionThatIsGoneOrNotReadyYetSaysSo(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.pass(time.Second)
		w := r.waits(t.Context())
		for want, queued := range map[string]journal.Transfer{
			"connectionGone": {State: journal.Queued, Company: "Disconnected Ltd", Connection: "gone"},
			"notAdopted":     {State: journal.Queued, Company: acme, Connection: "connected just now"},
		} {
			if got := w.cause(&queued); got == nil || got.Code != want || got.EndedBy != causes[want] {
				t.Errorf("%s is told as %+v", want, got)
			}
		}
		link := r.linkOf("connectionacmeltd")
		locked, retry := newProblem("vaultLocked"), time.Now().Add(time.Minute)
		link.say(&locked, retry)
		began := time.Now()
		r.pass(time.Hour)
		link.say(&locked, retry.Add(time.Hour))
		waits := journal.Transfer{State: journal.Queued, Company: acme, Connection: "connectionacmeltd"}
		got := r.waits(t.Context()).cause(&waits)
		if got == nil || got.EndedBy != EndsUnlocked || got.Since.Sub(began).Abs() > time.Second || !got.RetryAt.Equal(retry.Add(time.Hour)) {
			t.Errorf("a locked vault is told as %+v", got)
		}
	})
}

func TestAnOutboxThatIsGoneOrHeldByAnotherSaysSo(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.pass(time.Second)
		c := r.companyOf(acme)
		queued := journal.Transfer{State: journal.Queued, Company: acme, Connection: "connectionacmeltd"}
		held := newProblem("outboxHeld", "user", "ana")
		c.setAway(&held)
		began := time.Now()
		time.Sleep(time.Second)
		other := newProblem("outboxHeld", "user", "bob")
		c.setAway(&other)
		got := r.waits(t.Context()).cause(&queued)
		if got == nil || got.EndedBy != EndsOther || got.Args["user"] != "bob" || got.Since.Sub(began).Abs() > time.Millisecond {
			t.Errorf("an Outbox that is held is told as %+v", got)
		}
	})
}
