// Package journal is the durable record of every journey: transfers with their timelines, lists received, what is
// known of each connection, and a few settings of the engine itself. It keeps and finds; it decides nothing, knows no
// folder and no platform, and no key or secret may ever be put into it.
//
// A Put returns once its changes are on the disk (SQLite, WAL, synchronous=FULL) or have failed as a whole. One
// goroutine writes: whatever waits when it turns to the disk shares one commit, so that the steps of many transfers
// cost one fsync. A crash leaves every commit whole or absent.
//
// A journal that does not hold together, or from which acknowledged commits have gone, is never opened as if nothing were
// amiss: what was sent might be sent again. Rescue keeps it aside and makes a new one of what can be read.
// TestDamageIsFoundAndWhatIsLeftIsSaved and TestRandomDamageAnywhereNeverPanicsAndNeverMakesNonsense hold that;
// TestAJournalThatWasKilledIsNotDamaged that a crash is no damage. Not seen is a byte changed within a text that still makes
// sense.
//
// History finds among a million transfers by name, order number, day, state, scope and company, each page within 100 ms
// (BenchmarkHistoryMillion): along indexes where there is one for what is asked, by a search index of trigrams for texts, and
// never looking at more than a bounded number of records for a page. The search index is written behind the journal, in a
// file of its own that may go at any time: no step of a file waits for it. TestAPageOfTheHistoryIsWhatLookingAtEachTransferWouldGive
// holds that what it finds is all there is and no more; TestAnIndexThatDoesNotBelongToItsJournalIsMadeAnew that it mends itself.
//
// TestAcknowledgedChangesSurviveACrash holds the first promise, TestWaitingChangesShareACommit the second.
package journal
