package sage

import (
	_ "embed"
	"reflect"
	"sync"
	"time"
)

// Profile is the platform profile (sage-api.md, section 8): every fact of the contract that is assumed rather than
// documented, in one place. The default is embedded (profile.json, where each field is explained); a user's file
// overrides any part of it, see LoadProfile. Client and sandbox read the same one.
//
// A Profile is not changed once a Client or a Sandbox was made with it.
type Profile struct {
	BaseURL     string        `json:"baseUrl"` // "" when the user has to name the platform
	Upload      UploadMode    `json:"upload"`
	Key         KeyHeader     `json:"key"`
	RotateAhead time.Duration `json:"rotateAhead"` // 0: rotate on a 401 only

	Operations Operations        `json:"operations"`
	Names      Names             `json:"names"`
	Answers    Answers           `json:"answers"`
	Errors     ErrorForms        `json:"errors"`
	Statuses   Statuses          `json:"statuses"`
	Callbacks  Callbacks         `json:"callbacks"`
	Domains    map[string]Domain `json:"domains"`

	PollInterval time.Duration `json:"pollInterval"` // between looks for new lists
	PollJitter   float64       `json:"pollJitter"`   // share of an interval by which it varies, 0 to 1
	TrackFirst   time.Duration `json:"trackFirst"`   // between the first looks at a file's state
	TrackMost    time.Duration `json:"trackMost"`    // the most between two looks at a file's state
	OutcomePoll  time.Duration `json:"outcomePoll"`  // between looks at a passcode's outcome
	ResultWait   time.Duration `json:"resultWait"`   // how long a result is looked for after a final word

	Timeouts Timeouts `json:"timeouts"`
	Limits   Limits   `json:"limits"`
}

// UploadMode says in how many calls a file goes out.
type UploadMode string

// The upload modes.
const (
	TwoStep UploadMode = "two-step" // create a record, then send the content to its uploadUrl
	OneStep UploadMode = "one-step" // send the content, the answer holds the trackingUrl
)

// KeyHeader says how a data call carries its key.
type KeyHeader struct {
	Header string   `json:"header"`
	Scheme string   `json:"scheme"` // word before the key, "" for none
	Also   []string `json:"also"`   // what the sandbox takes besides: "Name" or "Name: Scheme"
}

// Value is the header's value for a key.
func (h KeyHeader) Value(key Secret) string {
	if h.Scheme == "" {
		return key.Reveal()
	}
	return h.Scheme + " " + key.Reveal()
}

// Place says where an operation's parameters travel.
type Place string

// The places.
const (
	InBody   Place = "body" // as a JSON object
	InQuery  Place = "query"
	InHeader Place = "header"
	Nowhere  Place = "none" // only for an upload in one step
)

// Operations are the calls of the contract.
type Operations struct {
	RegisterDeveloper   Operation   `json:"registerDeveloper"`
	RegisterApplication Operation   `json:"registerApplication"`
	CreatePasscode      PlacedCall  `json:"createPasscode"`
	PasscodeOutcome     Operation   `json:"passcodeOutcome"` // no path: the platform has none
	RotateKey           PlacedCall  `json:"rotateKey"`
	RenewSecret         PlacedCall  `json:"renewSecret"`
	CreateFile          CreateCall  `json:"createFile"`
	SendFile            ContentCall `json:"sendFile"`
	CompleteFile        Operation   `json:"completeFile"` // no path: the content alone completes a file
	SendOneStep         OneStepCall `json:"sendOneStep"`
	LatestFile          Operation   `json:"latestFile"`
}

// Operation is one call.
type Operation struct {
	Method string   `json:"method"`
	Path   Template `json:"path"`   // below the base URL
	Status int      `json:"status"` // what the sandbox answers; the client takes every 2xx
}

// PlacedCall is a call whose parameters may travel elsewhere than in the body.
type PlacedCall struct {
	Method     string   `json:"method"`
	Path       Template `json:"path"`
	Status     int      `json:"status"`
	Parameters Place    `json:"parameters"`
}

// CreateCall creates a file's record.
type CreateCall struct {
	Method            string   `json:"method"`
	Path              Template `json:"path"`
	Status            int      `json:"status"`
	IdempotencyHeader string   `json:"idempotencyHeader"` // "" switches it off, for an upload in one step too
}

// ContentCall sends content to an uploadUrl.
type ContentCall struct {
	Method      string `json:"method"`
	ContentType string `json:"contentType"`
	Status      int    `json:"status"`
}

// OneStepCall sends a file in one step.
type OneStepCall struct {
	Method      string   `json:"method"`
	Path        Template `json:"path"`
	ContentType string   `json:"contentType"`
	Status      int      `json:"status"`
	Parameters  Place    `json:"parameters"` // query, header or none: the body is the content
}

// Names are the JSON names that we send.
type Names struct {
	Developer   DeveloperNames   `json:"developer"`
	Application ApplicationNames `json:"application"`
	Passcode    PasscodeNames    `json:"passcode"`
	Rotation    RotationNames    `json:"rotation"`
	Renewal     RenewalNames     `json:"renewal"`
	File        FileNames        `json:"file"`
}

// DeveloperNames are sent with a developer's registration.
type DeveloperNames struct {
	Name        string `json:"name"`
	Email       string `json:"email"`
	Company     string `json:"company"`
	Application string `json:"application"`
}

// ApplicationNames are sent with an application's registration.
type ApplicationNames struct {
	Name            string `json:"name"`
	Description     string `json:"description"`
	Domain          string `json:"domain"`
	ApprovalURL     string `json:"approvalUrl"`
	NotificationURL string `json:"notificationUrl"`
}

// PasscodeNames are sent with the request for a passcode.
type PasscodeNames struct {
	Secret string `json:"secret"`
}

// RotationNames are sent with a key's rotation.
type RotationNames struct {
	InitialKey string `json:"initialKey"`
	Secret     string `json:"secret"`
}

// RenewalNames are sent with a secret's renewal.
type RenewalNames struct {
	InitialKey string `json:"initialKey"`
	Secret     string `json:"secret"`
	NewSecret  string `json:"newSecret"`
}

// FileNames are sent with a file's creation.
type FileNames struct {
	FileName string `json:"fileName"`
	Size     string `json:"size"`
}

// Lookup names where a value stands in a JSON answer: names in the order in which they are tried, each one a path
// with dots ("error.code"; an array on the way means its first element). Names match in any case, with or without
// "_" and "-". The sandbox writes the first.
type Lookup []string

// First is the name that the sandbox writes.
func (l Lookup) First() string {
	if len(l) == 0 {
		return ""
	}
	return l[0]
}

// Answers are the JSON names that we read.
type Answers struct {
	RegistrationURL Lookup `json:"registrationUrl"`
	ApplicationID   Lookup `json:"applicationId"`
	Passcode        Lookup `json:"passcode"`
	Expires         Lookup `json:"expires"`
	Key             Lookup `json:"key"`
	FileID          Lookup `json:"fileId"`
	UploadURL       Lookup `json:"uploadUrl"`
	TrackingURL     Lookup `json:"trackingUrl"`
	Status          Lookup `json:"status"`
	Progress        Lookup `json:"progress"`
	ResultURL       Lookup `json:"resultUrl"`
	Timestamp       Lookup `json:"timestamp"`
	Size            Lookup `json:"size"`
	DownloadURL     Lookup `json:"downloadUrl"`
}

// ErrorForms says where an error body keeps what.
type ErrorForms struct {
	Code    Lookup `json:"code"`
	Message Lookup `json:"message"`
	Limit   Lookup `json:"limit"` // with 2425: the largest size taken, in bytes
}

// Statuses are the words by which the platform tells a file's state. Of each list the sandbox says the first.
type Statuses struct {
	AwaitingUpload []string `json:"awaitingUpload"`
	Validating     []string `json:"validating"`
	Quarantined    []string `json:"quarantined"`
	Available      []string `json:"available"`
	Downloaded     []string `json:"downloaded"`
	Processing     []string `json:"processing"`
	Accepted       []string `json:"accepted"`   // final
	Failed         []string `json:"failed"`     // final
	BadRequest     []string `json:"badRequest"` // final
	Rejected       []string `json:"rejected"`   // final
}

// Callbacks are the calls that the platform makes to us.
type Callbacks struct {
	Approval     ApprovalCall     `json:"approval"`
	Notification NotificationCall `json:"notification"`
}

// Form says how a callback carries its values.
type Form string

// The forms.
const (
	FormJSON       Form = "json"
	FormURLEncoded Form = "form"
	FormQuery      Form = "query"
)

// ApprovalCall tells the key of a granted consent.
type ApprovalCall struct {
	Method        string `json:"method"`
	Form          Form   `json:"form"`
	Key           Lookup `json:"key"`
	Passcode      Lookup `json:"passcode"`
	ApplicationID Lookup `json:"applicationId"`
	Domain        Lookup `json:"domain"`
	Company       Lookup `json:"company"`
	Expires       Lookup `json:"expires"`
}

// NotificationCall tells that a scope has a new file.
type NotificationCall struct {
	Method        string `json:"method"`
	Form          Form   `json:"form"`
	ApplicationID Lookup `json:"applicationId"`
	Domain        Lookup `json:"domain"`
	Scope         Lookup `json:"scope"`
	FileID        Lookup `json:"fileId"`
	Timestamp     Lookup `json:"timestamp"`
	DownloadURL   Lookup `json:"downloadUrl"`
}

// Domain is a data area that a user consents to.
type Domain struct {
	Scopes map[string]Scope `json:"scopes"`
}

// Direction says which way a scope's files go.
type Direction string

// The directions.
const (
	Outgoing Direction = "outgoing" // ours to Sage
	Incoming Direction = "incoming" // Sage to us
)

// Scope is one kind of record in a domain. Its contract names are those of package contract.
type Scope struct {
	Direction      Direction `json:"direction"`
	Contract       string    `json:"contract"`
	ResultContract string    `json:"resultContract"` // of an outgoing scope's results, "" for none
}

// Timeouts limit every phase of a call.
type Timeouts struct {
	Dial     time.Duration `json:"dial"`     // name look-up and connection
	TLS      time.Duration `json:"tls"`      // TLS handshake
	Answer   time.Duration `json:"answer"`   // from the last byte sent to the first of the answer
	Idle     time.Duration `json:"idle"`     // without a byte moving while content goes out or comes in
	Call     time.Duration `json:"call"`     // a whole call without content
	Transfer time.Duration `json:"transfer"` // a whole call with content
}

// Limits bound what the platform can make us hold or wait for.
type Limits struct {
	Answer              int64         `json:"answer"`              // bytes of a JSON answer
	ErrorBody           int64         `json:"errorBody"`           // bytes read of an error's body
	Download            int64         `json:"download"`            // bytes of a result or list
	Redirects           int           `json:"redirects"`           // followed for one call
	RetryAfter          time.Duration `json:"retryAfter"`          // the most that a Retry-After is believed
	ExpectContinueAbove int64         `json:"expectContinueAbove"` // bytes; larger content asks first; 0: never
}

//go:embed profile.json
var defaultProfile []byte

// embedded is the embedded profile, read once for the whole process.
var embedded = sync.OnceValue(func() *Profile {
	p := &Profile{}
	if err := overlay(p, defaultProfile); err != nil {
		panic("sage: the embedded profile: " + err.Error()) // a test loads it
	}
	return p
})

// DefaultProfile is the embedded profile, a new copy each time.
func DefaultProfile() *Profile {
	p := *embedded()
	detach(reflect.ValueOf(&p).Elem())
	return &p
}

// detach gives v lists and maps of its own in place of those that it shares with what it was copied from.
func detach(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			detach(v.Field(i))
		}
	case reflect.Slice:
		if !v.IsNil() {
			own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(own, v)
			v.Set(own)
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		own := reflect.MakeMapWithSize(v.Type(), v.Len())
		for entries := v.MapRange(); entries.Next(); {
			entry := reflect.New(v.Type().Elem()).Elem()
			entry.Set(entries.Value())
			detach(entry)
			own.SetMapIndex(entries.Key(), entry)
		}
		v.Set(own)
	}
}
