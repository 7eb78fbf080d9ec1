package watcher

import (
	"errors"
	"testing"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

// publish lays a list of n customers down and gives the newest list as it is told.
func (r *rig) publish(n int) List {
	r.t.Helper()
	if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(n)); err != nil {
		r.t.Fatal(err)
	}
	r.pass(40 * time.Minute)
	return r.newestList()
}

func (r *rig) newestList() List {
	r.t.Helper()
	lists, err := r.Lists(r.t.Context(), acme)
	if err != nil || len(lists) == 0 {
		r.t.Fatalf("%d lists, %v", len(lists), err)
	}
	return lists[0]
}

// kinds counts the changes of a list by kind.
func (r *rig) kinds(l List) map[string]int {
	r.t.Helper()
	changes, err := r.ListChanges(r.t.Context(), l.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	n := make(map[string]int)
	for _, c := range changes {
		n[c.Kind]++
	}
	return n
}

func TestAShrunkenListAsksBeforeAnythingIsSaidToBeRemoved(t *testing.T) {
	inBubble(t, sandbox.Options{}, func(t *testing.T, r *rig) {
		r.start()
		r.publish(10)
		l := r.publish(3)
		if !l.Asks || l.Removed != 0 || l.Missing != 7 || l.Problem == nil || l.Problem.Code != "listShrunken" {
			t.Errorf("before an answer: %+v", l)
		}
		if n := r.kinds(l); n["removed"] != 0 || n["missing"] != 7 {
			t.Errorf("before an answer: %v", n)
		}
		if err := r.ResolveList(t.Context(), l.ID, true); err != nil {
			t.Fatal(err)
		}
		r.stop()
		r.start() // the answer outlives a restart
		l = r.newestList()
		if l.Asks || l.Removed != 7 || l.Missing != 0 || l.Problem != nil {
			t.Errorf("gone from Sage: %+v", l)
		}
		if n := r.kinds(l); n["removed"] != 7 || n["missing"] != 0 {
			t.Errorf("gone from Sage: %v", n)
		}
		if err := r.ResolveList(t.Context(), l.ID, false); !errors.Is(err, ErrWrongState) {
			t.Errorf("a second answer: %v", err)
		}
		if err := r.ResolveList(t.Context(), "nothing", false); !errors.Is(err, ErrNotFound) {
			t.Errorf("for no list: %v", err)
		}
		if next := r.publish(4); next.Added != 1 || next.Removed != 0 || next.Asks {
			t.Errorf("the next is compared with the one that was answered for: %+v", next)
		}
	})
}

func TestAListThatIsSaidToBeIncompleteIsNoneToCompareWith(t *testing.T) {
	inBubble(t, sandbox.Options{}, func(t *testing.T, r *rig) {
		r.start()
		r.publish(10)
		l := r.publish(3)
		if err := r.ResolveList(t.Context(), l.ID, false); err != nil {
			t.Fatal(err)
		}
		l = r.newestList()
		if l.Asks || l.Removed != 0 || l.Missing != 7 || l.Problem == nil || l.Problem.Code != listIncomplete {
			t.Errorf("incomplete: %+v", l)
		}
		if again := r.publish(3); again.ID != l.ID {
			t.Errorf("the same incomplete list asks once more: %+v", again)
		}
		if next := r.publish(11); next.Added != 1 || next.Removed != 0 || next.Missing != 0 || next.Problem != nil {
			t.Errorf("the next, whole again: %+v", next)
		}
	})
}

func TestAListInDoubtIsAnsweredByTheOneBeforeComingAgainAndByNoneThatIsOlder(t *testing.T) {
	inBubble(t, sandbox.Options{}, func(t *testing.T, r *rig) {
		r.start()
		r.publish(10)
		first := r.publish(2)
		if again := r.publish(10); again.ID != first.ID || again.Asks || again.Problem == nil || again.Problem.Code != listIncomplete {
			t.Errorf("after the one before came again: %+v", again)
		}
		older := r.publish(3)
		newer := r.publish(4)
		if !newer.Asks || newer.Missing != 6 {
			t.Errorf("the newer: %+v", newer)
		}
		if err := r.ResolveList(t.Context(), older.ID, true); !errors.Is(err, ErrWrongState) {
			t.Errorf("for the older: %v", err)
		}
		lists, err := r.Lists(t.Context(), acme)
		if err != nil {
			t.Fatal(err)
		}
		asking := 0
		for _, l := range lists {
			if l.Asks {
				asking++
			}
		}
		if asking != 1 {
			t.Errorf("%d lists ask", asking)
		}
	})
}

func TestARefusedFileOfWhichRecordsWereTakenIsNotTriedAgainButOnRequest(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 4))
		r.drain()
		refused := r.expect("a.json", journal.Accepted)
		// What this platform calls accepted, another one may call failed, with the same result.
		refused.State, refused.Path, refused.From = journal.Refused, "Failed/a.json", refused.Path
		refused.Problem, refused.ResultState = &journal.Problem{Code: "fileRefused"}, journal.ResultAwaited
		r.change(journal.Stepped{Transfer: refused})
		if err := r.Retry(t.Context(), refused.ID); !errors.Is(err, ErrWrongState) || !toldAs(err, "resultAwaited") {
			t.Errorf("while its result may come: %v", err)
		}
		refused = r.named("a.json")
		refused.ResultPath = ""
		r.change(journal.Stepped{Transfer: refused})
		r.stop()
		r.start()
		r.pass(time.Hour)
		refused = r.expect("a.json", journal.Refused)
		if refused.Problem == nil || refused.Problem.Code != "refusedPartly" || refused.Problem.Args["accepted"] != "4" {
			t.Fatalf("its result: %+v, %s", refused.Problem, refused.ResultState)
		}
		if err := r.Retry(t.Context(), refused.ID); !toldAs(err, "wouldDouble") {
			t.Errorf("tried again: %v", err)
		}
		if n, err := r.RetryAll(t.Context(), ""); n != 0 || err != nil {
			t.Errorf("all again: %d, %v", n, err)
		}
		shown, err := r.Transfer(t.Context(), refused.ID)
		if err != nil || has(shown.Actions, ActionRetry) || !has(shown.Actions, ActionSendAgain) {
			t.Errorf("offered %v, %v", shown.Actions, err)
		}
		if shown.Result == nil || shown.Result.Records != 4 || shown.Result.Refused != 0 {
			t.Errorf("counted %+v", shown.Result)
		}
		if err := r.SendAgain(t.Context(), refused.ID); err != nil {
			t.Errorf("asked for by name: %v", err)
		}
	})
}

func has(actions []Action, a Action) bool {
	for _, other := range actions {
		if other == a {
			return true
		}
	}
	return false
}

// toldAs tells whether an error is told to a person by a code.
func toldAs(err error, code string) bool {
	told, ok := errors.AsType[*ProblemError](err)
	return ok && told.Problem.Code == code
}

func TestTryAllAgainTakesOnlyWhatCannotDouble(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.platform.EndNext(sandbox.Failed); err != nil {
			t.Fatal(err)
		}
		r.drop(acme, "Outbox/orders/failed.json", orders(1, 1))
		r.pass(2 * time.Hour)
		r.drop(acme, "Outbox/orders/broken.json", []byte(`{"no": "end"`))
		r.pass(10 * time.Minute)
		r.drop(acme, "Outbox/orders/fine.json", orders(100, 1))
		r.pass(time.Hour)
		r.expect("failed.json", journal.Refused)
		r.expect("broken.json", journal.Unchecked)
		if n, err := r.RetryAll(t.Context(), "Nobody Ltd"); n != 0 || err != nil {
			t.Errorf("of another company: %d, %v", n, err)
		}
		if n, err := r.RetryAll(t.Context(), acme); n != 2 || err != nil {
			t.Errorf("tried %d, %v", n, err)
		}
		r.pass(2 * time.Hour)
		r.expect("failed.json", journal.Accepted)
		r.expect("broken.json", journal.Unchecked)
		if n := len(r.platform.Files()); n != 3 {
			t.Errorf("the platform has %d files", n)
		}
	})
}

func TestAFileThatIsKeptBackWaitsWhileOthersGoOn(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"a.json", "b.json", "c.json"} {
			r.drop(acme, "Outbox/orders/"+name, orders(1+100*i, 1))
			r.pass(5 * time.Second)
		}
		began := time.Now()
		if err := r.Hold(t.Context(), r.named("b.json").ID); err != nil {
			t.Fatal(err)
		}
		if err := r.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		r.expect("a.json", journal.Accepted)
		r.expect("c.json", journal.Accepted)
		r.because("b.json", journal.HeldByPerson, EndsRelease, began)
		counts := r.counts(t)
		if counts.NeedsYou != 0 || counts.OnTheirWay != 1 {
			t.Errorf("counted as %+v", counts)
		}
		kept := r.expect("b.json", journal.Held)
		shown, err := r.Transfer(t.Context(), kept.ID)
		if err != nil || !shown.KeptBack() || shown.Waits == nil || !has(shown.Actions, ActionRelease) || has(shown.Actions, ActionLeave) || has(shown.Actions, ActionHold) {
			t.Errorf("%+v, %v", shown.Transfer, err)
		}

		r.drop(acme, "Outbox/orders/b.json", orders(500, 1)) // editing does not release it, nor does a restart
		r.pass(time.Minute)
		r.stop()
		r.start()
		r.pass(time.Hour)
		if now := r.expect("b.json", journal.Held); now.ID != kept.ID || now.SHA256 == kept.SHA256 {
			t.Errorf("after an edit and a restart: %+v", now)
		}
		if err := r.Hold(t.Context(), kept.ID); !errors.Is(err, ErrWrongState) {
			t.Errorf("held twice: %v", err)
		}
		if err := r.Resolve(t.Context(), kept.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		if got := r.expect("b.json", journal.Accepted); got.ID != kept.ID {
			t.Error("it became another transfer")
		}
		if err := r.Hold(t.Context(), kept.ID); !errors.Is(err, ErrWrongState) {
			t.Errorf("held after it was accepted: %v", err)
		}
	})
}
