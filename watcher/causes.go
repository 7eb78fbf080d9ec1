package watcher

import (
	"time"

	"postroom/watcher/journal"
)

// Cause is why a transfer, or a file in Outbox, does not go on just now, and what ends that. Code and Args are a Problem's,
// with its sentences in the catalogue; the codes that a waiting transfer may have are in the table of causes below, those
// of one that waits for an answer or has failed say what is wrong with it (courier, outbox, contract).
type Cause struct {
	Problem
	Since   time.Time `json:"since,omitzero"`   // when it began, as far as that is known
	RetryAt time.Time `json:"retryAt,omitzero"` // when Postroom tries next, or looks next, by itself
	EndedBy Ending    `json:"endedBy"`
	Ahead   *Ahead    `json:"ahead,omitempty"` // with "behind": the file before it in its lane
	SeenAt  time.Time `json:"seenAt,omitzero"` // with "sageOff": the last sign of the company's Sage 50
}

// Ahead is the file that a waiting one comes after.
type Ahead struct {
	ID    string        `json:"id"`
	Name  string        `json:"name"`
	State journal.State `json:"state"`
	Since time.Time     `json:"since,omitzero"`  // when it came to where it is, as far as that is known
	Cause *Cause        `json:"cause,omitempty"` // why it does not go on itself; nil when it does
}

// Ending is what ends a cause. Programs read these words in `status --json`: one is added now and then, none is renamed.
type Ending string

// The endings. The first three need nobody here.
const (
	EndsItself    Ending = "itself"     // Postroom goes on by itself, at RetryAt where that is known
	EndsFile      Ending = "file"       // the file before it in its lane: Args name and id say which
	EndsPlatform  Ending = "platform"   // a word of the platform's, or Sage 50 switched on
	EndsWriter    Ending = "writer"     // whoever writes the file closes it; Args program says who, where that is known
	EndsAgent     Ending = "agent"      // the agent is started
	EndsResume    Ending = "resume"     // a person resumes sending
	EndsAnswer    Ending = "answer"     // a person says whether it is to be sent
	EndsRelease   Ending = "release"    // whoever keeps the file back releases it
	EndsCorrected Ending = "correction" // a person corrects the file and drops it again
	EndsPlace     Ending = "place"      // the folder comes back, or may be used again
	EndsRoom      Ending = "room"       // room is made on the disk
	EndsOther     Ending = "other"      // another Postroom lets go of the Outbox
	EndsUnlocked  Ending = "passphrase" // the vault or the keyring is unlocked
	EndsKeyring   Ending = "keyring"    // the keyring or the vault file works again
	EndsUnlock    Ending = "secret"     // the secret is renewed, which unlocks the connection
	EndsReconnect Ending = "reconnect"  // a new consent
	EndsSupport   Ending = "support"    // Sage support
	EndsSetup     Ending = "setup"      // whoever set up the connection or wrote the profile
)

// causes is the table of what a transfer may wait for, and what ends it. TestEveryCauseOfAWaitHasAnEnding holds it complete.
var causes = map[string]Ending{
	// This computer.
	"agentOff":    EndsAgent,  // no agent runs
	"behind":      EndsFile,   // another file of the lane is in hand
	"paused":      EndsResume, // all sending, or the company's
	"heldByYou":   EndsRelease,
	"fileEdited":  EndsWriter, // changed after it was checked; it is looked at again
	"fileInUse":   EndsWriter,
	"cannotRead":  EndsPlace,
	"diskFull":    EndsRoom,
	"folderAway":  EndsPlace,
	"outboxGone":  EndsPlace,
	"outboxHeld":  EndsOther,
	"homeHeld":    EndsOther,
	"notAdopted":  EndsItself, // the connection has no way to the platform yet; the agent has just started
	"vaultLocked": EndsUnlocked,
	"vaultSilent": EndsUnlocked,

	"folderLocked":     EndsPlace,
	"outboxUnreadable": EndsPlace,
	"outboxBlocked":    EndsPlace,
	"lockBlocked":      EndsPlace,

	"vaultGone":    EndsKeyring,
	"vaultFailed":  EndsKeyring,
	"vaultDamaged": EndsKeyring,
	"vaultForgets": EndsKeyring,
	"vaultTooLong": EndsKeyring,

	// The way to the platform.
	"networkDown":       EndsItself,
	"connectionUnready": EndsItself,
	"profileInvalid":    EndsSetup,
	"profileUnreadable": EndsSetup,
	"profileGone":       EndsSetup,
	"profileLacks":      EndsSetup,
	"practiceNone":      EndsSetup,
	"platformUnsafe":    EndsSetup,
	"platformMissing":   EndsSetup,
	"addressUnsafe":     EndsSetup,
	"hostRefused":       EndsItself,

	// The key.
	"connectionExpired":    EndsItself, // it is being renewed
	"connectionLocked":     EndsUnlock,
	"connectionLockedHard": EndsSupport,
	"connectionInvalid":    EndsReconnect,
	"connectionRevoked":    EndsReconnect,
	"connectionGone":       EndsReconnect, // disconnected, with files left

	// The platform, and Sage 50.
	"atSage":           EndsPlatform, // it has the file; RetryAt is the next look
	"sageOff":          EndsPlatform, // Sage 50 has to fetch it
	"scopeBusy":        EndsPlatform,
	"scopeQuarantined": EndsPlatform, // an earlier file is
	"fileQuarantined":  EndsPlatform,

	"scopeQuarantinedLong": EndsSupport, // for hours
	"fileQuarantinedLong":  EndsSupport,

	"platformThrottles": EndsItself,
	"platformTrouble":   EndsItself,
	"platformStrange":   EndsItself,
	"fileNotThere":      EndsItself,
	"fileWrongState":    EndsItself,
	"fileVanished":      EndsItself, // one more look, before a person is asked
	"fileTurnedDown":    EndsItself, // tracking is asked before that is believed
	"fileTooLarge":      EndsItself, // likewise
	"fileFormat":        EndsItself, // likewise
	"domainInvalid":     EndsSetup,
	"scopeInvalid":      EndsSetup,
	"scopeNotAllowed":   EndsSetup,
}

// loose says what ends the wait of a file in Outbox that is no transfer yet.
var loose = map[string]Ending{
	"fileEmpty":        EndsWriter,
	"fileWriting":      EndsWriter,
	"fileIncomplete":   EndsWriter,
	"fileHeld":         EndsWriter,
	"fileUnreadable":   EndsPlace,
	"fileIsFolder":     EndsCorrected,
	"fileIsLink":       EndsCorrected,
	"fileIsDevice":     EndsCorrected,
	"outboxUnreadable": EndsPlace,
	"outboxBlocked":    EndsPlace,
	"outboxGone":       EndsPlace,
}

// endingOf is what ends a wait; what nobody has thought of ends by itself, or not.
func endingOf(table map[string]Ending, code string) Ending {
	if by, known := table[code]; known {
		return by
	}
	return EndsItself
}

// causeOf makes a cause of a problem that a transfer waits for.
func causeOf(p Problem, since, retry time.Time) *Cause {
	return &Cause{Problem: p, Since: since, RetryAt: retry, EndedBy: endingOf(causes, p.Code)}
}
