package courier

import (
	"time"

	"postroom/sage"
	"postroom/watcher/journal"
)

// Step is what a transfer's record asks for.
type Step int

// The steps.
const (
	Rest          Step = iota // nothing by itself: a person's turn, or the end
	Claim                     // rename the file aside
	Create                    // have the platform make a record of it
	Send                      // send the content
	CreateAndSend             // both at once, where the profile says so
	Track                     // ask what the platform did with it
	GiveUp                    // nobody can tell whether the content arrived: ask a person
)

// String names the step, for logs and tests.
func (s Step) String() string {
	return [...]string{"rest", "claim", "create", "send", "createAndSend", "track", "giveUp"}[s]
}

// Decide says which step comes next. That it may have to wait (NextAttempt) and that a move may be owed (From) is the
// caller's to see to.
func Decide(t *journal.Transfer, mode sage.UploadMode) Step {
	switch t.State {
	case journal.Queued:
		if t.Unready {
			return Rest
		}
		return Claim
	case journal.Claimed:
		switch {
		case t.Doubt:
			return GiveUp
		case mode == sage.OneStep:
			return CreateAndSend
		}
		return Create
	case journal.Created:
		if t.Doubt {
			return Track
		}
		return Send
	case journal.Sent, journal.Validating, journal.Processing:
		return Track
	}
	return Rest
}

// Intend is the record as it must be durable before a step's effect.
func Intend(t journal.Transfer, step Step) journal.Transfer {
	if step == Send || step == CreateAndSend {
		t.Doubt = true
	}
	return t
}

// Outcome is what a step came to.
type Outcome struct {
	Happened Happened
	Created  sage.Created  // with Done of Create and CreateAndSend
	Tracking sage.Tracking // with Done of Track
	Failure  Failure       // with Failed
}

// Happened is the kind of an outcome.
type Happened int

// The kinds of outcome.
const (
	Done    Happened = iota + 1
	Edited           // the file is no longer what was checked
	Missing          // the file is nowhere it could be
	Failed           // see Outcome.Failure
)

// Clock is the moment of an outcome.
type Clock struct {
	Now    time.Time
	Random float64 // in [0, 1), for jitter
}

// Advance says what a step's outcome makes of a record, and what its timeline says about it. A new Path is the one
// wanted: the caller makes it a free one before it is recorded. The record that comes back differs from t unless there
// is nothing to remember.
func Advance(t journal.Transfer, step Step, o Outcome, at Clock, pace Pace) (journal.Transfer, []journal.Entry) {
	m := machine{t: t, at: at, pace: pace}
	switch {
	case step == GiveUp:
		m.unknown("answerLost", nil)
	case o.Happened == Edited:
		m.putBack()
	case o.Happened == Missing:
		m.missing(step)
	case o.Happened == Failed:
		m.fail(step, o.Failure)
	default:
		m.done(step, o)
	}
	m.t.UpdatedAt = at.Now.UTC()
	return m.t, m.entries
}

// machine is one transition under way.
type machine struct {
	t       journal.Transfer
	entries []journal.Entry
	at      Clock
	pace    Pace
}

func (m *machine) done(step Step, o Outcome) {
	switch step {
	case Claim:
		m.t.State, m.t.Origin, m.t.Path, m.t.From = journal.Claimed, m.t.Path, Aside(m.t.ID), ""
		m.t.Strikes = 0
		m.now()
	case Create:
		m.created(o.Created)
		m.t.State, m.t.Doubt, m.t.Barred = journal.Created, false, false
		m.now()
	case CreateAndSend:
		m.created(o.Created)
		m.sent()
	case Send:
		m.sent()
	case Track:
		m.tracked(o.Tracking)
	case Rest, GiveUp:
	}
}

// created takes over the platform's record. One made before is told in the timeline, since it stays at the platform.
func (m *machine) created(file sage.Created) {
	m.t.FileID, m.t.UploadURL, m.t.TrackingURL = file.FileID, file.UploadURL, file.TrackingURL
	m.t.Creations++
	m.tell("created", "fileId", file.FileID)
}

// sent: the platform has the content. It is looked after at once.
func (m *machine) sent() {
	m.t.State, m.t.Doubt, m.t.Barred = journal.Sent, false, false
	m.t.SentAt = m.at.Now.UTC()
	m.move(sentFolder(m.at.Now))
	m.tell("sent")
	m.now()
}

// tracked takes in the platform's word.
func (m *machine) tracked(word sage.Tracking) {
	if m.t.State == journal.Created {
		if word.AwaitsUpload {
			m.awaited()
			return
		}
		m.sent() // the answer to the content was lost, the content was not
	}
	if word.AwaitsUpload && word.Final == sage.NotFinal {
		m.forgotten(word)
		return
	}
	m.t.Strikes = 0
	changed := word.Status != m.t.RemoteStatus || !samePercent(word.Progress, m.t.Progress)
	if word.Status != m.t.RemoteStatus && word.Final == sage.NotFinal {
		m.tell("status", "status", word.Status)
	}
	m.t.RemoteStatus, m.t.Progress, m.t.Cause = word.Status, word.Progress, nil
	switch word.Final {
	case sage.Accepted:
		m.end(journal.Accepted, nil)
		m.tell("accepted", "status", word.Status)
		m.await(word)
		return
	case sage.Failed:
		m.end(journal.Refused, problem("fileRefused", "status", word.Status))
		m.tell("refused", "status", word.Status)
		m.await(word)
		m.move(failedFolder)
		return
	case sage.NotFinal:
	}
	switch word.Phase {
	case sage.PhaseValidating:
		m.t.State = journal.Validating
	case sage.PhaseQuarantined:
		m.t.State, m.t.Cause = journal.Validating, problem("fileQuarantined")
	case sage.PhaseWaiting:
		m.t.State, m.t.Cause = journal.Processing, problem("sageOff")
	case sage.PhaseProcessing:
		m.t.State = journal.Processing
	case sage.PhaseUnknown, sage.PhaseAwaiting, sage.PhaseEnded:
	}
	m.lookAgain(changed)
}

// awaited: what was in doubt has not arrived, so it may be sent. Where its address takes nothing any more a new record is
// made, under another key for the platform to know it by: never on a few words, which may lag behind content that did arrive
// and would then be taken twice, and each further record ever later.
func (m *machine) awaited() {
	if m.t.Barred && m.t.Strikes < sureLooks {
		m.strike()
		return
	}
	m.t.Doubt, m.t.NextAttempt = false, time.Time{}
	if !m.t.Barred {
		return
	}
	if m.t.Cause != nil && m.t.Cause.Code == unexplained {
		m.refuse(*m.t.Cause)
		return
	}
	m.t.State, m.t.Barred, m.t.Strikes = journal.Claimed, false, 0
	if again := m.t.Creations - 1; again > 0 {
		m.t.NextAttempt = m.at.after(m.pace.Retry.Delay(again, m.at.Random))
	}
	m.tell("createdAgain", "fileId", m.t.FileID)
}

// forgotten: the platform acknowledged the content and now waits for it. A word may lag behind for a look or two; an
// answer that says so by its code does not.
func (m *machine) forgotten(word sage.Tracking) {
	m.t.RemoteStatus, m.t.Progress = word.Status, nil
	if m.t.Strikes < patientLooks && word.Status != "" {
		m.strike()
		return
	}
	m.t.State, m.t.Doubt = journal.Created, false
	m.t.From, m.t.Path = m.t.Lies(), Aside(m.t.ID)
	m.tell("resent", "fileId", m.t.FileID)
	m.strike()
}

// strike notes an answer that does not fit, and has the next step wait, ever longer.
func (m *machine) strike() {
	m.t.NextAttempt = m.at.after(m.pace.Track.Delay(m.t.Strikes, m.at.Random))
	m.t.Strikes++
}

const (
	// patientLooks is after how many looks an odd word is believed where no harm can come of it.
	patientLooks = 2
	// sureLooks is after how many, ever further apart, it is believed that content did not arrive, before the file is asked
	// for anew: more than four minutes from the first to the last, unless somebody asks for looks in between.
	sureLooks = 7
)

func (m *machine) fail(step Step, f Failure) {
	if f.Kind == Interrupted {
		return
	}
	switch step {
	case Claim:
		m.wait(f, m.pace.File)
	case Create:
		m.failCreate(f)
	case CreateAndSend:
		m.failOneStep(f)
	case Send:
		m.failSend(f)
	case Track:
		m.failTrack(f)
	case Rest, GiveUp:
	}
}

func (m *machine) failCreate(f Failure) {
	switch f.Kind {
	case Refusal, Vanished, WrongState, NotThere, Lost: // of a file that the platform knows nothing of, all a refusal
		m.refuse(f.Problem)
	case Stopped, Foreign:
		m.wait(f, m.pace.Stop)
	case Busy:
		m.wait(f, m.pace.Busy)
	default:
		m.wait(f, m.pace.Retry)
	}
}

func (m *machine) failOneStep(f Failure) {
	switch f.Kind {
	case Lost:
		m.unknown("answerLost", f.Problem.Args)
		return
	case Unreadable:
		m.unreadable(f)
	default:
		m.failCreate(f)
	}
	m.t.Doubt = false // a definite answer: the platform has nothing of it
}

func (m *machine) failSend(f Failure) {
	switch f.Kind {
	case Refusal:
		if f.Problem.Code == unexplained {
			m.bar(f) // "I have that already" may look like this too
			return
		}
		m.refuse(f.Problem)
	case Unreadable:
		m.t.Doubt = false // never all of it went out
		m.unreadable(f)
	case Stopped, Key:
		m.t.Doubt = false // refused before the content counted
		m.wait(f, m.pace.Stop)
	case WrongState, Vanished, Foreign:
		m.bar(f)
	case NotThere:
		m.t.Doubt = false
		m.wait(f, m.pace.Retry)
	default: // the answer is lost, or the platform stumbled: the content may be there
		m.wait(f, m.pace.Retry)
	}
}

// bar: this address takes nothing any more. What tracking says decides between arrived, never mind and anew.
func (m *machine) bar(f Failure) {
	m.t.Barred, m.t.Strikes = true, 0
	m.wait(f, m.pace.Retry)
	m.t.NextAttempt = time.Time{}
}

func (m *machine) failTrack(f Failure) {
	created := m.t.State == journal.Created
	switch f.Kind {
	case NotThere:
		if created {
			m.awaited()
			return
		}
		m.forgotten(sage.Tracking{})
	case Vanished:
		if created || m.t.Strikes > 0 {
			m.unknown("fileVanished", f.Problem.Args)
			return
		}
		m.strike() // one more look: a platform of many machines may not know of it everywhere yet
	case Refusal, Foreign:
		if m.t.Strikes >= stubbornLooks {
			m.unknown("trackingRefused", f.Problem.Args)
			return
		}
		m.wait(f, m.pace.Retry)
		m.strike()
	case Stopped:
		m.wait(f, m.pace.Stop)
	default:
		m.wait(f, m.pace.Retry)
	}
}

// stubbornLooks is after how many refused looks nobody hopes for another answer.
const stubbornLooks = 6

// unreadable: a file of ours cannot be read. One bad file never blocks another, so it does not keep its lane for long.
func (m *machine) unreadable(f Failure) {
	if m.t.Attempts < stubbornReads {
		m.wait(f, m.pace.File)
		return
	}
	m.end(journal.Unchecked, &f.Problem)
	m.move(failedFolder)
	m.tellWhy("unchecked", &f.Problem)
}

const stubbornReads = 5

// missing: the file left with somebody's own hand. What the platform has of it is followed all the same.
func (m *machine) missing(step Step) {
	m.t.Path, m.t.From = "", ""
	switch step {
	case Claim, Create, Send, CreateAndSend: // nothing of it has gone out
		m.end(journal.Cancelled, nil)
		m.tell("removed")
	case Rest, Track, GiveUp:
		m.tell("removed")
	}
}

// putBack: somebody changed the file after it was checked. It goes back to where it was dropped, as the same transfer,
// and is checked again; what the platform has been told of it so far holds no longer.
func (m *machine) putBack() {
	m.unheard()
	m.t.State, m.t.Unready, m.t.Doubt, m.t.Barred, m.t.Strikes = journal.Queued, true, false, false, 0
	if at := m.t.Lies(); at != m.t.Origin {
		m.t.From, m.t.Path = at, m.t.Origin
	}
	m.tell("edited")
	m.now()
}

// refuse ends a file that the platform does not want. It has nothing of it.
func (m *machine) refuse(p journal.Problem) {
	m.end(journal.Refused, &p)
	m.move(failedFolder)
	m.tellWhy("refused", &p)
}

// unknown hands the file to a person.
func (m *machine) unknown(code string, args map[string]string) {
	m.t.State, m.t.Doubt, m.t.Barred = journal.Unknown, false, false
	m.t.Problem = &journal.Problem{Code: code, Args: args}
	m.t.Progress, m.t.Strikes = nil, 0
	m.move(unclearFolder)
	m.tellWhy("unknown", m.t.Problem)
	m.now()
}
