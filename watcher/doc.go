// Package watcher is the engine: it carries files between companies' folders and the platform, and knows no screen.
//
// An Engine is opened on a home (settings, connections, journal, vault) and run. While it runs,
//
//	outbox    finds out which dropped files are complete and hands them over (intake.go);
//	lanes     carry them, one lane for each connection and scope, one file at a time and in order (lane.go, with the
//	          journey itself in package courier);
//	results   are fetched beside the lanes once a file has its final word (results.go);
//	lists     are looked for when the platform hints at one, and from time to time (lists.go, with package inbox);
//	a gate    before each connection lets its lanes wait together for a key or the network (gate.go);
//	a keeper  makes the moves of files that are still owed (intake.go, keep).
//
// What is true is in the journal, and a transfer's record is changed by one hand at a time (custody.go). After a crash
// the journal says what has to be done, and the folders where the files are (recovery.go). What others may ask is in
// queries.go, waits.go, actions.go, copies.go and pauses.go, in the values of values.go; an event stream says what has
// changed, not how (hub.go). Why a file does not go on, since when and what ends that is one table (causes.go), which
// TestEveryCauseOfAWaitHasAnEnding holds complete. The doctor (doctor*.go) looks at everything that files depend on, and
// support*.go gathers what a helper needs: no content, no secret and no name (TestSupportHasNoNameAndNoContent). forget.go ends
// all that a company is here but its files: that it is to be done is in the journal first, and a crash in between is finished
// by the next agent (TestACrashAtAnyEffectOfForgettingIsFinishedByTheNextAgent). Connecting companies is the part of onboarding*.go, callbacks*.go, connections.go, keyring*.go,
// settings.go and practice.go.
//
// Every effect goes through a door of Options (but for the doctor's question to the system whether it tells of files, and
// support's who this is), and none happens while a mutex is held: a mutex here guards a few fields
// and nothing that could wait. Wall time is read through Options.Now alone; durations and timers are package time's. A
// goroutine has an owner who waits for it: Run for all of them, a link and a company for theirs. Fyne, and any word for
// a person but those of the notes beside files, may not enter; nor may a key or a secret into any value that leaves.
//
// What comes from outside is held to be hostile: names, contents, what stands in the folders, and every word of the
// platform's. Nothing is read or done through a link in a company's folder (TestAFolderThatIsALinkLeadsNothingOut), and
// nothing that the platform echoes of keys or secrets is kept or shown
// (TestWhatThePlatformEchoesStandsNowhereThatIsKeptOrShown).
//
// A journal that is damaged is kept aside and made anew of what can be read of it and of the folders (rebuild.go); whatever
// may have been sent is then tracked or left to a person (TestRandomDamageNeverLosesOrDoublesAFile,
// TestAfterAJournalFellBackNothingIsSentTwice). An Outbox is carried by one home, also on a share whose locks other computers
// do not see (locks.go, TestOfTwoComputersAtTheSameMomentOneTakesTheLock).
//
// What must hold at every moment is checked by invariants_test.go after each step of a journey with a crash in it
// (crash_test.go), and from the outside, over the real program with real folders, keyring and network, by gui/terminal:
// killed before every system call that changes anything (TestAKillAtAnyMomentLosesAndDoublesNothing), with everything it
// stands on taken away (outages, folders, damage and strains there), and for an hour (TestALongRunWithConstantFaultsStaysFlat).
package watcher
