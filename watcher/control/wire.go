package control

import "postroom/watcher"

// Limits of the wire. They are far above what a call needs and far below what would hurt.
const (
	maxRequest  = 8 << 20  // bytes; AddFiles may name thousands of paths
	maxResponse = 64 << 20 // bytes; a page of transfers or the changes of a list
	maxEvent    = maxRequest
)

// A call pairs a name on the wire with what goes in and what comes back, once for both ends.
type call[In, Out any] struct{ name string }

// none stands for a call without arguments, or without an answer.
type none struct{}

type (
	idArgs struct {
		ID string `json:"id"`
	}
	resolveArgs struct {
		ID    string `json:"id"`
		Send  bool   `json:"send"`
		Scope string `json:"scope,omitempty"`
	}
	textArgs struct {
		ID   string `json:"id"`
		Text string `json:"text,omitempty"`
	}
	listArgs struct {
		ID   string `json:"id"`
		Gone bool   `json:"gone"`
	}
	addFilesArgs struct {
		Company string   `json:"company"`
		Scope   string   `json:"scope,omitempty"`
		Paths   []string `json:"paths"`
	}
	quietArgs struct {
		Minutes int `json:"minutes"`
	}
	rotateArgs struct {
		Company string `json:"company"`
		Domain  string `json:"domain,omitempty"`
	}
	updateArgs struct {
		ID    string             `json:"id"`
		Step  watcher.DraftStep  `json:"step"`
		Input watcher.DraftInput `json:"input"`
	}
	idsArgs struct {
		ID          string `json:"id"`
		Developer   string `json:"developer"`
		Application string `json:"application"`
	}
	keyArgs struct {
		ID  string `json:"id"`
		Key string `json:"key"`
	}
	passphraseArgs struct {
		Passphrase string `json:"passphrase"`
	}
	supportArgs struct {
		Names bool `json:"names"`
	}
	forgetArgs struct {
		Company string            `json:"company"`
		How     watcher.ForgetHow `json:"how"`
	}
	pathsArgs struct {
		Paths []string `json:"paths"`
	}
)

// The calls. Each is POST /v1/<name> with a JSON body; eventsPath is a GET that streams one JSON event a line.
var (
	callOverview    = call[none, watcher.Overview]{"overview"}
	callConnections = call[none, []watcher.Connection]{"connections"}
	callRenewals    = call[idArgs, []watcher.Renewal]{"renewals"}
	callTransfers   = call[watcher.Query, watcher.Page]{"transfers"}
	callTransfer    = call[idArgs, watcher.Detail]{"transfer"}
	callLists       = call[idArgs, []watcher.List]{"lists"}
	callListChanges = call[idArgs, []watcher.RecordChange]{"list-changes"}

	callOutcomes = call[textArgs, []watcher.RecordOutcome]{"outcomes"}

	callRetry     = call[idArgs, none]{"retry"}
	callSendAgain = call[idArgs, none]{"send-again"}
	callCancel    = call[idArgs, none]{"cancel"}
	callResolve   = call[resolveArgs, none]{"resolve"}
	callHold      = call[idArgs, none]{"hold"}
	callRetryAll  = call[idArgs, int]{"retry-all"}
	callCorrect   = call[idArgs, watcher.Placed]{"send-corrected"}
	callList      = call[listArgs, none]{"resolve-list"}
	callDismiss   = call[idArgs, none]{"dismiss"}
	callAddFiles  = call[addFilesArgs, none]{"add-files"}
	callPlace     = call[addFilesArgs, []watcher.Placed]{"place"}
	callCheckNow  = call[none, none]{"check-now"}
	callPause     = call[none, none]{"pause"}
	callResume    = call[none, none]{"resume"}

	callPauseCompany  = call[idArgs, none]{"pause-company"}
	callResumeCompany = call[idArgs, none]{"resume-company"}

	callQuiet = call[quietArgs, none]{"quiet"}

	callRotate      = call[rotateArgs, none]{"rotate"}
	callRenewSecret = call[idArgs, none]{"renew-secret"}
	callDisconnect  = call[idArgs, none]{"disconnect"}
	callForgetting  = call[idArgs, watcher.Forgetting]{"forgetting"}
	callForget      = call[forgetArgs, none]{"forget"}
	callKeepCompany = call[idArgs, none]{"keep-company"}

	callDoctor  = call[none, []watcher.Finding]{"doctor"}
	callSupport = call[supportArgs, watcher.Support]{"support"}

	callSettings     = call[none, watcher.Settings]{"settings"}
	callSaveSettings = call[watcher.Settings, none]{"save-settings"}

	callDrafts          = call[none, []watcher.Draft]{"drafts"}
	callDraft           = call[idArgs, watcher.Draft]{"draft"}
	callNewDraft        = call[watcher.DraftInput, watcher.Draft]{"new-draft"}
	callReconnect       = call[idArgs, watcher.Draft]{"reconnect"}
	callUpdateDraft     = call[updateArgs, watcher.Draft]{"update-draft"}
	callRegister        = call[idArgs, watcher.Draft]{"register"}
	callSetIDs          = call[idsArgs, watcher.Draft]{"set-ids"}
	callRequestPasscode = call[idArgs, watcher.Draft]{"request-passcode"}
	callPasteKey        = call[keyArgs, watcher.Draft]{"paste-key"}
	callTest            = call[idArgs, watcher.Draft]{"test"}
	callDropDraft       = call[idArgs, none]{"drop-draft"}
	callPractice        = call[none, watcher.Draft]{"practice"}

	callUnlockVault = call[passphraseArgs, none]{"unlock-vault"}
	callStatusPage  = call[none, watcher.StatusPage]{"status-page"}

	callRaise      = call[pathsArgs, none]{"raise"}
	callShow       = call[watcher.Target, none]{"show"}
	callFirstFrame = call[none, none]{"first-frame"}
	callStop       = call[none, none]{"stop"}
)

const (
	pathPrefix = "/v1/"
	eventsPath = pathPrefix + "events"

	// versionHeader tells with every answer which version of the program the agent is: after an update the one that runs is
	// still the old one, and its answers may be others than a new window expects.
	versionHeader = "Postroom-Version"
)
