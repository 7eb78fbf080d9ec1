// Package files is a disk that a simulation owns: in memory, shared by all processes of a world, and as unkind as real
// ones are.
//
// A Disk holds volumes, each of a Kind: how it compares and stores names, how coarse its time stamps are, whether files
// have identities of their own, whether open files are in each other's way. A process has a View of it, which is a
// disk.FS and more: what the programs of people do besides. Each operation passes the gate, and one in so many comes to
// a fault of Faults. Events is the outbox.Events of such a disk: late, doubled, missing or overflowing as EventFaults say.
//
// Where Kind.LateDelete, a file that is removed while it is open keeps its name until it is closed, and is there again if
// the power goes before (TestARemovedFileKeepsItsNameUntilItIsClosed).
//
// What a power cut takes is decided in log.go and crash.go. Content that was not synced may be lost, zeroed or torn. A
// change of a folder's names that no SyncDir followed may be undone, but only together with all later ones of the same
// folder, and a rename is undone in both of its folders or in neither; that is what journalling file systems promise,
// and what the engine relies on when it moves a file without a sync of its own. Nothing is lost when a process ends.
//
// There is no real file here, no real time and no goroutine but those of watches, which end with them. Nothing of the
// engine may enter but its doors, disk and outbox.
//
// That it does what the real disk does is held by TestTheDiskDoesWhatTheRealOneDoes and
// TestAnyOperationsComeToTheSameAsOnTheRealDisk; what a power cut may take, by TestAPowerCutUndoesOnlyWhatCameLast and
// TestWhatIsSyncedOutlivesAPowerCut. Only tests import it.
package files
