package courier

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"postroom/sage"
	"postroom/watcher/journal"
)

var (
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	at   = Clock{Now: noon}
	pace = Pace{
		Track: Pause{2 * time.Second, 5 * time.Minute}, Busy: Pause{3 * time.Second, 5 * time.Minute},
		Retry: Pause{time.Second, time.Minute}, File: Pause{4 * time.Second, time.Minute}, Stop: Pause{time.Hour, time.Hour},
	}
)

// A record as it is on its way, by state.
func record(state journal.State) journal.Transfer {
	t := journal.Transfer{
		ID: "T1", Name: "orders.json", Scope: "orders", State: state, Path: "Outbox/orders/orders.json",
		Origin: "Outbox/orders/orders.json", Size: 12, SHA256: strings.Repeat("a", 64),
	}
	if state.InFlight() {
		t.Path = Aside("T1")
	}
	switch state {
	case journal.Created:
		t.FileID, t.UploadURL, t.TrackingURL, t.Creations = "f1", "u1", "t1", 1
	case journal.Sent, journal.Validating, journal.Processing, journal.Accepted, journal.Unknown, journal.Refused:
		t.FileID, t.UploadURL, t.TrackingURL, t.Creations = "f1", "u1", "t1", 1
		t.Path, t.SentAt = "Sent/2026-11/orders.json", noon
	}
	if state == journal.Unknown {
		t.Path = "Sent/Unclear/orders.json"
	}
	if state == journal.Refused {
		t.Path = "Failed/orders.json"
	}
	return t
}

func with(t journal.Transfer, changes ...func(*journal.Transfer)) journal.Transfer {
	for _, change := range changes {
		change(&t)
	}
	return t
}

func doubt(t *journal.Transfer)             { t.Doubt = true }
func barred(t *journal.Transfer)            { t.Barred = true }
func strikes(n int) func(*journal.Transfer) { return func(t *journal.Transfer) { t.Strikes = n } }
func cause(code string) func(*journal.Transfer) {
	return func(t *journal.Transfer) { t.Cause = &journal.Problem{Code: code} }
}

func creations(n int) func(*journal.Transfer) {
	return func(t *journal.Transfer) { t.Creations = n }
}
func attempts(n int) func(*journal.Transfer) { return func(t *journal.Transfer) { t.Attempts = n } }
func failed(kind FailureKind, code string) Outcome {
	return Outcome{Happened: Failed, Failure: Failure{Kind: kind, Problem: journal.Problem{Code: code}}}
}

func word(status string, phase sage.Phase, final sage.Final) Outcome {
	return Outcome{Happened: Done, Tracking: sage.Tracking{
		Status: status, Phase: phase, Final: final, AwaitsUpload: phase == sage.PhaseAwaiting,
	}}
}

var (
	created = Outcome{Happened: Done, Created: sage.Created{FileID: "f2", UploadURL: "u2", TrackingURL: "t2"}}
	done    = Outcome{Happened: Done}
)

// shape is what a transition is compared by: "state [flags] path<-from +wait !problem ?cause (timeline)".
func shape(t journal.Transfer, entries []journal.Entry) string {
	var b strings.Builder
	b.WriteString(string(t.State))
	for _, flag := range []struct {
		set  bool
		name string
	}{{t.Doubt, "doubt"}, {t.Barred, "barred"}, {t.Unready, "unready"}, {t.Cleared, "cleared"}, {t.Dismissed, "dismissed"}, {t.ResultState == journal.ResultAwaited, "result"}} {
		if flag.set {
			b.WriteString(" " + flag.name)
		}
	}
	if t.From != "" {
		fmt.Fprintf(&b, " %s<-%s", t.Path, t.From)
	}
	if t.Path == "" {
		b.WriteString(" nowhere")
	}
	if !t.NextAttempt.IsZero() {
		fmt.Fprintf(&b, " +%s", t.NextAttempt.Sub(noon))
	}
	if t.Problem != nil {
		b.WriteString(" !" + t.Problem.Code)
	}
	if t.Cause != nil {
		b.WriteString(" ?" + t.Cause.Code)
	}
	for _, e := range entries {
		b.WriteString(" (" + e.Kind + ")")
	}
	return b.String()
}

const (
	sentMove    = "Sent/2026-11/orders.json<-Outbox/.sending/T1"
	asideFailed = "Failed/orders.json<-Outbox/.sending/T1"
	sentFailed  = "Failed/orders.json<-Sent/2026-11/orders.json"
	sentUnclear = "Sent/Unclear/orders.json<-Sent/2026-11/orders.json"
)

var transitions = []struct {
	name string
	from journal.Transfer
	step Step
	out  Outcome
	want string
}{
	// queued
	{"claimed", record(journal.Queued), Claim, done, "claimed"},
	{"edited before it was claimed", record(journal.Queued), Claim, Outcome{Happened: Edited}, "queued unready (edited)"},
	{"removed before it was claimed", record(journal.Queued), Claim, Outcome{Happened: Missing}, "cancelled nowhere (removed)"},
	{"in use elsewhere", record(journal.Queued), Claim, failed(Later, "fileInUse"), "queued +4s ?fileInUse (waiting)"},
	{"still in use", with(record(journal.Queued), attempts(1), func(t *journal.Transfer) { t.Cause = problem("fileInUse") }), Claim, failed(Later, "fileInUse"), "queued +8s ?fileInUse"},
	{"not movable", record(journal.Queued), Claim, failed(Unreadable, "cannotRead"), "queued +4s ?cannotRead (waiting)"},

	// claimed, two steps
	{"created", record(journal.Claimed), Create, created, "created (created)"},
	{"an earlier file is processed", record(journal.Claimed), Create, failed(Busy, "scopeBusy"), "claimed +3s ?scopeBusy (waiting)"},
	{"scope not valid", record(journal.Claimed), Create, failed(Stopped, "scopeInvalid"), "claimed +1h0m0s ?scopeInvalid (waiting)"},
	{"a foreign host answers a create", record(journal.Claimed), Create, failed(Foreign, "hostRefused"), "claimed +1h0m0s ?hostRefused (waiting)"},
	{"too large", record(journal.Claimed), Create, failed(Refusal, "fileTooLarge"), "refused " + asideFailed + " !fileTooLarge (refused)"},
	{"create answers not found", record(journal.Claimed), Create, failed(Vanished, "fileVanished"), "refused " + asideFailed + " !fileVanished (refused)"},
	{"create answers wrong state", record(journal.Claimed), Create, failed(WrongState, "x"), "refused " + asideFailed + " !x (refused)"},
	{"create answers not uploaded", record(journal.Claimed), Create, failed(NotThere, "x"), "refused " + asideFailed + " !x (refused)"},
	{"platform fails at create", record(journal.Claimed), Create, failed(Later, "platformTrouble"), "claimed +1s ?platformTrouble (waiting)"},
	{"key locked at create", record(journal.Claimed), Create, failed(Key, "connectionLocked"), "claimed +1s ?connectionLocked (waiting)"},
	{"create given up", record(journal.Claimed), Create, failed(Interrupted, ""), "claimed"},

	// claimed, one step
	{"sent in one step", with(record(journal.Claimed), doubt), CreateAndSend, created, "sent " + sentMove + " (created) (sent)"},
	{"answer lost in one step", with(record(journal.Claimed), doubt), CreateAndSend, failed(Lost, "answerLost"), "unknown Sent/Unclear/orders.json<-Outbox/.sending/T1 !answerLost (unknown)"},
	{"in doubt after a crash in one step", with(record(journal.Claimed), doubt), GiveUp, done, "unknown Sent/Unclear/orders.json<-Outbox/.sending/T1 !answerLost (unknown)"},
	{"busy in one step", with(record(journal.Claimed), doubt), CreateAndSend, failed(Busy, "scopeBusy"), "claimed +3s ?scopeBusy (waiting)"},
	{"unreachable in one step", with(record(journal.Claimed), doubt), CreateAndSend, failed(Later, "networkDown"), "claimed +1s ?networkDown (waiting)"},
	{"refused in one step", with(record(journal.Claimed), doubt), CreateAndSend, failed(Refusal, "fileFormat"), "refused " + asideFailed + " !fileFormat (refused)"},
	{"edited in one step", with(record(journal.Claimed), doubt), CreateAndSend, Outcome{Happened: Edited}, "queued unready Outbox/orders/orders.json<-Outbox/.sending/T1 (edited)"},
	{"unreadable in one step", with(record(journal.Claimed), doubt), CreateAndSend, failed(Unreadable, "cannotRead"), "claimed +4s ?cannotRead (waiting)"},
	{"removed in one step", with(record(journal.Claimed), doubt), CreateAndSend, Outcome{Happened: Missing}, "cancelled nowhere (removed)"},
	{"given up in one step stays in doubt", with(record(journal.Claimed), doubt), CreateAndSend, failed(Interrupted, ""), "claimed doubt"},

	// created: sending
	{"sent", with(record(journal.Created), doubt), Send, done, "sent " + sentMove + " (sent)"},
	{"edited while it lay aside", with(record(journal.Created), doubt), Send, Outcome{Happened: Edited}, "queued unready Outbox/orders/orders.json<-Outbox/.sending/T1 (edited)"},
	{"removed while it lay aside", with(record(journal.Created), doubt), Send, Outcome{Happened: Missing}, "cancelled nowhere (removed)"},
	{"format not allowed", with(record(journal.Created), doubt), Send, failed(Refusal, "fileFormat"), "refused " + asideFailed + " !fileFormat (refused)"},
	{"answer to the content lost", with(record(journal.Created), doubt), Send, failed(Later, "networkDown"), "created doubt +1s ?networkDown (waiting)"},
	{"locked while sending", with(record(journal.Created), doubt), Send, failed(Busy, "scopeBusy"), "created doubt +1s ?scopeBusy (waiting)"},
	{"wrong state: its state is read", with(record(journal.Created), doubt), Send, failed(WrongState, "fileWrongState"), "created doubt barred ?fileWrongState (waiting)"},
	{"not found while sending: its state is read", with(record(journal.Created), doubt), Send, failed(Vanished, "fileVanished"), "created doubt barred ?fileVanished (waiting)"},
	{"turned down without a reason we know: its state is read", with(record(journal.Created), doubt), Send, failed(Refusal, unexplained), "created doubt barred ?fileTurnedDown (waiting)"},
	{"turned down, and nothing of it arrived", with(record(journal.Created), doubt, barred, strikes(sureLooks), cause(unexplained)), Track, failed(NotThere, "fileNotThere"), "refused Failed/orders.json<-Outbox/.sending/T1 !fileTurnedDown (refused)"},
	{"foreign host refuses: its state is read", with(record(journal.Created), doubt), Send, failed(Foreign, "hostRefused"), "created doubt barred ?hostRefused (waiting)"},
	{"not uploaded: once more", with(record(journal.Created), doubt), Send, failed(NotThere, "fileNotThere"), "created +1s ?fileNotThere (waiting)"},
	{"key not allowed to send", with(record(journal.Created), doubt), Send, failed(Stopped, "scopeNotAllowed"), "created +1h0m0s ?scopeNotAllowed (waiting)"},
	{"key revoked while sending", with(record(journal.Created), doubt), Send, failed(Key, "connectionRevoked"), "created +1h0m0s ?connectionRevoked (waiting)"},
	{"unreadable while sending", with(record(journal.Created), doubt), Send, failed(Unreadable, "cannotRead"), "created +4s ?cannotRead (waiting)"},
	{"unreadable once too often", with(record(journal.Created), doubt, attempts(stubbornReads)), Send, failed(Unreadable, "cannotRead"), "unchecked " + asideFailed + " !cannotRead (unchecked)"},
	{"sending given up stays in doubt", with(record(journal.Created), doubt), Send, failed(Interrupted, ""), "created doubt"},

	// created: in doubt
	{"the content has not come", with(record(journal.Created), doubt), Track, word("awaitingUpload", sage.PhaseAwaiting, sage.NotFinal), "created"},
	{"the content has not come, by its code", with(record(journal.Created), doubt), Track, failed(NotThere, "fileNotThere"), "created"},
	{"its address takes nothing: one word is not enough", with(record(journal.Created), doubt, barred), Track, word("awaitingUpload", sage.PhaseAwaiting, sage.NotFinal), "created doubt barred +2s"},
	{"its address takes nothing: nor are a few", with(record(journal.Created), doubt, barred, strikes(sureLooks-1)), Track, word("awaitingUpload", sage.PhaseAwaiting, sage.NotFinal), "created doubt barred +2m8s"},
	{"its address takes nothing: a new record", with(record(journal.Created), doubt, barred, strikes(sureLooks)), Track, word("awaitingUpload", sage.PhaseAwaiting, sage.NotFinal), "claimed (createdAgain)"},
	{"a new record again, later", with(record(journal.Created), doubt, barred, strikes(sureLooks), creations(2)), Track, failed(NotThere, "fileNotThere"), "claimed +2s (createdAgain)"},
	{"the content had come", with(record(journal.Created), doubt), Track, word("validating", sage.PhaseValidating, sage.NotFinal), "validating " + sentMove + " +2s (sent) (status)"},
	{"the content had come and is accepted", with(record(journal.Created), doubt), Track, word("accepted", sage.PhaseEnded, sage.Accepted), "accepted result " + sentMove + " (sent) (accepted)"},
	{"the content had come and is refused", with(record(journal.Created), doubt), Track, word("rejected", sage.PhaseEnded, sage.Failed), "refused result " + asideFailed + " !fileRefused (sent) (refused)"},
	{"the content had come, by a strange word", with(record(journal.Created), doubt), Track, word("pondering", sage.PhaseUnknown, sage.NotFinal), "sent " + sentMove + " +2s (sent) (status)"},
	{"the record is gone: nobody can tell", with(record(journal.Created), doubt), Track, failed(Vanished, "fileVanished"), "unknown Sent/Unclear/orders.json<-Outbox/.sending/T1 !fileVanished (unknown)"},
	{"tracking unreachable in doubt", with(record(journal.Created), doubt), Track, failed(Later, "networkDown"), "created doubt +1s ?networkDown (waiting)"},

	// tracking
	{"validating", record(journal.Sent), Track, word("validating", sage.PhaseValidating, sage.NotFinal), "validating +2s (status)"},
	{"in quarantine", record(journal.Sent), Track, word("quarantined", sage.PhaseQuarantined, sage.NotFinal), "validating +2s ?fileQuarantined (status)"},
	{"waits for Sage 50", record(journal.Validating), Track, word("available", sage.PhaseWaiting, sage.NotFinal), "processing +2s ?sageOff (status)"},
	{"processing", record(journal.Validating), Track, word("processing", sage.PhaseProcessing, sage.NotFinal), "processing +2s (status)"},
	{"nothing new", with(record(journal.Processing), attempts(3), func(t *journal.Transfer) { t.RemoteStatus = "processing" }), Track, word("processing", sage.PhaseProcessing, sage.NotFinal), "processing +16s"},
	{"a strange word changes no state", record(journal.Validating), Track, word("pondering", sage.PhaseUnknown, sage.NotFinal), "validating +2s (status)"},
	{"accepted", record(journal.Processing), Track, word("accepted", sage.PhaseEnded, sage.Accepted), "accepted result (accepted)"},
	{"failed", record(journal.Processing), Track, word("failed", sage.PhaseEnded, sage.Failed), "refused result " + sentFailed + " !fileRefused (refused)"},
	{"acknowledged, then awaited: a look more", record(journal.Sent), Track, word("awaitingUpload", sage.PhaseAwaiting, sage.NotFinal), "sent +2s"},
	{"acknowledged, then awaited for good: once more", with(record(journal.Sent), strikes(patientLooks)), Track, word("awaitingUpload", sage.PhaseAwaiting, sage.NotFinal), "created Outbox/.sending/T1<-Sent/2026-11/orders.json +8s (resent)"},
	{"acknowledged, then not uploaded: once more", record(journal.Sent), Track, failed(NotThere, "fileNotThere"), "created Outbox/.sending/T1<-Sent/2026-11/orders.json +2s (resent)"},
	{"not found once", record(journal.Sent), Track, failed(Vanished, "fileVanished"), "sent +2s"},
	{"not found again: nobody can tell", with(record(journal.Processing), strikes(1)), Track, failed(Vanished, "fileVanished"), "unknown " + sentUnclear + " !fileVanished (unknown)"},
	{"tracking refused", record(journal.Sent), Track, failed(Refusal, "fileTurnedDown"), "sent +2s ?fileTurnedDown (waiting)"},
	{"tracking refused for good", with(record(journal.Sent), strikes(stubbornLooks)), Track, failed(Foreign, "hostRefused"), "unknown " + sentUnclear + " !trackingRefused (unknown)"},
	{"tracking stopped", record(journal.Sent), Track, failed(Stopped, "scopeNotAllowed"), "sent +1h0m0s ?scopeNotAllowed (waiting)"},
	{"tracking wrong state: read again", record(journal.Sent), Track, failed(WrongState, "fileWrongState"), "sent +1s ?fileWrongState (waiting)"},
	{"platform fails at tracking", record(journal.Processing), Track, failed(Later, "platformTrouble"), "processing +1s ?platformTrouble (waiting)"},
	{"taken away while it is tracked", record(journal.Sent), Track, Outcome{Happened: Missing}, "sent nowhere (removed)"},
}

func TestEveryTransition(t *testing.T) {
	for _, c := range transitions {
		t.Run(c.name, func(t *testing.T) {
			got, entries := Advance(c.from, c.step, c.out, at, pace)
			if s := shape(got, entries); s != c.want {
				t.Errorf("%s by %s\n got %s\nwant %s", c.from.State, c.step, s, c.want)
			}
		})
	}
}

func TestEveryStateSaysWhatFollows(t *testing.T) {
	for _, c := range []struct {
		t    journal.Transfer
		mode sage.UploadMode
		want Step
	}{
		{record(journal.Queued), sage.TwoStep, Claim},
		{with(record(journal.Queued), func(t *journal.Transfer) { t.Unready = true }), sage.TwoStep, Rest},
		{record(journal.Held), sage.TwoStep, Rest},
		{record(journal.Claimed), sage.TwoStep, Create},
		{record(journal.Claimed), sage.OneStep, CreateAndSend},
		{with(record(journal.Claimed), doubt), sage.OneStep, GiveUp},
		{with(record(journal.Claimed), doubt), sage.TwoStep, GiveUp},
		{record(journal.Created), sage.TwoStep, Send},
		{with(record(journal.Created), doubt), sage.TwoStep, Track},
		{record(journal.Sent), sage.TwoStep, Track},
		{record(journal.Validating), sage.OneStep, Track},
		{record(journal.Processing), sage.TwoStep, Track},
		{record(journal.Accepted), sage.TwoStep, Rest},
		{record(journal.Refused), sage.TwoStep, Rest},
		{record(journal.Unchecked), sage.TwoStep, Rest},
		{record(journal.Unknown), sage.TwoStep, Rest},
		{record(journal.Cancelled), sage.TwoStep, Rest},
	} {
		if got := Decide(&c.t, c.mode); got != c.want {
			t.Errorf("%s doubt=%v %s: got %s, want %s", c.t.State, c.t.Doubt, c.mode, got, c.want)
		}
	}
}

func TestOnlyContentIsIntendedInDoubt(t *testing.T) {
	for _, step := range []Step{Rest, Claim, Create, Send, CreateAndSend, Track, GiveUp} {
		if got := Intend(record(journal.Claimed), step).Doubt; got != (step == Send || step == CreateAndSend) {
			t.Errorf("%s: doubt %v", step, got)
		}
	}
}

// Every state, every step it can ask for, every outcome: what must hold whatever the table says.
func TestNoTransitionBreaksARule(t *testing.T) {
	outcomes := []Outcome{done, created, {Happened: Edited}, {Happened: Missing}}
	for kind := Later; kind <= Interrupted; kind++ {
		outcomes = append(outcomes, failed(kind, "x"))
	}
	for _, phase := range []sage.Phase{sage.PhaseUnknown, sage.PhaseAwaiting, sage.PhaseValidating, sage.PhaseQuarantined, sage.PhaseWaiting, sage.PhaseProcessing} {
		outcomes = append(outcomes, word("w", phase, sage.NotFinal))
	}
	outcomes = append(outcomes, word("accepted", sage.PhaseEnded, sage.Accepted), word("failed", sage.PhaseEnded, sage.Failed))
	for _, state := range journal.States {
		for _, mode := range []sage.UploadMode{sage.TwoStep, sage.OneStep} {
			for variant := range 16 {
				before := with(record(state), attempts(variant&8), strikes(variant&4))
				before.Doubt, before.Barred = variant&1 != 0, variant&2 != 0
				step := Decide(&before, mode)
				if step == Rest {
					continue
				}
				for _, o := range outcomes {
					intended := Intend(before, step)
					after, _ := Advance(intended, step, o, at, pace)
					checkRules(t, fmt.Sprintf("%s %s %s %v", shape(intended, nil), mode, step, o), intended, step, o, after, mode)
				}
			}
		}
	}
}

func checkRules(t *testing.T, name string, before journal.Transfer, step Step, o Outcome, after journal.Transfer, mode sage.UploadMode) {
	t.Helper()
	ended := after.State.Final() || after.State == journal.Unknown
	switch {
	case after.State == journal.Accepted && (step != Track || o.Tracking.Final != sage.Accepted):
		t.Errorf("%s: accepted without the platform's word", name)
	case ended && (after.Doubt || after.Barred || after.Unready || after.Cause != nil || !after.NextAttempt.IsZero() || after.Strikes != 0):
		t.Errorf("%s: ended, and not at rest: %s", name, shape(after, nil))
	case ended && after.State != journal.Unknown && after.EndedAt.IsZero():
		t.Errorf("%s: ended at no time", name)
	case (after.State == journal.Refused || after.State == journal.Unchecked || after.State == journal.Unknown) && after.Problem == nil:
		t.Errorf("%s: ended for no reason", name)
	case after.State == journal.Sent && before.State == journal.Claimed && mode == sage.TwoStep:
		t.Errorf("%s: sent what was not created", name)
	case before.Doubt && !after.Doubt && step == Track && o.Happened == Failed && o.Failure.Kind == Later:
		t.Errorf("%s: doubt was forgotten", name)
	}
	// The same step at once after a failure would spin.
	again := Decide(&after, mode) == step && after.NextAttempt.IsZero() && after.State == before.State
	if o.Happened == Failed && o.Failure.Kind != Interrupted && again {
		t.Errorf("%s: spins", name)
	}
}

var asks = []struct {
	name  string
	from  journal.Transfer
	ask   Ask
	scope string
	want  string // "" is ErrTooLate
}{
	{"take back queued", record(journal.Queued), Cancel, "", "cancelled Outbox/Held/orders.json<-Outbox/orders/orders.json (cancelled)"},
	{"take back held", record(journal.Held), Cancel, "", "cancelled Outbox/Held/orders.json<-Outbox/orders/orders.json (cancelled)"},
	{"take back claimed", record(journal.Claimed), Cancel, "", "cancelled Outbox/Held/orders.json<-Outbox/.sending/T1 (cancelled)"},
	{"take back what may be on its way", with(record(journal.Claimed), doubt), Cancel, "", ""},
	{"take back created", record(journal.Created), Cancel, "", ""},
	{"take back sent", record(journal.Sent), Cancel, "", ""},
	{"take back accepted", record(journal.Accepted), Cancel, "", ""},
	{"try refused again", record(journal.Refused), Retry, "", "queued unready cleared Outbox/orders/orders.json<-Failed/orders.json (retried)"},
	{"try again what is gone", with(record(journal.Refused), func(t *journal.Transfer) { t.Path = "" }), Retry, "", ""},
	{"try accepted again", record(journal.Accepted), Retry, "", ""},
	{"try unknown again", record(journal.Unknown), Retry, "", ""},
	{"try sooner", with(record(journal.Claimed), func(t *journal.Transfer) { t.NextAttempt = noon.Add(time.Hour); t.Cause = problem("x") }), Retry, "", "claimed"},
	{"send a held one", with(record(journal.Held), func(t *journal.Transfer) { t.Problem = problem("duplicate") }), Release, "", "queued cleared (released)"},
	{"say what a held one is", with(record(journal.Held), func(t *journal.Transfer) { t.Scope, t.Path = "", "Outbox/orders.json" }), Release, "orders", "queued unready Outbox/orders/orders.json<-Outbox/orders.json (released)"},
	{"send an unknown one", record(journal.Unknown), Release, "", "queued unready cleared Outbox/orders/orders.json<-Sent/Unclear/orders.json (sentAgain)"},
	{"send a queued one", record(journal.Queued), Release, "", ""},
	{"leave a held one", record(journal.Held), Leave, "", "cancelled Outbox/Held/orders.json<-Outbox/orders/orders.json (left)"},
	{"leave an unknown one", record(journal.Unknown), Leave, "", "unknown dismissed (left)"},
	{"leave a sent one", record(journal.Sent), Leave, "", ""},
	{"seen", record(journal.Refused), Dismiss, "", "refused dismissed"},
	{"seen what needs an answer", record(journal.Held), Dismiss, "", ""},
	{"seen what needs nobody", record(journal.Accepted), Dismiss, "", ""},
}

func TestEveryAnswerOfAPerson(t *testing.T) {
	for _, c := range asks {
		t.Run(c.name, func(t *testing.T) {
			got, entries, err := Answer(c.from, c.ask, c.scope, noon)
			if c.want == "" {
				if !errors.Is(err, ErrTooLate) || !reflect.DeepEqual(got, c.from) {
					t.Errorf("got %s, %v", shape(got, entries), err)
				}
				return
			}
			if s := shape(got, entries); err != nil || s != c.want {
				t.Errorf("%v\n got %s\nwant %s", err, s, c.want)
			}
		})
	}
}

func TestAFileSentAgainGetsAnotherRecord(t *testing.T) {
	again, _, err := Answer(record(journal.Refused), Retry, "", noon)
	if err != nil {
		t.Fatal(err)
	}
	if again.FileID != "" || again.UploadURL != "" || again.TrackingURL != "" {
		t.Errorf("the old record is still there: %+v", again)
	}
	if a, b := idempotencyKey(&journal.Transfer{ID: "T1"}), idempotencyKey(&again); a == b || b != "T1-2" {
		t.Errorf("keys %q and %q", a, b)
	}
}

func TestAFileTakenBackBeforeTheAnswerOfItsRecordGetsAnotherKey(t *testing.T) {
	claimed := record(journal.Claimed)
	claimed.Creations, claimed.FileID = 0, "" // a record may be on its way
	before := idempotencyKey(&claimed)
	taken, _, err := Answer(claimed, Cancel, "", noon)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := Answer(taken, Retry, "", noon)
	if err != nil {
		t.Fatal(err)
	}
	if after := idempotencyKey(&again); after == before {
		t.Errorf("it is asked for again as %q, perhaps with another name and another content", after)
	}
	if waits, _, err := Answer(record(journal.Queued), Cancel, "", noon); err != nil || waits.Creations != record(journal.Queued).Creations {
		t.Errorf("nothing was asked for, and %d records are counted: %v", waits.Creations, err)
	}
}

func TestPausesGrowToTheirMostAndNeverSpin(t *testing.T) {
	p := Pause{time.Second, 5 * time.Second}
	for n, want := range []time.Duration{1, 2, 4, 5, 5} {
		if got := p.Delay(n, 0); got != want*time.Second {
			t.Errorf("delay %d: %v", n, got)
		}
		if got := p.Delay(n, 0.999); got < time.Second || got > want*time.Second {
			t.Errorf("delay %d with jitter: %v", n, got)
		}
	}
	if got := p.Delay(1<<30, 0.5); got > 5*time.Second {
		t.Errorf("after very many: %v", got)
	}
}
