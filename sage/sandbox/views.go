package sandbox

import "time"

// The plain values that the Go controls answer with. They are copies.

// Registration is one registered application and what its registrationUrl still waits for.
type Registration struct {
	URL         string // registrationUrl
	Name        string // of the developer
	Email       string
	Company     string
	Application string
	Domain      string
	Confirmed   bool // the captcha is solved, the IDs are in the mailbox
	Fixed       bool // it has had a passcode
	At          time.Time
}

// Mail is one e-mail in the mailbox.
type Mail struct {
	ID            string
	To            string
	Subject       string
	Body          string // plain text, with both IDs in it
	DeveloperID   string
	ApplicationID string
	At            time.Time
	Read          bool
}

// Status is a word of tracking, as the platform says it (sage-api.md section 4).
type Status string

// The words the sandbox uses: three documented final ones [D], the others [A].
const (
	AwaitingUpload Status = "awaitingUpload"
	Validating     Status = "validating"
	Quarantined    Status = "quarantined"
	Available      Status = "available" // waits for Sage 50 to fetch it
	Downloaded     Status = "downloaded"
	Processing     Status = "processing"
	Accepted       Status = "accepted"
	Failed         Status = "failed"
	BadRequest     Status = "badRequest"
	Rejected       Status = "rejected" // by validation; Sage 50 never saw it
)

// Final reports whether nothing follows.
func (s Status) Final() bool {
	switch s {
	case Accepted, Failed, BadRequest, Rejected:
		return true
	}
	return false
}

// File is one file that an application created here.
type File struct {
	ID          string
	Company     string
	Domain      string
	Scope       string
	Name        string
	Idempotency string // the Idempotency-Key it was created with
	Status      Status
	Progress    int // percent, while processing
	Superseded  bool
	Size        int64  // bytes of content; 0 while there is none
	SHA256      string // lower-case hex of the content; "" while there is none
	Records     int
	Refused     int
	Reason      string // why it did not end as accepted
	HasResult   bool
	CreatedAt   time.Time
	ReceivedAt  time.Time // its content was whole
	EndedAt     time.Time
}

// Snapshot is the newest list of one scope from one installation.
type Snapshot struct {
	FileID  string
	Company string
	Domain  string
	Scope   string
	Size    int64
	SHA256  string
	Records int
	At      time.Time
}

// Installation is one Sage 50 and its connections.
type Installation struct {
	Company     string
	On          bool
	Connections []Connection
}

// Connection is one consent, as the platform sees it.
type Connection struct {
	ID          string
	Company     string
	Domain      string
	Application string
	KeyState    KeyState
	KeyExpires  time.Time
	LockedUntil time.Time
	Rotations   int // keys issued after the initial one
	At          time.Time
}

// KeyState is the state of a connection's key.
type KeyState string

// The states of a key.
const (
	KeyGood       KeyState = "good"
	KeyExpired    KeyState = "expired"
	KeyRevoked    KeyState = "revoked"
	KeyLocked     KeyState = "locked"
	KeyLockedHard KeyState = "lockedHard"
)

// Call is one call to an application's approvalUrl or notificationUrl.
type Call struct {
	Kind    string // "approval" or "notification"
	Company string
	URL     string
	Tries   int
	Done    bool   // answered 2xx
	Over    bool   // no more tries follow
	Outcome string // what the last try came to
	At      time.Time
}
