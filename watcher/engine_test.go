package watcher

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"postroom/sage/sandbox"
	"postroom/watcher/journal"
)

// inBubble runs a test with a rig whose platform takes ten seconds for each phase, and one connected company.
func inBubble(t *testing.T, o sandbox.Options, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, o)
		r.connect(acme)
		test(t, r)
	})
}

var slow = sandbox.Options{Pace: 10 * time.Second}

func month() string { return time.Now().Format("2006-01") }

func TestADroppedFileReachesThePlatformAndItsResultComesBack(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		content := orders(1, 3)
		r.drop(acme, "Outbox/orders/november.json", content)
		r.pass(5 * time.Second)
		r.expect("november.json", journal.Validating)
		r.pass(time.Hour)
		got := r.expect("november.json", journal.Accepted)
		want := "Inbox/results/november.result.json\nSent/" + month() + "/november.json"
		if files := r.files(acme); files != want {
			t.Errorf("files:\n%s\nwant\n%s", files, want)
		}
		if line := r.timeline(got); line != "dropped checked created sent status status status status accepted result" {
			t.Errorf("timeline %s", line)
		}
		if got.Records != 3 || got.RefusedRecords != 0 || got.ResultState != journal.ResultLaid {
			t.Errorf("got %+v", got)
		}
		r.invariants(acme, [][]byte{content}, true)
	})
}

func TestABadFileGoesToFailedInPlainWordsAndHoldsUpNothing(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/bad.json", []byte("[\n  {\"id\": \"1\" \"email\": 2}\n]\n"))
		r.drop(acme, "Outbox/orders/good.json", orders(1, 1))
		r.pass(10 * time.Minute)
		r.expect("bad.json", journal.Unchecked)
		r.expect("good.json", journal.Accepted)
		note, err := os.ReadFile(filepath.Join(r.desk, acme, "Failed", "bad.error.txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"bad.json was not sent", "line 2", "comma", "email"} {
			if !strings.Contains(strings.ToLower(string(note)), part) {
				t.Errorf("%q is not in\n%s", part, note)
			}
		}
		if files := r.files(acme); !strings.Contains(files, "Failed/bad.json") || strings.Contains(files, "Outbox/orders/bad.json") {
			t.Errorf("files:\n%s", files)
		}
	})
}

func TestRecordsRefusedInAnAcceptedFileAreCountedAndTheFileStaysSent(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		content := orders(1, 5)
		id := recordID(t, content, 1)
		r.platform.RefuseRecord(id, "The customer is unknown.")
		r.drop(acme, "Outbox/orders/a.json", content)
		r.pass(10 * time.Minute)
		got := r.expect("a.json", journal.Accepted)
		if got.RefusedRecords != 1 || got.Problem == nil || got.Problem.Code != "partlyRefused" || got.Problem.Args["refused"] != "1" {
			t.Errorf("got %d, %v", got.RefusedRecords, got.Problem)
		}
		detail, err := r.Transfer(t.Context(), got.ID)
		if err != nil || len(detail.Outcomes) != 5 || detail.Outcomes[0].Accepted || detail.Outcomes[0].ID != id {
			t.Errorf("outcomes %+v, %v", detail.Outcomes, err)
		}
		if slices.Contains(detail.Actions, ActionSendAgain) || slices.Contains(detail.Actions, ActionRetry) {
			t.Errorf("offered whole again: %v", detail.Actions)
		}
		if err := r.SendAgain(t.Context(), got.ID); !errors.Is(err, ErrWrongState) {
			t.Errorf("sent again: %v", err)
		}
		r.invariants(acme, [][]byte{content}, true)
	})
}

func TestARefusedFileGoesToFailedWithThePlatformsWordAndItsResult(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		for _, word := range []sandbox.Status{sandbox.Failed, sandbox.BadRequest, sandbox.Rejected} {
			if err := r.platform.EndNext(word); err != nil {
				t.Fatal(err)
			}
			name := string(word) + ".json"
			r.drop(acme, "Outbox/orders/"+name, orders(len(name)*100, 2))
			r.pass(90 * time.Minute)
			got := r.expect(name, journal.Refused)
			if got.RemoteStatus != string(word) {
				t.Errorf("%s: status %s", name, got.RemoteStatus)
			}
			note, err := os.ReadFile(filepath.Join(r.desk, acme, "Failed", string(word)+".error.txt"))
			if err != nil || !strings.Contains(string(note), string(word)) {
				t.Errorf("%s: note %q, %v", name, note, err)
			}
			if _, err := os.Stat(filepath.Join(r.desk, acme, "Failed", name)); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestOneFileIsInFlightAndTheOthersFollowInOrder(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		names := []string{"a.json", "b.json", "c.json"}
		var contents [][]byte
		for i, name := range names {
			contents = append(contents, orders(1+i*100, 2))
			r.drop(acme, "Outbox/orders/"+name, contents[i])
			r.pass(5 * time.Second)
		}
		flying := 0
		for _, name := range names {
			if r.named(name).State.InFlight() {
				flying++
			}
		}
		if flying != 1 {
			t.Errorf("%d in flight", flying)
		}
		page, err := r.Transfers(t.Context(), Query{})
		if err != nil {
			t.Fatal(err)
		}
		if waits := page.Transfers[0].Waits; waits == nil || waits.Code != "behind" || waits.Args["name"] != "a.json" {
			t.Errorf("c waits for %v", waits)
		}
		r.pass(10 * time.Minute)
		var order []string
		for _, f := range r.platform.Files() {
			order = append(order, f.Name)
		}
		if !slices.Equal(order, names) {
			t.Errorf("order %v", order)
		}
		r.invariants(acme, contents, true)
	})
}

func TestANewListIsLaidDownAndToldWithWhatChanged(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(5)); err != nil {
			t.Fatal(err)
		}
		r.pass(time.Hour)
		if err := r.platform.Publish(acme, "customers", sandbox.SampleCustomers(7)); err != nil {
			t.Fatal(err)
		}
		r.hinted("connectionacmeltd", "customers")
		r.pass(time.Second)
		lists, err := r.Lists(t.Context(), acme)
		if err != nil || len(lists) != 2 {
			t.Fatalf("%+v, %v\n%s", lists, err, r.log)
		}
		if newest := lists[0]; newest.Added != 2 || newest.First || newest.Records != 7 || !lists[1].First {
			t.Errorf("lists %+v", lists)
		}
		if filepath.Base(lists[0].Path) != "customers.json" || filepath.Base(filepath.Dir(lists[1].Path)) != "history" {
			t.Errorf("the lists lie at %s and %s", lists[0].Path, lists[1].Path)
		}
		if _, err := os.Stat(lists[0].Path); err != nil {
			t.Error(err)
		}
		changes, err := r.ListChanges(t.Context(), lists[0].ID)
		if err != nil || len(changes) != 2 || changes[0].Kind != "added" {
			t.Errorf("changes %+v, %v", changes, err)
		}
		calls := len(r.platform.Calls())
		r.pass(20 * time.Minute)
		if again := len(r.platform.Calls()) - calls; again > 4 {
			t.Errorf("%d calls in 20 minutes", again)
		}
	})
}

func TestAResultIsLookedForAsLongAsTheProfileSays(t *testing.T) {
	o := slow
	o.ResultDelay = 40 * time.Minute
	inBubble(t, o, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(10 * time.Minute)
		r.drop(acme, "Outbox/orders/b.json", orders(2, 1))
		if got := r.expect("a.json", journal.Accepted); got.ResultState != journal.ResultAwaited {
			t.Errorf("result %q", got.ResultState)
		}
		r.pass(20 * time.Minute)
		r.expect("b.json", journal.Accepted) // a final word frees the lane
		r.pass(time.Hour)
		if got := r.named("a.json"); got.ResultState != journal.ResultLaid {
			t.Errorf("result %q", got.ResultState)
		}
	})
	o.ResultDelay = 3 * time.Hour
	inBubble(t, o, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(2 * time.Hour)
		if got := r.expect("a.json", journal.Accepted); got.ResultState != journal.ResultNotFound {
			t.Errorf("result %q", got.ResultState)
		}
		calls := len(r.platform.Calls())
		r.pass(time.Minute)
		if len(r.platform.Calls()) != calls {
			t.Error("it is looked for still")
		}
	})
}

func TestAHeldHomeAndAHeldOutboxSayWhoHoldsThem(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.pass(time.Second)
		if _, err := Open(t.Context(), r.options); !errors.Is(err, ErrBusy) {
			t.Errorf("a second agent on the home: %v", err)
		}
		second := newRig(t, slow)
		second.desk = r.desk
		second.connect(acme)
		e, err := Open(t.Context(), second.options)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		err = e.Run(t.Context())
		held, is := errors.AsType[*HeldError](err)
		if !is || held.Holder.Home != r.home || held.Holder.Process != os.Getpid() {
			t.Errorf("a second home on the Outbox: %v", err)
		}
		told, is := errors.AsType[*ProblemError](err)
		if !is || told.Problem.Code != "outboxHeld" {
			t.Errorf("told as %v", err)
		}
	})
}

func TestTheOverviewCountsWhatThereIs(t *testing.T) {
	inBubble(t, slow, func(t *testing.T, r *rig) {
		r.start()
		r.drop(acme, "Outbox/orders/a.json", orders(1, 1))
		r.pass(time.Hour)
		r.drop(acme, "Outbox/orders/bad.json", []byte("{"+strings.Repeat(" ", 100)+"}}"))
		r.drop(acme, "Outbox/orders/empty.json", nil)
		r.pass(10 * time.Second)
		r.drop(acme, "Outbox/orders/b.json", orders(50, 1))
		r.pass(6 * time.Second)
		o, err := r.Overview(t.Context())
		if err != nil || len(o.Companies) != 1 || len(o.Companies[0].Connections) != 1 {
			t.Fatalf("%+v, %v", o, err)
		}
		company := o.Companies[0]
		if company.Counts != (Counts{OnTheirWay: 1, NeedsYou: 1, Done: 1}) || o.AcceptedToday != 1 {
			t.Errorf("counts %+v, %d today", company.Counts, o.AcceptedToday)
		}
		if len(company.Loose) != 1 || company.Loose[0].Name != "empty.json" {
			t.Errorf("loose %+v", company.Loose)
		}
		connection := company.Connections[0]
		if connection.Key.State != KeyGood || len(connection.Lanes) != 3 || connection.SeenAt.IsZero() {
			t.Errorf("connection %+v", connection)
		}
		if err := r.Dismiss(t.Context(), r.named("bad.json").ID); err != nil {
			t.Fatal(err)
		}
		o, err = r.Overview(t.Context())
		if err != nil || o.Companies[0].Counts.NeedsYou != 0 {
			t.Errorf("after it was seen: %+v, %v", o.Companies[0].Counts, err)
		}
	})
}

// meddler lets a test change what comes over the network.
type meddler struct {
	under  http.RoundTripper
	change func(*http.Request, *http.Response, error) (*http.Response, error)
	before func(*http.Request) (*http.Response, error)
}

func (a *meddler) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.before != nil {
		if resp, err := a.before(r); resp != nil || err != nil {
			if r.Body != nil {
				r.Body.Close()
			}
			return resp, err
		}
	}
	resp, err := a.under.RoundTrip(r)
	if a.change != nil {
		return a.change(r, resp, err)
	}
	return resp, err
}
