package watcher

import (
	"slices"
	"time"

	"postroom/watcher/inbox"
	"postroom/watcher/journal"
)

// The plain values that queries answer with and the control socket carries. None of them holds a key, a secret
// or a whole ID.

// Problem is what a person is told, as data; see journal.Problem.
type Problem = journal.Problem

// Overview is everything the main window's frame needs in one look.
type Overview struct {
	Companies     []Company `json:"companies"`
	Paused        bool      `json:"paused"`
	QuietUntil    time.Time `json:"quietUntil,omitzero"`
	AcceptedToday int       `json:"acceptedToday"`
	VaultLocked   bool      `json:"vaultLocked"` // the encrypted vault file waits for its passphrase
	Version       string    `json:"version"`
	VaultNew      bool      `json:"vaultNew,omitempty"` // and there is none yet: the passphrase is chosen now
	Problems      []Problem `json:"problems,omitempty"` // of no company: an approval that fits no open passcode, ...
}

// Halted tells whether a person has paused sending, of everyone or of some company: then there is something to resume.
func (o Overview) Halted() bool {
	return o.Paused || slices.ContainsFunc(o.Companies, func(c Company) bool { return c.Paused })
}

// Company is one customer's folder with the connections that share it.
type Company struct {
	Name        string       `json:"name"`
	Folder      string       `json:"folder"` // absolute
	Practice    bool         `json:"practice"`
	Paused      bool         `json:"paused,omitempty"`  // sending of this company alone is
	Leaving     bool         `json:"leaving,omitempty"` // it is to be forgotten once nothing is on its way
	Connections []Connection `json:"connections"`
	Counts      Counts       `json:"counts"`
	Problem     *Problem     `json:"problem,omitempty"` // of the folder itself: gone, read-only, full
	Loose       []LooseFile  `json:"loose,omitempty"`   // seen in Outbox and not a transfer (yet), with why
	Arrivals    []Arrival    `json:"arrivals,omitempty"`
}

// Arrival is how dropped files are noticed in one folder of an Outbox: "events" of the system arrive, or it is "swept"
// every few seconds because none do; "" while that is not known.
type Arrival struct {
	Folder string `json:"folder"` // absolute
	By     string `json:"by"`
}

// Counts are the figures behind the headline and the filters.
type Counts struct {
	OnTheirWay int `json:"onTheirWay"` // queued to processing
	NeedsYou   int `json:"needsYou"`   // held, refused, unchecked, unknown, partly refused; not yet dismissed
	Done       int `json:"done"`
}

// Placed is a file that was copied into an Outbox, or was not.
type Placed struct {
	File    string   `json:"file"`            // the original, absolute
	Path    string   `json:"path,omitempty"`  // of the copy, absolute
	Scope   string   `json:"scope,omitempty"` // "" where its content says what it is
	Problem *Problem `json:"problem,omitempty"`
}

// LooseFile is a file in Outbox that is not carried: still being written, empty, ignored kinds are left out.
type LooseFile struct {
	Name    string    `json:"name"`
	Scope   string    `json:"scope,omitempty"`
	Size    int64     `json:"size"`
	Since   time.Time `json:"since"`
	Problem Problem   `json:"problem"`
	EndedBy Ending    `json:"endedBy"`
}

// KeyState is what is known of a connection's key, in the words of the command `status`.
type KeyState string

// The states of a key.
const (
	KeyGood       KeyState = "good"
	KeyExpired    KeyState = "expired"
	KeyInvalid    KeyState = "invalid"
	KeyRevoked    KeyState = "revoked"
	KeyLocked     KeyState = "locked"
	KeyLockedHard KeyState = "lockedHard"
	KeyUnknown    KeyState = "unknown"
)

// Key is the health of a connection's key. Never the key.
type Key struct {
	State       KeyState  `json:"state"`
	Since       time.Time `json:"since,omitzero"` // when the state began
	RenewedAt   time.Time `json:"renewedAt,omitzero"`
	ConnectedAt time.Time `json:"connectedAt,omitzero"`
	KeptIn      string    `json:"keptIn,omitempty"` // "keyring" or "file"
	CheckedAt   time.Time `json:"checkedAt,omitzero"`
}

// Connection is one consent: Sage installation x application x domain.
type Connection struct {
	ID       string    `json:"id"`
	Company  string    `json:"company"`
	Domain   string    `json:"domain"`
	Folder   string    `json:"folder"` // the company's folder, absolute
	Platform string    `json:"platform"`
	Key      Key       `json:"key"`
	Problem  *Problem  `json:"problem,omitempty"` // what stops all of its lanes just now: network, key, vault
	SeenAt   time.Time `json:"seenAt,omitzero"`   // last word from the platform
	Lanes    []Lane    `json:"lanes"`
	Practice bool      `json:"practice"`
}

// Lane is one (connection, scope) queue to Sage, or one list from Sage.
type Lane struct {
	Scope    string   `json:"scope"`
	Outgoing bool     `json:"outgoing"`
	Waiting  int      `json:"waiting"`
	Problem  *Problem `json:"problem,omitempty"` // what stops this lane
	Asks     bool     `json:"asks,omitempty"`    // its newest list waits for an answer; see List.Asks
}

// Renewal is one line of a connection's timeline: connected, renewed, locked, ...
type Renewal struct {
	At   time.Time         `json:"at"`
	Kind string            `json:"kind"`
	Args map[string]string `json:"args,omitempty"`
}

// Transfer is one file's journey as a row shows it.
type Transfer struct {
	ID             string        `json:"id"`
	Connection     string        `json:"connection"`
	Company        string        `json:"company"`
	Domain         string        `json:"domain"`
	Scope          string        `json:"scope"`
	Name           string        `json:"name"`
	State          journal.State `json:"state"`
	RemoteStatus   string        `json:"remoteStatus"`
	Progress       *float64      `json:"progress"`
	Size           int64         `json:"size"`
	SHA256         string        `json:"sha256"`
	Path           string        `json:"path"` // absolute; empty when the file left with the person's own hand
	ResultPath     string        `json:"resultPath"`
	Records        int           `json:"records"`
	RefusedRecords int           `json:"refusedRecords"`
	Problem        *Problem      `json:"problem,omitempty"` // why it ended or is held
	Waits          *Problem      `json:"waits,omitempty"`   // why it waits and for what, with names
	Cause          *Cause        `json:"cause,omitempty"`   // why it does not go on, or failed; nil for one being sent or through
	CreatedAt      time.Time     `json:"createdAt"`
	SentAt         time.Time     `json:"sentAt,omitzero"`
	EndedAt        time.Time     `json:"endedAt,omitzero"`
	UpdatedAt      time.Time     `json:"updatedAt"`
	NextAttempt    time.Time     `json:"nextAttempt,omitzero"`
	Actions        []Action      `json:"actions"` // only what fits its state
}

// KeptBack tells whether a person keeps the file back, with Hold.
func (t *Transfer) KeptBack() bool {
	return t.State == journal.Held && t.Problem != nil && t.Problem.Code == journal.HeldByPerson
}

// Action is something a person may ask for a transfer.
type Action string

// The actions.
const (
	ActionRetry     Action = "retry"     // Sage has nothing of it
	ActionSendAgain Action = "sendAgain" // asks first: Sage may have it already
	ActionCancel    Action = "cancel"    // not sent yet
	ActionSend      Action = "send"      // answer for held or unknown
	ActionLeave     Action = "leave"     // answer for held or unknown
	ActionDismiss   Action = "dismiss"   // seen; no longer counted as needing the person
	ActionHold      Action = "hold"      // keep it back; the files behind it go on
	ActionRelease   Action = "release"   // of one that is kept back
	ActionCorrect   Action = "correct"   // send a copy that is written as Sage wants it
)

// Detail is a transfer with its timeline and its per-record outcomes.
type Detail struct {
	Transfer
	Timeline []TimelineEntry `json:"timeline"`
	Outcomes []RecordOutcome `json:"outcomes"`         // refused ones first; at most 1,000, see Engine.Outcomes for others
	Result   *ResultCounts   `json:"result,omitempty"` // nil when there is no result, or none that can be read
	// Exchanges are the last calls to the platform about the file, the oldest first; at most 50.
	Exchanges []Exchange `json:"exchanges,omitempty"`
}

// Exchange is one call to the platform and its answer, for whoever looks after the computer. It holds no secret and no whole
// ID.
type Exchange struct {
	At           time.Time `json:"at"`
	Method       string    `json:"method"`
	Address      string    `json:"address"`           // masked
	Status       int       `json:"status"`            // 0: no answer came
	Code         int       `json:"code,omitempty"`    // the platform's
	Failure      string    `json:"failure,omitempty"` // why no whole answer came, or what the platform says
	Milliseconds int64     `json:"milliseconds"`
}

// Composite stands for a value that is a group or a list, in a ValueChange.
const Composite = inbox.Composite

// ResultCounts are how many records a result tells of.
type ResultCounts struct {
	Records int  `json:"records"`
	Refused int  `json:"refused"`
	Cut     bool `json:"cut,omitempty"` // it cannot be read to its end
}

// TimelineEntry is one line of the timeline.
type TimelineEntry struct {
	At   time.Time         `json:"at"`
	Kind string            `json:"kind"`
	Args map[string]string `json:"args,omitempty"`
}

// RecordOutcome is what a result says of one record.
type RecordOutcome struct {
	ID       string `json:"id"`
	Status   string `json:"status"` // as it came
	Accepted bool   `json:"accepted"`
	SageID   string `json:"sageId,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// List is one snapshot of customers, products, ... received from Sage.
type List struct {
	ID         string    `json:"id"`
	Connection string    `json:"connection"`
	Company    string    `json:"company"`
	Scope      string    `json:"scope"`
	Path       string    `json:"path"` // absolute
	ReceivedAt time.Time `json:"receivedAt"`
	Records    int       `json:"records"`
	Added      int       `json:"added"`
	Changed    int       `json:"changed"`
	Removed    int       `json:"removed"`
	Missing    int       `json:"missing,omitempty"` // records it lacks of which nobody has said that they are gone from Sage
	Asks       bool      `json:"asks,omitempty"`    // whether they are: ResolveList answers
	First      bool      `json:"first"`
	Problem    *Problem  `json:"problem,omitempty"` // does not match its contract, shrunken, empty
}

// RecordChange is one record of a list that is new, changed or no longer there.
type RecordChange struct {
	ID     string        `json:"id"`
	Kind   string        `json:"kind"` // added, changed, removed; missing: no longer there, and in doubt whether gone from Sage
	Label  string        `json:"label,omitempty"`
	Fields []string      `json:"fields,omitempty"` // names of changed properties
	Values []ValueChange `json:"values,omitempty"` // what they were and are, where that is kept
}

// ValueChange is a property that has changed, its values shortened; "" is none.
type ValueChange struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Query selects transfers, the newest first.
type Query struct {
	Company string          `json:"company,omitempty"`
	Scope   string          `json:"scope,omitempty"`
	States  []journal.State `json:"states,omitempty"`
	Filter  Filter          `json:"filter,omitempty"`
	Text    string          `json:"text,omitempty"`   // part of the name, or of the number of an order in it
	Since   time.Time       `json:"since,omitzero"`   // first seen at or after
	Until   time.Time       `json:"until,omitzero"`   // first seen before
	Before  string          `json:"before,omitempty"` // cursor: the Next of the page before
	Limit   int             `json:"limit,omitempty"`  // 200 unless given
	Count   bool            `json:"count,omitempty"`  // how many fit is wanted
}

// Filter is one of the window's filters.
type Filter string

// The filters.
const (
	FilterAll      Filter = ""
	FilterWaiting  Filter = "waiting"
	FilterNeedsYou Filter = "needsYou"
	FilterDone     Filter = "done"
)

// Page is an answer to a Query.
type Page struct {
	Transfers []Transfer `json:"transfers"`
	Next      string     `json:"next,omitempty"`  // the Before of the page that follows, "" at the end
	Back      time.Time  `json:"back,omitzero"`   // where a page ends early although there is a Next: how far back was looked
	Count     int        `json:"count,omitempty"` // with Query.Count: how many fit in all, exactly, or counted up to 1,000
	More      bool       `json:"more,omitempty"`  // there are more than Count
}

// StatusPage is a way into the status page that works once, within a minute. Both hold a secret: they belong into no log, and
// the address in no program's arguments.
type StatusPage struct {
	URL  string `json:"url"`
	File string `json:"file"` // absolute; readable by this user alone, leads a browser to the address
}

// Event says what changed, not how; whoever hears it loads what it needs. A listener that falls behind gets one
// EventAll instead of what it missed.
type Event struct {
	Kind    EventKind `json:"kind"`
	ID      string    `json:"id,omitempty"` // of the transfer, list, connection or draft
	Company string    `json:"company,omitempty"`
	Paths   []string  `json:"paths,omitempty"` // with EventRaise: files handed to a second start
	Show    Target    `json:"show,omitzero"`   // with EventRaise: what the window is to show
}

// EventKind is what an Event is about.
type EventKind string

// The kinds of event.
const (
	EventAll        EventKind = "all"
	EventTransfer   EventKind = "transfer"
	EventList       EventKind = "list"
	EventConnection EventKind = "connection"
	EventDraft      EventKind = "draft"
	EventSettings   EventKind = "settings"
	EventLoose      EventKind = "loose"
	EventRaise      EventKind = "raise" // a second start asks the window to come to the front
	EventStopping   EventKind = "stopping"
)

// Settings are a person's choices, kept in settings.json in the home.
type Settings struct {
	Language        string   `json:"language"` // "", "en", "es", "fr", "de": "" follows the system
	Theme           string   `json:"theme"`    // "", "light", "dark", "contrast": "" follows the system
	StartAtLogin    bool     `json:"startAtLogin"`
	OnClose         string   `json:"onClose"`   // "", "keep", "stop": "" asks once
	Notify          string   `json:"notify"`    // "all", "needsMe", "none"
	QuietFrom       string   `json:"quietFrom"` // "22:00", or ""
	QuietTo         string   `json:"quietTo"`
	SameFile        string   `json:"sameFile"`        // "ask", "send", "leave"
	Ignore          []string `json:"ignore"`          // names left untouched in Outbox
	KeepSentDays    int      `json:"keepSentDays"`    // 0: for ever
	KeepHistoryDays int      `json:"keepHistoryDays"` // 0: for ever
	MinFreeMB       int      `json:"minFreeMB"`       // room that stays free on the disk: below it nothing new is taken; 0: no limit
	Proxy           string   `json:"proxy"`           // "", "none", or a URL: "" follows the system
	CallbackListen  string   `json:"callbackListen"`  // address the key and notification listener binds, "" none
	DocumentsRoot   string   `json:"documentsRoot"`   // where new company folders are proposed
}

// Draft is one run through the onboarding wizard (or `register` and `connect`), durable from its first step.
// IDs, secret and key are in the vault.
type Draft struct {
	ID         string     `json:"id"`
	Step       DraftStep  `json:"step"`
	Input      DraftInput `json:"input"`
	Reconnects string     `json:"reconnects,omitempty"` // the connection it renews the consent of

	RegistrationURL string    `json:"registrationUrl,omitempty"`
	ApprovalURL     string    `json:"approvalUrl,omitempty"` // what Sage was told, shown before it cannot change
	NotificationURL string    `json:"notificationUrl,omitempty"`
	DeveloperTail   string    `json:"developerTail,omitempty"` // last four characters of the ID, "" while unknown
	ApplicationTail string    `json:"applicationTail,omitempty"`
	Passcode        string    `json:"passcode,omitempty"`
	IssuedAt        time.Time `json:"issuedAt,omitzero"`  // by this computer's clock, server time allowed for
	ExpiresAt       time.Time `json:"expiresAt,omitzero"` // likewise
	Outcome         Outcome   `json:"outcome,omitempty"`
	Checks          []Check   `json:"checks,omitempty"`
	Problem         *Problem  `json:"problem,omitempty"`
	Warnings        []Problem `json:"warnings,omitempty"`   // of the chosen folder: a network drive, a synced folder
	RetryAt         time.Time `json:"retryAt,omitzero"`     // when a delivered key is tried again, after the network failed
	Practice        bool      `json:"practice,omitempty"`   // of a practice company
	Connection      string    `json:"connection,omitempty"` // once connected
	UpdatedAt       time.Time `json:"updatedAt"`
}

// DraftInput is what a person enters.
type DraftInput struct {
	Platform    string `json:"platform,omitempty"` // base URL; "" is the profile's own
	ProfilePath string `json:"profilePath,omitempty"`
	Name        string `json:"name,omitempty"` // the person's
	Email       string `json:"email,omitempty"`
	Firm        string `json:"firm,omitempty"` // the developer's company as registered
	Application string `json:"application,omitempty"`
	Description string `json:"description,omitempty"`
	Domain      string `json:"domain,omitempty"`
	Company     string `json:"company,omitempty"` // the connection's name here
	Folder      string `json:"folder,omitempty"`  // the company's folder is Folder/Company

	CallbackBase   string `json:"callbackBase,omitempty"`   // https address that leads to our listener
	CallbackListen string `json:"callbackListen,omitempty"` // address the listener binds
	CallbackPath   string `json:"callbackPath,omitempty"`   // of an application registered elsewhere
	ApprovalURL    string `json:"approvalUrl,omitempty"`    // someone else receives the key there
}

// DraftStep is a step of the wizard.
type DraftStep string

// The steps.
const (
	StepWelcome  DraftStep = "welcome"
	StepIDs      DraftStep = "ids"
	StepEmail    DraftStep = "email" // registered; waits for the e-mail with the IDs
	StepFolder   DraftStep = "folder"
	StepPasscode DraftStep = "passcode"
	StepTest     DraftStep = "test"
	StepDone     DraftStep = "done"
)

// Outcome tells the ends of a passcode apart.
type Outcome string

// The outcomes.
const (
	OutcomeWaiting  Outcome = "waiting"
	OutcomeRanOut   Outcome = "ranOut" // or was refused in Sage: the platform does not say which
	OutcomeReceived Outcome = "received"
)

// Check is one tick of the wizard's test step.
type Check struct {
	Code    string   `json:"code"`  // vault, reach, key, folder
	State   string   `json:"state"` // running, passed, failed
	Problem *Problem `json:"problem,omitempty"`
}
