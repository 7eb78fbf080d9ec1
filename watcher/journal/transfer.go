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

// Final reports whether no step of the journey follows by itself. Held and Unknown are not final: a person decides.
func (s State) Final() bool {
	switch s {
	case Accepted, Refused, Unchecked, Cancelled:
		return true
	}
	return false
}

// Transfer is the durable record of one dropped file's journey. Paths are relative to the company's folder and
// use slashes. Times are UTC; a zero time means "not yet".
type Transfer struct {
	ID         string // UUIDv7; also the file's name in Outbox/.sending and the Idempotency-Key of its create
	Connection string // connection ID
	Company    string
	Domain     string
	Scope      string // empty while held because the scope is not clear
	Name       string // as dropped
	State      State
	Path       string // where the file lies, or will lie once the recorded step is done
	Size       int64  // bytes
	SHA256     string // lower-case hex of the content
	Identity   string // the file system's own name for the file (device and inode, or volume and index), if it has one
	ModTime    time.Time
	Sequence   int64 // order within the lane

	FileID      string
	UploadURL   string
	TrackingURL string
	ResultURL   string

	RemoteStatus string   // the platform's own word, kept as it came
	Progress     *float64 // percent, nil when no figure is known

	ResultState    ResultState
	ResultPath     string
	Records        int // records in the file; 0 when not counted
	RefusedRecords int // records the result tells as not accepted

	Problem *Problem // why it was held, refused, unchecked, or unknown
	Cause   *Problem // why it waits just now; nil when it does not
	Cleared bool     // a person answered "send" to a held or unknown file

	Attempts    int       // consecutive failed attempts of the present step
	NextAttempt time.Time // not before this

	CreatedAt time.Time // when the complete file was first seen
	SentAt    time.Time
	EndedAt   time.Time
	UpdatedAt time.Time
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

// Problem is something a person is told, kept as data so that every language can say it: Code names the sentence
// in the catalogue ("problem.<code>"), Args fill it. No secret ever enters Args.
type Problem struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args,omitempty"`
}

// Entry is one line of a transfer's timeline, or of a connection's.
type Entry struct {
	At   time.Time
	Kind string // dropped, checked, claimed, created, sent, status, result, held, edited, waiting, exchange, ...
	Args map[string]string
}
