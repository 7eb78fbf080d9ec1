package outbox

// Codes of the problems that a Watcher shows, beside those of contract. Their sentences are in the catalogues of
// package assets, as "problem.<code>".
const (
	codeGone       = "outboxGone"       // Outbox is not there
	codeNoAccess   = "outboxUnreadable" // Outbox, or a scope's folder, cannot be looked at
	codeBlocked    = "outboxBlocked"    // something else stands where the folder should be
	codeEmpty      = "fileEmpty"
	codeWriting    = "fileWriting"    // keeps changing
	codeIncomplete = "fileIncomplete" // correct as far as it goes, or broken just now
	codeHeld       = "fileHeld"       // another program has it open
	codeUnreadable = "fileUnreadable"
	codeFolder     = "fileIsFolder"
	codeLink       = "fileIsLink"
	codeDevice     = "fileIsDevice"
)
