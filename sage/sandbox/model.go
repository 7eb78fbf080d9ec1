package sandbox

import "time"

// What the platform, the installations and the mailbox remember. Every type is one kind of entry in the log; no
// key and no secret is in any of them, only what it takes to recognise one.

type developer struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Company string    `json:"company"`
	Created time.Time `json:"created"`
}

type application struct {
	ID              string    `json:"id"`
	DeveloperID     string    `json:"developerId"`
	Name            string    `json:"name"`
	Description     string    `json:"description,omitempty"`
	Domain          string    `json:"domain"`
	ApprovalURL     string    `json:"approvalUrl,omitempty"`
	NotificationURL string    `json:"notificationUrl,omitempty"`
	Fixed           bool      `json:"fixed,omitempty"` // it has had a passcode: nothing of it changes any more
	Created         time.Time `json:"created"`

	Token     string `json:"token"` // of its registrationUrl
	Confirmed bool   `json:"confirmed,omitempty"`
	Left      int    `json:"left"`  // the captcha: how much is Left and Right?
	Right     int    `json:"right"` // another question after a wrong answer
}

type mail struct {
	ID            string    `json:"id"`
	To            string    `json:"to"`
	Name          string    `json:"name"`
	Application   string    `json:"application"`
	DeveloperID   string    `json:"developerId"`
	ApplicationID string    `json:"applicationId"`
	At            time.Time `json:"at"`
	Read          bool      `json:"read,omitempty"`
}

type passcodeState string

const (
	passcodeOpen      passcodeState = "open"
	passcodeRevoked   passcodeState = "revoked" // a newer one was made
	passcodeConsented passcodeState = "consented"
	passcodeDenied    passcodeState = "denied" // nobody is told: to the application it just runs out
)

type passcode struct {
	Code          string        `json:"code"`
	ApplicationID string        `json:"applicationId"`
	SecretHash    string        `json:"secretHash"`
	Expires       time.Time     `json:"expires"`
	State         passcodeState `json:"state"`
	ConnectionID  string        `json:"connectionId,omitempty"`
}

type keyState string

const (
	keyGood       keyState = "good" // or expired, which the clock says
	keyRevoked    keyState = "revoked"
	keyLocked     keyState = "locked" // until LockedUntil
	keyLockedHard keyState = "lockedHard"
)

// connection is one consent. Its keys are derived from the master key and Generation (0 is the initial one), so
// that none needs to be kept.
type connection struct {
	ID            string    `json:"id"`
	ApplicationID string    `json:"applicationId"`
	Company       string    `json:"company"`
	Domain        string    `json:"domain"`
	SecretHash    string    `json:"secretHash"`
	Generation    int       `json:"generation"`
	KeyExpires    time.Time `json:"keyExpires"`
	KeyState      keyState  `json:"keyState"`
	LockedUntil   time.Time `json:"lockedUntil,omitzero"`
	Created       time.Time `json:"created"`
}

// installation is one Sage 50.
type installation struct {
	Company string    `json:"company"`
	Off     bool      `json:"off,omitempty"`
	Created time.Time `json:"created"`
}

// content is bytes in the store.
type content struct {
	Name   string `json:"name,omitempty"` // in the store; "" is no content
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"` // lower-case hex
}

type file struct {
	ID           string `json:"id"`
	ConnectionID string `json:"connectionId"`
	Scope        string `json:"scope"`
	Name         string `json:"name"`
	Announced    int64  `json:"announced"` // the size told at create; -1 when none was
	Idempotency  string `json:"idempotency,omitempty"`
	UploadToken  string `json:"uploadToken,omitempty"`
	TrackToken   string `json:"trackToken"`
	ResultToken  string `json:"resultToken,omitempty"`

	Status     Status  `json:"status"`
	Progress   int     `json:"progress"` // percent, while processing
	Superseded bool    `json:"superseded,omitempty"`
	Content    content `json:"content,omitzero"`

	End      Status    `json:"end,omitempty"` // the final word it is on its way to
	Reason   string    `json:"reason,omitempty"`
	Records  int       `json:"records"`
	Refused  int       `json:"refused"`
	Result   content   `json:"result,omitzero"`
	ResultAt time.Time `json:"resultAt,omitzero"` // not told before

	Created  time.Time `json:"created"`
	Received time.Time `json:"received,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`

	moving bool // somebody brings it on its way just now
}

// snapshot is the newest list of one scope that an installation has uploaded.
type snapshot struct {
	ID      string    `json:"id"`
	Company string    `json:"company"`
	Domain  string    `json:"domain"`
	Scope   string    `json:"scope"`
	Token   string    `json:"token"`
	Content content   `json:"content"`
	Records int       `json:"records"`
	At      time.Time `json:"at"`
}

func (s snapshot) key() string { return snapshotKey(s.Company, s.Domain, s.Scope) }

func snapshotKey(company, domain, scope string) string {
	return fold(company) + "\x00" + domain + "\x00" + scope
}

type callKind string

const (
	callApproval     callKind = "approval"
	callNotification callKind = "notification"
)

// callback is one call to approvalUrl or notificationUrl, kept until it is delivered or given up.
type callback struct {
	ID           string    `json:"id"`
	Kind         callKind  `json:"kind"`
	ConnectionID string    `json:"connectionId"`
	Passcode     string    `json:"passcode,omitempty"` // approval
	Scope        string    `json:"scope,omitempty"`    // notification
	FileID       string    `json:"fileId,omitempty"`   // notification
	At           time.Time `json:"at"`
	Tries        int       `json:"tries"`
	Done         bool      `json:"done,omitempty"` // answered 2xx
	Over         bool      `json:"over,omitempty"` // no more tries
	Outcome      string    `json:"outcome,omitempty"`
}
