package courier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"postroom/assets"
	"postroom/sage"
	"postroom/sage/vault"
	"postroom/watcher/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// wire is a session that does what a test tells it to.
type wire struct {
	calls  []string
	create func(sage.NewFile) (sage.Created, error)
	send   func(string) error
	track  func() (sage.Tracking, error)
}

func (w *wire) Create(_ context.Context, _ string, f sage.NewFile) (sage.Created, error) {
	w.calls = append(w.calls, "create "+f.IdempotencyKey)
	if w.create != nil {
		return w.create(f)
	}
	return sage.Created{FileID: "f1", UploadURL: "u1", TrackingURL: "t1"}, nil
}

func (w *wire) Send(_ context.Context, file sage.Created, body sage.Body) error {
	content, err := body.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	all, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	w.calls = append(w.calls, "send "+file.UploadURL+" "+string(all))
	if w.send != nil {
		return w.send(string(all))
	}
	return nil
}

func (w *wire) CreateAndSend(ctx context.Context, scope string, f sage.NewFile, body sage.Body) (sage.Created, error) {
	created, err := w.Create(ctx, scope, f)
	if err != nil {
		return created, err
	}
	return created, w.Send(ctx, created, body)
}

func (w *wire) Track(context.Context, string) (sage.Tracking, error) {
	w.calls = append(w.calls, "track")
	if w.track != nil {
		return w.track()
	}
	return sage.Tracking{Status: "accepted", Phase: sage.PhaseEnded, Final: sage.Accepted}, nil
}

func carrierOn(d *desk, w *wire) *Carrier {
	return &Carrier{
		Session: w, Mode: sage.TwoStep, Pace: pace, Porter: d.Porter, Journal: d.journal, Now: func() time.Time { return noon },
		Random: func() float64 { return 0 }, Log: slog.New(slog.DiscardHandler),
	}
}

func TestCarryingAFileTakesFourCommitsToSent(t *testing.T) {
	d, w := newDesk(t), &wire{}
	got, err := carrierOn(d, w).Carry(t.Context(), d.put("Outbox/orders/a.json", "content"), nil)
	if err != nil || got.State != journal.Accepted {
		t.Fatalf("%+v, %v", got, err)
	}
	if calls := strings.Join(w.calls, ", "); calls != "create T1, send u1 content, track" {
		t.Errorf("calls: %s", calls)
	}
	var states []string
	for _, n := range d.journal.transfers {
		states = append(states, fmt.Sprint(n.State, n.Doubt))
	}
	// The first of the four is the intake's. The doubt is durable before content goes out, with the record it goes to.
	if got := strings.Join(states, " "); got != "claimedfalse createdtrue sentfalse acceptedfalse" {
		t.Errorf("commits: %s", got)
	}
	if d.read("Sent/2026-11/a.json") != "content" {
		t.Error("it does not lie in Sent")
	}
}

func TestTheLastWordOfAFileSharesACommitWithTheClaimOfTheNext(t *testing.T) {
	d, w := newDesk(t), &wire{}
	c := carrierOn(d, w)
	var heard []string
	c.Noted = func(t journal.Transfer) { heard = append(heard, t.Name+" "+string(t.State)) }
	first, second := d.put("Outbox/orders/a.json", "content"), d.put("Outbox/orders/b.json", "more")
	second.ID = "T2"
	got, last, err := c.CarryAfter(t.Context(), first, nil, nil)
	if err != nil || got.State != journal.Sent || last == nil || last.Transfer.State != journal.Accepted || len(last.Entries) == 0 {
		t.Fatalf("%+v, outstanding %+v, %v", got, last, err)
	}
	if _, last, err = c.CarryAfter(t.Context(), second, nil, last); err != nil {
		t.Fatal(err)
	}
	if err := c.Record(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	want := "a.json claimed; a.json created; a.json sent; a.json accepted and b.json claimed; b.json created; b.json sent; b.json accepted"
	if got := strings.Join(d.journal.commits, "; "); got != want {
		t.Errorf("commits:\n%s\nwant\n%s", got, want)
	}
	if got := strings.Join(heard, "; "); got != strings.ReplaceAll(want, " and ", "; ") {
		t.Errorf("heard of %s", got)
	}
}

// What is still owed of a file's end must not wait for another file.
func TestARefusedFileIsPutDownAtOnce(t *testing.T) {
	d, w := newDesk(t), &wire{}
	w.track = func() (sage.Tracking, error) {
		return sage.Tracking{Status: "failed", Phase: sage.PhaseEnded, Final: sage.Failed}, nil
	}
	got, last, err := carrierOn(d, w).CarryAfter(t.Context(), d.put("Outbox/orders/a.json", "content"), nil, nil)
	if err != nil || last != nil || got.State != journal.Refused || d.read("Failed/a.json") != "content" {
		t.Errorf("%+v, outstanding %+v, %v", got, last, err)
	}
}

func TestAPausedCarrierFollowsWhatWasSentAndSendsNothing(t *testing.T) {
	d, w := newDesk(t), &wire{}
	c := carrierOn(d, w)
	c.Paused = func() bool { return true }
	if got, err := c.Carry(t.Context(), d.put("Outbox/orders/a.json", "content"), nil); err != nil || got.State != journal.Queued {
		t.Errorf("%+v, %v", got, err)
	}
	sent := d.put("Sent/2026-11/b.json", "content")
	sent.State, sent.TrackingURL = journal.Sent, "t"
	if got, err := c.Carry(t.Context(), sent, nil); err != nil || got.State != journal.Accepted {
		t.Errorf("%+v, %v", got, err)
	}
	if calls := strings.Join(w.calls, ", "); calls != "track" {
		t.Errorf("calls: %s", calls)
	}
}

func TestWhatIsPausedWhileItWaitsIsNotSent(t *testing.T) {
	d, w := newDesk(t), &wire{}
	c := carrierOn(d, w)
	paused := false
	c.Paused = func() bool { return paused }
	c.Admit = func(context.Context, <-chan struct{}) (func(Failure), error) {
		paused = true
		return func(Failure) {}, nil
	}
	got, err := c.Carry(t.Context(), d.put("Outbox/orders/a.json", "content"), nil)
	if !errors.Is(err, ErrYielded) || got.State != journal.Claimed || len(w.calls) != 0 {
		t.Errorf("%+v, %v, %v", got, err, w.calls)
	}
}

func TestAFileChangedAsideIsNotSentAndGoesBack(t *testing.T) {
	d, w := newDesk(t), &wire{}
	w.create = func(sage.NewFile) (sage.Created, error) {
		if err := os.WriteFile(full(d.root, Aside("T1")), []byte("CONTENT"), 0o600); err != nil {
			t.Error(err)
		}
		return sage.Created{FileID: "f1", UploadURL: "u1", TrackingURL: "t1"}, nil
	}
	got, err := carrierOn(d, w).Carry(t.Context(), d.put("Outbox/orders/a.json", "content"), nil)
	if err != nil || got.State != journal.Queued || !got.Unready || got.From != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if calls := strings.Join(w.calls, ", "); calls != "create T1" || d.read("Outbox/orders/a.json") != "CONTENT" {
		t.Errorf("calls: %s; %s", calls, d.read("Outbox/orders/a.json"))
	}
	if key := idempotencyKey(&got); key != "T1-2" {
		t.Errorf("the next record would be known as %s", key)
	}
}

func TestAJournalThatFailsForAWhileLosesNoOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, w := newDesk(t), &wire{}
		w.send = func(string) error {
			d.journal.fail, d.journal.err = 3, journal.ErrFull
			return nil
		}
		got, err := carrierOn(d, w).Carry(t.Context(), d.put("Outbox/orders/a.json", "content"), nil)
		if err != nil || got.State != journal.Accepted {
			t.Errorf("%+v, %v", got, err)
		}
		if sends := strings.Count(strings.Join(w.calls, ", "), "send"); sends != 1 {
			t.Errorf("sent %d times", sends)
		}
	})
}

func TestAClosedJournalEndsTheWalk(t *testing.T) {
	d, w := newDesk(t), &wire{}
	d.journal.fail, d.journal.err = 1, journal.ErrClosed
	if _, err := carrierOn(d, w).Carry(t.Context(), d.put("Outbox/orders/a.json", "content"), nil); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if len(w.calls) != 0 {
		t.Errorf("calls %v", w.calls)
	}
}

func TestACreateIsGivenUpForWhoeverWantsTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		w := &stuck{}
		c := carrierOn(d, &w.wire)
		c.Session = w
		wanted := make(chan struct{})
		time.AfterFunc(time.Minute, func() { close(wanted) })
		began := time.Now()
		got, err := c.Carry(t.Context(), d.put("Outbox/orders/a.json", "content"), wanted)
		if !errors.Is(err, ErrYielded) || got.State != journal.Claimed || time.Since(began) != time.Minute {
			t.Errorf("%+v, %v after %v", got, err, time.Since(began))
		}
	})
}

// stuck is a session whose create is never answered.
type stuck struct{ wire }

func (s *stuck) Create(ctx context.Context, _ string, _ sage.NewFile) (sage.Created, error) {
	<-ctx.Done()
	return sage.Created{}, fmt.Errorf("creating: %w", ctx.Err())
}

func TestAnEndedContextLeavesTheRecordAsItIsDurable(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	w := &wire{send: func(string) error {
		cancel()
		return fmt.Errorf("sending: %w", context.Canceled)
	}}
	got, err := carrierOn(d, w).Carry(ctx, d.put("Outbox/orders/a.json", "content"), nil)
	if !errors.Is(err, context.Canceled) || got.State != journal.Created || !got.Doubt {
		t.Errorf("%+v, %v", got, err)
	}
	w.send = nil
	w.track = func() (sage.Tracking, error) {
		return sage.Tracking{Status: "awaitingUpload", Phase: sage.PhaseAwaiting, AwaitsUpload: true}, nil
	}
	w.calls = nil
	if _, err := carrierOn(d, w).Carry(t.Context(), got, nil); err != nil {
		t.Fatal(err)
	}
	if calls := strings.Join(w.calls, ", "); !strings.HasPrefix(calls, "track, send u1 content") {
		t.Errorf("what was in doubt was not asked for first: %s", calls)
	}
}

func TestOneStepLeavesNoDoubtBehindAWait(t *testing.T) {
	d, w := newDesk(t), &wire{}
	c := carrierOn(d, w)
	c.Mode = sage.OneStep
	ctx, cancel := context.WithCancel(t.Context())
	c.Admit = func(ctx context.Context, _ <-chan struct{}) (func(Failure), error) {
		cancel()
		return nil, context.Cause(ctx)
	}
	if _, err := c.Carry(ctx, d.put("Outbox/orders/a.json", "content"), nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	last := d.journal.transfers[len(d.journal.transfers)-1]
	if last.Doubt || last.State != journal.Claimed {
		t.Errorf("the journal holds %+v", last)
	}
}

func TestErrorsOfThePlatformMeanWhatTheContractSays(t *testing.T) {
	for _, c := range []struct {
		err    error
		kind   FailureKind
		code   string
		shared bool
	}{
		{&sage.Error{Status: 423, Code: 2400}, Busy, "scopeBusy", false},
		{&sage.Error{Status: 423, Code: 2405}, Busy, "scopeQuarantined", false},
		{&sage.Error{Status: 400, Code: 2000}, Stopped, "domainInvalid", false},
		{&sage.Error{Status: 400, Code: 2010}, Stopped, "scopeInvalid", false},
		{&sage.Error{Status: 403, Code: 2110}, Stopped, "scopeNotAllowed", false},
		{&sage.Error{Status: 401, Code: 2115}, Key, "connectionRevoked", true},
		{&sage.Error{Status: 401, Code: 2120}, Key, "connectionLocked", true},
		{&sage.Error{Status: 413, Code: 2425, Limit: 5_000_000}, Refusal, "fileTooLarge", false},
		{&sage.Error{Status: 400, Code: 2430}, Refusal, "fileFormat", false},
		{&sage.Error{Status: 404, Code: 2410}, Vanished, "fileVanished", false},
		{&sage.Error{Status: 400, Code: 2415}, WrongState, "fileWrongState", false},
		{&sage.Error{Status: 410, Code: 2420}, NotThere, "fileNotThere", false},
		{&sage.Error{Status: 403, Foreign: true}, Foreign, "hostRefused", false},
		{&sage.Error{Status: 503}, Later, "platformTrouble", false},
		{&sage.Error{Status: 503, RetryAfter: time.Minute}, Later, "platformTrouble", true},
		{&sage.Error{Status: 429}, Later, "platformThrottles", true},
		{&sage.Error{Status: 404}, Later, "platformTrouble", false}, // a gateway's
		{&sage.Error{Status: 400, Code: 2999}, Refusal, "fileTurnedDown", false},
		{sage.ErrKeyStore, Key, "vaultFailed", true},
		{fmt.Errorf("%w: reading: %w", sage.ErrKeyStore, vault.ErrLocked), Key, "vaultLocked", true},
		{fmt.Errorf("%w: reading: %w", sage.ErrKeyStore, vault.ErrTimeout), Key, "vaultSilent", true},
		{fmt.Errorf("%w: reading: %w", sage.ErrKeyStore, vault.ErrNoKeyring), Key, "vaultGone", true},
		{fmt.Errorf("%w: reading: %w", sage.ErrKeyStore, vault.ErrDamaged), Key, "vaultDamaged", true},
		{fmt.Errorf("%w: writing the key: %w", sage.ErrKeyStore, vault.ErrReadBack), Key, "vaultForgets", true},
		{fmt.Errorf("calling: %w", context.DeadlineExceeded), Later, "networkDown", true},
		{&localError{code: "cannotRead", kind: Unreadable, err: os.ErrPermission}, Unreadable, "cannotRead", false},
	} {
		f := Judge(t.Context(), c.err)
		if f.Kind != c.kind || f.Problem.Code != c.code || f.Shared != c.shared {
			t.Errorf("%v: got %d %s %v", c.err, f.Kind, f.Problem.Code, f.Shared)
		}
	}
	if f := Judge(t.Context(), &sage.Error{Status: 413, Code: 2425, Limit: 5_250_000}); f.Problem.Args["limit"] != "5.3" {
		t.Errorf("limit %q", f.Problem.Args["limit"])
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if f := Judge(ended, fmt.Errorf("calling: %w", context.Canceled)); f.Kind != Interrupted {
		t.Errorf("cancelled: %+v", f)
	}
}

func TestArrivals(t *testing.T) {
	bad := &journal.Problem{Code: "syntax", Args: map[string]string{"line": "14"}}
	twin := &journal.Transfer{ID: "T0", Name: "old.json", CreatedAt: noon}
	fresh := with(record(journal.Queued), func(t *journal.Transfer) { t.State = "" })
	for _, c := range []struct {
		name string
		from journal.Transfer
		a    Arrival
		want string
	}{
		{"new", fresh, Arrival{}, "queued (dropped) (checked)"},
		{"new and unclear", fresh, Arrival{Unclear: true}, "held !scopeUnclear (dropped) (checked) (held)"},
		{"new and bad", fresh, Arrival{Unsendable: bad}, "unchecked Failed/orders.json<-Outbox/orders/orders.json !syntax (dropped) (unchecked)"},
		{"a twin", fresh, Arrival{Twin: twin}, "held !duplicate (dropped) (checked) (held)"},
		{"a twin to be left", fresh, Arrival{Twin: twin, Leave: true}, "cancelled Outbox/Held/orders.json<-Outbox/orders/orders.json !duplicate (dropped) (checked) (left)"},
		{"a twin that was answered for", with(record(journal.Held), func(t *journal.Transfer) { t.Cleared = true }), Arrival{Twin: twin}, "queued cleared (checked)"},
		{"edited, and well now", with(record(journal.Queued), func(t *journal.Transfer) { t.Unready = true }), Arrival{}, "queued (checked)"},
		{"edited, and bad now", record(journal.Held), Arrival{Unsendable: bad}, "unchecked Failed/orders.json<-Outbox/orders/orders.json !syntax (unchecked)"},
	} {
		got, entries := Arrive(c.from, c.a, noon)
		if s := shape(got, entries); s != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, s, c.want)
		}
	}
	same := []journal.Transfer{{ID: "T4", State: journal.Refused}, {ID: "T3", State: journal.Cancelled}, {ID: "T1", State: journal.Queued}, {ID: "T2", State: journal.Accepted}}
	if got := Twin(&journal.Transfer{ID: "T1"}, same); got == nil || got.ID != "T2" {
		t.Errorf("twin %+v", got)
	}
}

// Every code that this package can raise has its sentences, and so has every kind of its timeline.
func TestEveryCodeIsSaid(t *testing.T) {
	codes := map[string]bool{}
	for _, known := range platformKinds {
		codes[known.code] = true
	}
	kinds := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			said, ok := call.Args[0].(*ast.BasicLit)
			if !ok || said.Kind != token.STRING {
				return true
			}
			text, _ := strconv.Unquote(said.Value)
			switch f := call.Fun.(type) {
			case *ast.Ident:
				codes[text] = codes[text] || f.Name == "problem"
			case *ast.SelectorExpr:
				codes[text] = codes[text] || f.Sel.Name == "unknown"
				kinds[text] = kinds[text] || f.Sel.Name == "tell" || f.Sel.Name == "tellWhy" || f.Sel.Name == "takeBack" || f.Sel.Name == "again"
			}
			return true
		})
	}
	for _, language := range []string{"en", "es", "fr", "de"} {
		words := assets.For(language)
		for code, is := range codes {
			if is && (!words.Has("problem."+code) || !words.Has("problem."+code+".do")) {
				t.Errorf("%s: problem.%s is not said", language, code)
			}
		}
		for kind, is := range kinds {
			if is && !words.Has("timeline."+kind) && kind != "result" {
				t.Errorf("%s: timeline.%s is not said", language, kind)
			}
		}
	}
	if len(codes) < 20 || len(kinds) < 12 {
		t.Errorf("only %d codes and %d kinds were found", len(codes), len(kinds))
	}
}
