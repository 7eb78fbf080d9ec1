package journal

import "time"

// State is a word of a file's journey: what is true of it, and where it lies. The courier decides which state
// follows which; the journal only keeps it.
type State string

// The states of a transfer. See the package comment of courier for what each one promises.
const (
	Queued     State = "queued"     // complete, checked, its place in the lane known; lies in Outbox
	Held       State = "held"       // waits for a person's answer; lies in Outbox
	Claimed    State = "claimed"    // renamed aside, hash and size recorded; lies in Outbox/.sending
	Created    State = "created"    // the platform gave fileId, uploadUrl and trackingUrl; lies in Outbox/.sending
	Sent       State = "sent"       // the platform acknowledged the content; lies in Sent
	Validating State = "validating" // the platform's own word; lies in Sent
	Processing State = "processing" // the platform's own word; lies in Sent
	Accepted   State = "accepted"   // final, told by the platform; lies in Sent
	Refused    State = "refused"    // final, told by the platform; lies in Failed
	Unchecked  State = "unchecked"  // failed our own check before sending; lies in Failed
	Unknown    State = "unknown"    // the platform cannot say what became of it; lies in Sent/Unclear
	Cancelled  State = "cancelled"  // taken back before created (Outbox/Held), or removed by the person
)

// States is every state, in the order of the journey.
var States = []State{
	Queued, Held, Claimed, Created, Sent, Validating, Processing, Accepted, Refused, Unchecked, Unknown, Cancelled,
}

// Final reports whether no step of the journey follows by itself. Held and Unknown are not final: a person decides.
func (s State) Final() bool {
	switch s {
	case Accepted, Refused, Unchecked, Cancelled:
		return true
	}
	return false
}

// InFlight reports whether the file has been taken out of the queue and its end is not known: it has its lane.
func (s State) InFlight() bool {
	switch s {
	case Claimed, Created, Sent, Validating, Processing:
		return true
	}
	return false
}

// Transfer is the durable record of one dropped file's journey. Paths are relative to the company's folder and
// use slashes. Times are UTC; a zero time means "not yet".
type Transfer struct {
	ID         string // UUIDv7; also the file's name in Outbox/.sending and the Idempotency-Key of its create
	Sequence   int64  // order within the lane and in the history, unique; see Journal.NextSequence
	Connection string // connection ID; empty while held because it is not clear whose scope it is
	Company    string
	Domain     string
	Scope      string // empty while held because the scope is not clear
	Name       string // as dropped
	State      State
	Path       string // where the file lies, or will lie once the owed move is done; empty once a person took it away
	From       string // where the file lies while its move to Path is owed; empty otherwise
	Origin     string // where it lay in Outbox before it was claimed: a power cut may bring it back there
	Size       int64  // bytes
	SHA256     string // lower-case hex of the content
	Identity   string // the file system's own name for the file (device and inode, or volume and index), if it has one
	ModTime    time.Time

	FileID      string
	UploadURL   string
	TrackingURL string
	ResultURL   string
	Creations   int  // records that may have been made for it at the platform; from the second on the Idempotency-Key has a suffix
	Doubt       bool // content may have gone out and the answer is not known: ask tracking before sending
	Barred      bool // UploadURL takes nothing any more: if content is still awaited, a new record is made

	RemoteStatus string   // the platform's own word, kept as it came
	Progress     *float64 // percent, nil when no figure is known

	ResultState    ResultState
	ResultPath     string
	Records        int // records in the file; 0 when not counted
	RefusedRecords int // records the result tells as not accepted

	Problem   *Problem // why it was held, refused, unchecked, or unknown
	Cause     *Problem // why it waits just now; nil when it does not
	Cleared   bool     // a person answered "send" to a held or unknown file, or asked to send it a second time
	Unready   bool     // queued, but being edited or put back: the lane passes it by until it has been checked again
	Dismissed bool     // a person has seen it: it no longer counts as needing one
	Forgotten bool     // the history shows it no more; see the change of that name

	Attempts    int       // consecutive failed attempts of the present step, or looks that found nothing new
	Strikes     int       // consecutive answers of the platform that do not fit what it said before
	NextAttempt time.Time // not before this

	CreatedAt time.Time // when the complete file was first seen
	SentAt    time.Time
	EndedAt   time.Time
	UpdatedAt time.Time
}

// Lies is where the file lies, as far as the journal knows; empty once a person took it away.
func (t *Transfer) Lies() string {
	if t.From != "" {
		return t.From
	}
	return t.Path
}

// HeldByPerson is the code of a problem that is none: a person keeps the file back.
const HeldByPerson = "heldByYou"

// KeptBack tells whether a person keeps the file back. It waits in its place, and its lane passes it by.
func (t *Transfer) KeptBack() bool {
	return t.State == Held && t.Problem != nil && t.Problem.Code == HeldByPerson
}

// Phase groups states by who has to do something next. It is what lanes and fetchers find their work by.
type Phase int

// The phases.
const (
	Closed  Phase = iota // nothing follows
	Ready                // queued and sendable
	Flying               // has its lane
	Waiting              // for a person: held, unknown
	Unready              // queued, but being edited; or kept back by a person
	Owing                // ended; a move or a result is still owed
)

// Phase says who has to do something next.
func (t *Transfer) Phase() Phase {
	switch {
	case t.State == Queued && t.Unready, t.KeptBack():
		return Unready
	case t.State == Queued:
		return Ready
	case t.State.InFlight():
		return Flying
	case t.State == Held || t.State == Unknown:
		return Waiting
	case t.From != "" || t.ResultState == ResultAwaited:
		return Owing
	}
	return Closed
}

// Bucket is which of the window's three heaps a transfer counts in, or none of them any more.
type Bucket int

// The buckets.
const (
	OnTheirWay Bucket = iota
	NeedsYou          // held, refused, unchecked, unknown or partly refused, and not dismissed
	Done
	Past // forgotten
)

// Bucket says which heap the transfer counts in.
func (t *Transfer) Bucket() Bucket {
	switch {
	case t.State == Queued || t.State.InFlight() || t.KeptBack():
		return OnTheirWay
	case t.Forgotten:
		return Past
	case t.Dismissed || t.State == Cancelled || t.State == Accepted && t.RefusedRecords == 0:
		return Done
	}
	return NeedsYou
}

// ResultState says how far the fetching of a transfer's result is.
type ResultState string

// The states of a result.
const (
	ResultNone     ResultState = ""         // no final word yet, or none to be had
	ResultAwaited  ResultState = "awaited"  // a final word came, the result is looked for
	ResultLaid     ResultState = "laid"     // lies in Inbox/results
	ResultMarked   ResultState = "marked"   // lies in Inbox/results but does not match its contract
	ResultNotFound ResultState = "notFound" // none came within the time the profile gives
)

var resultStates = []ResultState{ResultNone, ResultAwaited, ResultLaid, ResultMarked, ResultNotFound}

// Problem is something a person is told, kept as data so that every language can say it: Code names the sentence
// in the catalogue ("problem.<code>"), Args fill it. No secret ever enters Args.
type Problem struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args,omitempty"`
}

// Entry is one line of a transfer's timeline, or of a connection's.
type Entry struct {
	At   time.Time
	Kind string // names the sentence in the catalogue: "timeline.<kind>"
	Args map[string]string
}
